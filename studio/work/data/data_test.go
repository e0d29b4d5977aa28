package data

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/limner-ai/limner/internal/home"
	"github.com/limner-ai/limner/studio/jobs"
	"github.com/limner-ai/limner/studio/work/curate"
	"github.com/limner-ai/limner/studio/work/place"
	"github.com/limner-ai/limner/studio/work/refresh"
	"github.com/limner-ai/limner/studio/work/worktest"
)

// task is one in the hands of a worker, without a queue.
type task struct {
	job     jobs.Job
	ctx     context.Context
	told    int
	results [][]byte
	ended   bool
	err     error
}

func (t *task) Job() jobs.Job            { return t.job }
func (t *task) Context() context.Context { return t.ctx }
func (t *task) Watched() bool            { return false }
func (t *task) Finish(err error)         { t.ended, t.err = true, err }
func (t *task) Progress(jobs.Progress)   { t.told++ }
func (t *task) Preview(jobs.Preview)     {}
func (t *task) Result(data []byte, _ string, _ any) error {
	t.results = append(t.results, data)
	return nil
}

// work runs one job of a worker.
func work(t *testing.T, w jobs.Worker, spec string) *task {
	t.Helper()
	checked, err := w.Check(t.Context(), json.RawMessage(spec))
	if err != nil {
		t.Fatal(err)
	}
	x := &task{job: jobs.Job{ID: "1", Kind: w.Kind(), Spec: checked}, ctx: t.Context()}
	if err := w.Run(t.Context(), []jobs.Task{x}); err != nil || x.err != nil || !x.ended {
		t.Fatal(err, x.err, x.ended)
	}
	return x
}

func ask(t testing.TB, h http.Handler, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	return w
}

// get asks until nothing is decided any more, and reads the answer.
func get[T any](t *testing.T, h http.Handler, path string) (v T) {
	t.Helper()
	for range 50 {
		w := ask(t, h, "GET", path, "")
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
		if strings.Contains(w.Body.String(), `"deciding":true`) {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
			t.Fatalf("%s: %v: %s", path, err, w.Body)
		}
		return v
	}
	t.Fatalf("%s: no end of deciding", path)
	return v
}

type listing struct {
	Decisions []decision     `json:"decisions"`
	Found     int            `json:"found"`
	Total     int            `json:"total"`
	Outcomes  map[string]int `json:"outcomes"`
}

