package train

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/limner-ai/limner/studio/jobs"
	"github.com/limner-ai/limner/studio/work/turn"
)

const (
	tellEvery = 250 * time.Millisecond
	lookEvery = time.Second // at the samples
	maxSample = 8 << 20     // bytes
)

// meter tells a task how its run goes, and lets it rest.
type meter struct {
	task jobs.Task
	dir  string
	turn *turn.Turn

	began  time.Time // of the first iteration that was seen
	first  int       // iterations before it
	told   time.Time
	looked time.Time
	shown  time.Time // change of the samples that were shown last
	done   int
}

// each is called after every iteration.
func (m *meter) each(done, total int, metrics map[string]float64) {
	now := time.Now()
	m.done = done
	if m.began.IsZero() {
		m.began, m.first = now, done
	}
	if now.Sub(m.told) >= tellEvery || done == total {
		m.told = now
		p := pace(fmt.Sprintf("step %d", done), done-m.first, total-m.first, m.began)
		p.Done, p.Total = float64(done), float64(total)
		p.Values = map[string]float64{}
		for name, v := range metrics {
			if v-v == 0 { // JSON has no NaN and no infinity
				p.Values[name] = v
			}
		}
		m.task.Progress(p)
	}
	if now.Sub(m.looked) >= lookEvery && m.task.Watched() {
		m.looked = now
		m.look()
	}
	m.turn.Rest(m.task.Context())
}

// look shows watchers new samples.
func (m *meter) look() {
	path := m.sample()
	info, err := os.Stat(path)
	if err != nil || info.Size() > maxSample || !info.ModTime().After(m.shown) {
		return
	}
	if data, err := os.ReadFile(path); err == nil {
		m.shown = info.ModTime()
		m.task.Preview(jobs.Preview{Type: "image/png", Data: data})
	}
}

func (m *meter) sample() string { return filepath.Join(m.dir, "samples", "latest.png") }

// keep makes the last samples the result of the job; some families draw none.
func (m *meter) keep(run string) error {
	data, err := os.ReadFile(m.sample())
	if err != nil {
		return nil
	}
	return m.task.Result(data, "image/png", map[string]any{"run": run, "step": m.done})
}

// pace is the progress of something that began some time ago.
func pace(stage string, done, total int, began time.Time) jobs.Progress {
	p := jobs.Progress{Stage: stage, Done: float64(done), Total: float64(total)}
	if since := time.Since(began).Seconds(); since > 0 && done > 0 {
		p.Rate = float64(done) / since
		if total > done {
			p.ETA = float64(total-done) / p.Rate
		}
	}
	return p
}
