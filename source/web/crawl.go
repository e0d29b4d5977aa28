package web

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/limner-ai/limner/internal/fetch"
	"github.com/limner-ai/limner/source"
)

// crawl is a run of a source.
type crawl struct {
	*Source
	client *fetch.Client
	state  *state
	load   loader

	yield   func(source.Item, error) bool
	stopped bool

	changed chan struct{} // an entry has ended

	mu    sync.Mutex
	lanes map[string]*lane
}

var errStopped = errors.New("stopped by the caller")

func (s *Source) start() (*crawl, error) {
	o := fetch.Options{Agent: s.config.Agent + " (+" + s.config.Contact + ")", Limits: s.limits}
	if t := s.config.Test; t != nil {
		for _, n := range t.Networks {
			o.Networks = append(o.Networks, netip.MustParsePrefix(n))
		}
		for _, p := range t.Ports {
			o.Ports = append(o.Ports, uint16(p))
		}
		if len(t.Resolve) > 0 {
			o.Lookup = t.lookup
		}
		if t.Roots != "" {
			var err error
			if o.Roots, err = t.roots(); err != nil {
				return nil, err
			}
		}
	}
	return s.startWith(o)
}

func (s *Source) startWith(o fetch.Options) (*crawl, error) {
	st, err := openState(s.env.Cache)
	if err != nil {
		return nil, err
	}
	return &crawl{Source: s, client: fetch.New(o), state: st, load: loader{state: st},
		changed: make(chan struct{}, 1), lanes: map[string]*lane{}}, nil
}

// lookup answers in place of DNS.
func (t *test) lookup(_ context.Context, host string) ([]netip.Addr, error) {
	for name := host; ; {
		if a, ok := t.Resolve[name]; ok {
			return []netip.Addr{netip.MustParseAddr(a)}, nil
		}
		_, above, ok := strings.Cut(strings.TrimPrefix(name, "*."), ".")
		if !ok {
			return nil, fmt.Errorf("%s: no such host", host)
		}
		name = "*." + above
	}
}

func (c *crawl) close() error {
	c.client.Close()
	return c.state.close()
}

func (c *crawl) tell(format string, args ...any) {
	if c.env.Tell != nil {
		c.env.Tell(fmt.Sprintf(format, args...))
	}
}

// last is behind all entries of a round.
func last(kind, round int) entry { return entry{Kind: kind, Round: round, URL: "\U0010FFFF"} }

func (c *crawl) run(ctx context.Context) error {
	phase, round, err := c.state.begin(c.config.key(), c.config.Seeds)
	if err != nil {
		return err
	}
	told := entry{Kind: pageKind, Round: -1}
	for phase == 0 {
		c.tell("pages, round %d", round+1)
		if err := c.work(ctx, last(pageKind, round)); err != nil {
			return err
		}
		if told, err = c.refusals(ctx, told, round); err != nil {
			return err
		}
		dropped, err := c.state.prune(pageKind, c.config.MaxHosts, c.config.MaxPages)
		if err != nil {
			return err
		}
		if dropped > 0 {
			c.tell("%d addresses of pages are beyond max_hosts or max_pages_per_host and are left", dropped)
		}
		if _, more, err := c.state.after(last(pageKind, round)); err != nil {
			return err
		} else if !more {
			phase, round = 1, 0
		} else {
			round++
		}
		if err := c.state.at(phase, round); err != nil {
			return err
		}
	}
	if _, err := c.refusals(ctx, told, hopRound); err != nil {
		return err
	}
	if _, err := c.state.prune(pictureKind, c.config.MaxHosts, 0); err != nil {
		return err
	}
	if err := c.pictures(ctx); err != nil {
		return err
	}
	return c.state.at(2, 0)
}

// refusals tells of pages that were refused, behind an entry and up to a round.
func (c *crawl) refusals(ctx context.Context, from entry, round int) (entry, error) {
	for {
		if err := ctx.Err(); err != nil {
			return from, err
		}
		e, ok, err := c.state.after(from)
		if err != nil || !ok || e.Round > round {
			return from, err
		}
		if from = e; e.State == refused {
			if err := c.give(e); err != nil {
				return from, err
			}
		}
	}
}

