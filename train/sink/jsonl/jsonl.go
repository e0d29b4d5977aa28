// Package jsonl keeps the history of a training run as JSON Lines: one object
// a step, which pandas.read_json(lines=True) or jq take as they are.
//
//	{"step":100,"time":"2026-01-02T15:04:05Z","loss/rec":84.1,"loss/kl":23.5}
//
// The file is only appended to, a whole number of lines at a time, so a killed
// run leaves at worst one line cut short. Resume drops that and what the run
// had done after its checkpoint, so that no step is in the file twice.
package jsonl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"io/fs"
	"math"
	"os"
	"strconv"
	"time"

	"github.com/limner-ai/limner/internal/atomicfile"
	"github.com/limner-ai/limner/train/sink"
)

// Writer appends scalars to a file. It implements sink.Sink; pictures are left
// to other sinks.
type Writer struct {
	f    *os.File
	size int64            // bytes of the file that are whole lines
	full bytes.Buffer     // whole lines still to be written
	line bytes.Buffer     // the line of step, still open if not empty
	step int64            //
	in   map[string]bool  // names in line
	now  func() time.Time // for tests
}

var _ sink.Sink = (*Writer)(nil)

// Create begins a history at path. A file with content is refused, because it
// is the history of another run.
func Create(path string) (*Writer, error) {
	w, err := open(path)
	if err != nil {
		return nil, err
	}
	if w.size > 0 {
		w.f.Close()
		return nil, fmt.Errorf("%s holds the history of an earlier run; resume that run or choose another folder: %w", path, fs.ErrExist)
	}
	return w, nil
}

// Resume continues the history at path after the given step, dropping what was
// recorded later, and returns what was kept. A missing file is created.
func Resume(path string, step int64) (*Writer, sink.History, error) {
	h, kept, dropped, err := load(path, step)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	if dropped {
		err := atomicfile.Write(path, 0o644, func(w io.Writer) error {
			_, err := w.Write(kept)
			return err
		})
		if err != nil {
			return nil, nil, err
		}
	}
	w, err := open(path)
	if err != nil {
		return nil, nil, err
	}
	return w, h, nil
}

func open(path string) (*Writer, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open metrics: %w", err)
	}
	st, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("open metrics: %w", err)
	}
	return &Writer{f: f, size: st.Size(), in: map[string]bool{}, now: time.Now}, nil
}

// Scalar records one value. The names "step" and "time" are taken.
func (w *Writer) Scalar(step int64, name string, v float64) error {
	if name == "step" || name == "time" {
		return fmt.Errorf("a metric cannot be named %q", name)
	}
	if w.line.Len() > 0 && (step != w.step || w.in[name]) {
		w.endLine()
	}
	if w.line.Len() == 0 {
		w.step = step
		fmt.Fprintf(&w.line, `{"step":%d,"time":"%s"`, step, w.now().UTC().Format(time.RFC3339))
	}
	w.in[name] = true
	key, err := json.Marshal(name)
	if err != nil {
		return fmt.Errorf("metric %q: %w", name, err)
	}
	fmt.Fprintf(&w.line, ",%s:%s", key, number(v))
	return nil
}

// number writes v as JSON, which has no NaN nor infinity: those are strings.
func number(v float64) string {
	s := strconv.FormatFloat(v, 'g', -1, 64)
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return `"` + s + `"`
	}
	return s
}

func (w *Writer) endLine() {
	w.line.WriteTo(&w.full)
	w.full.WriteString("}\n")
	w.line.Reset()
	clear(w.in)
}

// Image does nothing.
func (w *Writer) Image(int64, string, image.Image) error { return nil }

// Flush appends all that was recorded. If that fails, for one because the disk
// is full, the file keeps its whole lines and the next Flush tries again.
func (w *Writer) Flush() error {
	if w.line.Len() > 0 {
		w.endLine()
	}
	if w.full.Len() == 0 {
		return nil
	}
	n, err := w.f.Write(w.full.Bytes())
	if err != nil {
		if n > 0 {
			err = errors.Join(err, w.f.Truncate(w.size))
		}
		return fmt.Errorf("record metrics: %w", err)
	}
	w.size += int64(n)
	w.full.Reset()
	return nil
}

// Close flushes to the disk and closes the file.
func (w *Writer) Close() error {
	err := w.Flush()
	if err == nil {
		err = w.f.Sync()
	}
	return errors.Join(err, w.f.Close())
}
