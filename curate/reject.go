package curate

import (
	"fmt"

	"github.com/limner-ai/limner/internal/digest"
)

// Rejection is a copy that is not in the set, and why.
type Rejection struct {
	Source  string        `json:"source"`
	Path    string        `json:"path"`
	Content digest.SHA256 `json:"content"`
	Why     Why           `json:"why"`
	Detail  string        `json:"detail,omitempty"`
}

// Why is the sort of reason for which a copy is left out.
type Why string

// The reasons. Those of the decoder (damaged, too large, unsupported, too slow)
// are decode.Kind.
const (
	Denied      Why = "denied"
	Quarantined Why = "quarantined"
	Duplicate   Why = "same file"      // as an earlier copy
	NearCopy    Why = "near duplicate" // of an earlier picture
	Missing     Why = "missing"        // its bytes are not kept
	Altered     Why = "altered"        // its bytes are not what was taken in
	TooSlow     Why = "too slow"
	Small       Why = "small"
	Blurred     Why = "blurred"
	Plain       Why = "plain"      // next to nothing is in it
	Empty       Why = "empty"      // next to nothing is visible
	Written     Why = "written on" // it seems
	Nameless    Why = "nameless"   // no word says what it shows
)

// passing reports whether another run may find otherwise, with nothing else
// changed.
func (w Why) passing() bool { return w == Missing || w == Altered || w == TooSlow }

// fault holds a picture's measures against the recipe.
func (q Quality) fault(p *prepared) (Why, string) {
	m := p.Measures
	below := func(v, limit float64, what string) string {
		return fmt.Sprintf("%s %.4g, below %.4g", what, v, limit)
	}
	switch {
	case m.Coverage < q.MinCoverage:
		return Empty, below(m.Coverage, q.MinCoverage, "coverage")
	case p.Format != "SVG" && min(m.Width, m.Height) < q.MinSide:
		return Small, fmt.Sprintf("%d×%d pixels, a side below %d", m.Width, m.Height, q.MinSide)
	case m.Entropy < q.MinEntropy:
		return Plain, below(m.Entropy, q.MinEntropy, "entropy")
	case m.Sharpness < q.MinSharpness:
		return Blurred, below(m.Sharpness, q.MinSharpness, "sharpness")
	case q.MaxEdgeWidth > 0 && m.EdgeWidth > q.MaxEdgeWidth:
		return Blurred, fmt.Sprintf("edges %.4g pixels wide, above %.4g", m.EdgeWidth, q.MaxEdgeWidth)
	case q.MaxOverlay > 0 && m.Overlay > q.MaxOverlay:
		return Written, fmt.Sprintf("overlay %.4g, above %.4g", m.Overlay, q.MaxOverlay)
	}
	return "", ""
}