// pictures takes them, as many at a time as may still be kept, and yields them
// in their order while others are on their way.
func (c *crawl) pictures(ctx context.Context) error {
	from := entry{Kind: pictureKind, Round: -1}
	for kept := 0; kept < c.config.MaxPictures; {
		until, ok, err := c.state.ahead(from, c.config.MaxPictures-kept)
		if err != nil || !ok {
			return err
		}
		c.tell("pictures, %d so far", kept)
		n, err := c.batch(ctx, from, until)
		if err != nil {
			return err
		}
		kept, from = kept+n, until
	}
	return nil
}

// batch takes and yields the pictures between two entries and returns how many
// were kept.
func (c *crawl) batch(ctx context.Context, from, until entry) (kept int, err error) {
	ctx, cancel := context.WithCancel(ctx)
	worked := make(chan error, 1)
	go func() { worked <- c.work(ctx, until) }()
	working := true
	defer func() {
		cancel()
		if working {
			<-worked
		}
	}()
	for from.Round < until.Round || from.Round == until.Round && from.URL < until.URL {
		if err := ctx.Err(); err != nil {
			return kept, err
		}
		e, ok, err := c.state.after(from)
		if err != nil {
			return kept, err
		}
		if !ok {
			return kept, errors.New("web: the crawl's state has lost a picture")
		}
		if e.State == waiting {
			if !working {
				return kept, fmt.Errorf("web: %s was passed over", e.URL)
			}
			select {
			case <-c.changed:
			case err := <-worked:
				if working = false; err != nil {
					return kept, err
				}
			}
			continue
		}
		from = e
		if e.State == done {
			kept++
		}
		if e.State != moved {
			if err := c.give(e); err != nil {
				return kept, err
			}
		}
	}
	return kept, nil
}

// work deals with all entries that wait, up to the last, each host's one after
// the other.
func (c *crawl) work(ctx context.Context, last entry) error {
	hosts, err := c.state.hosts(last)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(c.config.Parallel)
	for _, host := range hosts {
		g.Go(func() error {
			for {
				if err := ctx.Err(); err != nil {
					return err
				}
				e, ok, err := c.state.next(host, last)
				if err != nil || !ok {
					return err
				}
				if e.Kind == pageKind {
					err = c.page(ctx, e)
				} else {
					err = c.picture(ctx, e)
				}
				if err != nil {
					return err
				}
				select {
				case c.changed <- struct{}{}:
				default:
				}
			}
		})
	}
	return g.Wait()
}

// end notes how an entry ended: a refusal, or an error that ends the crawl.
func (c *crawl) end(ctx context.Context, e entry, err error) error {
	var no *source.Refused
	if ctx.Err() != nil {
		return ctx.Err() // whatever failed is asked for again
	}
	if !errors.As(err, &no) {
		return err
	}
	r := record{Why: no.Why, Error: no.Err.Error()}
	if r.Reservations, err = c.state.reservations(no.Reservations); err != nil {
		return err
	}
	return c.state.finish(e, refused, r, nil)
}

func refuse(e entry, why source.Why, reservations []source.Reservation, format string, args ...any) error {
	return &source.Refused{Path: e.URL, Why: why, Err: fmt.Errorf(format, args...), Reservations: reservations}
}

// because makes a refusal of what went wrong with a request.
func because(e entry, err error) error {
	var no *source.Refused
	switch {
	case errors.As(err, &no):
		return err
	case unsafe(err):
		return refuse(e, source.Unsafe, nil, "%w", err)
	case errors.Is(err, fetch.ErrTooLarge):
		return refuse(e, source.TooLarge, nil, "%w", err)
	case errors.Is(err, fetch.ErrEncoding):
		return refuse(e, source.Malformed, nil, "%w", err)
	}
	return refuse(e, source.Unreachable, nil, "%w", err)
}

// unsafe reports whether an error says that a server is not to be talked to.
func unsafe(err error) bool {
	var certificate *tls.CertificateVerificationError
	return errors.Is(err, fetch.ErrUnsafe) || errors.As(err, &certificate)
}

func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			h.Set(pairs[i], pairs[i+1])
		}
	}
	return h
}

// day is how long what a site publishes about itself may be relied on (RFC
// 9309 section 2.4), and hour how long it counts that it could not be read.
const (
	day  = 24 * time.Hour
	hour = time.Hour
)
