package openai

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/studio/api"
	"github.com/limner-ai/limner/studio/paint"
)

// request is what all three routes are asked with.
type request struct {
	Prompt            *string `json:"prompt"`
	Model             string  `json:"model"`
	N                 *int    `json:"n"`
	Size              string  `json:"size"`
	Quality           string  `json:"quality"`
	Background        string  `json:"background"`
	OutputFormat      string  `json:"output_format"`
	OutputCompression *int    `json:"output_compression"`
	ResponseFormat    string  `json:"response_format"`
	Stream            bool    `json:"stream"`
	PartialImages     *int    `json:"partial_images"`

	// What is ours.
	Seed           *uint64  `json:"seed"`
	Steps          int      `json:"steps"`
	Guidance       float64  `json:"guidance"`
	NegativePrompt string   `json:"negative_prompt"`
	Strength       *float64 `json:"strength"`
	Sampler        string   `json:"sampler"`
	Class          string   `json:"class"`

	images []digest.SHA256 // of a form
	mask   digest.SHA256
}

// Bounds of OpenAI's API.
const (
	mostPictures = 10
	mostPartial  = 3
	mostPrompt   = 32000 // characters
	mostSide     = 1024  // ours: a larger file shows no more
)

// spec checks a request and says it in the worker's words.
func (q *request) spec() (paint.Spec, error) {
	s := paint.Spec{
		Model: q.Model, Negative: q.NegativePrompt, Class: q.Class, N: 1, Seed: q.Seed, Steps: q.Steps, Guidance: q.Guidance,
		Sampler: q.Sampler, Strength: q.Strength,
	}
	if theirs(q.Model) {
		s.Model = ""
	}
	if q.Prompt != nil {
		s.Prompt = *q.Prompt
	}
	if q.N != nil {
		s.N = *q.N
	}
	switch {
	case len([]rune(s.Prompt)) > mostPrompt:
		return s, api.Bad("prompt", "prompt has at most %d characters", mostPrompt)
	case s.N < 1 || s.N > mostPictures:
		return s, api.Bad("n", "n lies within 1 and %d", mostPictures)
	case s.Steps < 0:
		return s, api.Bad("steps", "steps is a positive number")
	case math.IsNaN(s.Guidance) || s.Guidance < 0:
		return s, api.Bad("guidance", "guidance is a positive number")
	case s.Strength != nil && !(*s.Strength >= 0 && *s.Strength <= 1):
		return s, api.Bad("strength", "strength lies within 0 and 1")
	case !oneOf(q.ResponseFormat, "", "url", "b64_json"):
		return s, api.Bad("response_format", "response_format is url or b64_json")
	case !oneOf(q.OutputFormat, "", "png", "jpeg", "webp"):
		return s, api.Bad("output_format", "output_format is png, jpeg or webp")
	case !oneOf(q.Background, "", "auto", "transparent", "opaque"):
		return s, api.Bad("background", "background is transparent, opaque or auto")
	case q.Background == "transparent" && q.OutputFormat == "jpeg":
		return s, api.Bad("background", "JPEG has no transparency: ask for png or webp")
	case q.OutputCompression != nil && (*q.OutputCompression < 0 || *q.OutputCompression > 100):
		return s, api.Bad("output_compression", "output_compression lies within 0 and 100")
	case q.PartialImages != nil && (*q.PartialImages < 0 || *q.PartialImages > mostPartial):
		return s, api.Bad("partial_images", "partial_images lies within 0 and %d", mostPartial)
	case q.PartialImages != nil && *q.PartialImages > 0 && !q.Stream:
		return s, api.Bad("partial_images", "partial_images are sent with stream: true alone")
	case q.Stream && q.ResponseFormat == "url":
		return s, api.Bad("response_format", "a stream brings b64_json alone")
	}
	s.Format = q.OutputFormat
	if q.compressed() {
		s.Format = "png" // what it is made of
	}
	if q.Background == "opaque" || q.OutputFormat == "jpeg" {
		s.Background = "#ffffff"
	}
	if q.Size != "" && q.Size != "auto" {
		width, height, ok := strings.Cut(q.Size, "x")
		var err, err2 error
		s.Width, err = strconv.Atoi(width)
		s.Height, err2 = strconv.Atoi(height)
		if !ok || err != nil || err2 != nil || s.Width < 1 || s.Height < 1 || s.Width > mostSide || s.Height > mostSide {
			return s, api.Bad("size", "size is auto, or WIDTHxHEIGHT of at most %dx%d", mostSide, mostSide)
		}
	}
	return s, nil
}

// compressed reports whether the file is made here, with a quality of choice.
func (q *request) compressed() bool {
	return q.OutputFormat == "jpeg" && q.OutputCompression != nil && *q.OutputCompression < 100
}

func oneOf(s string, words ...string) bool {
	for _, w := range words {
		if s == w {
			return true
		}
	}
	return false
}

// set takes a field of a form.
func (q *request) set(name, text string) error {
	number := func(to **int) error {
		n, err := strconv.Atoi(text)
		*to = &n
		return err
	}
	var err error
	switch name {
	case "prompt":
		q.Prompt = &text
	case "model":
		q.Model = text
	case "n":
		err = number(&q.N)
	case "size":
		q.Size = text
	case "quality":
		q.Quality = text
	case "background":
		q.Background = text
	case "output_format":
		q.OutputFormat = text
	case "output_compression":
		err = number(&q.OutputCompression)
	case "response_format":
		q.ResponseFormat = text
	case "stream":
		q.Stream, err = strconv.ParseBool(text)
	case "partial_images":
		err = number(&q.PartialImages)
	case "seed":
		var n uint64
		n, err = strconv.ParseUint(text, 10, 64)
		q.Seed = &n
	case "steps":
		q.Steps, err = strconv.Atoi(text)
	case "guidance":
		q.Guidance, err = strconv.ParseFloat(text, 64)
		if err == nil && (math.IsInf(q.Guidance, 0) || math.IsNaN(q.Guidance)) {
			err = errors.New("not finite")
		}
	case "negative_prompt":
		q.NegativePrompt = text
	case "strength":
		var x float64
		x, err = strconv.ParseFloat(text, 64)
		q.Strength = &x
	case "sampler":
		q.Sampler = text
	case "class":
		q.Class = text
	}
	if err != nil {
		return &api.Error{Status: http.StatusBadRequest, Param: name, Message: name + ": " + strconv.Quote(clip(text)) + " cannot stand here", Err: err}
	}
	return nil
}

func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}
