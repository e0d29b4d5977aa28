package paint

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/model/family"
	"github.com/limner-ai/limner/model/trained"
)

// rack is an open model: its weights, and generators that share them. Each
// generator runs on threads of its own, so that several can paint side by side;
// they are made when they are first wanted.
type rack struct {
	place place
	users int // guarded by the shelf

	once sync.Once
	base *trained.Model
	desk *generate.Generator // for checking requests, at no cost
	err  error

	checking sync.Mutex // of the desk
	mu       sync.Mutex
	free     map[int][]*generate.Generator // by threads
}

// errClosed is what a shelf says that was closed.
var errClosed = errors.New("the studio is closing")

// take opens the model of a name, or finds it open. The caller gives it back.
func (s *Shelf) take(name string) (*rack, error) {
	p, err := s.find(name)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil, errClosed
	}
	at := slices.IndexFunc(s.opened, func(r *rack) bool { return r.place.path == p.path && r.place.stamp == p.stamp })
	if at < 0 {
		at = len(s.opened)
		s.opened = append(s.opened, &rack{place: p, free: map[int][]*generate.Generator{}})
	}
	r := s.opened[at]
	s.opened = append(slices.Delete(s.opened, at, at+1), r)
	r.users++
	s.mu.Unlock()

	r.once.Do(r.open)
	if r.err != nil {
		s.give(r)
		return nil, fmt.Errorf("the model %s cannot be used: %w", p.name, r.err)
	}
	return r, nil
}

// give gives a model back, and closes those that have lain about for longest.
func (s *Shelf) give(r *rack) {
	s.mu.Lock()
	r.users--
	var gone []*rack
	drop := func(i int) {
		gone = append(gone, s.opened[i])
		s.opened = slices.Delete(s.opened, i, i+1)
	}
	for i := len(s.opened) - 1; i >= 0; i-- {
		if o := s.opened[i]; o.users == 0 && (s.closed || o.err != nil) {
			drop(i)
		}
	}
	for i := 0; i < len(s.opened) && len(s.opened) > s.keep; {
		if s.opened[i].users == 0 {
			drop(i)
		} else {
			i++
		}
	}
	s.mu.Unlock()
	for _, o := range gone {
		o.close()
	}
}

// Close closes all models, those in use when they are given back.
func (s *Shelf) Close() {
	s.mu.Lock()
	s.closed = true
	var gone []*rack
	s.opened = slices.DeleteFunc(s.opened, func(r *rack) bool {
		if r.users == 0 {
			gone = append(gone, r)
		}
		return r.users == 0
	})
	s.mu.Unlock()
	for _, r := range gone {
		r.close()
	}
}

func (r *rack) open() {
	cpu := trained.NewCPU(1)
	if r.base, r.err = read(r.place.path, cpu); r.err == nil {
		r.desk, r.err = generate.New(r.base, cpu)
	}
	if r.err != nil {
		cpu.Close()
	}
}

func (r *rack) close() {
	if r.desk != nil {
		r.desk.Close()
	}
	for _, seats := range r.free {
		for _, g := range seats {
			g.Close()
		}
	}
}

// seat waits for so many threads and gives a generator that runs on them, and
// what gives both back; a generator that is not sound any more is not used again.
func (s *Shelf) seat(ctx context.Context, r *rack, threads int) (*generate.Generator, func(sound bool), error) {
	if err := s.cores.Acquire(ctx, int64(threads)); err != nil {
		return nil, nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var g *generate.Generator
	if seats := r.free[threads]; len(seats) > 0 {
		g, r.free[threads] = seats[len(seats)-1], seats[:len(seats)-1]
	} else {
		var err error
		if g, err = r.another(threads); err != nil {
			s.cores.Release(int64(threads))
			return nil, nil, err
		}
	}
	return g, func(sound bool) {
		if sound {
			r.mu.Lock()
			r.free[threads] = append(r.free[threads], g)
			r.mu.Unlock()
		}
		s.cores.Release(int64(threads))
	}, nil
}

// another makes a generator on the weights of the rack.
func (r *rack) another(threads int) (*generate.Generator, error) {
	built, err := r.base.Manifest.Build(family.All())
	if err != nil {
		return nil, err
	}
	cpu := trained.NewCPU(threads)
	m := trained.New(built, r.base.Manifest, r.base.Weights, cpu)
	m.Digest = r.base.Digest
	g, err := generate.New(m, cpu)
	if err != nil {
		cpu.Close()
	}
	return g, err
}

// Use hands f an open model of a name, for it alone, on all threads. It waits
// for those that are painting.
func (s *Shelf) Use(ctx context.Context, name string, f func(*generate.Generator) error) error {
	r, err := s.take(name)
	if err != nil {
		return err
	}
	defer s.give(r)
	g, back, err := s.seat(ctx, r, s.threads)
	if err != nil {
		return err
	}
	sound := false
	defer func() { back(sound) }()
	err = f(g)
	sound = true
	return err
}

// Alone hands f a generator of its own on one thread, beside those that paint.
func (s *Shelf) Alone(ctx context.Context, name string, f func(*generate.Generator) error) error {
	r, err := s.take(name)
	if err != nil {
		return err
	}
	defer s.give(r)
	if err := ctx.Err(); err != nil {
		return err
	}
	g, err := r.another(1)
	if err != nil {
		return err
	}
	defer g.Close()
	return f(g)
}
