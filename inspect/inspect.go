// Package inspect says what is wrong with pictures and where. Each folder below
// it holds one inspector; package all lists them, and package inspecttest holds
// what every one must keep to.
//
// Inspectors look at pixels alone. They know nothing of how a picture was made,
// so that they judge a photograph, a training picture and a sample alike.
package inspect

import (
	"context"
	"errors"
	"image"
)

// Inspector looks for one kind of fault.
type Inspector interface {
	// Inspect looks at a picture, which it must not change: straight alpha, sRGB,
	// any size from 1×1. The same picture gives the same finding, bit for bit, and
	// calls may be made at once. What cannot be judged (too small, empty, nothing
	// of the kind in it) is no error: the finding does not apply and says why.
	// Its bounds may begin anywhere: Region.Box has the same coordinates. Errors are
	// the context's, or of a machine that lacks something.
	Inspect(ctx context.Context, m *image.NRGBA) (Finding, error)
	// Close gives back what the inspector holds.
	Close() error
}

// Kind is an inspector that can be opened.
type Kind struct {
	Name    string // hands, blur, …: the folder's
	Summary string // one line for people
	// Faults are the words that Finding.Fault may say.
	Faults []string
	Open   func(Env) (Inspector, error)
}

// Env is what inspectors are opened with.
type Env struct {
	Threads int // for networks; 0: one a processor
}

// Finding is what an inspector says of a picture.
type Finding struct {
	Inspector string `json:"inspector"`
	// Applies is false where there was nothing to judge; then Sentence says why
	// and all else is zero.
	Applies bool `json:"applies"`
	// Score orders pictures from sound to faulty. Its unit is the inspector's own.
	Score float64 `json:"score"`
	// Probability, from 0 to 1, is the calibrated chance that the fault is there,
	// on pictures half of which have it.
	Probability float64 `json:"probability"`
	// Faulty says that the probability is above the inspector's threshold, set so
	// that few sound pictures are called faulty.
	Faulty bool `json:"faulty"`
	// Fault is the most probable kind, one of the Kind's Faults; empty if not Faulty.
	Fault string `json:"fault,omitempty"`
	// Sentence says it to a person: what, where, how sure.
	Sentence string `json:"sentence"`
	// Heat says where; nil if the fault has no place.
	Heat *Heat `json:"-"`
	// Regions are the places most to blame, worst first, in the picture's pixels.
	Regions []Region `json:"regions,omitempty"`
	// Measures are numbers behind the score, by name, for reports.
	Measures map[string]float64 `json:"measures,omitempty"`
}

// Region is a place in a picture.
type Region struct {
	Box   image.Rectangle `json:"box"`
	Score float64         `json:"score"` // from 0 to 1
	What  string          `json:"what,omitempty"`
}

// Heat is a map over the whole of a picture, coarser than it or as fine.
type Heat struct {
	W, H  int
	Value []float32 // rows of W from the top, each from 0 (sound) to 1 (faulty)
}

// ErrUnknown is wrapped by errors about inspectors that there are not.
var ErrUnknown = errors.New("there is no such inspector")

// At is the heat at a pixel of a picture of w×h pixels, between the map's
// points bilinear.
func (h *Heat) At(x, y, w, h2 int) float32 {
	u := (float32(x)+.5)*float32(h.W)/float32(w) - .5
	v := (float32(y)+.5)*float32(h.H)/float32(h2) - .5
	u, v = max(0, min(u, float32(h.W-1))), max(0, min(v, float32(h.H-1)))
	x0, y0 := int(u), int(v)
	x1, y1 := min(x0+1, h.W-1), min(y0+1, h.H-1)
	fx, fy := u-float32(x0), v-float32(y0)
	at := func(x, y int) float32 { return h.Value[y*h.W+x] }
	return (at(x0, y0)*(1-fx)+at(x1, y0)*fx)*(1-fy) + (at(x0, y1)*(1-fx)+at(x1, y1)*fx)*fy
}
