package turn

import (
	"context"
	"testing"
	"time"
)

func TestWorkGivesWayToPainting(t *testing.T) {
	asked := 0
	w := New(func() bool { asked++; return asked <= 2 })
	w.last = time.Now().Add(-time.Hour) // so long was the step
	began := time.Now()
	w.Rest(t.Context())
	if asked != 3 {
		t.Errorf("asked %d times until painting was over", asked)
	}
	if took := time.Since(began); took < 2*look {
		t.Errorf("it rested for %s while there was painting", took)
	}
	// It never rests longer than four times what the step took, however long
	// pictures are made.
	asked = -1 << 30
	w.last = time.Now().Add(-time.Millisecond)
	w.Rest(t.Context())
	if w.last.Before(began) {
		t.Error("the next step is not counted from the end of the rest")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w.last = time.Now().Add(-time.Hour)
	w.Rest(ctx)                // and not at all when it is to stop
	New(nil).Rest(t.Context()) // nor where nobody paints
}
