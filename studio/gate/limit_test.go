package gate

import (
	"fmt"
	"testing"
	"time"

	"golang.org/x/time/rate"
)

func TestRates(t *testing.T) {
	for text, want := range map[string]Rate{"1/s": {1, time.Second}, "60/min": {60, time.Minute}, "5/h": {5, time.Hour}, "9/day": {9, 24 * time.Hour}} {
		r, err := ParseRate(text)
		if err != nil || r != want {
			t.Errorf("%s: %v, %v", text, r, err)
		}
		again, err := ParseRate(r.String())
		if err != nil || again != r {
			t.Errorf("%s is written as %s, which reads as %v, %v", text, r, again, err)
		}
	}
	for _, text := range []string{"", "60", "60/", "/min", "0/min", "-1/min", "1.5/min", "60/year", "60/min/s", "9999999999/s"} {
		if r, err := ParseRate(text); err == nil {
			t.Errorf("%q is %v", text, r)
		}
	}
}

func FuzzRate(f *testing.F) {
	f.Add("60/min")
	f.Add("1e3/s")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseRate(text)
		if err != nil {
			return
		}
		if again, err := ParseRate(r.String()); err != nil || again != r || r.N < 1 || r.Per <= 0 {
			t.Errorf("%q is %+v, then %+v, %v", text, r, again, err)
		}
	})
}

func TestBuckets(t *testing.T) {
	var b buckets
	hourly := rate.Every(time.Hour)
	for i := range 3 {
		if wait := b.take("ann", hourly, 3); wait != 0 {
			t.Fatalf("of 3, number %d waits %v", i+1, wait)
		}
	}
	wait := b.take("ann", hourly, 3)
	if wait < 50*time.Minute || wait > time.Hour {
		t.Errorf("the fourth waits %v", wait)
	}
	// To be refused costs nothing more.
	if again := b.take("ann", hourly, 3); again > time.Hour {
		t.Errorf("then %v", again)
	}
	if wait := b.take("bob", hourly, 3); wait != 0 {
		t.Errorf("another waits %v", wait)
	}
	if b.take("bob", rate.Limit(1e6), 100); b.take("bob", rate.Limit(1e6), 100) > time.Second {
		t.Error("a key that was made anew has its old rate")
	}
}

// TestManyAddresses holds that a flood of names does not hold memory.
func TestManyAddresses(t *testing.T) {
	var b buckets
	for i := range 3 * manyBuckets {
		b.take(fmt.Sprint(i), 1, 1)
	}
	if len(b.by) > manyBuckets {
		t.Errorf("%d are held", len(b.by))
	}
}
