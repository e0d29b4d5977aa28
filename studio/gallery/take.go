package gallery

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/limner-ai/limner/studio/jobs"
	"github.com/limner-ai/limner/studio/paint"
)

// How many jobs are asked of the queue first, when few are new as a rule, and
// then at once.
const (
	few  = 16
	many = 200
)

// take brings the index up to date with the queue. It goes back from the newest
// job to the oldest that had not ended when it looked last.
func (g *Gallery) take(ctx context.Context) error {
	g.taking.Lock()
	defer g.taking.Unlock()
	var since string
	if err := g.db.QueryRowContext(ctx, `SELECT job FROM taken`).Scan(&since); err != nil {
		return err
	}
	var ended []jobs.Job
	next := since // jobs before it are all taken after this
	f := jobs.Filter{Kind: paint.Kind, Limit: few}
	for more := true; more; {
		list, err := g.o.Queue.List(ctx, f)
		if err != nil {
			return err
		}
		more = len(list) == f.Limit
		f.Limit = many
		for _, j := range list {
			if j.ID < since {
				more = false
				break
			}
			if next == since {
				next = j.ID + "\x00" // the newest comes first; what follows it is new
			}
			switch {
			case !j.State.Final():
				next = j.ID
			case j.State == jobs.Done:
				ended = append(ended, j)
			}
			f.Before = j.ID
		}
	}
	if next == since {
		return nil
	}
	return g.change(ctx, func(tx *sql.Tx) error {
		for i := len(ended) - 1; i >= 0; i-- { // the oldest first
			if err := add(tx, ended[i]); err != nil {
				return fmt.Errorf("gallery: job %s: %w", ended[i].ID, err)
			}
		}
		_, err := tx.Exec(`UPDATE taken SET job = ?`, next)
		return err
	})
}

// add takes in what a job made. What is no picture is left out.
func add(tx *sql.Tx, j jobs.Job) error {
	var spec paint.Spec
	if err := json.Unmarshal(j.Spec, &spec); err != nil {
		return err
	}
	for _, r := range j.Results {
		if !strings.HasPrefix(r.Type, "image/") {
			continue
		}
		var meta paint.Meta
		if len(r.Meta) > 0 {
			if err := json.Unmarshal(r.Meta, &meta); err != nil {
				return err
			}
		}
		words := folded(strings.Join([]string{meta.Prompt, meta.Class}, " "))
		if _, err := tx.Exec(sqlTake, j.Owner, r.Digest[:], r.Type, j.ID, j.Ended.UnixMilli(), meta.Model, words,
			string(r.Meta), string(j.Spec), spec.From != nil); err != nil {
			return err
		}
	}
	return nil
}

// folded is a text in the form that is searched: compatible characters are the
// same, as are capitals, and there is one space between words.
func folded(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(norm.NFKC.String(s)), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
}
