package station

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/limner-ai/limner/internal/digest"
)

// Shown is a picture of the stream as clients see it.
type Shown struct {
	Number  int    `json:"number"`
	Prompt  string `json:"prompt"`
	Seed    uint64 `json:"seed"`
	Why     Why    `json:"why"`
	State   string `json:"state"` // planned, ready, shown, kept or skipped
	Job     string `json:"job"`
	Picture string `json:"picture,omitempty"` // digest
}

// View is a stream as it stands.
type View struct {
	Now     *Shown  `json:"now"`  // before the person; nil: it is still being made
	Next    *Shown  `json:"next"` // that is made or ready, the first of them
	Ready   int     `json:"ready"`
	Past    []Shown `json:"past"` // the newest first
	Kept    int     `json:"kept"`
	Judged  int     `json:"judged"`
	Explore float64 `json:"explore"`
	Problem string  `json:"problem,omitempty"` // why no more come
}

// Liking is what is thought of an attribute, from -1 to 1 or a little beyond.
type Liking struct {
	Attribute Attribute `json:"attribute"`
	Kind      string    `json:"kind"`
	Word      string    `json:"word"`
	Worth     float64   `json:"worth"`
	Kept      int       `json:"kept"`
	Shown     int       `json:"shown"`
}

const pastShown = 24

func view(x item) Shown {
	v := Shown{x.Number, x.Prompt.Words(), x.Seed, x.Why, string(x.State), x.Job, ""}
	if x.Picture != (digest.SHA256{}) {
		v.Picture = x.Picture.String()
	}
	return v
}

// Look gives an owner's stream, and sees to it that it goes on.
func (s *Station) Look(ctx context.Context, owner string) (View, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.look(ctx, owner)
}

func (s *Station) look(ctx context.Context, owner string) (View, error) {
	m, err := s.advance(ctx, owner)
	if m == nil {
		return View{}, err
	}
	v := View{Past: []Shown{}, Explore: m.person.Explore}
	if err != nil {
		v.Problem = err.Error() // what is there is shown all the same
	}
	for _, x := range m.items {
		one := view(x)
		switch x.State {
		case shown:
			v.Now = &one
		case ready, planned:
			if x.State == ready {
				v.Ready++
			}
			if v.Next == nil || x.State == ready && v.Next.State == string(planned) {
				v.Next = &one
			}
		case kept, skipped:
			v.Judged++
			if x.State == kept {
				v.Kept++
			}
			v.Past = append(v.Past, one)
		}
	}
	slices.Reverse(v.Past)
	v.Past = v.Past[:min(len(v.Past), pastShown)]
	return v, nil
}

// Judge notes what the owner says of a picture, or says of it now instead.
func (s *Station) Judge(ctx context.Context, owner string, number int, keep bool) (View, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.store.items(ctx, owner, "number = ?", number)
	if err != nil {
		return View{}, err
	}
	if len(found) == 0 || !slices.Contains([]state{shown, kept, skipped}, found[0].State) {
		return View{}, fmt.Errorf("%d: %w", number, ErrUnknown)
	}
	x := found[0]
	was := x.State
	x.State = skipped
	if keep {
		x.State = kept
	}
	if x.State != was {
		if s.o.Keeper != nil && (keep || was == kept) {
			if err := s.o.Keeper.Keep(ctx, owner, x.Picture, keep); err != nil {
				return View{}, fmt.Errorf("it could not be kept: %w", err)
			}
		}
		if err := s.save(ctx, owner, &x); err != nil {
			return View{}, err
		}
	}
	return s.look(ctx, owner)
}

// Taste lists what is thought of attributes that were met, the dearest first.
func (s *Station) Taste(ctx context.Context, owner string) ([]Liking, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.read(ctx, owner)
	if err != nil {
		return nil, err
	}
	out := []Liking{}
	for i, a := range m.taste.names {
		if a == always {
			continue
		}
		kind, word := a.split()
		out = append(out, Liking{a, kind, word, m.taste.mean[i], m.taste.kept[a], m.taste.shown[a]})
	}
	slices.SortStableFunc(out, func(a, b Liking) int {
		return cmp.Or(cmp.Compare(b.Worth, a.Worth), strings.Compare(string(a.Attribute), string(b.Attribute)))
	})
	return out, nil
}

// Forget makes what was said so far not count for an attribute; with none,
// everything about the owner is erased, and another stream begins. What a
// gallery has kept is the gallery's.
func (s *Station) Forget(ctx context.Context, owner string, a Attribute) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	// What was chosen by what is to be forgotten is not made any more.
	pending, err := s.store.items(ctx, owner, "state IN ('planned', 'ready')")
	if err != nil {
		return err
	}
	for _, x := range pending {
		if x.State == planned {
			_, _ = s.o.Queue.Cancel(ctx, owner, x.Job) // one that is done already does no harm
		}
		if _, err := s.store.db.ExecContext(ctx, "DELETE FROM item WHERE owner = ? AND number = ?", owner, x.Number); err != nil {
			return err
		}
	}
	if a == "" {
		p, err := s.store.person(ctx, owner, person{s.o.Seed(), s.o.Explore})
		if err != nil {
			return err
		}
		return s.store.erase(ctx, owner, person{s.o.Seed(), p.Explore})
	}
	if kind, _ := a.split(); deviations[kind] == 0 || a == always || len(a) > 200 {
		return errors.New("attribute: there is none of that name")
	}
	return s.store.forget(ctx, owner, a)
}

// Explore sets the share of pictures that are chosen to learn rather than to
// please, from 0 to 1.
func (s *Station) Explore(ctx context.Context, owner string, share float64) error {
	if !(share >= 0 && share <= 1) {
		return errors.New("explore: want a share from 0 to 1")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.store.person(ctx, owner, person{s.o.Seed(), s.o.Explore})
	if err != nil {
		return err
	}
	p.Explore = share
	return s.store.setPerson(ctx, owner, p)
}
