package a1111

import (
	"context"
	"math"
	"math/rand/v2"
	"net/http"

	"github.com/limner-ai/limner/studio/api"
	"github.com/limner-ai/limner/studio/gate"
	"github.com/limner-ai/limner/studio/paint"
)

// request is the body of txt2img and img2img, as far as Limner knows it.
type request struct {
	Prompt   string   `json:"prompt"`
	Negative string   `json:"negative_prompt"`
	Styles   []string `json:"styles"`
	Seed     *int64   `json:"seed"` // -1: any

	Sampler     *string  `json:"sampler_name"`
	SamplerToo  *string  `json:"sampler_index"` // the older name
	Steps       *int     `json:"steps"`
	Guidance    *float64 `json:"cfg_scale"`
	BatchSize   *int     `json:"batch_size"`
	Batches     *int     `json:"n_iter"`
	Width       *int     `json:"width"`
	Height      *int     `json:"height"`
	Overrides   override `json:"override_settings"`
	SendImages  *bool    `json:"send_images"`
	Script      *string  `json:"script_name"`
	HighRes     bool     `json:"enable_hr"`
	Tiling      bool     `json:"tiling"`
	RestoreFace bool     `json:"restore_faces"`

	Images     []string `json:"init_images"`
	Mask       *string  `json:"mask"`
	InvertMask flag     `json:"inpainting_mask_invert"`
	Strength   *float64 `json:"denoising_strength"`
	// WithImages is whether init_images and mask go back with the answer.
	WithImages bool `json:"include_init_images"`
}

type override struct {
	Model string `json:"sd_model_checkpoint"`
}

// flag is a bool that some write as 0 and 1.
type flag bool

// UnmarshalJSON reads either.
func (f *flag) UnmarshalJSON(text []byte) error {
	switch string(text) {
	case "1", "true":
		*f = true
	}
	return nil
}

// Bounds, and what is taken where nothing is said.
const (
	mostPictures    = 64
	mostSide        = 1024
	mostSteps       = 1000
	defaultSide     = 512
	defaultStrength = .75
)

// settled is a request with nothing left open.
type settled struct {
	spec  paint.Spec // of the first picture
	seed  uint64
	n     int // pictures in all
	batch int // of them at once
	send  bool
}

// settle checks a request and says it in the worker's words.
func (a *API) settle(ctx context.Context, q *request) (*settled, error) {
	s := &settled{n: 1, batch: 1, send: q.SendImages == nil || *q.SendImages}
	number := func(name string, from *int, least, most int, to *int) error {
		if from == nil {
			return nil
		}
		if *from < least || *from > most {
			return api.Bad(name, "%s lies within %d and %d", name, least, most)
		}
		*to = *from
		return nil
	}
	width, height, batches := defaultSide, defaultSide, 1
	for _, err := range []error{
		number("width", q.Width, 1, mostSide, &width), number("height", q.Height, 1, mostSide, &height),
		number("batch_size", q.BatchSize, 1, mostPictures, &s.batch), number("n_iter", q.Batches, 1, mostPictures, &batches),
		number("steps", q.Steps, 1, mostSteps, &s.spec.Steps),
	} {
		if err != nil {
			return nil, err
		}
	}
	if s.n = s.batch * batches; s.n > mostPictures {
		return nil, api.Bad("n_iter", "batch_size times n_iter is at most %d", mostPictures)
	}
	for name, wanted := range map[string]bool{"enable_hr": q.HighRes, "tiling": q.Tiling, "restore_faces": q.RestoreFace} {
		if wanted {
			return nil, api.Bad(name, "%s: Limner does not do this", name)
		}
	}
	if q.Script != nil && *q.Script != "" {
		return nil, &api.Error{Status: http.StatusUnprocessableEntity, Message: "Script '" + clip(*q.Script) + "' not found"}
	}
	if q.Guidance != nil {
		if s.spec.Guidance = *q.Guidance; s.spec.Guidance < 0 || math.IsNaN(s.spec.Guidance) {
			return nil, api.Bad("cfg_scale", "cfg_scale is a positive number")
		}
	}
	for _, name := range []*string{q.SamplerToo, q.Sampler} {
		if name == nil || *name == "" {
			continue
		}
		if s.spec.Sampler = ours(*name); s.spec.Sampler == "" {
			return nil, &api.Error{Status: http.StatusNotFound, Message: "Sampler not found: Limner has Euler and Heun"}
		}
	}
	s.spec.Prompt, s.spec.Negative = q.Prompt, q.Negative
	s.spec.Width, s.spec.Height = width, height
	s.spec.N, s.spec.Format = 1, "png"
	if s.spec.Model = modelName(q.Overrides.Model); s.spec.Model == "" {
		a.mu.Lock()
		s.spec.Model = a.chosen[gate.Owner(ctx)]
		a.mu.Unlock()
	}
	if s.spec.Model != "" {
		m, err := a.studio.Models.Model(ctx, s.spec.Model)
		if err != nil {
			return nil, err
		}
		if !m.Takes.Sampling { // clients send these whether or not
			s.spec.Steps, s.spec.Guidance, s.spec.Sampler = 0, 0, ""
		}
	}
	if q.Seed == nil || *q.Seed < 0 {
		s.seed = uint64(rand.Uint32()) // 32 bits, as there
	} else {
		s.seed = uint64(*q.Seed)
	}
	return s, nil
}

func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}
