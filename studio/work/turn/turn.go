// Package turn lets long work give way to painting, for which people wait.
package turn

import (
	"context"
	"sync"
	"time"
)

const (
	share   = 4 // times as long as it worked, work rests at most
	longest = 10 * time.Second
	look    = 50 * time.Millisecond
)

// Turn is the pace of one piece of work. Work rests between two steps while
// pictures are being made, up to four times as long as the last step took:
// painting has four fifths of the time, and no work stands still.
type Turn struct {
	painting func() bool

	mu   sync.Mutex
	last time.Time // end of the last rest
}

// New begins. Painting reports whether pictures are being made; nil: never.
func New(painting func() bool) *Turn { return &Turn{painting: painting, last: time.Now()} }

// Rest is called between two steps.
func (t *Turn) Rest(ctx context.Context) {
	if t.painting == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	until := time.Now().Add(min(share*time.Since(t.last), longest))
	for time.Now().Before(until) && t.painting() {
		select {
		case <-ctx.Done():
			return
		case <-time.After(min(look, time.Until(until))):
		}
	}
	t.last = time.Now()
}
