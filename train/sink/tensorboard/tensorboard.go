// Package tensorboard writes the event files that TensorBoard shows: records
// framed as TFRecord, each one an Event message of protocol buffers
// (tensorflow/core/util/event.proto and framework/summary.proto).
package tensorboard

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/limner-ai/limner/train/sink"
)

// Writer appends events to one file. It implements sink.Sink.
type Writer struct {
	f   *os.File
	w   *bufio.Writer
	now func() time.Time // for tests
}

var _ sink.Sink = (*Writer)(nil)

// Create begins a new event file in the directory dir, which is made if
// missing.
func Create(dir string) (*Writer, error) { return create(dir, time.Now) }

// Resume begins a new event file beside those of the run so far, and tells
// TensorBoard to forget what they hold after the given step. (The file of a
// killed run may end in half a record, so nothing is appended to it.)
func Resume(dir string, step int64) (*Writer, error) {
	w, err := Create(dir)
	if err != nil {
		return nil, err
	}
	if err := w.write(sessionStart(w.wall(), step+1)); err != nil {
		return nil, errors.Join(err, w.f.Close())
	}
	return w, nil
}

func create(dir string, now func() time.Time) (*Writer, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("tensorboard: %w", err)
	}
	w := &Writer{now: now}
	// TensorBoard reads a directory's files in the order of their names, so
	// the time comes first. The usual host name is nobody's business.
	for n := 0; w.f == nil; n++ {
		name := fmt.Sprintf("events.out.tfevents.%010d.limner.%d", now().Unix(), n)
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("tensorboard: %w", err)
		}
		w.f = f
	}
	w.w = bufio.NewWriter(w.f)
	if err := errors.Join(w.write(fileVersion(w.wall())), w.w.Flush()); err != nil {
		return nil, errors.Join(err, w.f.Close())
	}
	return w, nil
}

// wall is the time in seconds, as events have it.
func (w *Writer) wall() float64 { return float64(w.now().UnixNano()) / 1e9 }

func (w *Writer) write(event []byte) error {
	if _, err := w.w.Write(record(event)); err != nil {
		return fmt.Errorf("tensorboard: %w", err)
	}
	return nil
}

// Scalar records one value, which TensorBoard keeps as float32.
func (w *Writer) Scalar(step int64, name string, v float64) error {
	return w.write(summary(w.wall(), step, scalarValue(name, float32(v))))
}

// Image records a picture as PNG.
func (w *Writer) Image(step int64, name string, img image.Image) error {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return fmt.Errorf("tensorboard: image %q: %w", name, err)
	}
	channels := 4
	switch m := img.(type) {
	case *image.Gray, *image.Gray16:
		channels = 1
	case interface{ Opaque() bool }:
		if m.Opaque() {
			channels = 3
		}
	}
	size := img.Bounds().Size()
	return w.write(summary(w.wall(), step, imageValue(name, size.Y, size.X, channels, b.Bytes())))
}

// Flush hands all events to the operating system, where TensorBoard sees them.
func (w *Writer) Flush() error {
	if err := w.w.Flush(); err != nil {
		return fmt.Errorf("tensorboard: %w", err)
	}
	return nil
}

// Close flushes and closes the file.
func (w *Writer) Close() error {
	return errors.Join(w.Flush(), w.f.Close())
}