func TestFromASourceToACoverage(t *testing.T) {
	p := worktest.Places(t)
	mux := http.NewServeMux()
	New(p).Routes(mux)

	// Before anything is taken in.
	if w := ask(t, mux, "GET", "/api/v1/data/decisions", ""); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "no ledger yet") {
		t.Errorf("decisions without a ledger: %d %s", w.Code, w.Body)
	}
	if w := ask(t, mux, "POST", "/api/v1/data/claims", `{"holder":"Ann","creators":["Jane Doe"]}`); w.Code != http.StatusConflict {
		t.Errorf("a claim without a ledger: %d %s", w.Code, w.Body)
	}
	sources := get[struct{ Sources []source }](t, mux, "/api/v1/data/sources")
	if len(sources.Sources) != 1 || sources.Sources[0].Taken != 0 {
		t.Errorf("sources: %+v", sources)
	}

	// Taken in, twice: the second time nothing is new.
	for i, want := range []string{`"new":3`, `"unchanged":3`} {
		x := work(t, refresh.New(p.Home, "", nil), `{"sources":["art","art"]}`)
		if len(x.results) != 1 || !strings.Contains(string(x.results[0]), want) || x.told == 0 {
			t.Errorf("taking %d: %s, told %d times", i, x.results, x.told)
		}
	}
	sources = get[struct{ Sources []source }](t, mux, "/api/v1/data/sources")
	if s := sources.Sources[0]; s.Taken < 3 || s.Location != "" {
		t.Errorf("the source shows %+v", s)
	}

	all := get[listing](t, mux, "/api/v1/data/decisions")
	if all.Total != 3 || all.Outcomes["allow"] != 2 || len(all.Decisions) != 3 {
		t.Fatalf("decisions: %+v", all)
	}
	for query, want := range map[string]int{"?outcome=allow": 2, "?words=PEAR": 1, "?words=sha256:" + strings.TrimPrefix(all.Decisions[0].Content.String(), "sha256:")[:12]: 1,
		"?code=NON_COMMERCIAL": 1, "?source=art&limit=2": 3, "?source=other": 0, "?from=2": 3} {
		if got := get[listing](t, mux, "/api/v1/data/decisions"+query); got.Found != want {
			t.Errorf("%s found %d, want %d", query, got.Found, want)
		}
	}
	fig := get[listing](t, mux, "/api/v1/data/decisions?words=fig").Decisions[0].Content.String()
	detail := get[struct {
		Ruling struct {
			Outcome string
			Reasons []struct {
				Text     string
				Evidence []string
			}
		}
		Facts struct {
			Places []struct{ Source struct{ Location string } }
		}
	}](t, mux, "/api/v1/data/pictures/"+fig)
	if detail.Ruling.Outcome == "allow" || len(detail.Ruling.Reasons) == 0 || detail.Facts.Places[0].Source.Location != "" {
		t.Errorf("the fig: %+v", detail)
	}
	if w := ask(t, mux, "GET", "/api/v1/data/pictures/"+fig+"/picture", ""); w.Code != 200 || w.Header().Get("Content-Type") != "image/png" {
		t.Errorf("its picture: %d", w.Code)
	}
	evidence := detail.Ruling.Reasons[0].Evidence
	if len(evidence) == 0 {
		t.Fatalf("no evidence: %+v", detail.Ruling)
	}
	w := ask(t, mux, "GET", "/api/v1/data/pictures/"+fig+"/evidence/"+evidence[0], "")
	if w.Code != 200 || !strings.Contains(w.Body.String(), "CC-BY-NC") || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
		t.Errorf("its evidence: %d %s", w.Code, w.Body)
	}

	// Curated: what may be used.
	work(t, curate.New(p, nil), `{"recipe":"fruit"}`)
	sets := get[struct {
		Curated []struct {
			Name     string
			Pictures int
		}
	}](t, mux, "/api/v1/data/coverage")
	if len(sets.Curated) != 1 || sets.Curated[0].Pictures != 2 {
		t.Fatalf("curated: %+v", sets)
	}
	report := get[struct {
		Dimensions []struct{ Rows []struct{ Sample []string } }
	}](t, mux, "/api/v1/data/coverage/fruit")
	sample := ""
	for _, d := range report.Dimensions {
		for _, r := range d.Rows {
			if len(r.Sample) > 0 {
				sample = r.Sample[0]
			}
		}
	}
	if w := ask(t, mux, "GET", "/api/v1/data/coverage/fruit/pictures/"+sample, ""); w.Code != 200 || w.Header().Get("Content-Type") != "image/png" {
		t.Errorf("an example: %d %s", w.Code, w.Body)
	}
	// An object of the store that the report does not show cannot be had there.
	if w := ask(t, mux, "GET", "/api/v1/data/coverage/fruit/pictures/"+fig, ""); w.Code != http.StatusNotFound {
		t.Errorf("another object: %d", w.Code)
	}

	// A claim holds at once, and decisions know of it.
	w = ask(t, mux, "POST", "/api/v1/data/claims", `{"holder":"Ann Artist","contact":"ann@example.org","paths":["art/app*"]}`)
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"held":1`) {
		t.Errorf("a claim: %d %s", w.Code, w.Body)
	}
	after := get[listing](t, mux, "/api/v1/data/decisions?outcome=allow")
	if after.Found != 1 {
		t.Errorf("%d are allowed after the claim", after.Found)
	}
	list := ask(t, mux, "GET", "/api/v1/data/claims", "").Body.String()
	if !strings.Contains(list, "Ann Artist") || !strings.Contains(list, `"standing":"held"`) || strings.Contains(list, "ann@example.org") {
		t.Errorf("claims: %s", list)
	}
	claimed := get[listing](t, mux, "/api/v1/data/decisions?words=apple").Decisions[0].Content.String()
	if w := ask(t, mux, "GET", "/api/v1/data/pictures/"+claimed, ""); strings.Contains(w.Body.String(), "ann@example.org") {
		t.Error("how the holder is reached is shown")
	}
}

func TestRefusals(t *testing.T) {
	p := worktest.Places(t)
	work(t, refresh.New(p.Home, "", nil), `{"sources":["art"]}`)
	mux := http.NewServeMux()
	New(p).Routes(mux)
	none := strings.Repeat("0", 64)
	for path, want := range map[string]int{
		"/api/v1/data/decisions?from=-1":                           400,
		"/api/v1/data/decisions?limit=x":                           400,
		"/api/v1/data/decisions?words=" + strings.Repeat("a", 300): 400,
		"/api/v1/data/pictures/nonsense":                           400,
		"/api/v1/data/pictures/" + none:                            404,
		"/api/v1/data/pictures/" + none + "/picture":               404,
		"/api/v1/data/pictures/" + none + "/evidence/" + none:      404,
		"/api/v1/data/coverage/..%2f..%2fetc":                      404,
		"/api/v1/data/coverage/none":                               404,
	} {
		if w := ask(t, mux, "GET", path, ""); w.Code != want || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%.60s: %d %s", path, w.Code, w.Body)
		}
	}
	for body, want := range map[string]int{
		`{`: 400, `{"holder":"A"}`: 400, `{"holder":"","creators":["Jane Doe"]}`: 400, `{"holder":"A","digests":["xyz"]}`: 400,
		`{"holder":"A","creators":["x"]}`: 400, `{"holder":"A","urls":["no address"]}`: 400, `{"holder":"A","unknown":1}`: 400,
		fmt.Sprintf(`{"holder":%q,"creators":["Jane"]}`, strings.Repeat("a", maxText+1)): 400,
		`{"holder":"A","picture":"AAAA"}`:                                                200, // the very file is claimed, though it is no picture
	} {
		if w := ask(t, mux, "POST", "/api/v1/data/claims", body); w.Code != want {
			t.Errorf("%.60s: %d %s", body, w.Code, w.Body)
		}
	}
	for _, c := range []struct {
		w    jobs.Worker
		spec string
	}{
		{refresh.New(p.Home, "", nil), `{"sources":[]}`}, {refresh.New(p.Home, "", nil), `{"sources":["../art"]}`}, {refresh.New(p.Home, "", nil), `{"sources":["none"]}`},
		{refresh.New(p.Home, "", nil), `{"sources":["art"],"url":"http://x"}`}, {curate.New(p, nil), `{"recipe":"none"}`}, {curate.New(p, nil), `{"recipe":"../recipes/fruit"}`},
		{curate.New(p, nil), `{"recipe":"run"}`}, {curate.New(p, nil), `[]`},
	} {
		if out, err := c.w.Check(t.Context(), json.RawMessage(c.spec)); err == nil {
			t.Errorf("%s took %s: %s", c.w.Kind(), c.spec, out)
		}
	}
}

// What is stopped by the queue goes back into it, and goes on.
func TestStoppedWorkGoesOn(t *testing.T) {
	p := worktest.Places(t)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	x := &task{job: jobs.Job{ID: "1", Spec: json.RawMessage(`{"sources":["art"]}`)}, ctx: ctx}
	if err := refresh.New(p.Home, "", nil).Run(ctx, []jobs.Task{x}); err == nil || x.ended {
		t.Errorf("a refresh that is stopped: %v, ended %v", err, x.ended)
	}
	work(t, refresh.New(p.Home, "", nil), `{"sources":["art"]}`)
	x = &task{job: jobs.Job{ID: "2", Spec: json.RawMessage(`{"recipe":"fruit"}`)}, ctx: ctx}
	if err := curate.New(p, nil).Run(ctx, []jobs.Task{x}); err == nil || x.ended {
		t.Errorf("a curation that is stopped: %v, ended %v", err, x.ended)
	}
	work(t, curate.New(p, nil), `{"recipe":"fruit"}`)
}

func FuzzClaim(f *testing.F) {
	mux := http.NewServeMux()
	New(place.Places{Home: home.Home(f.TempDir())}).Routes(mux)
	f.Add(`{"holder":"A","paths":["a/*"],"picture":"AAAA"}`)
	f.Add(`[[[[`)
	f.Fuzz(func(t *testing.T, body string) {
		if w := ask(t, mux, "POST", "/api/v1/data/claims", body); w.Code < 400 || w.Code >= 500 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}
