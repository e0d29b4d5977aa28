package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/limner-ai/limner/internal/fetch"
	"github.com/limner-ai/limner/source"
)

// lane is how a host is treated: one request at a time, a delay between two,
// and none at all once it has failed too often.
type lane struct {
	turn chan struct{} // held by who makes a request

	mu       sync.Mutex
	next     time.Time // of the next request, at the earliest
	delay    time.Duration
	failures int   // requests in a row without an answer
	waste    int   // pictures in a row that are none
	parked   error // why nothing more is requested

	siteMu sync.Mutex
	sites  map[string]known
}

type known struct {
	site  source.Site
	until time.Time
	err   error // why robots.txt could not be had
}

func (c *crawl) lane(address string) *lane {
	host := hostOf(address)
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.lanes[host]
	if l == nil {
		l = &lane{turn: make(chan struct{}, 1), sites: map[string]known{}}
		c.lanes[host] = l
	}
	return l
}

// pace sets the delay that the site asks for.
func (l *lane) pace(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.delay = d
}

// later puts the next request off.
func (l *lane) later(t time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t.After(l.next) {
		l.next = t
	}
}

// failed counts requests in a row that came to nothing; after maxFailures the
// host is left alone.
func (l *lane) failed(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failures++; l.failures >= maxFailures && l.parked == nil {
		l.parked = fmt.Errorf("the host is left alone after %d failures: %w", l.failures, err)
	}
}

func (l *lane) answered() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failures = 0
}

// useless counts addresses in a row at which there was no picture; after
// maxWaste the host is taken for one that makes addresses up.
func (l *lane) useless() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waste++; l.waste >= maxWaste && l.parked == nil {
		l.parked = fmt.Errorf("the host is left alone after %d addresses in a row without a picture", l.waste)
	}
}

func (l *lane) useful() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waste = 0
}

func (l *lane) park(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.parked = err
}

func (l *lane) closed() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.parked
}

// enter waits until a request may be made. It is called for every one, of
// redirects too.
func (c *crawl) enter(ctx context.Context, address string) (leave func(), err error) {
	l := c.lane(address)
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	for {
		l.mu.Lock()
		wait := l.next.Sub(c.now())
		l.mu.Unlock()
		if wait <= 0 {
			break
		}
		if err := c.sleep(ctx, wait); err != nil {
			<-l.turn
			return nil, err
		}
	}
	return func() {
		l.mu.Lock()
		l.next = c.now().Add(max(c.config.Delay, l.delay))
		l.mu.Unlock()
		<-l.turn
	}, nil
}

const (
	maxFailures = 3
	maxWaste    = 100
	maxTries    = 4
)

// get makes a request, again after a while if the host asks for less or does
// not answer.
func (c *crawl) get(ctx context.Context, r fetch.Request, tries int) (*fetch.Response, error) {
	l := c.lane(r.URL)
	r.Hop = func(ctx context.Context, address string) (func(), error) { return c.enter(ctx, address) }
	for try := 0; ; try++ {
		if err := l.closed(); err != nil {
			return nil, err
		}
		got, err := c.client.Get(ctx, r)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if !transient(got, err) {
			l.answered()
			return got, err
		}
		if err == nil {
			err = fmt.Errorf("status %d", got.Status)
		}
		wait := c.backoff(try, got)
		if wait > c.config.Patience {
			l.park(fmt.Errorf("%w, and asks to come back in %v", err, wait.Round(time.Second)))
			return got, l.closed()
		}
		l.later(c.now().Add(wait))
		if try+1 >= tries || try > 0 && errors.Is(err, fetch.ErrSlow) {
			l.failed(err)
			return got, err
		}
	}
}

// transient reports whether the same request may end better later.
func transient(got *fetch.Response, err error) bool {
	var no *source.Refused
	switch {
	case err == nil:
		return got.Status == http.StatusTooManyRequests || got.Status >= 500 && got.Status != http.StatusNotImplemented
	case unsafe(err), errors.Is(err, fetch.ErrTooLarge), errors.Is(err, fetch.ErrEncoding), errors.As(err, &no), errors.Is(err, errAside):
		return false
	}
	return true
}

// backoff doubles with every try, with up to half as much more at random, and
// is no less than the server asks for (RFC 9110 section 10.2.3).
func (c *crawl) backoff(try int, got *fetch.Response) time.Duration {
	wait := c.config.Delay << (try + 1)
	wait += time.Duration(c.jitter() * float64(wait) / 2)
	if got == nil {
		return wait
	}
	after := got.Header.Get("Retry-After")
	if s, err := strconv.ParseUint(after, 10, 31); err == nil {
		return max(wait, time.Duration(s)*time.Second)
	}
	if t, err := http.ParseTime(after); err == nil {
		return max(wait, t.Sub(c.now()))
	}
	return wait
}
