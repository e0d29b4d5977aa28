package gate

import (
	"context"
	"fmt"
	"slices"
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

// purse counts the pictures that keys have had today.
type purse struct {
	mu    sync.Mutex
	day   time.Time
	spent map[string]int
}

// Spend takes pictures from what the key of a request may have today. The error
// is a *LimitError. Without a key there is no such limit. The count is that of
// this process: it begins anew with it.
func Spend(ctx context.Context, pictures int) error {
	v := visitOf(ctx)
	if v == nil || v.key == nil || v.key.Daily == 0 || v.purse == nil {
		return nil
	}
	return v.purse.spend(v.key, pictures, time.Now().UTC())
}

// Refund gives back what was spent on nothing.
func Refund(ctx context.Context, pictures int) {
	if v := visitOf(ctx); v != nil && v.key != nil && v.purse != nil {
		v.purse.mu.Lock()
		defer v.purse.mu.Unlock()
		if n := v.purse.spent[v.key.Name]; n > 0 {
			v.purse.spent[v.key.Name] = max(0, n-pictures)
		}
	}
}

// May reports whether the key of a request may ask for work of a kind. Without
// a key, where none is required, all may be asked for.
func May(ctx context.Context, kind string) bool {
	v := visitOf(ctx)
	return v == nil || v.key == nil || slices.Contains(v.key.Work, kind)
}

func (p *purse) spend(k *Key, pictures int, now time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	const day = 24 * time.Hour
	if today := now.Truncate(day); !today.Equal(p.day) {
		p.day, p.spent = today, map[string]int{}
	}
	if p.spent[k.Name]+pictures > k.Daily {
		return &LimitError{What: fmt.Sprintf("the key %s has had %d of its %d pictures of today", k.Name, p.spent[k.Name], k.Daily), After: p.day.Add(day).Sub(now)}
	}
	p.spent[k.Name] += pictures
	return nil
}
