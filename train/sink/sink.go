// Package sink is where a training run sends its numbers and pictures while it
// runs. Each implementation is one folder: jsonl (the history on disk),
// tensorboard (event files), curves (loss curves as a PNG).
package sink

import (
	"cmp"
	"errors"
	"image"
	"slices"
)

// Sink takes the measurements of one run. Steps do not decrease. Names are
// "group/name" ("loss/kl", "eval/fid"); values may be NaN or infinite.
//
// A Sink is used by one goroutine. What it was given may stay in memory until
// Flush; Close flushes too and must be called once.
type Sink interface {
	Scalar(step int64, name string, v float64) error
	Image(step int64, name string, img image.Image) error
	Flush() error
	Close() error
}

// Point is one measurement.
type Point struct {
	Step  int64
	Value float64
}

// History is the measurements of a run so far by name, each in the order of
// its steps.
type History map[string][]Point

// Until returns the part of h at steps up to step, which is what a run resumed
// from there still believes. It shares memory with h.
func (h History) Until(step int64) History {
	part := make(History, len(h))
	for name, points := range h {
		n, _ := slices.BinarySearchFunc(points, step+1, func(p Point, s int64) int { return cmp.Compare(p.Step, s) })
		if n > 0 {
			part[name] = points[:n:n]
		}
	}
	return part
}

// Multi returns a Sink that passes everything to each of sinks. One that fails
// keeps none of the others from being called; the errors are joined.
func Multi(sinks ...Sink) Sink { return multi(slices.Clone(sinks)) }

type multi []Sink

func (m multi) each(call func(Sink) error) error {
	var errs []error
	for _, s := range m {
		errs = append(errs, call(s))
	}
	return errors.Join(errs...)
}

func (m multi) Scalar(step int64, name string, v float64) error {
	return m.each(func(s Sink) error { return s.Scalar(step, name, v) })
}

func (m multi) Image(step int64, name string, img image.Image) error {
	return m.each(func(s Sink) error { return s.Image(step, name, img) })
}

func (m multi) Flush() error { return m.each(Sink.Flush) }
func (m multi) Close() error { return m.each(Sink.Close) }
