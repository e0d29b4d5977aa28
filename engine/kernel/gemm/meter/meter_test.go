package meter

import (
	"testing"
	"time"
)

func TestMeter(t *testing.T) {
	var m Meter
	for round := range 3 {
		m.next = 0
		m.Each(2, func(i int) {
			begin := clock()
			for clock()-begin < time.Duration(i+1+round)*time.Millisecond {
			}
		})
	}
	for i, best := range m.best {
		want := time.Duration(i+1) * time.Millisecond
		if best < want || best > want+time.Millisecond {
			t.Errorf("part %d took %v at best, want about %v", i, best, want)
		}
	}
	if len(m.best) != 2 {
		t.Errorf("%d parts, want 2", len(m.best))
	}
}
