package sourcetest

import (
	"context"
	"errors"
	"os"
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/limner-ai/limner/source"
)

// stop ends the sequence after each number of items and checks that nothing
// stays open.
func (c Case) stop(t *testing.T) {
	s := c.open(t)
	c.take(t, s) // what is opened once and for all is open now
	goroutines, files := runtime.NumGoroutine(), openFiles()
	for n := range min(len(c.Paths), 4) {
		taken := 0
		for _, err := range s.Items(t.Context()) {
			if err != nil {
				continue
			}
			if taken++; taken > n {
				break
			}
		}
	}
	for range 100 {
		if runtime.NumGoroutine() <= goroutines && openFiles() <= files {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("after stopping early there are %d goroutines and %d open files, before %d and %d",
		runtime.NumGoroutine(), openFiles(), goroutines, files)
}

// openFiles counts this process's open files, where the system tells.
func openFiles() int {
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(list)
}

func (c Case) cancel(t *testing.T) {
	s := c.open(t)
	for _, after := range []int{0, 1} {
		ctx, cancel := context.WithCancel(t.Context())
		if after == 0 {
			cancel()
		}
		given, late := 0, 0
		var last error
		for _, err := range s.Items(ctx) {
			last = err
			var r *source.Refused
			if err != nil && !errors.As(err, &r) {
				continue
			}
			if ctx.Err() != nil {
				late++
			}
			if err == nil {
				if given++; given == after {
					cancel()
				}
			}
		}
		cancel()
		if late > 0 || !errors.Is(last, context.Canceled) {
			t.Errorf("cancelled after %d items, it gave %d more and ended with %v", after, late, last)
		}
	}
}

// memory checks that an item's data may go as soon as the next one is asked
// for.
func (c Case) memory(t *testing.T) {
	var data []weak.Pointer[byte]
	for item, err := range c.open(t).Items(t.Context()) {
		if err != nil {
			continue
		}
		held := 0
		runtime.GC()
		for _, p := range data {
			if p.Value() != nil {
				held++
			}
		}
		if held > 2 {
			t.Fatalf("at %s the data of %d items before are still held", item.Path, held)
		}
		data = append(data, weak.Make(&item.Data[0]))
	}
}
