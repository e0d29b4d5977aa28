package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// Trust is what somebody outside holds of a ledger.
type Trust struct {
	Key         string   // the public key, if it is known from elsewhere
	Checkpoints [][]byte // signed notes that were given away
}

// Report says what was verified.
type Report struct {
	Size        int64 // entries
	Root        tlog.Hash
	Checkpoints int64 // of the ledger's own
	Evidence    int64 // whose bytes were read and hashed
	Erased      int64 // evidence whose erasure is recorded
}

// Verify computes the whole ledger anew, as it stands at the start: every
// entry's hash and place, the tree, what the indexes hold, every checkpoint's
// signature and root, the outside checkpoints, and the bytes of all evidence.
// What is wrong is a [*Fault], which names the first bad entry; any other error
// says that verifying did not come to an end.
//
// Without an outside checkpoint, a log that was cut back to an earlier
// checkpoint, or written anew with the ledger's key, verifies.
func (l *Ledger) Verify(ctx context.Context, t Trust) (Report, error) {
	tx, err := l.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return Report{}, explain(err)
	}
	defer tx.Rollback()
	v := &verifier{session: newSession(ctx, tx), key: l.key}
	err = v.run(t)
	var fault *Fault
	if err != nil && !errors.As(err, &fault) && damaged(err) {
		err = faultAt(BadDatabase, v.report.Size, "the database file is broken here or further on: %v", err)
	}
	return v.report, explain(err)
}

// verifier is one run of Verify, in one read transaction.
type verifier struct {
	session
	key    string
	report Report

	marks    []mark // by size
	spoiled  *Fault // the first checkpoint that could not be read
	peaks    []peak // of the tree over the entries so far
	nodes    []node // stored hashes read ahead
	good     int64  // entries that a checkpoint was found to sign
	suspect  *Fault // the first entry since then whose stored hash differs
	expected [3]int64
}

// mark is a size at which a root is signed.
type mark struct {
	Checkpoint
	outside bool
}

func (v *verifier) run(t Trust) error {
	if key := strings.TrimSpace(t.Key); key != "" && key != v.key {
		return &Fault{Flaw: Rewritten, First: -1, Last: -1, Detail: fmt.Sprintf("its key is %s and not %s", v.key, key)}
	}
	if err := v.readMarks(t); err != nil {
		return err
	}
	if err := v.entries(); err != nil {
		return err
	}
	if err := v.ends(); err != nil {
		return err
	}
	if v.spoiled != nil {
		return v.spoiled
	}
	if err := v.evidence(); err != nil {
		return err
	}
	var finding string
	if err := v.row(sqlIntegrity, []any{&finding}); err != nil {
		return err
	}
	if finding != "ok" {
		return &Fault{Flaw: BadDatabase, First: -1, Last: -1, Detail: finding}
	}
	return nil
}

// readMarks reads the ledger's checkpoints and the outside ones. One of the
// ledger's own that cannot be read is reported after the entries.
func (v *verifier) readMarks(t Trust) error {
	rows, err := v.tx.QueryContext(v.ctx, sqlCheckpoints)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var size int64
		var text []byte
		if err := rows.Scan(&size, &text); err != nil {
			return err
		}
		cp, err := ParseCheckpoint(text, v.key)
		if err == nil && cp.Size != size {
			err = fmt.Errorf("it signs %d entries", cp.Size)
		}
		if err != nil {
			if v.spoiled == nil {
				v.spoiled = &Fault{Flaw: BadCheckpoint, First: -1, Last: -1, Detail: fmt.Sprintf("the checkpoint at %d entries: %v", size, err)}
			}
			continue
		}
		v.report.Checkpoints++
		v.marks = append(v.marks, mark{cp, false})
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, text := range t.Checkpoints {
		cp, err := ParseCheckpoint(text, v.key)
		if err != nil {
			return &Fault{Flaw: Rewritten, First: -1, Last: -1, Detail: "an outside checkpoint is not of this ledger: " + err.Error()}
		}
		v.marks = append(v.marks, mark{cp, true})
	}
	slices.SortStableFunc(v.marks, func(a, b mark) int { return cmp.Compare(a.Size, b.Size) })
	return nil
}

// ends checks what follows the last entry.
func (v *verifier) ends() error {
	size := v.report.Size
	if n := len(v.marks); n > 0 && v.marks[n-1].Size > size {
		last := v.marks[n-1]
		return faultAt(Truncated, size, "the log ends here, and a checkpoint signs %d entries", last.Size)
	}
	var nodes int64
	if err := v.row(sqlNodeTotal, []any{&nodes}); err != nil {
		return err
	}
	if want := tlog.StoredHashCount(size); nodes > want {
		return faultAt(Truncated, size, "the log ends here, and %d hashes are stored instead of %d", nodes, want)
	} else if nodes < want {
		return &Fault{Flaw: BadHash, First: -1, Last: -1, Detail: fmt.Sprintf("%d hashes are stored instead of %d", nodes, want)}
	}
	if v.good < size {
		return &Fault{Flaw: Unsigned, First: v.good, Last: size - 1, Detail: "no checkpoint signs the log to its end"}
	}
	var got [3]int64
	if err := v.row(sqlCountDerived, []any{&got[0], &got[1], &got[2]}); err != nil {
		return err
	}
	for i, table := range []string{"mention", "cite", "taking"} {
		if got[i] != v.expected[i] {
			return &Fault{Flaw: BadIndex, First: -1, Last: -1, Detail: fmt.Sprintf("the index %s has %d rows, the entries give %d", table, got[i], v.expected[i])}
		}
	}
	return nil
}

// evidence hashes all evidence and finds what is cited and gone.
func (v *verifier) evidence() error {
	for id := int64(math.MinInt64); ; {
		var column, data []byte
		var size int64
		var gone bool
		err := v.row(sqlEvidenceRows, []any{&id, &column, &size, &gone, &data}, id)
		if errors.Is(err, sql.ErrNoRows) {
			break
		}
		if err != nil {
			return err
		}
		d, ok := digestFrom(column)
		fault := &Fault{Flaw: BadEvidence, Evidence: d, First: -1, Last: -1}
		if err := v.row(sqlFirstCite, []any{&fault.First}, column); err != nil {
			return err
		}
		fault.Last = fault.First
		switch {
		case !ok:
			fault.Detail = fmt.Sprintf("the digest of evidence %d has %d bytes", id, len(column))
			return fault
		case gone:
			var n int64
			if err := v.row(sqlErased, []any{&n}, string(KindErasure), Ref(KindErasure, d.String())); err != nil {
				return err
			}
			if n == 0 {
				fault.Detail = "its bytes are gone, and no entry says why"
				return fault
			}
			v.report.Erased++
		case DigestOf(data) != d:
			fault.Detail = fmt.Sprintf("its bytes differ: their digest is %s", DigestOf(data))
			return fault
		case int64(len(data)) != size:
			fault.Detail = fmt.Sprintf("its size is said to be %d and is %d", size, len(data))
			return fault
		default:
			v.report.Evidence++
		}
	}
	var column []byte
	var seq int64
	err := v.row(sqlUncited, []any{&column, &seq})
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	d, _ := digestFrom(column)
	return &Fault{Flaw: BadEvidence, Evidence: d, First: seq, Last: seq, Detail: "it is gone"}
}
