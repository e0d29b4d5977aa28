package gallery

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/studio/gate"
	"github.com/limner-ai/limner/studio/work/answer"
)

// Routes mounts the gallery below /api/v1/gallery.
func (g *Gallery) Routes(mux *http.ServeMux) {
	const at = "/api/v1/gallery"
	mux.HandleFunc("GET "+at, g.find)
	mux.HandleFunc("GET "+at+"/pictures/{digest}", g.one(g.show))
	mux.HandleFunc("DELETE "+at+"/pictures/{digest}", g.one(g.delete))
	mux.HandleFunc("GET "+at+"/pictures/{digest}/similar", g.one(g.similar))
	mux.HandleFunc("POST "+at+"/pictures/{digest}/actions", g.one(g.act))
	mux.HandleFunc("GET "+at+"/consent", g.consent)
	mux.HandleFunc("PUT "+at+"/consent", g.agree)
	mux.HandleFunc("DELETE "+at+"/consent", g.withdraw)
	mux.HandleFunc("GET "+at+"/usage", g.export)
	mux.HandleFunc("DELETE "+at+"/usage", g.erase)
}

// reply writes a value, or an error.
func reply(w http.ResponseWriter, value any, err error) {
	status := http.StatusOK
	var bad *badQuery
	switch {
	case err == nil:
	case errors.As(err, &bad):
		status = http.StatusBadRequest
	case errors.Is(err, ErrUnknown):
		status = http.StatusNotFound
	case errors.Is(err, ErrBlind), errors.Is(err, errNoRecords):
		status = http.StatusNotImplemented
	default:
		status = http.StatusInternalServerError
	}
	if err != nil {
		answer.Error(w, status, err)
		return
	}
	answer.JSON(w, value)
}

func (g *Gallery) find(w http.ResponseWriter, r *http.Request) {
	v := r.URL.Query()
	q := Query{Words: v.Get("q"), Model: v.Get("model"), Mark: v.Get("mark"), Job: v.Get("job"), After: v.Get("after")}
	if text := v.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > most {
			reply(w, nil, &badQuery{"limit: write a number from 1 to " + strconv.Itoa(most)})
			return
		}
		q.Limit = n
	}
	page, err := g.Find(r.Context(), gate.Owner(r.Context()), q)
	reply(w, page, err)
}

// one reads the digest in the address.
func (g *Gallery) one(f func(r *http.Request, owner string, d digest.SHA256) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var d digest.SHA256
		if err := d.UnmarshalText([]byte(r.PathValue("digest"))); err != nil {
			reply(w, nil, &badQuery{err.Error()})
			return
		}
		value, err := f(r, gate.Owner(r.Context()), d)
		reply(w, value, err)
	}
}

func (g *Gallery) show(r *http.Request, owner string, d digest.SHA256) (any, error) {
	return g.Picture(r.Context(), owner, d)
}

func (g *Gallery) delete(r *http.Request, owner string, d digest.SHA256) (any, error) {
	return struct{}{}, g.Delete(r.Context(), owner, d)
}

func (g *Gallery) similar(r *http.Request, owner string, d digest.SHA256) (any, error) {
	return g.Similar(r.Context(), owner, d)
}

func (g *Gallery) act(r *http.Request, owner string, d digest.SHA256) (any, error) {
	var q struct {
		Action string `json:"action"`
	}
	if err := read(r, &q); err != nil {
		return nil, err
	}
	recorded, err := g.Act(r.Context(), owner, d, q.Action)
	return map[string]bool{"recorded": recorded}, err
}

// read reads the JSON of a request strictly.
func read(r *http.Request, to any) error {
	d := json.NewDecoder(http.MaxBytesReader(nil, r.Body, 64<<10))
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return &badQuery{"the request's JSON: " + err.Error()}
	}
	return nil
}

func (g *Gallery) consent(w http.ResponseWriter, r *http.Request) {
	c, err := g.Consent(r.Context(), gate.Owner(r.Context()))
	reply(w, struct {
		Consent
		ID digest.SHA256 `json:"id"` // of the terms, to be sent back
	}{c, Terms.ID()}, err)
}

func (g *Gallery) agree(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Terms string `json:"terms"`
	}
	err := read(r, &q)
	if err == nil {
		err = g.Agree(r.Context(), gate.Owner(r.Context()), q.Terms)
	}
	reply(w, struct{}{}, err)
}

func (g *Gallery) withdraw(w http.ResponseWriter, r *http.Request) {
	reply(w, struct{}{}, g.Withdraw(r.Context(), gate.Owner(r.Context())))
}

func (g *Gallery) erase(w http.ResponseWriter, r *http.Request) {
	erased, err := g.Erase(r.Context(), gate.Owner(r.Context()))
	reply(w, map[string]any{"events": erased.Events, "pictures": len(erased.Pictures)}, err)
}

func (g *Gallery) export(w http.ResponseWriter, r *http.Request) {
	if g.o.Usage == nil {
		reply(w, nil, errNoRecords)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Disposition", `attachment; filename="limner-usage.json"`)
	_ = g.Export(r.Context(), gate.Owner(r.Context()), w) // half of it is sent: there is no better answer
}
