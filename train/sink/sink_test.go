package sink

import (
	"errors"
	"fmt"
	"image"
	"reflect"
	"testing"
)

// log is a Sink that notes its calls in a shared list, and may fail.
type log struct {
	calls *[]string
	id    string
	err   error
}

func (l log) note(format string, args ...any) error {
	*l.calls = append(*l.calls, l.id+" "+fmt.Sprintf(format, args...))
	return l.err
}
func (l log) Scalar(step int64, name string, v float64) error {
	return l.note("%d %s %v", step, name, v)
}
func (l log) Image(step int64, name string, img image.Image) error {
	return l.note("%d %s %v", step, name, img.Bounds().Dx())
}
func (l log) Flush() error { return l.note("flush") }
func (l log) Close() error { return l.note("close") }

func TestMulti(t *testing.T) {
	var calls []string
	full := errors.New("disk is full")
	list := []Sink{log{&calls, "a", full}, log{&calls, "b", nil}}
	m := Multi(list...)
	list[1] = nil // Multi must not alias its arguments
	errs := []error{
		m.Scalar(3, "loss/kl", 0.5),
		m.Image(4, "samples", image.NewGray(image.Rect(0, 0, 7, 1))),
		m.Flush(),
		m.Close(),
	}
	for _, err := range errs {
		if !errors.Is(err, full) {
			t.Errorf("error %v", err)
		}
	}
	want := []string{"a 3 loss/kl 0.5", "b 3 loss/kl 0.5", "a 4 samples 7", "b 4 samples 7", "a flush", "b flush", "a close", "b close"}
	if !reflect.DeepEqual(calls, want) {
		t.Errorf("calls %q, want %q", calls, want)
	}
	if err := Multi().Flush(); err != nil {
		t.Errorf("no sinks: %v", err)
	}
}

func TestUntil(t *testing.T) {
	h := History{
		"loss": {{1, .1}, {3, .3}, {3, .4}, {7, .7}},
		"late": {{9, 1}},
	}
	for step, want := range map[int64]History{
		0: {},
		2: {"loss": {{1, .1}}},
		3: {"loss": {{1, .1}, {3, .3}, {3, .4}}},
		9: h,
	} {
		if got := h.Until(step); !reflect.DeepEqual(got, want) {
			t.Errorf("until %d: %v, want %v", step, got, want)
		}
	}
	got := h.Until(3)
	_ = append(got["loss"], Point{4, 0})
	if h["loss"][3].Value != .7 {
		t.Error("appending to a part changed the whole")
	}
}
