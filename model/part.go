package model

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/nn"
)

// Part is a trained model that is contained in another: its autoencoder, its
// text encoder. A run file gives From; the trainer fills in the rest and
// copies the weights, which lie in the containing model below the part's
// name.
type Part struct {
	From     string         `json:"from"`             // file or folder of a run
	Digest   string         `json:"digest,omitempty"` // of the model file
	Family   string         `json:"family,omitempty"`
	Config   map[string]any `json:"config,omitempty"` // the family's own
	Pictures Pictures       `json:"pictures,omitzero"`
}

// Composite is a family whose models contain parts.
type Composite interface {
	Family
	// Parts lists the parts that a configuration names, by the scope that
	// their weights have in the model.
	Parts(decode func(any) error) (map[string]Part, error)
}

// Autoencoder is a model between pictures and a smaller grid of latents.
type Autoencoder interface {
	Model
	// Grid is the extent of the latents of one picture.
	Grid() (h, w, c int)
	// Encode gives the mean and standard deviation [b h w c] of the latents of
	// images [b H W C], scaled so that latents of the training set have mean 0
	// and variance 1 in each channel.
	Encode(s *nn.Scope, images *graph.Value) (mean, std *graph.Value)
	// Decode makes images in [0, 1] of such latents.
	Decode(s *nn.Scope, latents *graph.Value) *graph.Value
}

// Coded is a model that is trained on the latents of pictures, not on the
// pictures: its steps read InputCodes.
type Coded interface {
	Model
	// Code builds the graph images → "codes" [b h w 2c].
	Code(batch int) (*Call, error)
}

// Build makes the model of a part with the families that know how.
func (p Part) Build(families ...Family) (Model, error) {
	if len(p.Config) == 0 {
		return nil, fmt.Errorf("from: name the model file of the part")
	}
	for _, f := range families {
		if f.Name() != p.Family {
			continue
		}
		text, err := json.Marshal(p.Config)
		if err != nil {
			return nil, err
		}
		return f.New(p.Pictures, func(dst any) error {
			d := json.NewDecoder(bytes.NewReader(text))
			d.DisallowUnknownFields()
			return d.Decode(dst)
		})
	}
	return nil, fmt.Errorf("from: %s is a model of the family %q, which does not fit here", p.From, p.Family)
}
