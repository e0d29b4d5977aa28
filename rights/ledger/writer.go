package ledger

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// writer is one transaction that appends.
type writer struct {
	session
	fresh map[int64]tlog.Hash // nodes that this transaction adds
}

// ReadHashes makes the writer a tlog.HashReader of stored and fresh nodes.
func (w *writer) ReadHashes(ids []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(ids))
	for i, id := range ids {
		h, ok := w.fresh[id]
		if !ok {
			var b []byte
			if err := w.row(sqlNode, []any{&b}, id); err != nil {
				return nil, fmt.Errorf("the hash %d of the log cannot be read: %w", id, err)
			}
			d, sound := digestFrom(b)
			if !sound {
				return nil, fmt.Errorf("the hash %d of the log has %d bytes", id, len(b))
			}
			h = tlog.Hash(d)
		}
		out[i] = h
	}
	return out, nil
}

// add records one event at its place.
func (w *writer) add(e *Event) error {
	if err := e.encode(); err != nil {
		return err
	}
	at := e.Time.UnixMicro()
	if err := w.exec(sqlAddEvent, e.Seq, string(e.Kind), e.Subject, at, e.Body); err != nil {
		return err
	}
	hashes, err := tlog.StoredHashes(e.Seq, e.Body, w)
	if err != nil {
		return err
	}
	for i, h := range hashes {
		id := tlog.StoredHashIndex(0, e.Seq) + int64(i)
		if err := w.exec(sqlAddNode, id, h[:]); err != nil {
			return err
		}
		w.fresh[id] = h
	}
	for _, m := range e.Mentions {
		if err := w.exec(sqlAddMention, m, e.Seq); err != nil {
			return err
		}
	}
	for _, d := range e.Evidence {
		var n int
		if err := w.row(sqlHasEvidence, []any{&n}, d[:]); err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("the event on %s cites the evidence %s, which is not kept; add it with Keep", e.Subject, d)
		}
		if err := w.exec(sqlAddCite, d[:], e.Seq); err != nil {
			return err
		}
	}
	switch f := e.Fact.(type) {
	case Extraction:
		return w.exec(sqlAddTaking, f.Source, e.Seq, at, f.Copies, f.Bytes)
	case Erasure:
		return w.exec(sqlEraseEvidence, f.Evidence[:])
	}
	return nil
}
