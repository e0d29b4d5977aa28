package inspection

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/limner-ai/limner/inspect/all"
	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/studio/work/answer"
)

const maxBody = 4 << 10 // bytes

// Routes mounts what clients may ask:
//
//	POST /api/v1/inspections   {"picture": "sha256:…"}: what inspectors say of a picture
//	GET  /api/v1/inspectors    which there are
func (d *Desk) Routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /api/v1/inspections", d.inspect)
	mux.HandleFunc("GET /api/v1/inspectors", func(w http.ResponseWriter, _ *http.Request) {
		type kind struct {
			Name    string   `json:"name"`
			Summary string   `json:"summary"`
			Faults  []string `json:"faults"`
		}
		list := []kind{}
		for _, k := range all.Kinds {
			list = append(list, kind{k.Name, k.Summary, append([]string{}, k.Faults...)})
		}
		answer.JSON(w, map[string]any{"inspectors": list})
	})
}

func (d *Desk) inspect(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Picture digest.SHA256 `json:"picture"`
	}
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		answer.Error(w, http.StatusBadRequest, fmt.Errorf("this request cannot be read: %w", err))
		return
	}
	report, err := d.Inspect(r.Context(), in.Picture)
	var bad *badPicture
	switch {
	case errors.As(err, &bad):
		answer.Error(w, http.StatusBadRequest, err)
	case errors.Is(err, context.Canceled):
		answer.Error(w, http.StatusServiceUnavailable, err) // nobody reads it
	case err != nil:
		answer.Fail(w, err)
	default:
		answer.JSON(w, report)
	}
}
