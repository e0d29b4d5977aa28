// Package claim handles what rights holders claim: a claim holds at once all
// that it names and all that looks like it; a person then upholds or rejects
// it. An upheld one erases the bytes, keeps the hashes, so that they do not come
// back, and tells which data sets, models and pictures are affected.
package claim

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/gowebpki/jcs"

	"github.com/limner-ai/limner/rights"
	"github.com/limner-ai/limner/rights/ledger"
)

// Submission is what a rights holder hands in. It is kept as evidence.
type Submission struct {
	ID      string `json:"id"`     // of the claim; empty for a new one
	Holder  string `json:"holder"` // name
	Contact string `json:"contact,omitempty"`
	Words   string `json:"words,omitempty"` // in the holder's own
	Names   Names  `json:"names"`
}

// Opened is a claim with what it holds.
type Opened struct {
	ID      string  `json:"id"`
	Matches []Match `json:"matches"`
}

// chunk is how many references an event of a claim lists at most.
const chunk = 4000

// Open records a claim and holds what matches it, in one step.
func Open(ctx context.Context, l *ledger.Ledger, actor string, s Submission) (Opened, error) {
	if s.Holder == "" {
		return Opened{}, errors.New("the claim does not say who holds the rights")
	}
	if err := s.Names.check(); err != nil {
		return Opened{}, err
	}
	if s.ID == "" {
		s.ID = newID()
	}
	cases, err := rights.Cases(ctx, l)
	if err != nil {
		return Opened{}, err
	}
	if slices.ContainsFunc(cases, func(c *rights.Case) bool { return c.ID == s.ID }) {
		return Opened{}, fmt.Errorf("there is a claim %s already", s.ID)
	}
	matches, err := s.Names.find(ctx, l, 0)
	if err != nil {
		return Opened{}, err
	}
	kept, err := canonical(s)
	if err != nil {
		return Opened{}, err
	}
	found, err := canonical(matches)
	if err != nil {
		return Opened{}, err
	}
	b := &ledger.Batch{Actor: actor}
	proof := []ledger.Digest{b.Keep(kept), b.Keep(found)}
	b.Add(ledger.RightsHolder{ID: holderID(s), Name: s.Holder, Contact: s.Contact})
	for i, refs := range chunks(matches) {
		f := ledger.Claim{ID: s.ID, State: "held", Holder: holderID(s), Matches: refs}
		if i == 0 {
			f.Names, f.Looks = s.Names.words(), s.Names.looks()
		}
		b.Add(f, proof...)
	}
	_, err = l.Append(ctx, b)
	return Opened{s.ID, matches}, err
}

func newID() string {
	var b [4]byte
	rand.Read(b[:]) // never fails
	return "c-" + time.Now().UTC().Format("20060102") + "-" + hex.EncodeToString(b[:])
}

func holderID(s Submission) string { return ledger.DigestOf([]byte(s.Holder)).String()[:16] }

// chunks gives the references of matches in parts; at least one, if empty.
func chunks(ms []Match) [][]string {
	refs := []string{}
	for _, m := range ms {
		refs = append(refs, ledger.CopyRef(m.Content))
	}
	out := slices.Collect(slices.Chunk(refs, chunk))
	if len(out) == 0 {
		out = [][]string{nil}
	}
	return out
}

func canonical(v any) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return jcs.Transform(plain)
}

// Find gives the claim of that identifier.
func Find(ctx context.Context, l *ledger.Ledger, id string) (*rights.Case, error) {
	cases, err := rights.Cases(ctx, l)
	if err != nil {
		return nil, err
	}
	for _, c := range cases {
		if c.ID == id {
			return c, nil
		}
	}
	return nil, fmt.Errorf("the claim %s: %w", id, ledger.ErrNotFound)
}

// Submitted gives what was handed in for a claim.
func Submitted(ctx context.Context, l *ledger.Ledger, c *rights.Case) (Submission, error) {
	e, err := l.Event(ctx, c.First)
	if err != nil {
		return Submission{}, err
	}
	for _, d := range e.Evidence {
		text, err := l.Evidence(ctx, d)
		if err != nil {
			return Submission{}, err
		}
		var s Submission
		if json.Unmarshal(text, &s) == nil && s.ID == c.ID {
			return s, nil
		}
	}
	return Submission{}, fmt.Errorf("what was handed in for the claim %s: %w", c.ID, ledger.ErrNotFound)
}

// Extend holds for all open and upheld claims what was taken in since they were
// last matched, and gives the number of new matches by claim.
func Extend(ctx context.Context, l *ledger.Ledger, actor string) (map[string]int, error) {
	cases, err := rights.Cases(ctx, l)
	if err != nil {
		return nil, err
	}
	added := map[string]int{}
	for _, c := range cases {
		if c.Standing == rights.Released {
			continue
		}
		fresh, err := more(ctx, l, c)
		if err != nil {
			return added, err
		}
		if len(fresh) == 0 {
			continue
		}
		b := &ledger.Batch{Actor: actor}
		found, err := canonical(fresh)
		if err != nil {
			return added, err
		}
		proof := b.Keep(found)
		for _, refs := range chunks(fresh) {
			b.Add(ledger.Claim{ID: c.ID, State: c.State, Holder: c.Holder, Matches: refs}, proof)
		}
		if _, err := l.Append(ctx, b); err != nil {
			return added, err
		}
		added[c.ID] = len(fresh)
	}
	return added, nil
}

// more finds what matches a claim and was recorded after its newest event. Of an
// upheld claim it leaves out what only looks like the claimed pictures, since
// nobody has looked at that yet; the decision quarantines it.
func more(ctx context.Context, l *ledger.Ledger, c *rights.Case) ([]Match, error) {
	s, err := Submitted(ctx, l, c)
	if err != nil {
		return nil, err
	}
	found, err := s.Names.find(ctx, l, c.Event+1)
	return slices.DeleteFunc(found, func(m Match) bool {
		_, known := c.Matches[ledger.CopyRef(m.Content)]
		unseen := c.Standing == rights.Upheld && slices.Equal(m.How, []string{"looks"})
		return known || unseen
	}), err
}

// Matched lists the contents that a claim holds, ascending.
func Matched(c *rights.Case) ([]ledger.Digest, error) {
	var out []ledger.Digest
	for _, ref := range slices.Sorted(maps.Keys(c.Matches)) {
		if !c.Matches[ref] {
			continue
		}
		d, err := ledger.ParseDigest(ref[len(ledger.Ref(ledger.KindCopy, "")):])
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}
