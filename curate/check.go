package curate

import (
	"encoding/hex"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/limner-ai/limner/curate/fingerprint"
	"github.com/limner-ai/limner/curate/resize"
)

const (
	transparent = "transparent"
	maxSize     = 1 << 12 // pixels
)

// Check fills what follows from other keys and says what is wrong.
func (r *Recipe) Check() error {
	bad := func(key, format string, args ...any) error {
		return fmt.Errorf("%s: %s", key, fmt.Sprintf(format, args...))
	}
	switch {
	case r.Name == "":
		return bad("name", "give the set a name")
	case strings.ContainsAny(r.Name, `/\`) || strings.HasPrefix(r.Name, "."):
		return bad("name", "%q cannot name a folder", r.Name)
	case len(r.Sources) == 0:
		return bad("sources", "say where pictures are from, as in [{id: noto}]; limner source list shows what there is")
	case r.Purpose == "":
		return bad("purpose", "say what the pictures are for, as in train")
	case r.Size < 1 || r.Size > maxSize:
		return bad("size", "want 1 to %d pixels, not %d", maxSize, r.Size)
	case r.Fit != resize.Pad && r.Fit != resize.Cover:
		return bad("fit", "want %s or %s, not %q", resize.Pad, resize.Cover, r.Fit)
	case len(r.Captions.Languages) == 0:
		return bad("captions.languages", "want at least one, as in [en]")
	case !within(r.Split.Share, 0, 1):
		return bad("split.share", "want 0 to 1, not %v", r.Split.Share)
	case r.Duplicates.Radius < 0 || r.Duplicates.Radius > fingerprint.Near:
		return bad("duplicates.radius", "want 0 to %d bits, not %d", fingerprint.Near, r.Duplicates.Radius)
	case r.Duplicates.Near != Keep && r.Duplicates.Near != Drop && r.Duplicates.Near != Ignore:
		return bad("duplicates.near", "want %s, %s or %s, not %q", Keep, Drop, Ignore, r.Duplicates.Near)
	}
	seen := map[string]bool{}
	for _, f := range r.Sources {
		if f.ID == "" {
			return bad("sources", "each wants an id; limner source list shows them")
		}
		if seen[f.ID] {
			return bad("sources", "%s is there twice; give it several patterns instead", f.ID)
		}
		seen[f.ID] = true
		for _, p := range slices.Concat(f.Include, f.Exclude) {
			if !doublestar.ValidatePattern(p) {
				return bad("sources", "%s: %q is no pattern", f.ID, p)
			}
		}
	}
	if _, err := r.ground(); err != nil {
		return bad("background", "%v", err)
	}
	if r.Limits.Vector == 0 {
		r.Limits.Vector = 4 * r.Size
	}
	l := r.Limits
	if l.Bytes < 1 || l.Pixels < 1 || l.Memory < 1 || l.Vector < 1 || !within(l.Ratio, 1, math.MaxFloat64) || !within(l.Seconds, 1e-3, 1e6) {
		return bad("limits", "want positive numbers, and a ratio of at least 1")
	}
	q := r.Quality
	for _, v := range []float64{float64(q.MinSide), q.MinSharpness, q.MaxEdgeWidth, q.MinEntropy, q.MinCoverage, q.MaxOverlay} {
		if !within(v, 0, math.MaxFloat64) {
			return bad("quality", "want numbers of at least 0, not %v", v)
		}
	}
	return nil
}

// within is false for what is no number.
func within(v, low, high float64) bool { return v >= low && v <= high }

// ground is the colour to lay behind pictures, nil for none.
func (r *Recipe) ground() (*color.NRGBA, error) {
	if r.Background == transparent {
		return nil, nil
	}
	digits, ok := strings.CutPrefix(r.Background, "#")
	c, err := hex.DecodeString(digits)
	if !ok || err != nil || len(c) != 3 {
		return nil, fmt.Errorf("want %s, or a colour as in \"#ffffff\", not %q", transparent, r.Background)
	}
	return &color.NRGBA{R: c[0], G: c[1], B: c[2], A: 255}, nil
}

// Wants reports whether the picture at a path of the source is wanted.
func (f *From) Wants(path string) bool {
	return (len(f.Include) == 0 || anyMatches(f.Include, path)) && !anyMatches(f.Exclude, path)
}

// from is what the recipe says of a source, nil for nothing.
func (r *Recipe) from(source string) *From {
	i := slices.IndexFunc(r.Sources, func(f From) bool { return f.ID == source })
	if i < 0 {
		return nil
	}
	return &r.Sources[i]
}

func anyMatches(patterns []string, path string) bool {
	for _, p := range patterns {
		if doublestar.MatchUnvalidated(p, path) {
			return true
		}
	}
	return false
}
