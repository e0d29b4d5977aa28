package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Inclusion proves that an event stands in the log that a checkpoint signs. It
// is checked with nothing but the ledger's public key, and travels as JSON.
type Inclusion struct {
	Seq        int64            `json:"seq"`
	Body       []byte           `json:"body"`       // the event as it is hashed
	Path       tlog.RecordProof `json:"path"`       // audit path (RFC 6962, section 2.1.1)
	Checkpoint string           `json:"checkpoint"` // signed note
}

// Consistency proves that the log that one checkpoint signs is the beginning of
// the log that another signs.
type Consistency struct {
	Old  string         `json:"old"`  // signed note
	New  string         `json:"new"`  // signed note
	Path tlog.TreeProof `json:"path"` // RFC 6962, section 2.1.2
}

// maxPath is more hashes than any proof has: twice the height of the largest log.
const maxPath = 128

// Check holds the proof against the ledger's public key and gives the event.
func (p Inclusion) Check(key string) (Event, error) {
	cp, err := ParseCheckpoint([]byte(p.Checkpoint), key)
	if err != nil {
		return Event{}, err
	}
	if len(p.Path) > maxPath || p.Seq < 0 || p.Seq >= cp.Size {
		return Event{}, fmt.Errorf("the proof is malformed: place %d of %d, %d hashes", p.Seq, cp.Size, len(p.Path))
	}
	if err := tlog.CheckRecord(p.Path, cp.Size, cp.Root, p.Seq, tlog.RecordHash(p.Body)); err != nil {
		return Event{}, fmt.Errorf("event %d is not in the log that the checkpoint signs: %w", p.Seq, err)
	}
	e, err := decodeEvent(p.Body)
	if err == nil && e.Seq != p.Seq {
		err = fmt.Errorf("the event says it stands at %d, the proof at %d", e.Seq, p.Seq)
	}
	return e, err
}

// Check holds the proof against the ledger's public key.
func (p Consistency) Check(key string) error {
	old, err := ParseCheckpoint([]byte(p.Old), key)
	if err != nil {
		return err
	}
	now, err := ParseCheckpoint([]byte(p.New), key)
	if err != nil {
		return err
	}
	if len(p.Path) > maxPath || old.Size > now.Size {
		return fmt.Errorf("the proof is malformed: from %d to %d entries, %d hashes", old.Size, now.Size, len(p.Path))
	}
	if old.Size == 0 {
		return nil // every log begins with nothing
	}
	if err := tlog.CheckTree(p.Path, now.Size, now.Root, old.Size, old.Root); err != nil {
		return fmt.Errorf("the log of %d entries does not begin with the log of %d: %w", now.Size, old.Size, err)
	}
	return nil
}

// Checkpoint gives the signed checkpoint at that size; below 0, the newest.
// Only the sizes at which an append ended have one.
func (l *Ledger) Checkpoint(ctx context.Context, size int64) (Checkpoint, error) {
	text, args := sqlCheckpointAt, []any{size}
	if size < 0 {
		text, args = sqlLastCheckpoint, nil
	}
	return l.checkpoint(ctx, text, args...)
}

func (l *Ledger) checkpoint(ctx context.Context, text string, args ...any) (Checkpoint, error) {
	var signed []byte
	err := l.read.QueryRowContext(ctx, text, args...).Scan(&signed)
	if errors.Is(err, sql.ErrNoRows) {
		return Checkpoint{}, fmt.Errorf("a checkpoint of that size: %w", ErrNotFound)
	}
	if err != nil {
		return Checkpoint{}, explain(err)
	}
	return ParseCheckpoint(signed, l.key)
}

// ProveInclusion proves that the event at seq stands in the log of that size,
// at which there must be a checkpoint; a size below 0 is the newest.
func (l *Ledger) ProveInclusion(ctx context.Context, seq, size int64) (Inclusion, error) {
	cp, err := l.Checkpoint(ctx, size)
	if err != nil {
		return Inclusion{}, err
	}
	e, err := l.Event(ctx, seq)
	if err != nil {
		return Inclusion{}, err
	}
	if seq >= cp.Size {
		return Inclusion{}, fmt.Errorf("event %d is not among the %d entries of that checkpoint: %w", seq, cp.Size, ErrNotFound)
	}
	path, err := tlog.ProveRecord(cp.Size, seq, l.nodes(ctx))
	if err != nil {
		return Inclusion{}, fmt.Errorf("cannot prove event %d: %w", seq, explain(err))
	}
	p := Inclusion{Seq: seq, Body: e.Body, Path: path, Checkpoint: string(cp.Note)}
	if _, err := p.Check(l.key); err != nil {
		return Inclusion{}, fmt.Errorf("the ledger was altered, verify it: %w", err)
	}
	return p, nil
}

// ProveConsistency proves that the log of one size is the beginning of the log
// of another. At both sizes there must be a checkpoint; a new size below 0 is
// the newest.
func (l *Ledger) ProveConsistency(ctx context.Context, oldSize, newSize int64) (Consistency, error) {
	if oldSize < 1 {
		return Consistency{}, fmt.Errorf("a checkpoint of size %d: %w", oldSize, ErrNotFound)
	}
	old, err := l.Checkpoint(ctx, oldSize)
	if err != nil {
		return Consistency{}, err
	}
	now, err := l.Checkpoint(ctx, newSize)
	if err != nil {
		return Consistency{}, err
	}
	if old.Size > now.Size {
		return Consistency{}, fmt.Errorf("the old log has %d entries, the new only %d; turn them round", old.Size, now.Size)
	}
	path, err := tlog.ProveTree(now.Size, old.Size, l.nodes(ctx))
	if err != nil {
		return Consistency{}, fmt.Errorf("cannot prove the log's consistency: %w", explain(err))
	}
	p := Consistency{Old: string(old.Note), New: string(now.Note), Path: path}
	if err := p.Check(l.key); err != nil {
		return Consistency{}, fmt.Errorf("the ledger was altered, verify it: %w", err)
	}
	return p, nil
}

// nodes reads the tree's hashes from the database.
func (l *Ledger) nodes(ctx context.Context) tlog.HashReader {
	return tlog.HashReaderFunc(func(ids []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(ids))
		for i, id := range ids {
			var b []byte
			if err := l.read.QueryRowContext(ctx, sqlNode, id).Scan(&b); err != nil {
				return nil, fmt.Errorf("the hash %d of the log: %w", id, err)
			}
			d, ok := digestFrom(b)
			if !ok {
				return nil, fmt.Errorf("the hash %d of the log has %d bytes", id, len(b))
			}
			out[i] = tlog.Hash(d)
		}
		return out, nil
	})
}
