package openai

import (
	"bytes"

	"encoding/base64"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"net/http"
	"strings"
	"time"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/studio/api"
	"github.com/limner-ai/limner/studio/jobs"
	"github.com/limner-ai/limner/studio/paint"
)

func (a *API) generations(w http.ResponseWriter, r *http.Request) error {
	var q request
	if err := api.ReadJSON(r, &q); err != nil {
		return err
	}
	if q.Prompt == nil && q.Class == "" {
		return api.Bad("prompt", "prompt is missing: say what to make")
	}
	return a.answer(w, r, &q, "image_generation")
}

func (a *API) edits(w http.ResponseWriter, r *http.Request) error {
	q, err := a.form(r)
	if err != nil {
		return err
	}
	switch {
	case len(q.images) == 0:
		return api.Bad("image", "image is missing: the picture to be edited")
	case q.Prompt == nil:
		return api.Bad("prompt", "prompt is missing: say what to make")
	}
	return a.answer(w, r, q, "image_edit")
}

func (a *API) variations(w http.ResponseWriter, r *http.Request) error {
	q, err := a.form(r)
	if err != nil {
		return err
	}
	if len(q.images) == 0 {
		return api.Bad("image", "image is missing: the picture to be varied")
	}
	if q.mask != (digest.SHA256{}) {
		return api.Bad("mask", "a variation takes no mask; an edit does")
	}
	if q.Stream {
		return api.Bad("stream", "variations are not streamed")
	}
	return a.answer(w, r, q, "")
}

// answer makes what was asked for; event is how the events of a stream begin.
func (a *API) answer(w http.ResponseWriter, r *http.Request, q *request, event string) error {
	spec, err := q.spec()
	if err != nil {
		return err
	}
	if len(q.images) > 1 {
		return api.Bad("image", "one picture can be edited at a time, not %d", len(q.images))
	}
	if len(q.images) == 1 {
		spec.Image = q.images[0]
	}
	if q.mask != (digest.SHA256{}) {
		spec.Mask, spec.MaskKind = q.mask, "clear"
	}
	j, err := a.studio.Paint(r.Context(), spec)
	if err != nil {
		return err
	}
	if q.Stream {
		a.stream(w, r, q, j, event)
		return nil
	}
	if j, err = a.studio.Follow(r.Context(), j.ID, nil); err != nil {
		return err
	}
	made, err := a.made(j, q)
	if err != nil {
		return err
	}
	out := response{Created: time.Now().Unix(), Usage: usageOf(&spec), Background: background(spec.Background), Data: []picture{}}
	if oneOf(q.Quality, "low", "medium", "high") {
		out.Quality = q.Quality
	}
	for _, m := range made {
		out.Format, out.Size = m.format, m.size
		p := picture{B64: base64.StdEncoding.EncodeToString(m.data)}
		if q.ResponseFormat == "url" {
			if p, err = a.linked(r, q, &m); err != nil {
				return err
			}
		}
		out.Data = append(out.Data, p)
	}
	api.WriteJSON(w, http.StatusOK, "application/json", out)
	return nil
}

// made is a picture as it goes out.
type made struct {
	data         []byte
	digest       digest.SHA256
	kind         string // media type
	format, size string
}

// made reads what a job made, compressed as was asked for.
func (a *API) made(j jobs.Job, q *request) ([]made, error) {
	files, err := a.studio.Bytes(j)
	if err != nil {
		return nil, err
	}
	var out []made
	for i, data := range files {
		m := made{data: data, digest: j.Results[i].Digest, kind: j.Results[i].Type}
		if q.compressed() {
			if m.data, err = compress(data, *q.OutputCompression); err != nil {
				return nil, err
			}
			m.kind = "image/jpeg"
		}
		m.format = strings.TrimPrefix(m.kind, "image/")
		m.size = sizeOf(j.Results[i])
		out = append(out, m)
	}
	return out, nil
}

// linked is a picture by its address.
func (a *API) linked(r *http.Request, q *request, m *made) (picture, error) {
	if q.compressed() {
		var err error
		if m.digest, err = a.studio.Keep(r.Context(), m.data); err != nil {
			return picture{}, err
		}
	}
	return picture{URL: a.links.Address(r, m.digest, m.kind)}, nil
}

// compress makes a JPEG of a PNG.
func compress(data []byte, quality int) ([]byte, error) {
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	flat := image.NewRGBA(img.Bounds())
	draw.Draw(flat, flat.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(flat, flat.Rect, img, flat.Rect.Min, draw.Over)
	var b bytes.Buffer
	err = jpeg.Encode(&b, flat, &jpeg.Options{Quality: max(1, quality)})
	return b.Bytes(), err
}

// background is what OpenAI calls it.
func background(b string) string {
	if b == "" || b == "transparent" {
		return "transparent"
	}
	return "opaque"
}

// usageOf counts what went in and out. Limner does not think in OpenAI's tokens
// and charges nothing: a token of text is a word, one of a picture a picture.
func usageOf(s *paint.Spec) usage {
	u := usage{OutputTokens: s.N}
	u.InputDetails.Text = len(strings.Fields(s.Prompt)) + len(strings.Fields(s.Negative))
	for _, d := range []digest.SHA256{s.Image, s.Mask} {
		if d != (digest.SHA256{}) {
			u.InputDetails.Image++
		}
	}
	u.OutputDetails = &details{Image: s.N}
	u.InputTokens = u.InputDetails.Text + u.InputDetails.Image
	u.TotalTokens = u.InputTokens + u.OutputTokens
	return u
}
