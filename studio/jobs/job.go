// Package jobs is a durable queue of the studio's work: making pictures,
// training, curating, taking in sources. A job that was accepted is done once,
// whatever happens to the process; one that was under way when it died begins
// again, or goes on where its worker left it.
package jobs

import (
	"encoding/json"
	"time"

	"github.com/limner-ai/limner/internal/digest"
)

// State is where a job stands.
type State string

// The states. The last three are final.
const (
	Queued    State = "queued"
	Running   State = "running"
	Done      State = "done"
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

// Final reports whether nothing more happens to a job in this state.
func (s State) Final() bool { return s == Done || s == Failed || s == Cancelled }

// Submission is what a client asks for.
type Submission struct {
	Kind     string          // of the worker: paint, train, …
	Owner    string          // who asked: the name of an API key, or "local"
	Priority int             // higher goes first among the owner's own jobs
	Spec     json.RawMessage // what to do, in the words of the worker
}

// Job is one piece of work.
type Job struct {
	ID       string          `json:"id"` // sorts by time
	Kind     string          `json:"kind"`
	Owner    string          `json:"owner"`
	Priority int             `json:"priority"`
	Spec     json.RawMessage `json:"spec"` // as its worker's Check returned it

	State    State    `json:"state"`
	Position int      `json:"position,omitempty"` // in the queue, from 1 on
	Progress Progress `json:"progress"`
	Results  []Result `json:"results,omitempty"`
	Error    string   `json:"error,omitempty"` // of a failed one, a line for people

	Created time.Time `json:"created"`
	Started time.Time `json:"started,omitzero"`
	Ended   time.Time `json:"ended,omitzero"`
	Tries   int       `json:"tries"` // how often it was begun
}

// Progress is how far a job is.
type Progress struct {
	Stage string  `json:"stage,omitempty"` // a word for people: painting, step 300, …
	Done  float64 `json:"done"`            // of Total
	Total float64 `json:"total"`           // 0: not known
	Rate  float64 `json:"rate,omitempty"`  // of Done a second
	ETA   float64 `json:"eta,omitempty"`   // seconds
	// Values are the worker's figures of the moment, such as losses by name.
	Values map[string]float64 `json:"values,omitempty"`
}

// Result is something that a job made; its bytes lie in the object store.
type Result struct {
	Digest digest.SHA256   `json:"digest"`
	Type   string          `json:"type"` // media type
	Meta   json.RawMessage `json:"meta,omitempty"`
}

// Event tells a watcher what became of a job. Preview, if there is one, is a
// picture of the moment; it is kept nowhere.
type Event struct {
	Job     Job
	Preview *Preview
}

// Preview is a picture of something that is being made.
type Preview struct {
	Number int    // of the result that it is to become, from 0 on
	Type   string // media type
	Data   []byte
}
