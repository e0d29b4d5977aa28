package paint

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image/color"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/limner-ai/limner/internal/digest"
)

// Limits of a request.
const (
	MaxPictures = 64
	MaxSteps    = 200
	MaxPrompt   = 4000 // characters
	MaxSide     = 2048 // pixels of a file
	maxWork     = 4096 // pictures times steps
	maxFirst    = 1 << 30
	maxSpec     = 256 << 10 // bytes
)

// parse reads a Spec strictly.
func parse(text json.RawMessage) (s Spec, err error) {
	if len(text) > maxSpec {
		return s, fmt.Errorf("the request has %d bytes; at most %d are read", len(text), maxSpec)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err = d.Decode(&s); err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something follows it")
		}
	}
	if err != nil {
		return s, fmt.Errorf("the request cannot be read: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	return s, nil
}

// checkAlone refuses what no model could do, and fills in what depends on none.
func (s *Spec) checkAlone() error {
	if s.N == 0 {
		s.N = 1
	}
	if s.Format == "jpg" {
		s.Format = "jpeg"
	}
	if s.Image != none && s.Style == none && s.Strength == nil {
		strength := .6
		if s.Mask != none {
			strength = 1
		}
		s.Strength = &strength
	}
	for _, p := range []struct{ name, text string }{{"prompt", s.Prompt}, {"negative", s.Negative}, {"from.prompt", s.From.said()}, {"to.prompt", s.To.said()}} {
		if n := utf8.RuneCountInString(p.text); n > MaxPrompt {
			return fmt.Errorf("%s has %d characters; at most %d are read", p.name, n, MaxPrompt)
		}
	}
	if _, err := s.ground(); err != nil {
		return err
	}
	switch {
	case s.N < 1 || s.N > MaxPictures:
		return fmt.Errorf("n: want 1 to %d pictures, not %d", MaxPictures, s.N)
	case s.First < 0 || s.First > maxFirst:
		return fmt.Errorf("first: want 0 to %d, not %d", maxFirst, s.First)
	case s.Steps < 0 || s.Steps > MaxSteps:
		return fmt.Errorf("steps: want at most %d, or 0 for the model's own number, not %d", MaxSteps, s.Steps)
	case s.Steps*s.N > maxWork:
		return fmt.Errorf("%d pictures of %d steps are more than is done for one request: want at most %d steps in all", s.N, s.Steps, maxWork)
	case bad(s.Guidance) || s.Guidance > 100:
		return fmt.Errorf("guidance: want 0 to 100, not %v; 0 leaves it to the model", s.Guidance)
	case bad(s.Truncation) || s.Truncation > 10:
		return fmt.Errorf("truncation: want 0 to 10, not %v; 0 leaves it to the model", s.Truncation)
	case s.Strength != nil && !(*s.Strength >= 0 && *s.Strength <= 1):
		return fmt.Errorf("strength: want 0, the picture itself, to 1, nothing of it, not %v", *s.Strength)
	case s.MaskKind != "" && s.MaskKind != "white" && s.MaskKind != "clear":
		return fmt.Errorf("mask_kind: want white or clear, not %.40q", s.MaskKind)
	case (s.From == nil) != (s.To == nil):
		return errors.New("an interpolation wants both from and to")
	case s.From != nil && s.N < 2:
		return errors.New("an interpolation has at least 2 pictures: set n")
	case s.From != nil && (s.Image != none || s.Mask != none || s.Style != none):
		return errors.New("an interpolation goes without image, mask and style: give pictures as from.image and to.image")
	case s.Image == none && (s.Mask != none || s.Style != none || s.Strength != nil):
		return errors.New("mask, style and strength want an image that they are for")
	case s.Mask != none && s.Style != none:
		return errors.New("a mask cannot go with a style")
	case s.Width < 0 || s.Height < 0 || s.Width > MaxSide || s.Height > MaxSide:
		return fmt.Errorf("width and height: want at most %d pixels, or 0 for the model's own, not %d×%d", MaxSide, s.Width, s.Height)
	case s.Format != "" && s.Format != "png" && s.Format != "jpeg" && s.Format != "webp":
		return fmt.Errorf("format: want png, jpeg or webp, not %.40q", s.Format)
	case s.Format == "jpeg" && s.Background == transparent:
		return errors.New("JPEG has no transparency: ask for png or webp, or for a background")
	}
	return nil
}

// none is the digest that stands for no picture.
var none digest.SHA256

const transparent = "transparent"

// ground is the colour that is laid under the picture, nil for none.
func (s *Spec) ground() (*color.NRGBA, error) {
	if s.Background == "" || s.Background == transparent {
		if s.Format == "jpeg" {
			return &color.NRGBA{R: 255, G: 255, B: 255, A: 255}, nil
		}
		return nil, nil
	}
	digits, ok := strings.CutPrefix(s.Background, "#")
	b, err := hex.DecodeString(digits)
	if !ok || err != nil || len(b) != 3 {
		return nil, fmt.Errorf("background: want transparent or #rrggbb, not %.40q", s.Background)
	}
	return &color.NRGBA{R: b[0], G: b[1], B: b[2], A: 255}, nil
}

func (e *End) said() string {
	if e == nil {
		return ""
	}
	return e.Prompt
}

func bad(x float64) bool { return !(x >= 0) || math.IsInf(x, 0) }
