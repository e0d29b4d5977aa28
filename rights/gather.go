package rights

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/limner-ai/limner/curate/fingerprint"
	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/source"
)

// Reader gathers the facts on many copies. It reads what copies share once, as
// it stands when first asked for, so open a new one after appending. It may be
// used by one goroutine at a time.
type Reader struct {
	ledger     *ledger.Ledger
	sources    map[string]ledger.Source
	agreements []Agreement
	claims     claims
	shared     map[string]shared   // by reference
	basis      map[string]string   // by source
	databases  map[string]Database // by source
}

// shared is what is stated about a source or a group of its files.
type shared struct {
	statements   []Statement
	reservations []Reservation
}

// NewReader reads the sources, agreements and claims of a ledger.
func NewReader(ctx context.Context, l *ledger.Ledger) (*Reader, error) {
	r := &Reader{ledger: l, sources: map[string]ledger.Source{}, shared: map[string]shared{}, basis: map[string]string{}, databases: map[string]Database{}}
	newest := map[string]Agreement{}
	for e, err := range l.Events(ctx, ledger.Query{Kinds: []ledger.Kind{ledger.KindSource, ledger.KindAgreement}}) {
		if err != nil {
			return nil, err
		}
		switch f := e.Fact.(type) {
		case ledger.Source:
			r.sources[f.ID] = f
		case ledger.Agreement:
			newest[f.ID] = Agreement{f, e.Seq}
		}
	}
	for _, a := range newest {
		r.agreements = append(r.agreements, a)
	}
	slices.SortFunc(r.agreements, func(a, b Agreement) int { return cmp.Compare(a.ID, b.ID) })
	var err error
	r.claims, err = readClaims(ctx, l)
	return r, err
}

// Gather reads the facts on one copy. For many, one [Reader] is cheaper.
func Gather(ctx context.Context, l *ledger.Ledger, content ledger.Digest) (Facts, error) {
	r, err := NewReader(ctx, l)
	if err != nil {
		return Facts{}, err
	}
	return r.Gather(ctx, content)
}

// place names a file of a source.
type place struct{ source, path string }

// Gather reads the facts on one copy.
func (r *Reader) Gather(ctx context.Context, content ledger.Digest) (Facts, error) {
	f := Facts{Content: content}
	ref := ledger.CopyRef(content)
	places := map[place]Place{}
	own := newHeap()
	for e, err := range r.ledger.Events(ctx, ledger.Query{Subject: ref}) {
		if err != nil {
			return f, err
		}
		switch x := e.Fact.(type) {
		case ledger.Copy:
			f.Erased = x.State == "erased"
			if x.Source == "" {
				continue
			}
			f.Copy = x
			places[place{x.Source, x.Path}] = Place{r.sources[x.Source], x.Path, x.Work, "", e.Time, e.Seq}
		default:
			own.add(e, source.File)
		}
	}
	for _, p := range places {
		f.Places = append(f.Places, p)
	}
	slices.SortFunc(f.Places, func(a, b Place) int { return cmp.Compare(a.Event, b.Event) })
	said := own.settle()
	for i := range f.Places {
		if err := r.around(ctx, &f, &f.Places[i], &said); err != nil {
			return f, err
		}
	}
	f.Statements, f.Reservations = said.statements, said.reservations
	for _, a := range r.agreements {
		if slices.ContainsFunc(f.Places, func(p Place) bool { return slices.Contains(a.Sources, p.Source.ID) }) {
			f.Agreements = append(f.Agreements, a)
		}
	}
	f.Claims = r.claims.on(ref)
	var err error
	f.Near, err = r.claims.near(ref, f.Copy)
	return f, err
}

// around adds what is known of a place: its source, group and database.
func (r *Reader) around(ctx context.Context, f *Facts, p *Place, said *shared) error {
	id := p.Source.ID
	for ref, scope := range map[string]source.Scope{
		ledger.Ref(ledger.KindSource, id):   source.Whole,
		ledger.Ref(ledger.KindWork, p.Work): source.Group,
	} {
		if scope == source.Group && p.Work == "" {
			continue
		}
		about, err := r.on(ctx, ref, scope)
		if err != nil {
			return err
		}
		for _, s := range about.statements {
			if !slices.ContainsFunc(said.statements, func(t Statement) bool { return t.Event == s.Event }) {
				said.statements = append(said.statements, s)
			}
		}
		for _, s := range about.reservations {
			if !slices.ContainsFunc(said.reservations, func(t Reservation) bool { return t.Event == s.Event }) {
				said.reservations = append(said.reservations, s)
			}
		}
	}
	slices.SortFunc(said.statements, func(a, b Statement) int { return cmp.Compare(a.Event, b.Event) })
	slices.SortFunc(said.reservations, func(a, b Reservation) int { return cmp.Compare(a.Event, b.Event) })
	var err error
	if p.Basis, err = r.access(ctx, id); err != nil {
		return err
	}
	if slices.ContainsFunc(f.Databases, func(d Database) bool { return slices.Contains(d.Sources, id) }) {
		return nil
	}
	d, err := r.database(ctx, id)
	f.Databases = append(f.Databases, d)
	return err
}

