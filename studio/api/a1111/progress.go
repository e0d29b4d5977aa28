package a1111

import (
	"net/http"
	"strconv"

	"github.com/limner-ai/limner/studio/jobs"
)

// state is what is known there of the work under way.
type state struct {
	Skipped       bool   `json:"skipped"`
	Interrupted   bool   `json:"interrupted"`
	Stopping      bool   `json:"stopping_generation"`
	Job           string `json:"job"`
	JobCount      int    `json:"job_count"`
	JobTimestamp  string `json:"job_timestamp"`
	JobNo         int    `json:"job_no"`
	SamplingStep  int    `json:"sampling_step"`
	SamplingSteps int    `json:"sampling_steps"`
}

type progress struct {
	Progress float64 `json:"progress"` // 0 to 1
	ETA      float64 `json:"eta_relative"`
	State    state   `json:"state"`
	Image    *string `json:"current_image"` // base64
	Text     *string `json:"textinfo"`
}

// stamp is how times are written there.
const stamp = "20060102150405"

// progress tells of the owner's call that began last.
func (a *API) progress(w http.ResponseWriter, r *http.Request) error {
	p := progress{State: state{JobTimestamp: "0"}}
	c := a.newest(r.Context())
	if c == nil {
		return reply(w, http.StatusOK, p)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	p.State = state{Skipped: c.skipped, Interrupted: c.interrupted, Stopping: c.interrupted, JobCount: len(c.jobs), JobTimestamp: c.begun.Format(stamp), SamplingSteps: c.steps}
	for i, j := range c.jobs {
		share := 0.0
		switch {
		case j.State.Final():
			share = 1
			p.State.JobNo++
		case j.State == jobs.Running && j.Progress.Total > 0:
			share = j.Progress.Done / j.Progress.Total
			p.State.Job = "picture " + strconv.Itoa(i+1) + " of " + strconv.Itoa(len(c.jobs))
			p.State.SamplingStep = int(share * float64(c.steps))
		}
		p.Progress += share / float64(len(c.jobs))
		p.ETA = max(p.ETA, j.Progress.ETA)
	}
	if skip, err := strconv.ParseBool(r.URL.Query().Get("skip_current_image")); c.preview != nil && !(err == nil && skip) {
		text := encode(c.preview)
		p.Image = &text
	}
	return reply(w, http.StatusOK, p)
}

// interrupt ends all calls of the owner; they answer with what is done.
func (a *API) interrupt(w http.ResponseWriter, r *http.Request) error {
	a.mu.Lock()
	mine := append([]*call(nil), a.calls[owner(r)]...)
	a.mu.Unlock()
	for _, c := range mine {
		c.mu.Lock()
		c.interrupted = true
		c.mu.Unlock()
		if err := a.cancel(r.Context(), c.list()); err != nil {
			return err
		}
	}
	return reply(w, http.StatusOK, map[string]any{})
}

// skip ends the picture that the newest call is at, and not those after it.
func (a *API) skip(w http.ResponseWriter, r *http.Request) error {
	if c := a.newest(r.Context()); c != nil {
		c.mu.Lock()
		c.skipped = true
		c.mu.Unlock()
		for _, j := range c.list() {
			if !j.State.Final() {
				if err := a.cancel(r.Context(), []jobs.Job{j}); err != nil {
					return err
				}
				break
			}
		}
	}
	return reply(w, http.StatusOK, map[string]any{})
}
