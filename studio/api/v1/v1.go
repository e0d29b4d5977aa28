// Package v1 is the studio's own API, /api/v1: jobs, pictures, models, data
// sets and rights. openapi.yaml beside describes it, and a test holds the two
// together. Errors are problem details (RFC 9457).
package v1

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"

	"github.com/limner-ai/limner/studio/api"
	"github.com/limner-ai/limner/studio/gate"
)

// API answers below /api/v1.
type API struct {
	studio   *api.Studio
	o        Options
	spec     []byte     // openapi.yaml as JSON
	settling sync.Mutex // the name of a model that is brought in
}

// Options are what the API tells of beside jobs and pictures; all may be empty.
type Options struct {
	Sets    Sets
	Rights  Rights
	Imports string // folder of models that are brought in
}

// New makes the API.
func New(s *api.Studio, o Options) (*API, error) {
	spec, err := description()
	if err != nil {
		return nil, err
	}
	if o.Imports != "" {
		if err := sweep(o.Imports); err != nil {
			return nil, fmt.Errorf("cannot remove what is left of models that were brought in: %w", err)
		}
	}
	return &API{studio: s, o: o, spec: spec}, nil
}

// Routes mounts the API.
func (a *API) Routes(mux *http.ServeMux) {
	for pattern, h := range map[string]func(http.ResponseWriter, *http.Request) error{
		"GET /api/v1/openapi.json":           a.describe,
		"POST /api/v1/jobs":                  a.submit,
		"GET /api/v1/jobs":                   a.list,
		"GET /api/v1/jobs/{id}":              a.job,
		"DELETE /api/v1/jobs/{id}":           a.cancel,
		"GET /api/v1/jobs/{id}/events":       a.events,
		"POST /api/v1/uploads":               a.upload,
		"GET /api/v1/objects/{digest}":       a.object,
		"GET /api/v1/models":                 a.models,
		"POST /api/v1/models":                a.importModel,
		"GET /api/v1/models/{name}":          a.model,
		"GET /api/v1/models/{name}/file":     a.exportModel,
		"GET /api/v1/sets":                   a.listSets,
		"GET /api/v1/sets/{name}":            a.set,
		"GET /api/v1/sets/{name}/webdataset": a.exportSet,
		"GET /api/v1/rights/decision":        a.decision,
		"GET /api/v1/rights/claims":          a.claims,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if err := h(w, r); err != nil {
				a.fail(w, r, err)
			}
		})
	}
	api.Rest(mux, "/api/v1/", func(w http.ResponseWriter, r *http.Request) {
		a.fail(w, r, &api.Error{Status: http.StatusNotFound, Code: "not_found", Message: "there is no such route, or it does not take " + r.Method})
	})
}

// Problem is a problem detail, RFC 9457, section 3.1, with members of ours.
type Problem struct {
	Type    string `json:"type"`
	Title   string `json:"title"`
	Status  int    `json:"status"`
	Detail  string `json:"detail"`
	Code    string `json:"code,omitempty"`  // a word for programs
	Param   string `json:"param,omitempty"` // of the request, that it is about
	Request string `json:"request,omitempty"`
}

func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	e := a.studio.Explain(r.Context(), err)
	if e.After > 0 {
		gate.RetryAfter(w, e.After)
	}
	title := http.StatusText(e.Status)
	if title == "" {
		title = strconv.Itoa(e.Status)
	}
	api.WriteJSON(w, e.Status, "application/problem+json", Problem{
		Type: "about:blank", Title: title, Status: e.Status, Detail: e.Message, Code: e.Code, Param: e.Param, Request: gate.RequestID(r.Context()),
	})
}

func reply(w http.ResponseWriter, status int, v any) error {
	api.WriteJSON(w, status, "application/json", v)
	return nil
}

func (a *API) describe(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	w.Write(a.spec)
	return nil
}
