package claim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/limner-ai/limner/curate/decode"
	"github.com/limner-ai/limner/curate/fingerprint"
	"github.com/limner-ai/limner/rights/intake"
	"github.com/limner-ai/limner/rights/ledger"
)

// Names say which works are claimed. A copy matches if any of them fits.
type Names struct {
	Contents []ledger.Digest `json:"contents,omitempty"` // SHA-256 of files
	Looks    []Look          `json:"looks,omitempty"`    // pictures that were shown
	// URLs are addresses; one that ends with a slash or * is the beginning of
	// addresses.
	URLs []string `json:"urls,omitempty"`
	// Creators are names of creators or holders, as whole words in any case.
	Creators []string `json:"creators,omitempty"`
	// Paths are SOURCE/PATH, in which * stands for any characters: a family of
	// pictures.
	Paths []string `json:"paths,omitempty"`
}

// Look is a picture that was shown: its perceptual hashes, turned every way.
type Look struct {
	Name    string             `json:"name,omitempty"`
	Hashes  []fingerprint.Hash `json:"hashes"`
	Quality int                `json:"quality"`
}

// Show adds a picture file: itself, and what looks like it.
func (n *Names) Show(ctx context.Context, name string, file []byte) error {
	n.Contents = append(n.Contents, ledger.Digest(fingerprint.Exact(file)))
	p, err := decode.Bytes(ctx, file, decode.Default())
	if err != nil {
		return fmt.Errorf("%s: only this very file is claimed, for it cannot be decoded: %w", name, err)
	}
	hashes, quality := fingerprint.Dihedral(p.Image)
	if quality < fingerprint.Sharp {
		return fmt.Errorf("%s: only this very file is claimed, for it is too flat to find others by its looks", name)
	}
	n.Looks = append(n.Looks, Look{name, hashes[:], quality})
	return nil
}

const leastName = 3 // letters of a creator's name

func (n *Names) check() error {
	if len(n.Contents)+len(n.Looks)+len(n.URLs)+len(n.Creators)+len(n.Paths) == 0 {
		return errors.New("the claim names nothing: give files, addresses, creators or paths")
	}
	for _, c := range n.Creators {
		if len(strings.Join(words(c), "")) < leastName {
			return fmt.Errorf("the creator %q is too short a name to find works by", c)
		}
	}
	for _, p := range n.Paths {
		if source, rest, ok := strings.Cut(p, "/"); !ok || source == "" || strings.Trim(rest, "*") == "" && strings.Contains(source, "*") {
			return fmt.Errorf("the path %q does not say SOURCE/PATH", p)
		}
	}
	for _, u := range n.URLs {
		if !strings.Contains(u, "://") {
			return fmt.Errorf("%q is no address; write https://…", u)
		}
	}
	return nil
}

// words gives the names for people, bounded.
func (n *Names) words() []string {
	var out []string
	for _, d := range n.Contents {
		out = append(out, "file "+d.String())
	}
	for _, k := range n.Looks {
		out = append(out, "looks like "+k.Name)
	}
	for kind, list := range map[string][]string{"address ": n.URLs, "creator ": n.Creators, "path ": n.Paths} {
		for _, x := range list {
			out = append(out, kind+x)
		}
	}
	slices.Sort(out)
	return out[:min(len(out), 1000)] // the evidence has all
}

func (n *Names) looks() []string {
	var out []string
	for _, k := range n.Looks {
		for _, h := range k.Hashes {
			out = append(out, h.String())
		}
	}
	return out[:min(len(out), 8000)]
}

// Match is a copy that a claim is about.
type Match struct {
	Content ledger.Digest `json:"content"`
	Source  string        `json:"source"`
	Path    string        `json:"path"`
	How     []string      `json:"how"` // exact, looks, address, creator, path
	// Distance is that of its looks in bits; -1 if it was found otherwise.
	Distance int `json:"distance"`
}

