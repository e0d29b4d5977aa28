package rights

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/limner-ai/limner/curate/fingerprint"
	"github.com/limner-ai/limner/rights/ledger"
)

// claims are those of the ledger, as they stand.
type claims struct {
	by    map[string][]Claim  // by the reference of what they match
	clear map[string][]string // references to identifiers of claims that cleared them
	index *fingerprint.Index
	looks []look
}

// look is a picture that somebody claims.
type look struct {
	claim   Claim
	quality int64 // of its hash; below 0 if not known
}

// unknownQuality is that of a hash which the holder gave.
const unknownQuality = 100

// Case is a claim with all that its events say, summed up.
type Case struct {
	Claim
	State   string          // of the newest event
	Holder  string          // identifier
	Names   []string        // as the holder names the works
	Reasons []string        // all that were given, in order
	Matches map[string]bool // references to what matches; false for what was cleared
	Looks   []string        // perceptual hashes of pictures that the holder showed
	First   int64           // its first event
}

// tell adds the next event of a claim. An appeal keeps what an upheld claim
// denied denied, and holds anew what a rejected one released.
func (s *Case) tell(e ledger.Event, f ledger.Claim) {
	s.ID, s.Event, s.State = f.ID, e.Seq, f.State
	switch f.State {
	case "upheld":
		s.Standing = Upheld
	case "rejected":
		s.Standing = Released
	case "appealed":
		if s.Standing != Upheld {
			s.Standing = Held
		}
	default:
		s.Standing = Held
	}
	if f.Holder != "" {
		s.Holder = f.Holder
	}
	for _, m := range f.Matches {
		s.Matches[m] = true
	}
	for _, m := range f.Cleared {
		s.Matches[m] = false
	}
	s.Names = append(s.Names, f.Names...)
	s.Reasons = append(s.Reasons, f.Reasons...)
	s.Looks = append(s.Looks, f.Looks...)
}

// Cases reads the claims of a ledger, by identifier.
func Cases(ctx context.Context, l *ledger.Ledger) ([]*Case, error) {
	by := map[string]*Case{}
	for e, err := range l.Events(ctx, ledger.Query{Kinds: []ledger.Kind{ledger.KindClaim}}) {
		if err != nil {
			return nil, err
		}
		if f, ok := e.Fact.(ledger.Claim); ok {
			if by[f.ID] == nil {
				by[f.ID] = &Case{Matches: map[string]bool{}, First: e.Seq}
			}
			by[f.ID].tell(e, f)
		}
	}
	return slices.SortedFunc(maps.Values(by), func(a, b *Case) int { return cmp.Compare(a.ID, b.ID) }), nil
}

func readClaims(ctx context.Context, l *ledger.Ledger) (claims, error) {
	cases, err := Cases(ctx, l)
	if err != nil {
		return claims{}, err
	}
	c := claims{by: map[string][]Claim{}, clear: map[string][]string{}}
	var hashes []fingerprint.Hash
	for _, s := range cases {
		for _, ref := range slices.Sorted(maps.Keys(s.Matches)) {
			if !s.Matches[ref] {
				c.clear[ref] = append(c.clear[ref], s.ID)
				continue
			}
			c.by[ref] = append(c.by[ref], s.Claim)
			if s.Standing == Released {
				continue
			}
			hash, quality, err := seen(ctx, l, ref)
			if err != nil {
				return c, err
			}
			if quality > 0 {
				hashes, c.looks = append(hashes, hash), append(c.looks, look{s.Claim, quality})
			}
		}
		for _, text := range s.Looks {
			if h, ok := hashOf(text); ok && s.Standing != Released {
				hashes, c.looks = append(hashes, h), append(c.looks, look{s.Claim, unknownQuality})
			}
		}
	}
	c.index = fingerprint.NewIndex(hashes)
	return c, nil
}

// seen gives the perceptual hash of a copy, with the quality 0 if it has none.
func seen(ctx context.Context, l *ledger.Ledger, ref string) (fingerprint.Hash, int64, error) {
	for e, err := range l.Events(ctx, ledger.Query{Subject: ref, Kinds: []ledger.Kind{ledger.KindCopy}}) {
		if err != nil {
			return fingerprint.Hash{}, 0, err
		}
		c, _ := e.Fact.(ledger.Copy)
		if h, ok := hashOf(c.PDQ); ok {
			return h, c.Quality, nil
		}
	}
	return fingerprint.Hash{}, 0, nil
}

// on gives the claims that match a copy.
func (c *claims) on(ref string) []Claim { return c.by[ref] }

// near gives for each claim that does not name the copy the nearest of its
// pictures. A copy that a claim cleared is not near to it.
func (c *claims) near(ref string, copied ledger.Copy) ([]Near, error) {
	h, ok := hashOf(copied.PDQ)
	if !ok || len(c.looks) == 0 {
		return nil, nil
	}
	found, err := c.index.Near(h, fingerprint.Near)
	if err != nil {
		return nil, err
	}
	best := map[string]Near{}
	for _, m := range found {
		l := c.looks[m.Index]
		id := l.claim.ID
		if slices.Contains(c.clear[ref], id) || slices.ContainsFunc(c.by[ref], func(o Claim) bool { return o.ID == id }) {
			continue
		}
		n := Near{l.claim, m.Distance, min(l.quality, copied.Quality)}
		if was, ok := best[id]; !ok || n.Quality > was.Quality {
			best[id] = n
		}
	}
	return slices.SortedFunc(maps.Values(best), func(a, b Near) int { return cmp.Compare(a.Claim.ID, b.Claim.ID) }), nil
}
