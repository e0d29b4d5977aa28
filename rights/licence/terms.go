package licence

import (
	"cmp"
	"fmt"
	"slices"
)

// questions names the answers of Terms, in its order.
var questions = []string{"train", "publish", "attribution", "share-alike", "non-commercial", "no-derivatives"}

func (t *Terms) all() []*Answer {
	return []*Answer{&t.Train, &t.Publish, &t.Attribution, &t.ShareAlike, &t.NonCommercial, &t.NoDerivatives}
}

// both gives the terms of being bound by t and u: what either forbids is
// forbidden, what either demands is demanded, and what one leaves unclear and
// the other does not settle stays unclear.
func (t Terms) both(u Terms) Terms {
	for i, a := range t.all() {
		b := *u.all()[i]
		decisive := Yes // of a duty
		if i < 2 {
			decisive = No // of a permission
		}
		switch {
		case *a == decisive || b == decisive:
			*a = decisive
		case *a == Unclear || b == Unclear:
			*a = Unclear
		}
	}
	return t
}

// Differs names the questions that t and u answer differently.
func (t Terms) Differs(u Terms) []string {
	var names []string
	for i, a := range t.all() {
		if *a != *u.all()[i] {
			names = append(names, questions[i])
		}
	}
	return names
}

// Offer is one way to take a work: all of its licences at once.
type Offer struct {
	Licences []Licence
	Terms
	// Unknown lists those of the licences that the table does not judge; they
	// make every question unclear that no other licence settles.
	Unknown []Licence
}

// MaxOffers is the most choices that an expression may hold.
const MaxOffers = 256

// Offers evaluates the expression: one offer for each choice that its ORs
// leave, with the union of the duties that its ANDs add up, the best first. A
// caller who takes another than the first can rank them by needs of its own;
// what it takes is recorded by the offer's Licences.
//
// The zero expression offers nothing. More than [MaxOffers] choices are an
// error.
func (t *Table) Offers(e Expression) ([]Offer, error) {
	choices, err := e.alternatives()
	if err != nil {
		return nil, err
	}
	offers := make([]Offer, len(choices))
	for i, licences := range choices {
		o := Offer{Licences: licences}
		for k, l := range licences {
			j, ok := t.Judge(l)
			if !ok {
				o.Unknown = append(o.Unknown, l)
			}
			if k == 0 {
				o.Terms = j.Terms
			} else {
				o.Terms = o.Terms.both(j.Terms)
			}
		}
		offers[i] = o
	}
	slices.SortStableFunc(offers, compareOffers)
	return offers, nil
}

// compareOffers puts the offer first that permits more, then the one that
// demands less, then the one with fewer licences.
func compareOffers(a, b Offer) int {
	permission := map[Answer]int{Yes: 0, Unclear: 1, No: 2}
	duty := map[Answer]int{No: 0, Unclear: 1, Yes: 2}
	return cmp.Or(
		cmp.Compare(permission[a.Train], permission[b.Train]),
		cmp.Compare(duty[a.NonCommercial], duty[b.NonCommercial]),
		cmp.Compare(duty[a.NoDerivatives], duty[b.NoDerivatives]),
		cmp.Compare(permission[a.Publish], permission[b.Publish]),
		cmp.Compare(duty[a.ShareAlike], duty[b.ShareAlike]),
		cmp.Compare(duty[a.Attribution], duty[b.Attribution]),
		cmp.Compare(len(a.Licences), len(b.Licences)),
		cmp.Compare(names(a.Licences, " "), names(b.Licences, " ")),
	)
}

// alternatives multiplies the expression out: each result is a set of licences
// that together suffice, sorted by text.
func (e Expression) alternatives() ([][]Licence, error) {
	if e.root == nil {
		return nil, nil
	}
	sets, err := e.root.alternatives()
	if err != nil {
		return nil, fmt.Errorf("licence expression %q: %w", clip(e.String()), err)
	}
	return sets, nil
}

func (n *node) alternatives() ([][]Licence, error) {
	var sets [][]Licence
	switch n.op {
	case leaf:
		return [][]Licence{{n.licence}}, nil
	case and:
		sets = [][]Licence{nil}
	}
	for _, p := range n.parts {
		more, err := p.alternatives()
		if err != nil {
			return nil, err
		}
		if n.op == and {
			more = product(sets, more)
			sets = nil
		}
		for _, s := range more {
			if !slices.ContainsFunc(sets, func(t []Licence) bool { return slices.Equal(s, t) }) {
				sets = append(sets, s)
			}
			if len(sets) > MaxOffers {
				return nil, fmt.Errorf("more than %d choices of licences", MaxOffers)
			}
		}
	}
	return sets, nil
}

// product joins each set of a with each of b.
func product(a, b [][]Licence) [][]Licence {
	var out [][]Licence
	for _, x := range a {
		for _, y := range b {
			s := slices.Concat(x, y)
			slices.SortFunc(s, func(l, m Licence) int { return cmp.Compare(l.String(), m.String()) })
			out = append(out, slices.Compact(s))
		}
	}
	return out
}
