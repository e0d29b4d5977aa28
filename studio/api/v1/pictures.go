package v1

import (
	"errors"
	"io"
	"io/fs"
	"mime"
	"net/http"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/studio/api"
	"github.com/limner-ai/limner/studio/gate"
	"github.com/limner-ai/limner/studio/jobs"
	"github.com/limner-ai/limner/studio/paint"
)

// upload takes a picture as the body, or as the first file of a form.
func (a *API) upload(w http.ResponseWriter, r *http.Request) error {
	var in io.Reader = r.Body
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && kind == "multipart/form-data" {
		form, err := r.MultipartReader()
		if err != nil {
			return api.Bad("", "the form cannot be read")
		}
		for in = nil; in == nil; {
			part, err := form.NextPart()
			if errors.Is(err, io.EOF) {
				return api.Bad("", "the form has no file")
			}
			if err != nil {
				return unread(err)
			}
			if part.FileName() != "" {
				in = part
			}
		}
	}
	data, err := api.ReadAll(in)
	if err != nil {
		return unread(err)
	}
	up, err := a.studio.Upload(r.Context(), data)
	if err != nil {
		return err
	}
	return reply(w, http.StatusCreated, up)
}

// unread says why a body could not be read.
func unread(err error) error {
	var large *http.MaxBytesError
	var ours *api.Error
	if errors.As(err, &large) || errors.As(err, &ours) {
		return err
	}
	return &api.Error{Status: http.StatusBadRequest, Message: "the body broke off, or is no form", Err: err}
}

// object gives out a picture: what a job of the owner made, or the owner
// uploaded. Its content never changes, so that it can be kept.
func (a *API) object(w http.ResponseWriter, r *http.Request) error {
	missing := &api.Error{Status: http.StatusNotFound, Code: "not_found", Message: "there is no such object among yours"}
	var d digest.SHA256
	if err := d.UnmarshalText([]byte(r.PathValue("digest"))); err != nil {
		return missing
	}
	owner := gate.Owner(r.Context())
	kind := "image/png" // what paint.Upload keeps
	if !a.studio.Uploads.Has(owner, d) {
		_, result, err := a.studio.Queue.Find(r.Context(), owner, d)
		if errors.Is(err, jobs.ErrUnknown) {
			return missing
		}
		if err != nil {
			return err
		}
		kind = result.Type
	}
	data, err := a.studio.Store.Get(d)
	if errors.Is(err, fs.ErrNotExist) {
		return missing
	}
	if err != nil {
		return err
	}
	api.WriteObject(w, r, d, kind, data)
	return nil
}

func (a *API) models(w http.ResponseWriter, r *http.Request) error {
	list, err := a.studio.Models.Models(r.Context())
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, map[string]any{"models": append([]paint.Model{}, list...)})
}

func (a *API) model(w http.ResponseWriter, r *http.Request) error {
	m, err := a.studio.Models.Model(r.Context(), r.PathValue("name"))
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, m)
}
