package station

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/limner-ai/limner/studio/gate"
	"github.com/limner-ai/limner/studio/work/answer"
)

// Routes mounts what clients may ask, each for the owner of the request:
//
//	GET    /api/v1/station                       the stream as it stands
//	POST   /api/v1/station/pictures/{number}     {"verdict": "keep" or "skip"}: the stream after it
//	GET    /api/v1/station/taste                 what was learnt
//	DELETE /api/v1/station/taste                 forget it; ?attribute= forgets one thing alone
//	PUT    /api/v1/station/settings              {"explore": 0.15}
func (s *Station) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /api/v1/station", func(w http.ResponseWriter, r *http.Request) {
		v, err := s.Look(r.Context(), gate.Owner(r.Context()))
		reply(w, v, err)
	})
	mux.HandleFunc("POST /api/v1/station/pictures/{number}", s.judge)
	mux.HandleFunc("GET /api/v1/station/taste", func(w http.ResponseWriter, r *http.Request) {
		t, err := s.Taste(r.Context(), gate.Owner(r.Context()))
		reply(w, map[string]any{"taste": t}, err)
	})
	mux.HandleFunc("DELETE /api/v1/station/taste", func(w http.ResponseWriter, r *http.Request) {
		a := Attribute(r.URL.Query().Get("attribute"))
		if r.URL.Query().Has("attribute") && a == "" {
			answer.Error(w, http.StatusBadRequest, errors.New("attribute: say which, or leave it out to forget all"))
			return
		}
		if err := s.Forget(r.Context(), gate.Owner(r.Context()), a); err != nil {
			refuse(w, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("PUT /api/v1/station/settings", s.settings)
}

const maxBody = 4 << 10 // bytes

func read(w http.ResponseWriter, r *http.Request, v any) bool {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		answer.Error(w, http.StatusBadRequest, fmt.Errorf("this request cannot be read: %w", err))
		return false
	}
	return true
}

func (s *Station) judge(w http.ResponseWriter, r *http.Request) {
	number, err := strconv.Atoi(r.PathValue("number"))
	if err != nil || number < 0 {
		answer.Error(w, http.StatusBadRequest, errors.New("number: want that of a picture of the stream"))
		return
	}
	var in struct {
		Verdict string `json:"verdict"`
	}
	if !read(w, r, &in) {
		return
	}
	if in.Verdict != "keep" && in.Verdict != "skip" {
		answer.Error(w, http.StatusBadRequest, errors.New(`verdict: want "keep" or "skip"`))
		return
	}
	v, err := s.Judge(r.Context(), gate.Owner(r.Context()), number, in.Verdict == "keep")
	reply(w, v, err)
}

func (s *Station) settings(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Explore *float64 `json:"explore"`
	}
	if !read(w, r, &in) {
		return
	}
	if in.Explore == nil {
		answer.Error(w, http.StatusBadRequest, errors.New("explore: want a share from 0 to 1"))
		return
	}
	if err := s.Explore(r.Context(), gate.Owner(r.Context()), *in.Explore); err != nil {
		refuse(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func reply(w http.ResponseWriter, v any, err error) {
	if err != nil {
		refuse(w, err)
		return
	}
	answer.JSON(w, v)
}

func refuse(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, ErrUnknown):
		answer.Error(w, http.StatusNotFound, err)
	default:
		answer.Error(w, http.StatusBadRequest, err)
	}
}
