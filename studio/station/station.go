package station

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/studio/jobs"
	"github.com/limner-ai/limner/studio/paint"
)

// Queue is where pictures are made; *jobs.Queue is one.
type Queue interface {
	Submit(ctx context.Context, s jobs.Submission) (jobs.Job, error)
	Job(ctx context.Context, owner, id string) (jobs.Job, error)
	Cancel(ctx context.Context, owner, id string) (jobs.Job, error)
}

// Pictures is where their bytes lie; *objects.Store is one.
type Pictures interface {
	Get(d digest.SHA256) ([]byte, error)
}

// Keeper is told of what is kept and what is no longer, such as a gallery.
type Keeper interface {
	Keep(ctx context.Context, owner string, picture digest.SHA256, keep bool) error
}

// Options are what a station needs.
type Options struct {
	Queue    Queue
	Pictures Pictures
	Keeper   Keeper // nil: nobody is told
	Model    string // "": the one that comes with Limner
	Corpus   Corpus // nil: the words of that model
	Ahead    int    // pictures that are made before they are asked for; 0: 3
	Explore  float64
	// Seed gives a new stream its seed; nil: by chance.
	Seed func() uint64
}

const (
	defaultAhead   = 3
	defaultExplore = .15
	// behind is the priority of pictures that nobody waits for yet.
	behind = -10
	// broken is how many pictures in a row may fail before no more are asked for.
	broken = 3
)

// Station is everybody's streams. Its methods may be called from any goroutine.
type Station struct {
	o       Options
	store   *store
	chooser *chooser
	mu      sync.Mutex
}

// ErrUnknown says that the stream has no such picture.
var ErrUnknown = errors.New("the stream has no such picture")

// Open opens the station whose database is at path, or makes it.
func Open(ctx context.Context, path string, o Options) (*Station, error) {
	if o.Corpus == nil {
		var err error
		if o.Corpus, err = ReadCorpus(corpusText); err != nil {
			return nil, err
		}
	}
	o.Ahead, o.Explore = cmp.Or(o.Ahead, defaultAhead), cmp.Or(o.Explore, defaultExplore)
	if o.Seed == nil {
		o.Seed = func() uint64 { return rand.Uint64() >> 12 }
	}
	st, err := openStore(ctx, path)
	if err != nil {
		return nil, err
	}
	return &Station{o: o, store: st, chooser: newChooser(o.Corpus)}, nil
}

// Close ends the use of the database.
func (s *Station) Close() error { return s.store.db.Close() }

// mind is what is known of an owner.
type mind struct {
	person person
	taste  *taste
	recent []Prompt
	next   int // number
	items  []item
}

// read gathers an owner's mind.
func (s *Station) read(ctx context.Context, owner string) (*mind, error) {
	p, err := s.store.person(ctx, owner, person{s.o.Seed(), s.o.Explore})
	if err != nil {
		return nil, err
	}
	items, err := s.store.items(ctx, owner, "1 ORDER BY number DESC LIMIT ?", remember+restPrompt)
	if err != nil {
		return nil, err
	}
	slices.Reverse(items)
	gone, err := s.store.forgotten(ctx, owner)
	if err != nil {
		return nil, err
	}
	m := &mind{person: p, items: items}
	var rounds []Round
	for _, x := range items {
		m.next = x.Number + 1
		m.recent = append(m.recent, x.Prompt)
		if x.State == kept || x.State == skipped {
			left := slices.DeleteFunc(x.attributes(), func(a Attribute) bool { return x.Number < gone[a] })
			rounds = append(rounds, Round{x.Number, left, x.State == kept})
		}
	}
	m.taste = learn(rounds)
	return m, nil
}

// advance takes note of what jobs have become of, asks for more pictures if
// there are too few, and shows the next one if none is shown. The error says why
// nothing new comes.
func (s *Station) advance(ctx context.Context, owner string) (*mind, error) {
	m, err := s.read(ctx, owner)
	if err != nil {
		return nil, err
	}
	if err := s.collect(ctx, owner, m); err != nil {
		return nil, err
	}
	if err := s.show(ctx, owner, m); err != nil {
		return nil, err
	}
	return m, s.fill(ctx, owner, m)
}

