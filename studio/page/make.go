package page

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/studio/gate"
	"github.com/limner-ai/limner/studio/jobs"
	"github.com/limner-ai/limner/studio/paint"
)

// making is what Make shows: a form, and without JavaScript the job that it
// gave.
type making struct {
	Models  []paint.Model
	Counts  []int
	Form    form
	Job     *jobs.Job
	Again   string // address of the page that looks again
	Problem string
}

// refresh asks a browser without JavaScript to look again while a job is not
// final.
func (m making) refresh() int {
	if m.Job != nil && !m.Job.State.Final() {
		return 2
	}
	return 0
}

// form is what is filled in.
type form struct {
	Model, Prompt, Negative, Class, Seed, Sampler string
	N, Steps                                      int
	Guidance, Truncation                          float64
}

// counts are the numbers of pictures that the form offers.
var counts = []int{1, 2, 4, 6, 9, 16}

// make fills the form in from the address, or from the job that it names.
func (p *Page) make(r *http.Request) (any, error) {
	models, err := p.o.Models.Models(r.Context())
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	m := making{Models: models, Counts: counts, Form: read(q), Problem: q.Get("problem")}
	id := q.Get("job")
	if id == "" {
		return m, nil
	}
	j, err := p.o.Jobs.Job(r.Context(), gate.Owner(r.Context()), id)
	if errors.Is(err, jobs.ErrUnknown) {
		m.Problem = "There is no such job any more."
		return m, nil
	}
	if err != nil {
		return nil, err
	}
	var s paint.Spec
	if j.Kind == paint.Kind && json.Unmarshal(j.Spec, &s) == nil {
		m.Form = form{s.Model, s.Prompt, s.Negative, s.Class, "", s.Sampler, s.N, s.Steps, s.Guidance, s.Truncation}
		if s.Seed != nil {
			m.Form.Seed = strconv.FormatUint(*s.Seed, 10)
		}
		m.Job, m.Again = &j, "/?"+url.Values{"job": {id}}.Encode()
	}
	return m, nil
}

// read takes a form's values as far as they can be read; what cannot be is as
// if it were not there. The worker refuses what is out of range.
func read(v url.Values) form {
	f := form{
		Model: v.Get("model"), Prompt: v.Get("prompt"), Negative: v.Get("negative"), Class: v.Get("class"),
		Seed: v.Get("seed"), Sampler: v.Get("sampler"), N: 4,
	}
	if _, err := strconv.ParseUint(f.Seed, 10, 64); err != nil {
		f.Seed = ""
	}
	if n, err := strconv.Atoi(v.Get("n")); err == nil {
		f.N = n
	}
	f.Steps, _ = strconv.Atoi(v.Get("steps"))
	f.Guidance, _ = strconv.ParseFloat(v.Get("guidance"), 64)
	f.Truncation, _ = strconv.ParseFloat(v.Get("truncation"), 64)
	return f
}

// spec is what the form asks for.
func (f form) spec() paint.Spec {
	s := paint.Spec{
		Model: f.Model, Prompt: f.Prompt, Negative: f.Negative, Class: f.Class, N: f.N,
		Steps: f.Steps, Guidance: f.Guidance, Sampler: f.Sampler, Truncation: f.Truncation,
	}
	seed, err := strconv.ParseUint(f.Seed, 10, 64)
	if err != nil {
		seed = uint64(rand.Uint32())
	}
	s.Seed = &seed
	return s
}

// submit is the form of a browser without JavaScript: it makes a job and sends
// the browser to the page that waits for it.
func (p *Page) submit(w http.ResponseWriter, r *http.Request) {
	job, err := p.submitted(r)
	to := url.Values{"job": {job.ID}}
	if err != nil {
		to = url.Values{"problem": {err.Error()}}
		for _, name := range []string{"model", "prompt", "negative", "class", "n", "seed", "steps", "guidance", "sampler", "truncation"} {
			if v := r.PostFormValue(name); v != "" {
				to.Set(name, v)
			}
		}
	}
	http.Redirect(w, r, "/?"+to.Encode(), http.StatusSeeOther)
}

func (p *Page) submitted(r *http.Request) (jobs.Job, error) {
	if err := r.ParseMultipartForm(paint.MaxUpload); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return jobs.Job{}, fmt.Errorf("the form could not be read: %w", err)
	}
	if r.MultipartForm != nil {
		defer r.MultipartForm.RemoveAll()
	}
	s := read(r.PostForm).spec()
	var err error
	if s.Image, err = p.sent(r.Context(), r); err != nil {
		return jobs.Job{}, err
	}
	text, err := json.Marshal(s)
	if err != nil {
		return jobs.Job{}, err
	}
	j, err := p.o.Studio.Submit(r.Context(), paint.Kind, 0, text)
	var full *jobs.FullError
	if errors.As(err, &full) {
		return j, fmt.Errorf("many are waiting: try again in %d seconds", int(full.RetryAfter.Seconds())+1)
	}
	return j, err
}

// sent is the picture that came with the form, the zero digest if none did.
func (p *Page) sent(ctx context.Context, r *http.Request) (digest.SHA256, error) {
	f, head, err := r.FormFile("image")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) || err == nil && head.Size == 0 {
		return digest.SHA256{}, nil
	}
	if err != nil {
		return digest.SHA256{}, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, paint.MaxUpload+1))
	if err != nil {
		return digest.SHA256{}, err
	}
	if len(data) > paint.MaxUpload {
		return digest.SHA256{}, fmt.Errorf("the picture has more than %d MiB", paint.MaxUpload>>20)
	}
	up, err := p.o.Studio.Upload(ctx, data)
	return up.Digest, err
}
