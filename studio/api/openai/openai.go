// Package openai speaks the Images and Models routes of OpenAI's API, so that
// their clients work unchanged. What is ours beside theirs (seed, steps,
// guidance, negative_prompt, strength, sampler, class) are further fields of the
// same requests; docs/api.md lists all.
package openai

import (
	"net/http"
	"strings"

	"github.com/limner-ai/limner/studio/api"
	"github.com/limner-ai/limner/studio/gate"
	"github.com/limner-ai/limner/studio/paint"
)

// API answers below /v1.
type API struct {
	studio *api.Studio
	links  *api.Links
}

// New makes the API; links give out pictures that are asked for by address.
func New(s *api.Studio, links *api.Links) *API { return &API{s, links} }

// Routes mounts the API.
func (a *API) Routes(mux *http.ServeMux) {
	for pattern, h := range map[string]func(http.ResponseWriter, *http.Request) error{
		"GET /v1/models":              a.models,
		"GET /v1/models/{id}":         a.model,
		"POST /v1/images/generations": a.generations,
		"POST /v1/images/edits":       a.edits,
		"POST /v1/images/variations":  a.variations,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if err := h(w, r); err != nil {
				a.fail(w, r, err)
			}
		})
	}
	api.Rest(mux, "/v1/", func(w http.ResponseWriter, r *http.Request) {
		a.fail(w, r, &api.Error{Status: http.StatusNotFound, Code: "unknown_url", Message: "Limner has no route " + r.Method + " " + r.URL.Path})
	})
}

// fault is OpenAI's error object.
type fault struct {
	Message string  `json:"message"`
	Type    string  `json:"type"`
	Param   *string `json:"param"`
	Code    *string `json:"code"`
}

func faultOf(e *api.Error) map[string]fault {
	f := fault{Message: e.Message, Type: "invalid_request_error"}
	switch {
	case e.Status == http.StatusTooManyRequests:
		f.Type = "rate_limit_error"
	case e.Status >= 500 && e.Status != http.StatusInsufficientStorage:
		f.Type = "server_error"
	}
	if e.Param != "" {
		f.Param = &e.Param
	}
	if e.Code != "" {
		f.Code = &e.Code
	}
	return map[string]fault{"error": f}
}

func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	e := a.studio.Explain(r.Context(), err)
	if e.After > 0 {
		gate.RetryAfter(w, e.After)
	}
	if e.Status == http.StatusInternalServerError {
		// The clients would ask twice more for what failed once.
		w.Header().Set("X-Should-Retry", "false")
	}
	api.WriteJSON(w, e.Status, "application/json", faultOf(e))
}

// modelObject describes a model as OpenAI does.
type modelObject struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"`
	OwnedBy string `json:"owned_by"`
}

func objectOf(m paint.Model) modelObject {
	o := modelObject{ID: m.Name, Object: "model", OwnedBy: "limner"}
	if !m.Made.IsZero() {
		o.Created = m.Made.Unix()
	}
	return o
}

func (a *API) models(w http.ResponseWriter, r *http.Request) error {
	list, err := a.studio.Models.Models(r.Context())
	if err != nil {
		return err
	}
	out := []modelObject{}
	for _, m := range list {
		out = append(out, objectOf(m))
	}
	api.WriteJSON(w, http.StatusOK, "application/json", map[string]any{"object": "list", "data": out})
	return nil
}

func (a *API) model(w http.ResponseWriter, r *http.Request) error {
	m, err := a.studio.Models.Model(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	api.WriteJSON(w, http.StatusOK, "application/json", objectOf(m))
	return nil
}

// theirs reports whether a name is one of OpenAI's models of pictures, which
// clients ask for unless they are told otherwise. They stand for the model that
// comes with Limner.
func theirs(name string) bool {
	return strings.HasPrefix(name, "dall-e-") || strings.HasPrefix(name, "gpt-image-") || name == "chatgpt-image-latest"
}