// find gives the copies that were recorded from an event on and match, by
// content.
func (n *Names) find(ctx context.Context, l *ledger.Ledger, from int64) ([]Match, error) {
	by := map[ledger.Digest]Match{}
	for e, err := range l.Events(ctx, ledger.Query{Kinds: []ledger.Kind{ledger.KindCopy}, From: from}) {
		if err != nil {
			return nil, err
		}
		c, ok := e.Fact.(ledger.Copy)
		if !ok || c.Source == "" {
			continue
		}
		m, err := n.match(ctx, l, e, c)
		if err != nil {
			return nil, err
		}
		if len(m.How) == 0 {
			continue
		}
		if was, ok := by[c.Content]; ok { // the same bytes at another place
			m.How = append(was.How, m.How...)
			slices.Sort(m.How)
			m.How = slices.Compact(m.How)
		}
		by[c.Content] = m
	}
	return slices.SortedFunc(maps.Values(by), func(a, b Match) int { return cmp.Compare(a.Content.String(), b.Content.String()) }), nil
}

func (n *Names) match(ctx context.Context, l *ledger.Ledger, e ledger.Event, c ledger.Copy) (Match, error) {
	m := Match{Content: c.Content, Source: c.Source, Path: c.Path, Distance: -1}
	how := func(is bool, word string) {
		if is {
			m.How = append(m.How, word)
		}
	}
	how(slices.ContainsFunc(n.URLs, func(u string) bool { return addressed(u, c.URL) }), "address")
	people, err := n.people(ctx, l, e, c)
	if err != nil {
		return m, err
	}
	how(slices.ContainsFunc(people, n.created), "creator")
	how(slices.Contains(n.Contents, c.Content), "exact")
	m.Distance = n.nearest(c)
	how(m.Distance >= 0, "looks")
	how(slices.ContainsFunc(n.Paths, func(p string) bool { return glob(p, c.Source+"/"+c.Path) }), "path")
	return m, nil
}

// people are those whom the copy's record names; they are only asked for where
// names are claimed.
func (n *Names) people(ctx context.Context, l *ledger.Ledger, e ledger.Event, c ledger.Copy) ([]string, error) {
	if len(n.Creators) == 0 {
		return nil, nil
	}
	r, err := intake.ReadRecord(ctx, l, e)
	if errors.Is(err, ledger.ErrNotFound) || errors.Is(err, ledger.ErrErased) {
		return []string{c.Creator}, nil
	}
	return append([]string{c.Creator, r.Creator}, r.Holders...), err
}

func addressed(claimed, url string) bool {
	if url == "" {
		return false
	}
	begin, some := strings.CutSuffix(claimed, "*")
	return url == claimed || (some || strings.HasSuffix(claimed, "/")) && strings.HasPrefix(url, begin)
}

// created reports whether a name among the claimed ones is found, as whole
// words, in who made a picture.
func (n *Names) created(by string) bool {
	text := " " + strings.Join(words(by), " ") + " "
	return slices.ContainsFunc(n.Creators, func(c string) bool {
		return strings.Contains(text, " "+strings.Join(words(c), " ")+" ")
	})
}

func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(c rune) bool {
		return strings.ContainsRune(" \t\n,;:.<>()[]\"'/@|&-_", c)
	})
}

// nearest is the distance, in bits, of the shown picture that looks most like
// the copy; -1 if none is near.
func (n *Names) nearest(c ledger.Copy) int {
	var h fingerprint.Hash
	if c.Quality < fingerprint.Sharp || h.UnmarshalText([]byte(c.PDQ)) != nil {
		return -1
	}
	best := -1
	for _, k := range n.Looks {
		for _, x := range k.Hashes {
			if d := fingerprint.Distance(h, x); d <= fingerprint.Near && (best < 0 || d < best) {
				best = d
			}
		}
	}
	return best
}

// glob reports whether the whole name fits; * stands for any characters.
func glob(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	rest, ok := strings.CutPrefix(name, parts[0])
	if !ok || len(parts) == 1 {
		return ok && rest == ""
	}
	last := len(parts) - 1
	for _, p := range parts[1:last] {
		i := strings.Index(rest, p)
		if i < 0 {
			return false
		}
		rest = rest[i+len(p):]
	}
	return strings.HasSuffix(rest, parts[last])
}
