package runs

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"

	"github.com/limner-ai/limner/studio/work/answer"
	"github.com/limner-ai/limner/studio/work/place"
	"github.com/limner-ai/limner/studio/work/train"
)

// Desk answers for the runs of a studio.
type Desk struct{ places place.Places }

// New returns a desk.
func New(p place.Places) *Desk { return &Desk{p} }

// Routes mounts what clients may ask:
//
//	GET /api/v1/runs                        all runs
//	GET /api/v1/runs/{run}                  one
//	GET /api/v1/runs/{run}/metrics          its curves; ?after=STEP&most=LINES
//	GET /api/v1/runs/{run}/samples/{file}   a drawing
//	GET /api/v1/training                    recipes, sets and runs to build on
//
// A training is begun, followed and stopped as a job of the kind train.
func (d *Desk) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /api/v1/runs", d.list)
	mux.HandleFunc("GET /api/v1/runs/{run}", d.one)
	mux.HandleFunc("GET /api/v1/runs/{run}/metrics", d.metrics)
	mux.HandleFunc("GET /api/v1/runs/{run}/samples/{file}", d.sample)
	mux.HandleFunc("GET /api/v1/training", d.training)
}

func (d *Desk) list(w http.ResponseWriter, _ *http.Request) {
	runs, err := all(d.places)
	if err != nil {
		answer.Fail(w, err)
		return
	}
	answer.JSON(w, map[string]any{"runs": runs})
}

// folder finds the folder of the run that a request names, or answers.
func (d *Desk) folder(w http.ResponseWriter, r *http.Request) (string, bool) {
	dir, err := d.places.FindRun(r.PathValue("run"))
	if err != nil {
		answer.Error(w, http.StatusNotFound, err)
		return "", false
	}
	return dir, true
}

func (d *Desk) one(w http.ResponseWriter, r *http.Request) {
	dir, ok := d.folder(w, r)
	if !ok {
		return
	}
	run, err := read(dir)
	if err != nil {
		answer.Fail(w, err)
		return
	}
	answer.JSON(w, run)
}

const (
	defaultLines = 1000
	maxLines     = 5000
)

func (d *Desk) metrics(w http.ResponseWriter, r *http.Request) {
	dir, ok := d.folder(w, r)
	if !ok {
		return
	}
	after, most := int64(-1), defaultLines
	var err error
	if s := r.FormValue("after"); s != "" {
		if after, err = strconv.ParseInt(s, 10, 64); err != nil {
			answer.Error(w, http.StatusBadRequest, errors.New("after: want the number of a step"))
			return
		}
	}
	if s := r.FormValue("most"); s != "" {
		if most, err = strconv.Atoi(s); err != nil || most < 2 || most > maxLines {
			answer.Error(w, http.StatusBadRequest, fmt.Errorf("most: want 2 to %d lines", maxLines))
			return
		}
	}
	c, err := curves(filepath.Join(dir, "metrics.jsonl"), after, most)
	if err != nil {
		answer.Fail(w, err)
		return
	}
	answer.JSON(w, c)
}

const maxSample = 32 << 20 // bytes

func (d *Desk) sample(w http.ResponseWriter, r *http.Request) {
	dir, ok := d.folder(w, r)
	if !ok {
		return
	}
	name := r.PathValue("file")
	if !sampleFile.MatchString(name) {
		answer.Missing(w, "drawing")
		return
	}
	// A link in the folder leads nowhere else.
	root, err := os.OpenRoot(dir)
	if err != nil {
		answer.Fail(w, err)
		return
	}
	defer root.Close()
	f, err := root.Open("samples/" + name)
	if err != nil {
		answer.Fail(w, err)
		return
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSample))
	if err != nil {
		answer.Fail(w, err)
		return
	}
	answer.Picture(w, data, false) // a run that begins anew draws others
}

func (d *Desk) training(w http.ResponseWriter, _ *http.Request) {
	recipes, err := train.Recipes()
	if err != nil {
		answer.Fail(w, err)
		return
	}
	runs, err := all(d.places)
	if err != nil {
		answer.Fail(w, err)
		return
	}
	names := []string{}
	parts := map[string][]string{"autoencoder": {}, "words": {}}
	of := map[string]string{"autoencoder": "autoencoder", "contrast": "words"}
	for _, run := range runs {
		names = append(names, run.Name)
		if part, ok := of[run.Family]; ok && run.Model {
			parts[part] = append(parts[part], run.Name)
		}
	}
	answer.JSON(w, map[string]any{"recipes": recipes, "sets": d.places.AllSets(), "parts": parts, "runs": names})
}
