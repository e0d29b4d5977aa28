package server

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/limner-ai/limner/studio/gate"
	"github.com/limner-ai/limner/studio/jobs"
)

// meters count what the studio does, for Prometheus.
type meters struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newMeters() *meters {
	m := &meters{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "limner_http_requests_total", Help: "Requests that have ended, by route and status."}, []string{"method", "route", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "limner_http_request_seconds", Help: "From a request to the end of its answer.",
			Buckets: []float64{.001, .005, .02, .1, .5, 1, 2, 5, 10, 30, 60, 300}}, []string{"route"}),
	}
	m.registry.MustRegister(m.requests, m.seconds, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// request counts one.
func (m *meters) request(v gate.Visit) {
	m.requests.WithLabelValues(method(v.Method), v.Route, strconv.Itoa(v.Status)).Inc()
	m.seconds.WithLabelValues(v.Route).Observe(v.Time.Seconds())
}

// method keeps clients from making up labels.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}

func (m *meters) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Timeout: 10 * time.Second})
}

// queued tells Prometheus of the queue when it asks.
type queued struct{ queue *jobs.Queue }

var (
	jobsNow   = prometheus.NewDesc("limner_jobs", "Jobs by kind and state.", []string{"kind", "state"}, nil)
	jobsEnded = prometheus.NewDesc("limner_jobs_ended_total", "Jobs that have ended since the start.", []string{"kind", "state"}, nil)
	goes      = prometheus.NewDesc("limner_goes_total", "Runs of a worker, each of one job or of several in one go.", []string{"kind"}, nil)
	begun     = prometheus.NewDesc("limner_jobs_begun_total", "Jobs that were begun.", []string{"kind"}, nil)
	waited    = prometheus.NewDesc("limner_jobs_waited_seconds_total", "Time from submission to beginning.", []string{"kind"}, nil)
	worked    = prometheus.NewDesc("limner_jobs_worked_seconds_total", "Time from the last beginning to the end.", []string{"kind"}, nil)
	faulty    = prometheus.NewDesc("limner_queue_fault", "1 while the queue cannot be written.", nil, nil)
)

// Describe implements prometheus.Collector.
func (q queued) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{jobsNow, jobsEnded, goes, begun, waited, worked, faulty} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (q queued) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if counts, err := q.queue.Counts(ctx); err == nil {
		for kind, states := range counts {
			for state, n := range states {
				to <- prometheus.MustNewConstMetric(jobsNow, prometheus.GaugeValue, float64(n), kind, string(state))
			}
		}
	}
	stats := q.queue.Stats()
	sum := func(d *prometheus.Desc, x float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, x, labels...)
	}
	for kind, k := range stats.Kinds {
		sum(jobsEnded, float64(k.Done), kind, string(jobs.Done))
		sum(jobsEnded, float64(k.Failed), kind, string(jobs.Failed))
		sum(jobsEnded, float64(k.Cancelled), kind, string(jobs.Cancelled))
		sum(goes, float64(k.Goes), kind)
		sum(begun, float64(k.Begun), kind)
		sum(waited, k.Waited.Seconds(), kind)
		sum(worked, k.Worked.Seconds(), kind)
	}
	fault := 0.0
	if stats.Fault != nil {
		fault = 1
	}
	to <- prometheus.MustNewConstMetric(faulty, prometheus.GaugeValue, fault)
}
