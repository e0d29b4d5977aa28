package explore

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/release"
	"github.com/limner-ai/limner/studio/paint"
	"github.com/limner-ai/limner/studio/work/answer"
)

// Routes mounts the explorer below /api/v1/explore.
func (e *Explorer) Routes(mux *http.ServeMux) {
	const at = "/api/v1/explore"
	mux.HandleFunc("GET "+at+"/models", func(w http.ResponseWriter, r *http.Request) {
		list, err := e.Models(r.Context())
		reply(w, map[string]any{"models": list}, err)
	})
	mux.HandleFunc("GET "+at+"/attributes", func(w http.ResponseWriter, r *http.Request) {
		names, err := e.Attributes(r.Context(), r.URL.Query().Get("model"))
		reply(w, map[string]any{"attributes": names}, err)
	})
	mux.HandleFunc("GET "+at+"/tile", func(w http.ResponseWriter, r *http.Request) {
		t, err := parseTile(r.URL.Query())
		if err != nil {
			reply(w, nil, err)
			return
		}
		data, err := e.Draw(r.Context(), t)
		send(w, data, err)
	})
	mux.HandleFunc("GET "+at+"/move", func(w http.ResponseWriter, r *http.Request) {
		v := r.URL.Query()
		d, amounts, err := parseMove(v)
		if err != nil {
			reply(w, nil, err)
			return
		}
		data, err := e.Move(r.Context(), v.Get("model"), d, amounts)
		send(w, data, err)
	})
}

// send writes a picture. The same address gives the same one, as long as the
// model is the same, whose digest pages put into it.
func send(w http.ResponseWriter, data []byte, err error) {
	if err != nil {
		reply(w, nil, err)
		return
	}
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "private, max-age=86400")
	_, _ = w.Write(data) // an error here is a reader who has gone
}

// reply writes a value, or an error.
func reply(w http.ResponseWriter, value any, err error) {
	status := http.StatusOK
	var bad *badQuery
	var unknown *paint.UnknownError
	switch {
	case err == nil:
	case errors.As(err, &bad):
		status = http.StatusBadRequest
	case errors.As(err, &unknown):
		status = http.StatusNotFound
	case errors.Is(err, release.ErrWithheld):
		status = http.StatusForbidden
	case errors.Is(err, errNoSet):
		status = http.StatusNotImplemented
	case errors.Is(err, context.Canceled):
		status = http.StatusServiceUnavailable // nobody reads it
	default:
		status = http.StatusInternalServerError
	}
	if err != nil {
		answer.Error(w, status, err)
		return
	}
	answer.JSON(w, value)
}

// parseTile reads what a tile's address says.
func parseTile(v url.Values) (Tile, error) {
	t := Tile{Model: v.Get("model"), Class: v.Get("class"), Prompt: v.Get("prompt"), N: 1}
	var err error
	for name, to := range map[string]*float64{"x": &t.X, "y": &t.Y, "step": &t.Step} {
		if text := v.Get(name); text != "" {
			if *to, err = strconv.ParseFloat(text, 64); err != nil {
				return t, &badQuery{name + ": write a number"}
			}
		}
	}
	if text := v.Get("n"); text != "" {
		if t.N, err = strconv.Atoi(text); err != nil {
			return t, &badQuery{"n: write a whole number"}
		}
	}
	if t.Seed, err = seed(v.Get("seed")); err != nil {
		return t, err
	}
	for _, text := range v["corner"] {
		number, prompt, _ := strings.Cut(text, ":")
		c := Corner{Prompt: prompt}
		if c.Seed, err = seed(number); err != nil {
			return t, err
		}
		t.Corners = append(t.Corners, c)
	}
	return t, t.check()
}

func seed(text string) (uint64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, &badQuery{"seed: write a whole number from 0 on"}
	}
	return n, nil
}

// parseMove reads which picture is moved, and how far toward what.
func parseMove(v url.Values) (d digest.SHA256, amounts map[string]float64, err error) {
	if err := d.UnmarshalText([]byte(v.Get("image"))); err != nil {
		return d, nil, &badQuery{"image: " + err.Error()}
	}
	amounts = map[string]float64{}
	for _, text := range v["toward"] {
		at := strings.LastIndexByte(text, ':')
		if at < 0 || len(amounts) >= offered {
			return d, nil, &badQuery{"toward: write attribute:amount, at most " + strconv.Itoa(offered) + " times"}
		}
		n, err := strconv.ParseFloat(text[at+1:], 64)
		if err != nil || !(n >= -10 && n <= 10) {
			return d, nil, &badQuery{"toward: an amount is a number from -10 to 10"}
		}
		amounts[text[:at]] = n
	}
	return d, amounts, nil
}
