// Package curves draws the history of a training run as one PNG: a panel for
// each group of metrics ("loss/kl" and "loss/rec" share one), a smoothed line
// over the faint raw values, logarithmic where the values span decades.
package curves

import (
	"image"
	"io"
	"time"

	"github.com/limner-ai/limner/internal/atomicfile"
	"github.com/limner-ai/limner/train/sink"
)

// Options says what the drawing cannot know from the numbers.
type Options struct {
	Title string
	Units map[string]string // of groups, for example "loss": "nats"
}

// Writer keeps a file up to date with the curves so far. It implements
// sink.Sink; pictures are left to other sinks. Its memory does not grow with
// the length of the run.
type Writer struct {
	path    string
	options Options
	all     map[string]*series
	stale   bool          // the file lacks something
	drawn   time.Time     // when the last drawing was finished
	cost    time.Duration // of the last drawing
}

var _ sink.Sink = (*Writer)(nil)

// share bounds drawing to a twentieth of the time, however often a run flushes.
const share = 20

// New returns a Writer that draws to path. past is the history of a resumed
// run, or nil; it is not kept.
func New(path string, past sink.History, o Options) *Writer {
	return &Writer{path: path, options: o, all: collect(past), stale: true}
}

func collect(h sink.History) map[string]*series {
	all := map[string]*series{}
	for name, points := range h {
		s := &series{}
		for _, p := range points {
			s.add(p)
		}
		all[name] = s
	}
	return all
}

// Draw writes the curves of a whole history as PNG.
func Draw(w io.Writer, h sink.History, o Options) error { return drawPage(w, collect(h), o) }

// Scalar adds a value to its curve.
func (w *Writer) Scalar(step int64, name string, v float64) error {
	s := w.all[name]
	if s == nil {
		s = &series{}
		w.all[name] = s
	}
	s.add(sink.Point{Step: step, Value: v})
	w.stale = true
	return nil
}

// Image does nothing.
func (w *Writer) Image(int64, string, image.Image) error { return nil }

// Flush draws the file anew, unless nothing was added or it was drawn so
// recently that drawing would slow the run down; Close makes up for that.
func (w *Writer) Flush() error {
	if !w.stale || time.Since(w.drawn) < share*w.cost {
		return nil
	}
	return w.redraw()
}

// Close draws the file a last time if it lacks something.
func (w *Writer) Close() error {
	if !w.stale {
		return nil
	}
	return w.redraw()
}

func (w *Writer) redraw() error {
	start := time.Now()
	err := atomicfile.Write(w.path, 0o644, func(out io.Writer) error {
		return drawPage(out, w.all, w.options)
	})
	w.drawn = time.Now()
	w.cost = w.drawn.Sub(start)
	if err == nil {
		w.stale = false
	}
	return err
}
