package a1111

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"image/png"
	"net/http"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/studio/api"
	"github.com/limner-ai/limner/studio/gate"
	"github.com/limner-ai/limner/studio/jobs"
	"github.com/limner-ai/limner/studio/paint"
)

func owner(r *http.Request) string { return gate.Owner(r.Context()) }

func encode(data []byte) string { return base64.StdEncoding.EncodeToString(data) }

func (a *API) textToImage(w http.ResponseWriter, r *http.Request) error { return a.make(w, r, false) }

func (a *API) imageToImage(w http.ResponseWriter, r *http.Request) error { return a.make(w, r, true) }

// response is that of txt2img and img2img.
type response struct {
	Images     []string       `json:"images"` // base64
	Parameters map[string]any `json:"parameters"`
	Info       string         `json:"info"` // JSON
}

func (a *API) make(w http.ResponseWriter, r *http.Request, fromImage bool) error {
	var given map[string]any
	var q request
	var text json.RawMessage
	if err := api.ReadJSON(r, &text); err != nil {
		return err
	}
	for _, to := range []any{&given, &q} {
		if err := json.Unmarshal(text, to); err != nil {
			return api.Unreadable(err)
		}
	}
	s, err := a.settle(r.Context(), &q)
	if err != nil {
		return err
	}
	var images []digest.SHA256
	if fromImage {
		if images, err = a.pictures(r.Context(), &q, s); err != nil {
			return err
		}
	}
	specs := make([]paint.Spec, s.n)
	for i := range specs {
		specs[i] = s.spec
		seed := s.seed + uint64(i)
		specs[i].Seed = &seed
		if fromImage {
			specs[i].Image = images[i%len(images)]
		}
	}
	c, err := a.begin(r.Context(), specs)
	if err != nil {
		return err
	}
	defer a.end(owner(r), c)
	ended, err := a.wait(r.Context(), c)
	if err != nil {
		return err
	}
	out := response{Images: []string{}, Parameters: given}
	var metas []paint.Meta
	for _, j := range ended {
		if j.State != jobs.Done {
			continue
		}
		files, err := a.studio.Bytes(j)
		if err != nil {
			return err
		}
		for i, data := range files {
			var m paint.Meta
			if err := json.Unmarshal(j.Results[i].Meta, &m); err != nil {
				return err
			}
			metas = append(metas, m)
			if s.send {
				out.Images = append(out.Images, encode(data))
			}
		}
	}
	delete(given, "init_images") // sent back there only if it is asked for
	delete(given, "mask")
	if q.WithImages {
		given["init_images"], given["mask"] = q.Images, q.Mask
	}
	if out.Info, err = info(s, metas, c); err != nil {
		return err
	}
	return reply(w, http.StatusOK, out)
}

// pictures takes in what img2img begins with.
func (a *API) pictures(ctx context.Context, q *request, s *settled) ([]digest.SHA256, error) {
	if len(q.Images) == 0 {
		return nil, &api.Error{Status: http.StatusNotFound, Message: "Init image not found"}
	}
	if len(q.Images) > s.n {
		return nil, api.Bad("init_images", "there are %d pictures to begin with, and %d to be made", len(q.Images), s.n)
	}
	var images []digest.SHA256
	for _, text := range q.Images {
		d, err := a.take(ctx, "init_images", text)
		if err != nil {
			return nil, err
		}
		images = append(images, d)
	}
	strength := defaultStrength
	if q.Strength != nil {
		strength = *q.Strength
	}
	if !(strength >= 0 && strength <= 1) {
		return nil, api.Bad("denoising_strength", "denoising_strength lies within 0 and 1")
	}
	s.spec.Strength = &strength
	if q.Mask != nil && *q.Mask != "" {
		var err error
		if s.spec.Mask, err = a.take(ctx, "mask", *q.Mask); err != nil {
			return nil, err
		}
		if q.InvertMask {
			if s.spec.Mask, err = a.inverted(ctx, s.spec.Mask); err != nil {
				return nil, err
			}
		}
		s.spec.MaskKind = "white"
	}
	return images, nil
}

func (a *API) take(ctx context.Context, param, text string) (digest.SHA256, error) {
	data, err := api.Base64(param, text)
	if err != nil {
		return digest.SHA256{}, err
	}
	up, err := a.studio.Upload(ctx, data)
	if e, ok := err.(*api.Error); ok && e.Param == "" {
		e.Param = param
	}
	return up.Digest, err
}

// inverted keeps a mask with light and dark turned about.
func (a *API) inverted(ctx context.Context, d digest.SHA256) (digest.SHA256, error) {
	data, err := a.studio.Store.Get(d)
	if err != nil {
		return d, err
	}
	img, err := png.Decode(bytes.NewReader(data)) // as paint.Upload wrote it
	if err != nil {
		return d, err
	}
	var b bytes.Buffer
	if err := png.Encode(&b, negative(img)); err != nil {
		return d, err
	}
	return a.studio.Keep(ctx, b.Bytes())
}
