package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"mime"
)

// task is an entry in its worker's hands, for one try.
type task struct {
	q   *Queue
	e   *entry
	ctx context.Context
	try int
}

// mine reports whether the job is still in the hands of this try; q.mu is held.
func (t *task) mine() bool {
	return t.e.job.State == Running && !t.e.settled && t.e.job.Tries == t.try
}

func (t *task) Job() Job {
	t.q.mu.Lock()
	defer t.q.mu.Unlock()
	return t.q.snapshot(t.e)
}

func (t *task) Context() context.Context { return t.ctx }

func (t *task) Progress(p Progress) {
	p.Values = maps.Clone(p.Values)
	t.q.mu.Lock()
	defer t.q.mu.Unlock()
	if t.mine() {
		t.e.job.Progress = p
		t.q.tell(t.e, nil)
	}
}

func (t *task) Preview(p Preview) {
	t.q.mu.Lock()
	defer t.q.mu.Unlock()
	if t.mine() {
		t.q.tell(t.e, &p)
	}
}

func (t *task) Watched() bool {
	t.q.mu.Lock()
	defer t.q.mu.Unlock()
	return t.mine() && len(t.e.watchers) > 0
}

func (t *task) Result(data []byte, mediaType string, meta any) error {
	if _, _, err := mime.ParseMediaType(mediaType); err != nil {
		return fmt.Errorf("a result of type %q: %w", mediaType, err)
	}
	r := Result{Type: mediaType}
	if meta != nil {
		b, err := json.Marshal(meta)
		if err != nil {
			return fmt.Errorf("a result's description: %w", err)
		}
		r.Meta = b
	}
	d, err := t.q.held.put(t.q.store, data)
	if err != nil {
		return err
	}
	r.Digest = d
	t.q.mu.Lock()
	defer t.q.mu.Unlock()
	if !t.mine() {
		t.q.discard([]Result{r})
		return fmt.Errorf("job %s has ended already", t.e.job.ID)
	}
	t.e.results = append(t.e.results, r)
	return nil
}

func (t *task) Finish(err error) {
	t.q.mu.Lock()
	defer t.q.mu.Unlock()
	if t.mine() {
		t.q.settle(t.e, err, false)
	}
}
