package openai

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/limner-ai/limner/studio/api"
	"github.com/limner-ai/limner/studio/jobs"
	"github.com/limner-ai/limner/studio/paint"
)

// stream answers with events: so many pictures of the moment as were asked for,
// and each picture when all are done. What goes wrong is an event too.
func (a *API) stream(w http.ResponseWriter, r *http.Request, q *request, j jobs.Job, name string) {
	var spec paint.Spec
	_ = json.Unmarshal(j.Spec, &spec) // as the worker returned it; what is amiss shows in usage alone
	s := api.NewStream(w)
	defer s.Close()
	e := event{Size: cmp.Or(q.Size, "auto"), Quality: cmp.Or(q.Quality, "auto"), Background: background(spec.Background), OutputFormat: cmp.Or(q.OutputFormat, "png")}
	want := 0
	if q.PartialImages != nil {
		want = *q.PartialImages
	}
	sent := map[int]int{} // by the number of the picture
	index := 0
	j, err := a.studio.Follow(r.Context(), j.ID, func(now jobs.Event) {
		p := now.Preview
		if p == nil || !due(now.Job.Progress, sent[p.Number], want) {
			return
		}
		sent[p.Number]++
		part := e
		at := index
		index++
		part.Type, part.B64, part.CreatedAt, part.Index = name+".partial_image", p.Data, time.Now().Unix(), &at
		part.OutputFormat = strings.TrimPrefix(p.Type, "image/")
		_ = s.Send(part.Type, part) // the client's leaving ends the context
	})
	var all []made
	if err == nil {
		all, err = a.made(j, q)
	}
	if err != nil {
		_ = s.Send("error", faultOf(a.studio.Explain(r.Context(), err)))
		return
	}
	for _, m := range all {
		u := usageOf(&spec)
		if len(all) > 1 { // each event tells of its own picture
			u.TotalTokens -= u.OutputTokens - 1
			u.OutputTokens = 1
		}
		u.OutputDetails = nil // events have none
		done := e
		done.Type, done.B64, done.CreatedAt, done.Usage = name+".completed", m.data, time.Now().Unix(), &u
		done.Size, done.OutputFormat = cmp.Or(m.size, e.Size), m.format
		_ = s.Send(done.Type, done)
	}
}

// due reports whether the next of so many pictures of the moment is to be sent:
// they are spread evenly over the work.
func due(p jobs.Progress, sent, want int) bool {
	if sent >= want {
		return false
	}
	if p.Total <= 0 {
		return true
	}
	return p.Done/p.Total >= float64(sent+1)/float64(want+1)
}
