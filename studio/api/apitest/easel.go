package apitest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"time"

	"github.com/limner-ai/limner/studio/jobs"
	"github.com/limner-ai/limner/studio/paint"
)

// easel stands for paint.Worker. It fills the picture with a colour of the seed.
// The prompt says how it goes: "impossible" is refused, "broken" fails, "slowly"
// shows pictures of the moment and never ends.
type easel struct{}

func (easel) Kind() string                 { return paint.Kind }
func (easel) Group(json.RawMessage) string { return "" }
func (easel) Most() int                    { return 1 }
func (easel) AtOnce() int                  { return 4 }

func (easel) Check(_ context.Context, text json.RawMessage) (json.RawMessage, error) {
	var s paint.Spec
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return nil, err
	}
	switch {
	case strings.Contains(s.Prompt, "impossible"):
		return nil, errors.New("what is impossible cannot be painted")
	case s.Model != "" && s.Model != Model:
		return nil, &paint.UnknownError{Name: s.Model}
	}
	if s.Seed == nil {
		s.Seed = new(uint64)
	}
	s.N = max(1, s.N)
	return json.Marshal(s)
}

func (e easel) Run(_ context.Context, tasks []jobs.Task) error {
	for _, t := range tasks {
		t.Finish(e.paint(t))
	}
	return nil
}

func (easel) paint(t jobs.Task) error {
	var s paint.Spec
	if err := json.Unmarshal(t.Job().Spec, &s); err != nil {
		return err
	}
	if strings.Contains(s.Prompt, "broken") {
		return errors.New("the brush broke")
	}
	side := func(n int) int {
		if n == 0 {
			return Side
		}
		return n
	}
	seen := strings.Contains(s.Prompt, "seen") // each step is shown
	for step := 1; seen && step < 20 || strings.Contains(s.Prompt, "slowly"); step++ {
		select {
		case <-t.Context().Done():
			return t.Context().Err()
		case <-time.After(time.Millisecond):
		}
		t.Progress(jobs.Progress{Stage: "painting", Done: float64(step % 20), Total: 20})
		t.Preview(jobs.Preview{Type: "image/png", Data: Picture(8, 8, uint64(step))})
	}
	for i := range s.N {
		seed := *s.Seed + uint64(i)
		data, kind := Picture(side(s.Width), side(s.Height), seed), "image/png"
		if s.Format == "jpeg" {
			img, err := png.Decode(bytes.NewReader(data))
			if err != nil {
				return err
			}
			var b bytes.Buffer
			if err := jpeg.Encode(&b, img, nil); err != nil {
				return err
			}
			data, kind = b.Bytes(), "image/jpeg"
		}
		meta := paint.Meta{
			Number: i, Seed: seed, Prompt: s.Prompt, Negative: s.Negative, Steps: s.Steps, Guidance: s.Guidance, Sampler: s.Sampler,
			Width: side(s.Width), Height: side(s.Height), Model: Model, Family: "flow", ModelDigest: "sha256:0123456789abcdef", Rights: "all permitted", Parameters: s.Prompt,
		}
		if err := t.Result(data, kind, meta); err != nil {
			return err
		}
	}
	return nil
}

// Picture is a PNG of one colour, that of a seed.
func Picture(width, height int, seed uint64) []byte {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i := 0; i < len(m.Pix); i += 4 {
		copy(m.Pix[i:], []byte{byte(seed), byte(seed >> 8), byte(width), 255})
	}
	m.SetNRGBA(0, 0, color.NRGBA{})
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err) // memory alone
	}
	return b.Bytes()
}
