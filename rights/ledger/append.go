package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Batch collects events and evidence that are recorded together or not at all.
type Batch struct {
	Actor    string // who records: a person, or a program and its version
	entries  []entry
	evidence map[Digest][]byte
}

type entry struct {
	fact     Fact
	evidence []Digest
}

// Keep adds bytes to the ledger's evidence and gives their digest; what the
// ledger holds already is kept once. At most 64 MiB.
func (b *Batch) Keep(data []byte) Digest {
	d := DigestOf(data)
	if b.evidence == nil {
		b.evidence = map[Digest][]byte{}
	}
	b.evidence[d] = append([]byte{}, data...) // the caller may reuse its buffer
	return d
}

// Add adds an event that states f and cites evidence, which this batch or an
// earlier one keeps.
func (b *Batch) Add(f Fact, evidence ...Digest) {
	b.entries = append(b.entries, entry{f, evidence})
}

// Len gives the number of events.
func (b *Batch) Len() int { return len(b.entries) }

// Receipt says where a batch stands in the log.
type Receipt struct {
	First, Count int64 // the events have the places First … First+Count-1
	Checkpoint   Checkpoint
}

// maxEvidence is the most that one evidence may have, in bytes.
const maxEvidence = 64 << 20

// Append records the batch in one transaction, at one time, and signs the log
// that now is. When it returns, the events are on the disk; when it fails, or
// the process dies before, none of them is. It waits its turn for some seconds
// if another process appends, and then fails with [ErrBusy].
func (l *Ledger) Append(ctx context.Context, b *Batch) (Receipt, error) {
	if l.write == nil {
		return Receipt{}, errors.New("the ledger is open for reading only")
	}
	events, err := b.events(l.now().UTC().Truncate(time.Microsecond))
	if err != nil {
		return Receipt{}, err
	}
	r, err := l.commit(ctx, events, b.evidence)
	if err != nil {
		return Receipt{}, fmt.Errorf("nothing was recorded: %w", explain(err))
	}
	return r, nil
}

// events checks the batch and makes its events, still without places.
func (b *Batch) events(at time.Time) ([]Event, error) {
	if err := checkID("actor", b.Actor); err != nil {
		return nil, err
	}
	if len(b.entries) == 0 {
		return nil, errors.New("the batch holds no event")
	}
	for d, data := range b.evidence {
		if len(data) > maxEvidence {
			return nil, fmt.Errorf("the evidence %s has %d bytes, at most %d are kept", d, len(data), maxEvidence)
		}
	}
	events := make([]Event, len(b.entries))
	for i, en := range b.entries {
		e, err := newEvent(b.Actor, en.fact, en.evidence)
		if err != nil {
			return nil, err
		}
		e.Time = at
		events[i] = e
	}
	return events, nil
}

func (l *Ledger) commit(ctx context.Context, events []Event, evidence map[Digest][]byte) (Receipt, error) {
	tx, err := l.write.BeginTx(ctx, nil)
	if err != nil {
		return Receipt{}, err
	}
	defer tx.Rollback()
	w := &writer{newSession(ctx, tx), map[int64]tlog.Hash{}}
	size, err := l.tip(w)
	if err != nil {
		return Receipt{}, err
	}
	for d, data := range evidence {
		if err := w.exec(sqlKeepEvidence, d[:], len(data), data); err != nil {
			return Receipt{}, err
		}
	}
	erased := false
	for i := range events {
		events[i].Seq = size + int64(i)
		if err := w.add(&events[i]); err != nil {
			return Receipt{}, err
		}
		erased = erased || events[i].Kind == KindErasure
	}
	cp := Checkpoint{Origin: l.origin, Size: size + int64(len(events))}
	if cp.Root, err = tlog.TreeHash(cp.Size, w); err != nil {
		return Receipt{}, err
	}
	if err := cp.sign(l.signer); err != nil {
		return Receipt{}, err
	}
	if err := w.exec(sqlAddCheckpoint, cp.Size, cp.Note); err != nil {
		return Receipt{}, err
	}
	if err := tx.Commit(); err != nil {
		return Receipt{}, err
	}
	if erased { // the journal may still hold the bytes
		if _, err := l.write.ExecContext(ctx, sqlTruncateWAL); err != nil {
			return Receipt{}, fmt.Errorf("the erasure is recorded, but the bytes may still stand in the database's journal: %w", err)
		}
	}
	return Receipt{First: size, Count: int64(len(events)), Checkpoint: cp}, nil
}

// tip gives the log's size. It holds that the newest checkpoint signs what is
// stored, so that no append signs what somebody changed.
func (l *Ledger) tip(w *writer) (int64, error) {
	var size, nodes int64
	if err := w.row(sqlSize, []any{&size}); err != nil {
		return 0, err
	}
	if err := w.row(sqlNodeCount, []any{&nodes}); err != nil {
		return 0, err
	}
	if nodes != tlog.StoredHashCount(size) {
		return 0, fmt.Errorf("the log has %d entries and %d hashes instead of %d: it was altered; verify it", size, nodes, tlog.StoredHashCount(size))
	}
	var text []byte
	err := w.row(sqlLastCheckpoint, []any{&text})
	if errors.Is(err, sql.ErrNoRows) && size == 0 {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	cp, err := ParseCheckpoint(text, l.key)
	if err != nil {
		return 0, err
	}
	root, err := tlog.TreeHash(size, w)
	if err != nil {
		return 0, err
	}
	if cp.Size != size || cp.Root != root {
		return 0, errors.New("the newest checkpoint does not sign the log as it is: it was altered; verify it")
	}
	return size, nil
}