// collect reads what became of planned pictures.
func (s *Station) collect(ctx context.Context, owner string, m *mind) error {
	for i := range m.items {
		x := &m.items[i]
		if x.State != planned {
			continue
		}
		job, err := s.o.Queue.Job(ctx, owner, x.Job)
		switch {
		case err != nil && ctx.Err() != nil:
			return ctx.Err()
		case err != nil, job.State == jobs.Failed, job.State == jobs.Cancelled, job.State == jobs.Done && len(job.Results) == 0:
			x.State = failed
		case job.State == jobs.Done:
			x.State, x.Picture = ready, job.Results[0].Digest
			if data, err := s.o.Pictures.Get(x.Picture); err == nil {
				x.Looks, _ = look(data) // one that cannot be looked at is shown all the same
			}
		default:
			continue
		}
		if err := s.save(ctx, owner, x); err != nil {
			return err
		}
	}
	return nil
}

func (s *Station) save(ctx context.Context, owner string, x *item) error {
	x.Changed = time.Now()
	return s.store.put(ctx, owner, *x)
}

// show puts a picture before the person: of those that are ready the one whose
// looks are thought best of, the oldest among equals.
func (s *Station) show(ctx context.Context, owner string, m *mind) error {
	var best *item
	most, number := 0., 0
	for i := range m.items {
		x := &m.items[i]
		if x.State == shown {
			return nil
		}
		if x.State != ready {
			continue
		}
		number++
		sum := 0.
		for _, a := range x.Looks {
			sum += m.taste.think(a)
		}
		if best == nil || sum > most+.02 {
			best, most = x, sum
		}
	}
	if best == nil {
		return nil
	}
	if number > 1 && most > .1 {
		a := slices.MaxFunc(best.Looks, func(a, b Attribute) int { return cmp.Compare(m.taste.think(a), m.taste.think(b)) })
		_, word := a.split()
		best.Why.Words += fmt.Sprintf(" Of %d that were ready it comes first for being %s: you kept %d of %d such pictures.",
			number, word, m.taste.kept[a], m.taste.shown[a])
	}
	best.State = shown
	return s.save(ctx, owner, best)
}

// fill asks for pictures until enough are under way.
func (s *Station) fill(ctx context.Context, owner string, m *mind) error {
	waiting, failures := 0, 0
	for _, x := range m.items {
		switch x.State {
		case planned, ready:
			waiting++
			failures = 0
		case failed:
			failures++
		default:
			failures = 0
		}
	}
	if failures >= broken && waiting == 0 {
		last := m.items[len(m.items)-1]
		// One more is tried a minute later, so that a stream mends itself.
		if time.Since(last.Changed) < time.Minute {
			return s.failure(ctx, owner, last)
		}
	}
	for ; waiting < s.o.Ahead; waiting++ {
		c := s.chooser.choose(m.taste, m.recent, m.person.Seed, m.next, m.person.Explore)
		spec, err := json.Marshal(paint.Spec{Model: s.o.Model, Prompt: c.Prompt.Words(), N: 1, Seed: &c.Seed})
		if err != nil {
			return err
		}
		job, err := s.o.Queue.Submit(ctx, jobs.Submission{Kind: paint.Kind, Owner: owner, Priority: behind, Spec: spec})
		if err != nil {
			return err
		}
		x := item{Number: m.next, State: planned, Prompt: c.Prompt, Seed: c.Seed, Why: c.Why, Job: job.ID}
		if err := s.save(ctx, owner, &x); err != nil {
			return err
		}
		m.items, m.recent, m.next = append(m.items, x), append(m.recent, c.Prompt), m.next+1
	}
	return nil
}

// failure says why the last picture could not be made.
func (s *Station) failure(ctx context.Context, owner string, x item) error {
	job, err := s.o.Queue.Job(ctx, owner, x.Job)
	if err == nil && job.Error != "" {
		return fmt.Errorf("the last pictures could not be made: %s", job.Error)
	}
	return errors.New("the last pictures could not be made")
}
