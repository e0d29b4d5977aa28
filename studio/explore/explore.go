// Package explore shows what lies around a picture: a map of a model's latents
// that one can walk on, the plane between four prompts, and pictures moved along
// attributes. What it makes is kept nowhere; it answers while someone looks.
package explore

import (
	"context"
	"sync"

	"golang.org/x/sync/semaphore"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/release"
	"github.com/limner-ai/limner/studio/paint"
)

// Options are what an explorer stands on.
type Options struct {
	Shelf *paint.Shelf
	Store *objects.Store // with the pictures that are moved along attributes
	// Owns reports whether a picture is the asker's own; nil: everyone's is.
	Owns func(ctx context.Context, d digest.SHA256) (bool, error)
	Sets Sets // to learn attributes from; nil: there are none
	// Leaving says what is done to pictures before anybody has them.
	Leaving paint.Leaving
}

// Sets are the data sets that models were trained on; a *place.Library is one.
type Sets interface {
	Has(d trained.Data) bool
	Open(ctx context.Context, d trained.Data) (picture.Set, error)
}

// Explorer answers those who look around. Its methods may be called from any
// goroutine.
type Explorer struct {
	o Options
	// turn lets one look at a time, so that jobs are painted in between.
	turn *semaphore.Weighted

	mu         sync.Mutex
	attributes map[string][]string        // by digest of the model
	directions map[string]*generate.Shift // by digest of the model and attribute
}

// New makes an explorer.
func New(o Options) *Explorer {
	return &Explorer{o: o, turn: semaphore.NewWeighted(1), attributes: map[string][]string{}, directions: map[string]*generate.Shift{}}
}

// Model says how a model can be explored.
type Model struct {
	Name     string   `json:"name"`
	Digest   string   `json:"digest"`
	Family   string   `json:"family"`
	Width    int      `json:"width"`
	Height   int      `json:"height"`
	Classes  []string `json:"classes,omitempty"`
	Words    bool     `json:"words"`    // the map is of a prompt
	Quick    bool     `json:"quick"`    // a picture is made in one go: maps can be fine
	Corners  bool     `json:"corners"`  // there is a plane between four prompts
	Slides   bool     `json:"slides"`   // pictures can be moved along attributes
	Mixes    bool     `json:"mixes"`    // one picture can take the style of another
	Steps    int      `json:"steps"`    // in which its maps are painted; 0: it takes none
	Attached bool     `json:"attached"` // the data set is known, in which attributes are found
}

// Models lists what can be explored.
func (e *Explorer) Models(ctx context.Context) ([]Model, error) {
	all, err := e.o.Shelf.Models(ctx)
	if err != nil {
		return nil, err
	}
	out := []Model{}
	for _, m := range all {
		x := Model{
			Name: m.Name, Digest: m.Digest, Family: m.Family, Width: m.Width, Height: m.Height, Classes: m.Classes,
			Words: m.Takes.Words, Quick: !m.Takes.Sampling, Corners: m.Takes.Sampling && m.Takes.Words,
		}
		for _, offer := range m.Offers {
			switch offer {
			case "shift":
				x.Slides = true
			case "mixture":
				x.Mixes = true
			}
		}
		if m.Takes.Sampling {
			x.Steps = mapSteps(m.Strides)
		}
		x.Attached = x.Slides && e.o.Sets != nil && e.o.Sets.Has(m.Manifest.Data)
		out = append(out, x)
	}
	return out, nil
}

// mapSteps are those in which a flow paints maps: few, since a map is many
// pictures.
func mapSteps(strides bool) int {
	if strides {
		return 4
	}
	return 8
}

// use hands f a model when it is this look's turn.
func (e *Explorer) use(ctx context.Context, model string, f func(*generate.Generator) error) error {
	if err := e.turn.Acquire(ctx, 1); err != nil {
		return err
	}
	defer e.turn.Release(1)
	return e.o.Shelf.Use(ctx, model, f)
}

// withholds reports whether pictures that are too near to training pictures are
// held back. That they are only flagged nobody could see on a map.
func (e *Explorer) withholds() bool {
	p := e.o.Leaving.Press
	return p != nil && p.Policy == release.Withhold
}

// leave gives a picture its file, a PNG. Its original is not kept: nothing is
// painted on it. Nor is it entered anywhere: it is gone when one looks elsewhere.
func (e *Explorer) leave(ctx context.Context, g *generate.Generator, o generate.Origin, pic release.Picture) ([]byte, error) {
	pic.Origin = o
	l := e.o.Leaving
	l.Originals = nil
	if l.Press != nil {
		press := *l.Press
		press.Enter, l.Press = nil, &press
	}
	left, err := l.Leave(ctx, g, "png", pic)
	return left.File, err
}