// on gives what is stated about a thing that copies share.
func (r *Reader) on(ctx context.Context, ref string, scope source.Scope) (shared, error) {
	if s, ok := r.shared[ref]; ok {
		return s, nil
	}
	h := newHeap()
	q := ledger.Query{Subject: ref, Kinds: []ledger.Kind{ledger.KindLicence, ledger.KindReservation}}
	for e, err := range r.ledger.Events(ctx, q) {
		if err != nil {
			return shared{}, err
		}
		h.add(e, scope)
	}
	s := h.settle()
	r.shared[ref] = s
	return s, nil
}

// access gives the ground of access of the source's last taking.
func (r *Reader) access(ctx context.Context, id string) (string, error) {
	if b, ok := r.basis[id]; ok {
		return b, nil
	}
	q := ledger.Query{Subject: ledger.Ref(ledger.KindSource, id), Kinds: []ledger.Kind{ledger.KindExtraction}, Newest: true, Limit: 1}
	for e, err := range r.ledger.Events(ctx, q) {
		if err != nil {
			return "", err
		}
		if x, ok := e.Fact.(ledger.Extraction); ok {
			r.basis[id] = x.Basis
		}
	}
	return r.basis[id], nil
}

// database adds up what was taken from the collection of a source: all sources
// of the same maker and location are one.
func (r *Reader) database(ctx context.Context, id string) (Database, error) {
	if d, ok := r.databases[id]; ok {
		return d, nil
	}
	own := r.sources[id]
	d := Database{About: own}
	for other, s := range r.sources {
		if other != id && (s.Location == "" || s.Location != own.Location || s.Maker != own.Maker) {
			continue
		}
		d.Sources = append(d.Sources, other)
		d.About.Works = max(d.About.Works, s.Works)
		d.About.Bytes = max(d.About.Bytes, s.Bytes)
		t, err := r.ledger.Extracted(ctx, other, time.Time{}, time.Time{})
		if err != nil {
			return d, fmt.Errorf("what was taken from the source %s: %w", other, err)
		}
		d.Taken.Takings += t.Takings
		d.Taken.Copies += t.Copies
		d.Taken.Bytes += t.Bytes
	}
	slices.Sort(d.Sources)
	r.databases[id] = d
	return d, nil
}

// heap sorts out which of the statements on a thing hold now.
type heap struct {
	licences     map[ledger.Licence]Statement
	reservations map[ledger.Reservation]Reservation
}

func newHeap() heap {
	return heap{map[ledger.Licence]Statement{}, map[ledger.Reservation]Reservation{}}
}

// add takes the events on a thing in their order. The same words at the same
// place of the same source are the same statement.
func (h heap) add(e ledger.Event, scope source.Scope) {
	switch f := e.Fact.(type) {
	case ledger.Licence:
		k := ledger.Licence{Source: f.Source, Path: f.Path, Form: f.Form, Where: f.Where, Flag: f.Flag, Written: f.Written}
		if f.Withdrawn {
			delete(h.licences, k)
		} else {
			h.licences[k] = Statement{f, scope, e.Seq, e.Evidence}
		}
	case ledger.Reservation:
		k := ledger.Reservation{Source: f.Source, Path: f.Path, Protocol: f.Protocol, Where: f.Where, Raw: f.Raw}
		if f.Withdrawn {
			delete(h.reservations, k)
		} else {
			h.reservations[k] = Reservation{f, e.Seq, e.Evidence}
		}
	}
}

func (h heap) settle() shared {
	var s shared
	for _, x := range h.licences {
		s.statements = append(s.statements, x)
	}
	for _, x := range h.reservations {
		s.reservations = append(s.reservations, x)
	}
	slices.SortFunc(s.statements, func(a, b Statement) int { return cmp.Compare(a.Event, b.Event) })
	slices.SortFunc(s.reservations, func(a, b Reservation) int { return cmp.Compare(a.Event, b.Event) })
	return s
}

// hashOf reads a perceptual hash; false if there is none.
func hashOf(text string) (fingerprint.Hash, bool) {
	var h fingerprint.Hash
	if text == "" || h.UnmarshalText([]byte(text)) != nil {
		return h, false
	}
	return h, true
}
