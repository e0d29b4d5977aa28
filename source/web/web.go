// Package web is a source of pictures on the web: a crawler that asks before it
// takes.
//
// Everything that a site publishes about the use of its pictures is read
// before the first of them is requested, and put before a source.Gate: its
// robots.txt, tdmrep.json and ai.txt, the licence documents that these
// announce, and each page that shows a picture. A picture is requested only if
// none of them reserves it; then its answer's header is judged before the body
// is read, and last the file. What is refused is told with the evidence.
//
// A crawl has two parts. First come the pages, breadth first in rounds: a
// round's pages are all read before any that they link to. Then come the
// pictures, by the round in which they were found and their addresses. So the
// order of items depends on what the sites hold, not on how fast they answer,
// and what the last page reserves holds for the first picture. A host has one
// connection and one queue; hosts run in parallel.
//
// All that a crawl knows lies in Env.Cache, so that one that was killed goes
// on where it stopped, and a later one asks only for what has changed.
package web

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/limner-ai/limner/internal/fetch"
	"github.com/limner-ai/limner/source"
)

// Kind is the crawler. Its keys are agent and contact, which must be given,
// seeds, allow, depth, max_pictures, max_pages_per_host, max_hosts,
// max_bytes_per_host, max_bytes_per_picture, sitemaps, delay, timeout,
// patience, refetch, parallel, unreachable_robots and test; docs/crawl.md
// explains them.
var Kind = source.Kind{
	Name:    "web",
	Summary: "pictures of web sites, asked for only where nothing reserves them",
	Open:    open,
}

// Source is a crawl.
type Source struct {
	config *config
	env    source.Env
	scope  scope
	limits fetch.Limits

	now    func() time.Time
	sleep  func(ctx context.Context, d time.Duration) error
	jitter func() float64 // in [0, 1)
}

func open(_ context.Context, text []byte, env source.Env) (source.Source, error) {
	c, err := parse(text, env.Dir)
	if err != nil {
		return nil, err
	}
	if env.Cache == "" {
		return nil, errors.New("web: a crawl needs a folder for its state")
	}
	return &Source{config: c, env: env, scope: c.scope(), now: time.Now, sleep: sleep, jitter: rand.Float64,
		limits: fetch.Limits{Body: max(int64(c.MaxBytes), maxPage, maxMap), Wait: c.Timeout, Total: 10 * c.Timeout, Window: c.Timeout / 3}}, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// About describes the crawl.
func (s *Source) About(context.Context) (source.About, error) {
	return source.About{
		Type:     source.Crawl,
		Name:     "web: " + strings.Join(s.config.Allow, ", "),
		Location: s.config.Seeds[0],
		Basis:    "public web, asked for as " + s.config.Agent + " where no robots.txt denies it and no reservation was found",
	}, nil
}

// Items crawls. Pages and pictures that were refused come as errors that wrap
// *source.Refused, with their addresses as paths.
func (s *Source) Items(ctx context.Context) iter.Seq2[source.Item, error] {
	return func(yield func(source.Item, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		c, err := s.start()
		if err != nil {
			yield(source.Item{}, err)
			return
		}
		c.yield = yield
		err = c.run(ctx)
		cancel()
		err = errors.Join(err, c.close())
		if err != nil && !c.stopped {
			yield(source.Item{}, err)
		}
	}
}

// key tells whether two crawls are of the same configuration.
func (c *config) key() string {
	d := *c
	d.ID, d.Kind, d.Test = "", "", nil
	text, err := json.Marshal(d)
	if err != nil {
		panic(err) // texts, numbers and lists
	}
	return string(text)
}
