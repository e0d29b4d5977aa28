package home

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"time"

	"github.com/limner-ai/limner/curate"
	"github.com/limner-ai/limner/curate/coverage"
	"github.com/limner-ai/limner/curate/shelf"
	"github.com/limner-ai/limner/internal/atomicfile"
	"github.com/limner-ai/limner/rights"
)

// What Curate leaves beside the set: what it covers, for programs and people.
const (
	CoverageFile = "coverage.json"
	CoveragePage = "coverage.html"
)

// Curate makes a set, in the folder out, of what was taken in and may be used,
// and reports what it covers. A run that was stopped or killed is taken up by
// the same call.
func (h Home) Curate(ctx context.Context, recipe curate.Recipe, out string, o curate.Options) (curate.Summary, error) {
	l, err := h.ReadLedger()
	if errors.Is(err, ErrNoLedger) {
		return curate.Summary{}, errors.New("nothing was taken in yet: see limner source --help")
	}
	if err != nil {
		return curate.Summary{}, err
	}
	defer l.Close()
	p, err := h.Policy()
	if err != nil {
		return curate.Summary{}, err
	}
	store := h.Objects()
	ask := rights.Request{Purpose: recipe.Purpose, Territory: recipe.Territory, At: time.Now().UTC()}
	input, err := shelf.Open(ctx, l, store, p, ask)
	if err != nil {
		return curate.Summary{}, err
	}
	if o.Total, err = input.Count(ctx, recipe.Sources); err != nil {
		return curate.Summary{}, err
	}
	sum, err := curate.Run(ctx, recipe, input, store, out, o)
	if err != nil {
		return sum, err
	}
	report, err := coverage.Build(ctx, out)
	if err != nil {
		return sum, err
	}
	err = atomicfile.Write(filepath.Join(out, CoverageFile), 0o644, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(report)
	})
	if err != nil {
		return sum, err
	}
	return sum, atomicfile.Write(filepath.Join(out, CoveragePage), 0o644, func(w io.Writer) error { return report.Page(w, store.Get) })
}
