package ledger

import "fmt"

// Flaw is the kind of a fault.
type Flaw string

const (
	Altered       Flaw = "altered"        // an entry is not what was signed
	Missing       Flaw = "missing"        // an entry within the log is gone
	Reordered     Flaw = "reordered"      // an entry stands at another's place
	Truncated     Flaw = "truncated"      // the log ends before what was signed
	Unsigned      Flaw = "unsigned"       // entries were added without the key
	Rewritten     Flaw = "rewritten"      // signed, but not the log that an outside checkpoint signs
	BadHash       Flaw = "bad hash"       // a stored hash is wrong; the entries are sound
	BadIndex      Flaw = "bad index"      // what queries look up does not follow from the entry
	BadCheckpoint Flaw = "bad checkpoint" // a checkpoint is no statement of this ledger's key
	BadEvidence   Flaw = "bad evidence"   // evidence is gone, or its bytes differ
	BadDatabase   Flaw = "bad database"   // the database file itself is broken
)

// Fault is what [Ledger.Verify] found wrong: the first bad entry, or what is
// wrong beside the entries.
type Fault struct {
	Flaw Flaw
	// First and Last are the places of the entries concerned; -1 for none. They
	// differ where the hashes were made to fit, so that only the signatures
	// around the change tell of it.
	First, Last int64
	Evidence    Digest // of a bad evidence
	Detail      string // what was found, in words
}

// Error names the place and the flaw in one line.
func (f *Fault) Error() string {
	where := "the ledger"
	switch {
	case !f.Evidence.IsZero() && f.First >= 0:
		where = fmt.Sprintf("evidence %s of entry %d", f.Evidence, f.First)
	case !f.Evidence.IsZero():
		where = fmt.Sprintf("evidence %s", f.Evidence)
	case f.First >= 0 && f.First == f.Last:
		where = fmt.Sprintf("entry %d", f.First)
	case f.First >= 0:
		where = fmt.Sprintf("one of the entries %d to %d", f.First, f.Last)
	}
	return fmt.Sprintf("%s: %s: %s", where, f.Flaw, f.Detail)
}

// faultAt makes a fault of one entry.
func faultAt(flaw Flaw, seq int64, format string, args ...any) *Fault {
	return &Fault{Flaw: flaw, First: seq, Last: seq, Detail: fmt.Sprintf(format, args...)}
}
