// Package a1111 speaks the routes below /sdapi/v1 of AUTOMATIC1111's web
// interface, which many clients know, so that they work unchanged. Where Limner
// has nothing of a kind, the list of it is empty. Errors are FastAPI's: an object
// with detail.
package a1111

import (
	"net/http"
	"sync"

	"github.com/limner-ai/limner/studio/api"
	"github.com/limner-ai/limner/studio/gate"
)

// API answers below /sdapi/v1.
type API struct {
	studio *api.Studio

	mu     sync.Mutex
	calls  map[string][]*call // under way, by owner, the newest last
	chosen map[string]string  // model that an owner chose in the options
}

// New makes the API.
func New(s *api.Studio) *API {
	return &API{studio: s, calls: map[string][]*call{}, chosen: map[string]string{}}
}

// Routes mounts the API.
func (a *API) Routes(mux *http.ServeMux) {
	const at = " /sdapi/v1/"
	for pattern, h := range map[string]func(http.ResponseWriter, *http.Request) error{
		"POST" + at + "txt2img":             a.textToImage,
		"POST" + at + "img2img":             a.imageToImage,
		"POST" + at + "png-info":            a.pngInfo,
		"GET" + at + "progress":             a.progress,
		"POST" + at + "interrupt":           a.interrupt,
		"POST" + at + "skip":                a.skip,
		"GET" + at + "options":              a.options,
		"POST" + at + "options":             a.setOptions,
		"GET" + at + "sd-models":            a.models,
		"POST" + at + "refresh-checkpoints": nothing,
		"GET" + at + "samplers":             fixed(samplers),
		"GET" + at + "schedulers":           fixed(schedulers),
		"GET" + at + "upscalers":            fixed(upscalers),
		"GET" + at + "latent-upscale-modes": fixed(none),
		"GET" + at + "sd-vae":               fixed(none),
		"GET" + at + "sd-modules":           fixed(none),
		"GET" + at + "hypernetworks":        fixed(none),
		"GET" + at + "face-restorers":       fixed(none),
		"GET" + at + "realesrgan-models":    fixed(none),
		"GET" + at + "prompt-styles":        fixed(none),
		"GET" + at + "loras":                fixed(none),
		"POST" + at + "refresh-loras":       nothing,
		"GET" + at + "embeddings":           fixed(embeddings),
		"GET" + at + "scripts":              fixed(scripts),
		"GET" + at + "script-info":          fixed(none),
		"GET" + at + "extensions":           fixed(none),
		"GET" + at + "cmd-flags":            fixed(flags),
		"GET" + at + "memory":               memory,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if err := h(w, r); err != nil {
				a.fail(w, r, err)
			}
		})
	}
	api.Rest(mux, "/sdapi/", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusNotFound, map[string]any{"detail": "Not Found"})
	})
}

// invalid is a field that is not as it must be, as FastAPI tells it.
type invalid struct {
	Loc  []string `json:"loc"`
	Msg  string   `json:"msg"`
	Type string   `json:"type"`
}

func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	e := a.studio.Explain(r.Context(), err)
	if e.After > 0 {
		gate.RetryAfter(w, e.After)
	}
	if e.Status == http.StatusBadRequest && e.Param != "" {
		reply(w, http.StatusUnprocessableEntity, map[string]any{"detail": []invalid{{[]string{"body", e.Param}, e.Message, "value_error"}}})
		return
	}
	reply(w, e.Status, map[string]any{"detail": e.Message})
}

func reply(w http.ResponseWriter, status int, v any) error {
	api.WriteJSON(w, status, "application/json", v)
	return nil
}

// nothing answers null, as the routes do there that only do something.
func nothing(w http.ResponseWriter, _ *http.Request) error { return reply(w, http.StatusOK, nil) }

func fixed(v any) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, _ *http.Request) error { return reply(w, http.StatusOK, v) }
}
