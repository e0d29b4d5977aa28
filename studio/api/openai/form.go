package openai

import (
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/limner-ai/limner/studio/api"
)

// Bounds of a form.
const (
	mostParts = 64
	mostField = 128 << 10 // bytes of a field that is no file
)

// form reads a multipart form; each picture goes into the store as it comes, so
// that one at a time is held in memory.
func (a *API) form(r *http.Request) (*request, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return nil, &api.Error{Status: http.StatusUnsupportedMediaType, Message: "this route takes a form, multipart/form-data"}
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, api.Bad("", "the form cannot be read")
	}
	q := &request{}
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return q, nil
		}
		if err != nil {
			return nil, broken(err)
		}
		if n == mostParts {
			return nil, api.Bad("", "the form has more than %d parts", mostParts)
		}
		switch name := part.FormName(); name {
		case "image", "image[]", "mask":
			data, err := api.ReadAll(part)
			if err != nil {
				return nil, broken(err)
			}
			up, err := a.studio.Upload(r.Context(), data)
			var ours *api.Error
			if errors.As(err, &ours) && ours.Param == "" {
				ours.Param = name
			}
			if err != nil {
				return nil, err
			}
			if name == "mask" {
				q.mask = up.Digest
			} else {
				q.images = append(q.images, up.Digest)
			}
		default:
			text, err := io.ReadAll(io.LimitReader(part, mostField+1))
			if err != nil {
				return nil, broken(err)
			}
			if len(text) > mostField {
				return nil, api.Bad(clip(name), "the field is longer than %d bytes", mostField)
			}
			if err := q.set(name, string(text)); err != nil {
				return nil, err
			}
		}
	}
}

// broken says why a form ended early.
func broken(err error) error {
	var large *http.MaxBytesError
	var ours *api.Error
	if errors.As(err, &large) || errors.As(err, &ours) {
		return err
	}
	return &api.Error{Status: http.StatusBadRequest, Message: "the form broke off, or is none", Err: err}
}
