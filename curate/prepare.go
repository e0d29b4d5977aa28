package curate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"math"
	"strings"
	"time"

	"github.com/limner-ai/limner/curate/decode"
	"github.com/limner-ai/limner/curate/fingerprint"
	"github.com/limner-ai/limner/curate/quality"
	"github.com/limner-ai/limner/curate/resize"
	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/objects"
)

// prepared is what a picture's own bytes say.
type prepared struct {
	Picture digest.SHA256    `json:"picture"`
	Format  decode.Format    `json:"format"`
	Hash    fingerprint.Hash `json:"pdq"`
	// Sharp is how far the hash is to be trusted, 0 to 100.
	Sharp    int              `json:"pdq_quality"`
	Measures quality.Measures `json:"measures"`
	Colour   string           `json:"colour"`
}

// prepare decodes, measures and scales one copy and keeps the result. What
// concerns this copy alone comes back as a reason; an error ends the run.
func (r *runner) prepare(ctx context.Context, c Candidate) (*prepared, *Rejection, error) {
	reject := func(why Why, err error) (*prepared, *Rejection, error) {
		// A renderer that was stopped tells its whole stack.
		line, _, _ := strings.Cut(err.Error(), "\n")
		return nil, &Rejection{Why: why, Detail: line}, nil
	}
	file, err := r.input.Open(ctx, c.Content)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return reject(Missing, errors.New("its bytes are not kept; fetch it again"))
	case errors.Is(err, objects.ErrAltered):
		return reject(Altered, objects.ErrAltered)
	case err != nil:
		return nil, nil, fmt.Errorf("%s %s: %w", c.Source, c.Path, err)
	}
	p, err := decode.Bytes(ctx, file, r.limits)
	if kind := decode.KindOf(err); kind != "" {
		return reject(Why(kind), err)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s %s: %w", c.Source, c.Path, err)
	}
	out := &prepared{Format: p.Format, Measures: rounded(quality.Measure(p.Image))}
	out.Hash, out.Sharp = fingerprint.PDQ(p.Image)
	small, err := resize.Square(p.Image, r.recipe.Size, r.recipe.Fit, r.ground)
	if err != nil {
		return nil, nil, fmt.Errorf("%s %s: %w", c.Source, c.Path, err)
	}
	out.Colour = colourName(small)
	data, err := encode(small)
	if err != nil {
		return nil, nil, fmt.Errorf("%s %s: %w", c.Source, c.Path, err)
	}
	out.Picture, err = r.store.Put(data)
	return out, nil, err
}

// encode writes a PNG: RGBA, or RGB if nothing is transparent. The bytes depend
// on the version of Go alone, whose compressor they come from.
func encode(m *image.NRGBA) ([]byte, error) {
	var b bytes.Buffer
	err := png.Encode(&b, m)
	return b.Bytes(), err
}

func (l Limits) decoding() decode.Limits {
	return decode.Limits{Bytes: l.Bytes, Pixels: l.Pixels, Ratio: l.Ratio, Memory: l.Memory, Vector: l.Vector,
		Time: time.Duration(l.Seconds * float64(time.Second))}
}

// rounded keeps four decimals: the last digits of logarithms are not the same
// on all processors.
func rounded(m quality.Measures) quality.Measures {
	for _, v := range []*float64{&m.Coverage, &m.Sharpness, &m.EdgeWidth, &m.Entropy, &m.Brightness, &m.Contrast, &m.Colourfulness,
		&m.Border.Top, &m.Border.Right, &m.Border.Bottom, &m.Border.Left, &m.Overlay} {
		*v = math.Round(*v*1e4) / 1e4
	}
	return m
}
