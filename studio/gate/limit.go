package gate

import (
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// LimitError says that somebody asked for more than they may.
type LimitError struct {
	What  string        // the limit, for people
	After time.Duration // when to ask again
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("%s; try again in %v", e.What, e.After.Round(time.Second))
}

// buckets are limiters by name. Those that have not been used for long are full
// again, and are dropped when there are many.
type buckets struct {
	mu sync.Mutex
	by map[string]*bucket
}

type bucket struct {
	*rate.Limiter
	used time.Time
}

const (
	manyBuckets = 1 << 14
	bucketIdle  = 10 * time.Minute
)

// take asks for one event, and returns how long to wait if there is none.
func (b *buckets) take(name string, limit rate.Limit, burst int) time.Duration {
	now := time.Now()
	b.mu.Lock()
	if b.by == nil {
		b.by = map[string]*bucket{}
	}
	l := b.by[name]
	if l == nil {
		if len(b.by) >= manyBuckets {
			b.sweep(now)
		}
		l = &bucket{Limiter: rate.NewLimiter(limit, burst)}
		b.by[name] = l
	}
	l.used = now
	b.mu.Unlock()
	if l.Limit() != limit || l.Burst() != burst { // the key was made anew
		l.SetLimitAt(now, limit)
		l.SetBurstAt(now, burst)
	}
	r := l.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

// sweep drops idle buckets; if none is, all: a flood from many addresses must
// not hold memory, and forgetting is kinder than refusing.
func (b *buckets) sweep(now time.Time) {
	for name, l := range b.by {
		if now.Sub(l.used) > bucketIdle {
			delete(b.by, name)
		}
	}
	if len(b.by) >= manyBuckets {
		clear(b.by)
	}
}
