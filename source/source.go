// Package source holds the contract of the places that pictures come from.
//
// Each kind of source has a folder of its own: folder (a person's or company's
// own pictures), npm and debian (open data in package archives), open (open
// data sets), vendor (a delivery under an agreement), web (a crawler that asks
// before it takes), usage (what people kept of what was generated). A source
// says what it finds and what is written there about rights, word for word and
// with the bytes that prove it. What that means is not for a source to judge:
// that is the room rights.
package source

import (
	"context"
	"fmt"
	"iter"
)

// Source gives the pictures of one place.
type Source interface {
	// About says what the source is. It takes nothing from it beyond what
	// describes the whole.
	About(ctx context.Context) (About, error)
	// Items yields the pictures, each once, in an order that depends on the
	// source's content alone, without holding more than one in memory. An
	// error that wraps *Refused concerns that item alone, and the sequence goes
	// on; any other error ends it. A caller may stop at any time and begin anew.
	Items(ctx context.Context) iter.Seq2[Item, error]
}

// Why says on what ground an item was refused.
type Why string

const (
	Denied      Why = "denied"      // its owner reserved it, and it was not requested or not kept
	Discrepancy Why = "discrepancy" // not what the manifest says
	Malformed   Why = "malformed"   // no readable entry, path or address
	TooLarge    Why = "too large"   // above a limit
	Unreachable Why = "unreachable" // could not be read or fetched
	Unsafe      Why = "unsafe"      // a path out of its folder, a link, an address that must not be asked
)

// Refused says that one item was left out. The rest of the source is unharmed.
type Refused struct {
	Path string // of the item, as in Item.Path; or its address
	Why  Why
	Err  error // the reason, in words
	// Reservations and Evidence are what the refusal rests on, where something
	// was read before.
	Reservations []Reservation
	Evidence     []*Evidence
}

// Error names the item and the reason in one line.
func (r *Refused) Error() string { return fmt.Sprintf("%s: %s: %v", r.Path, r.Why, r.Err) }

// Unwrap returns the reason.
func (r *Refused) Unwrap() error { return r.Err }
