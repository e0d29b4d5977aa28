package server

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/limner-ai/limner/studio/jobs"
)

// painted is a worker that counts the pictures which another makes.
type painted struct {
	jobs.Worker
	pictures prometheus.Counter
	seconds  prometheus.Histogram
	running  atomic.Int64
}

// busy reports whether pictures are being made.
func (p *painted) busy() bool { return p.running.Load() > 0 }

func newPainted(w jobs.Worker) *painted {
	return &painted{
		Worker:   w,
		pictures: prometheus.NewCounter(prometheus.CounterOpts{Name: "limner_pictures_total", Help: "Pictures that were made."}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "limner_picture_seconds", Help: "Time of a go, divided by the pictures made in it.",
			Buckets: []float64{.005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 30}}),
	}
}

// Run implements jobs.Worker.
func (p *painted) Run(ctx context.Context, tasks []jobs.Task) error {
	start := time.Now()
	p.running.Add(1)
	defer p.running.Add(-1)
	var made atomic.Int64
	counted := make([]jobs.Task, len(tasks))
	for i, t := range tasks {
		counted[i] = countedTask{t, &made}
	}
	err := p.Worker.Run(ctx, counted)
	if n := made.Load(); n > 0 {
		p.pictures.Add(float64(n))
		each := time.Since(start).Seconds() / float64(n)
		for range n {
			p.seconds.Observe(each)
		}
	}
	return err
}

// Describe implements prometheus.Collector.
func (p *painted) Describe(to chan<- *prometheus.Desc) {
	p.pictures.Describe(to)
	p.seconds.Describe(to)
}

// Collect implements prometheus.Collector.
func (p *painted) Collect(to chan<- prometheus.Metric) { p.pictures.Collect(to); p.seconds.Collect(to) }

// countedTask counts what is kept of a task.
type countedTask struct {
	jobs.Task
	made *atomic.Int64
}

// Result implements jobs.Task.
func (t countedTask) Result(data []byte, mediaType string, meta any) error {
	err := t.Task.Result(data, mediaType, meta)
	if err == nil && strings.HasPrefix(mediaType, "image/") {
		t.made.Add(1)
	}
	return err
}
