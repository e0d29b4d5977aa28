package train

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/limner-ai/limner/studio/jobs"
)

// task is one in the hands of a worker, without a queue.
type task struct {
	job     jobs.Job
	ctx     context.Context
	mu      sync.Mutex
	told    []jobs.Progress
	shown   int
	results []string
	ended   bool
	err     error
	hear    func(jobs.Progress)
}

func newTask(ctx context.Context, id string, spec any) *task {
	text, err := json.Marshal(spec)
	if err != nil {
		panic(err)
	}
	return &task{job: jobs.Job{ID: id, Kind: Kind, Owner: "local", Spec: text}, ctx: ctx}
}

func (t *task) Job() jobs.Job            { return t.job }
func (t *task) Context() context.Context { return t.ctx }
func (t *task) Watched() bool            { return true }
func (t *task) Finish(err error)         { t.ended, t.err = true, err }

func (t *task) Progress(p jobs.Progress) {
	t.mu.Lock()
	t.told = append(t.told, p)
	t.mu.Unlock()
	if t.hear != nil {
		t.hear(p)
	}
}

func (t *task) Preview(jobs.Preview) { t.shown++ }

func (t *task) Result(_ []byte, mediaType string, _ any) error {
	t.results = append(t.results, mediaType)
	return nil
}
