package v1

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"github.com/limner-ai/limner/studio/api"
	"github.com/limner-ai/limner/studio/gate"
	"github.com/limner-ai/limner/studio/jobs"
)

// submission is the body of POST /jobs.
type submission struct {
	Kind     string          `json:"kind"`
	Priority int             `json:"priority"`
	Spec     json.RawMessage `json:"spec"`
}

const mostPriority = 100

func (a *API) submit(w http.ResponseWriter, r *http.Request) error {
	var s submission
	if err := api.ReadJSON(r, &s); err != nil {
		return err
	}
	switch {
	case s.Kind == "":
		return api.Bad("kind", "kind is missing: paint, train, …")
	case len(s.Spec) == 0 || s.Spec[0] != '{':
		return api.Bad("spec", "spec is missing: an object that says what to do")
	case s.Priority < -mostPriority || s.Priority > mostPriority:
		return api.Bad("priority", "priority lies within -%d and %d", mostPriority, mostPriority)
	}
	j, err := a.studio.Submit(r.Context(), s.Kind, s.Priority, s.Spec)
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/api/v1/jobs/"+j.ID)
	return reply(w, http.StatusCreated, j)
}

// page is a piece of the list of jobs.
type page struct {
	Jobs []jobs.Job `json:"jobs"`
	// Next is to be given as before, for older ones; absent at the end.
	Next string `json:"next,omitempty"`
}

const mostListed = 500

func (a *API) list(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	f := jobs.Filter{Owner: gate.Owner(r.Context()), Kind: q.Get("kind"), Before: q.Get("before"), Limit: 50}
	for _, s := range q["state"] {
		state := jobs.State(s)
		if !slices.Contains([]jobs.State{jobs.Queued, jobs.Running, jobs.Done, jobs.Failed, jobs.Cancelled}, state) {
			return api.Bad("state", "there is no state %.40q: queued, running, done, failed, cancelled", s)
		}
		f.States = append(f.States, state)
	}
	if text := q.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > mostListed {
			return api.Bad("limit", "limit is a number from 1 to %d", mostListed)
		}
		f.Limit = n
	}
	found, err := a.studio.Queue.List(r.Context(), f)
	if err != nil {
		return err
	}
	out := page{Jobs: append([]jobs.Job{}, found...)}
	if len(found) == f.Limit {
		out.Next = found[len(found)-1].ID
	}
	return reply(w, http.StatusOK, out)
}

func (a *API) job(w http.ResponseWriter, r *http.Request) error {
	j, err := a.studio.Queue.Job(r.Context(), gate.Owner(r.Context()), r.PathValue("id"))
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, j)
}

// cancel returns the job as it now is: one that is final stays as it was.
func (a *API) cancel(w http.ResponseWriter, r *http.Request) error {
	j, err := a.studio.Queue.Cancel(r.Context(), gate.Owner(r.Context()), r.PathValue("id"))
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, j)
}

// preview is the data of an event of that name.
type preview struct {
	Number int    `json:"number"`
	Type   string `json:"type"`
	Data   []byte `json:"data"` // base64
}

// events streams what becomes of a job, until it is final or the client leaves.
// Leaving does not cancel it.
func (a *API) events(w http.ResponseWriter, r *http.Request) error {
	events, err := a.studio.Queue.Watch(r.Context(), gate.Owner(r.Context()), r.PathValue("id"))
	if err != nil {
		return err
	}
	s := api.NewStream(w)
	defer s.Close()
	for e := range events {
		if e.Preview != nil {
			err = s.Send("preview", preview{e.Preview.Number, e.Preview.Type, e.Preview.Data})
		} else {
			err = s.Send("job", e.Job)
		}
		if err != nil {
			return nil // the client has gone; the watch ends with the request
		}
	}
	return nil
}
