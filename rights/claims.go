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

// story is one claim's events, summed up.
type story struct {
	claim   Claim
	matches map[string]bool
	looks   []string
}

// Tell adds the next event of a claim. An appeal keeps what an upheld claim
// denied denied, and holds anew what a rejected one released.
func (s *story) tell(e ledger.Event, f ledger.Claim) {
	s.claim.ID, s.claim.Event = f.ID, e.Seq
	switch f.State {
	case "upheld":
		s.claim.Standing = Upheld
	case "rejected":
		s.claim.Standing = Released
	case "appealed":
		if s.claim.Standing != Upheld {
			s.claim.Standing = Held
		}
	default:
		s.claim.Standing = Held
	}
	for _, m := range f.Matches {
		s.matches[m] = true
	}
	for _, m := range f.Cleared {
		s.matches[m] = false
	}
	s.looks = append(s.looks, f.Looks...)
}

func readClaims(ctx context.Context, l *ledger.Ledger) (claims, error) {
	stories := map[string]*story{}
	for e, err := range l.Events(ctx, ledger.Query{Kinds: []ledger.Kind{ledger.KindClaim}}) {
		if err != nil {
			return claims{}, err
		}
		if f, ok := e.Fact.(ledger.Claim); ok {
			if stories[f.ID] == nil {
				stories[f.ID] = &story{matches: map[string]bool{}}
			}
			stories[f.ID].tell(e, f)
		}
	}
	c := claims{by: map[string][]Claim{}, clear: map[string][]string{}}
	var hashes []fingerprint.Hash
	for _, id := range slices.Sorted(maps.Keys(stories)) {
		s := stories[id]
		for _, ref := range slices.Sorted(maps.Keys(s.matches)) {
			if !s.matches[ref] {
				c.clear[ref] = append(c.clear[ref], id)
				continue
			}
			c.by[ref] = append(c.by[ref], s.claim)
			if s.claim.Standing == Released {
				continue
			}
			hash, quality, err := seen(ctx, l, ref)
			if err != nil {
				return c, err
			}
			if quality > 0 {
				hashes, c.looks = append(hashes, hash), append(c.looks, look{s.claim, quality})
			}
		}
		for _, text := range s.looks {
			if h, ok := hashOf(text); ok && s.claim.Standing != Released {
				hashes, c.looks = append(hashes, h), append(c.looks, look{s.claim, unknownQuality})
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
