package clearance

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/limner-ai/limner/dataset/frozen"
	"github.com/limner-ai/limner/rights"
)

// Recheck decides anew on every picture of a frozen set, as the ledger stands
// now, without recording it. If one may not be used any more, the error says why
// and what to do. progress is told how many were decided on.
func (d *Desk) Recheck(ctx context.Context, dir string, progress func(done int)) error {
	refused := map[rights.Code]int{}
	total, done := 0, 0
	example := ""
	for o, err := range frozen.Origins(dir) {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		r, _, err := d.rule(ctx, o.Content)
		if err != nil {
			return err
		}
		done++
		progress(done)
		if r.Outcome != rights.Allow {
			total++
			refused[r.Code()]++
			if example == "" {
				example = o.Source + "/" + o.Path
			}
		}
	}
	if total == 0 {
		return nil
	}
	var why []string
	for _, code := range slices.Sorted(maps.Keys(refused)) {
		why = append(why, fmt.Sprintf("%s %d", code, refused[code]))
	}
	return fmt.Errorf("%d pictures of the set may not be used any more (%s; such as %s): freeze it anew with limner dataset freeze", total, strings.Join(why, ", "), example)
}
