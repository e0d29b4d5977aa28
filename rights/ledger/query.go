package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"math"
	"strings"
	"time"
)

// Query selects events; what is left empty selects all.
type Query struct {
	Subject  string // as Ref writes it
	Mentions string // events that name it beside their subject
	Kinds    []Kind
	Evidence Digest
	Since    time.Time // recorded then or later
	Until    time.Time // recorded before
	From     int64     // first place; to go on where a page ended, that of its last event plus 1
	Newest   bool      // the newest first
	Limit    int       // at most so many; 0 is no limit
}

// Events gives the events that q selects in the order of the log, as they stand
// in the log when the first is taken. An error ends the sequence.
//
// The last word on a thing is
//
//	Query{Subject: ref, Kinds: []Kind{kind}, Newest: true, Limit: 1}
func (l *Ledger) Events(ctx context.Context, q Query) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		text, args := q.sql()
		rows, err := l.read.QueryContext(ctx, text, args...)
		if err != nil {
			yield(Event{}, explain(err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			var body []byte
			err := rows.Scan(&body)
			var e Event
			if err == nil {
				e, err = decodeEvent(body)
			}
			if !yield(e, explain(err)) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(Event{}, explain(err))
		}
	}
}

func (q Query) sql() (string, []any) {
	var b strings.Builder
	b.WriteString(sqlFind)
	args := []any{q.From}
	when := func(use bool, part string, arg any) {
		if use {
			b.WriteString(part)
			args = append(args, arg)
		}
	}
	when(q.Subject != "", sqlFindSubject, q.Subject)
	when(q.Mentions != "", sqlFindMention, q.Mentions)
	when(!q.Evidence.IsZero(), sqlFindEvidence, q.Evidence[:])
	when(!q.Since.IsZero(), sqlFindSince, q.Since.UnixMicro())
	when(!q.Until.IsZero(), sqlFindUntil, q.Until.UnixMicro())
	if len(q.Kinds) > 0 {
		b.WriteString(sqlFindKind + strings.Repeat(", ?", len(q.Kinds)-1) + ")")
		for _, k := range q.Kinds {
			args = append(args, string(k))
		}
	}
	if q.Newest {
		b.WriteString(sqlFindNewest)
	} else {
		b.WriteString(sqlFindOldest)
	}
	when(q.Limit > 0, sqlFindLimit, q.Limit)
	return b.String(), args
}

// Event gives the event at that place; [ErrNotFound] if the log is shorter.
func (l *Ledger) Event(ctx context.Context, seq int64) (Event, error) {
	var body []byte
	err := l.read.QueryRowContext(ctx, sqlEvent, seq).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return Event{}, fmt.Errorf("event %d: %w", seq, ErrNotFound)
	}
	if err != nil {
		return Event{}, explain(err)
	}
	return decodeEvent(body)
}

// Evidence gives the bytes of that digest, checked against it. What was never
// kept is [ErrNotFound], what was erased [ErrErased].
func (l *Ledger) Evidence(ctx context.Context, d Digest) ([]byte, error) {
	var data []byte
	var erased bool
	err := l.read.QueryRowContext(ctx, sqlEvidence, d[:]).Scan(&erased, &data)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, fmt.Errorf("evidence %s: %w", d, ErrNotFound)
	case err != nil:
		return nil, explain(err)
	case erased:
		return nil, fmt.Errorf("evidence %s: %w", d, ErrErased)
	case DigestOf(data) != d:
		return nil, fmt.Errorf("the evidence %s was altered: its bytes have another digest; verify the ledger", d)
	}
	return data, nil
}

// Taken is what was extracted from a source.
type Taken struct {
	Takings int64 // number of Extraction events
	Copies  int64
	Bytes   int64
}

// Extracted adds up all takings from the source that were recorded from since
// and before until; a zero time is no bound. Insubstantial takings count like
// any other (Directive 96/9/EC, article 7(5)).
func (l *Ledger) Extracted(ctx context.Context, source string, since, until time.Time) (Taken, error) {
	from, to := int64(math.MinInt64), int64(math.MaxInt64)
	if !since.IsZero() {
		from = since.UnixMicro()
	}
	if !until.IsZero() {
		to = until.UnixMicro()
	}
	var t Taken
	err := l.read.QueryRowContext(ctx, sqlTaken, source, from, to).Scan(&t.Takings, &t.Copies, &t.Bytes)
	return t, explain(err)
}
