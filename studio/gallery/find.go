package gallery

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/limner-ai/limner/internal/digest"
)

// Query says which pictures are wanted.
type Query struct {
	Words string // each must be part of the prompt or class
	Model string // "": any
	Mark  string // kept, discarded; "": all that are not discarded
	Job   string // "": any
	After string // Page.Next of the page before
	Limit int    // 0: 60
}

// Page is some of the pictures that were found, the newest first.
type Page struct {
	Pictures []Picture `json:"pictures"`
	Next     string    `json:"next,omitempty"` // "": there are no more
	// The first page alone has these.
	Total  int     `json:"total,omitempty"`
	Models []Count `json:"models,omitempty"` // of all that are not discarded
}

// Count is how many pictures a model made.
type Count struct {
	Name     string `json:"name"`
	Pictures int    `json:"pictures"`
}

// Bounds of a query.
const (
	usual     = 60
	most      = 200
	mostWords = 16
)

// Find gives a page of the owner's pictures.
func (g *Gallery) Find(ctx context.Context, owner string, q Query) (Page, error) {
	out := Page{Pictures: []Picture{}}
	if q.Limit <= 0 || q.Limit > most {
		q.Limit = usual
	}
	where, args, err := q.where(owner)
	if err != nil {
		return out, err
	}
	if q.After == "" {
		if err := g.take(ctx); err != nil {
			return out, err
		}
		if err := g.db.QueryRowContext(ctx, `SELECT count(*)`+where, args...).Scan(&out.Total); err != nil {
			return out, err
		}
		if out.Models, err = g.models(ctx, owner); err != nil {
			return out, err
		}
	} else {
		var made, id int64
		if _, err := fmt.Sscanf(q.After, "%d-%d", &made, &id); err != nil {
			return out, &badQuery{fmt.Sprintf("%q is not where a page ends", q.After)}
		}
		where, args = where+` AND (made, id) < (?, ?)`, append(args, made, id)
	}
	rows, err := g.db.QueryContext(ctx, `SELECT `+columns+where+` ORDER BY made DESC, id DESC LIMIT ?`, append(args, q.Limit+1)...)
	if err != nil {
		return out, err
	}
	defer rows.Close()
	last := ""
	for rows.Next() {
		p, id, err := scan(rows)
		if err != nil {
			return out, err
		}
		if len(out.Pictures) == q.Limit {
			out.Next = last
			break
		}
		last = fmt.Sprintf("%d-%d", p.Made.UnixMilli(), id)
		out.Pictures = append(out.Pictures, p)
	}
	return out, rows.Err()
}

// where is the query in SQL, with its arguments.
func (q Query) where(owner string) (string, []any, error) {
	where, args := shown, []any{owner}
	and := func(clause string, values ...any) {
		where, args = where+` AND `+clause, append(args, values...)
	}
	switch Mark(q.Mark) {
	case Kept, Discarded:
		and(`mark = ?`, q.Mark)
	case Unmarked:
		and(`mark <> 'discarded' AND (NOT frame OR mark = 'kept')`)
	default:
		return "", nil, &badQuery{fmt.Sprintf("%q is no mark: write kept or discarded, or leave it out", q.Mark)}
	}
	if q.Model != "" {
		and(`model = ?`, q.Model)
	}
	if q.Job != "" {
		and(`job = ?`, q.Job)
	}
	words := strings.Fields(folded(q.Words))
	for _, w := range words[:min(len(words), mostWords)] {
		and(`instr(words, ?)`, w)
	}
	return where, args, nil
}

// badQuery is the client's mistake.
type badQuery struct{ what string }

func (e *badQuery) Error() string { return e.what }

func (g *Gallery) models(ctx context.Context, owner string) ([]Count, error) {
	var out []Count
	rows, err := g.db.QueryContext(ctx, sqlModels, owner)
	if err != nil {
		return out, err
	}
	defer rows.Close()
	for rows.Next() {
		var c Count
		if err := rows.Scan(&c.Name, &c.Pictures); err != nil {
			return out, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// Picture gives one of the owner's pictures; ErrUnknown if there is none of
// that digest.
func (g *Gallery) Picture(ctx context.Context, owner string, d digest.SHA256) (Picture, error) {
	p, _, err := scan(g.db.QueryRowContext(ctx, sqlOne, owner, d[:]))
	if errors.Is(err, sql.ErrNoRows) {
		// It may have been made just now.
		if err := g.take(ctx); err != nil {
			return p, err
		}
		p, _, err = scan(g.db.QueryRowContext(ctx, sqlOne, owner, d[:]))
	}
	if errors.Is(err, sql.ErrNoRows) {
		return p, ErrUnknown
	}
	return p, err
}

// pictures gives those of the owner, in this order; those that are gone are
// left out.
func (g *Gallery) pictures(ctx context.Context, owner string, likes []like) ([]Picture, error) {
	out := make([]Picture, 0, len(likes))
	for _, l := range likes {
		p, err := g.Picture(ctx, owner, l.digest)
		if errors.Is(err, ErrUnknown) {
			continue
		}
		if err != nil {
			return nil, err
		}
		p.Likeness = l.likeness
		out = append(out, p)
	}
	return slices.Clip(out), nil
}

// scan reads the columns of one row.
func scan(row interface{ Scan(...any) error }) (p Picture, id int64, err error) {
	var d, meta, spec []byte
	var made int64
	if err = row.Scan(&id, &d, &p.Type, &p.Job, &made, &p.Mark, &meta, &spec); err != nil {
		return p, id, err
	}
	copy(p.Digest[:], d)
	p.Made = time.UnixMilli(made).UTC()
	if len(meta) > 0 {
		if err = json.Unmarshal(meta, &p.Meta); err != nil {
			return p, id, err
		}
	}
	return p, id, json.Unmarshal(spec, &p.Spec)
}
