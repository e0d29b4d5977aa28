package main

import (
	"errors"

	homes "github.com/limner-ai/limner/internal/home"
	"github.com/limner-ai/limner/rights/ledger"
)

// openLedger opens the home folder's ledger for writing, and makes it if there
// is none.
func openLedger() (*ledger.Ledger, error) { return homes.Find().OpenLedger() }

// readLedger opens it for reading.
func readLedger() (*ledger.Ledger, error) { return homes.Find().ReadLedger() }

// ledgerIfAny opens it for reading; nil if there is none yet.
func ledgerIfAny() (*ledger.Ledger, error) {
	l, err := readLedger()
	if errors.Is(err, homes.ErrNoLedger) {
		return nil, nil
	}
	return l, err
}
