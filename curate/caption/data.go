package caption

import (
	"errors"
	"fmt"
	"strings"

	"github.com/limner-ai/limner/internal/digest"
)

// Data are words for emoji in some languages.
type Data struct {
	languages []string
	emoji     map[string]*emoji // by key
	names     map[string]*emoji // by plain name; nil if that is ambiguous
	origins   []Origin
}

// emoji is one emoji, or one of its skins.
type emoji struct {
	Emoji
	labels     []string // by language; may be empty
	tags       []string // of the first language; a skin has its emoji's
	shortcodes []string
}

// Origin names the package that words came from.
type Origin struct {
	Name    string        `json:"name"`
	Version string        `json:"version"`
	Licence string        `json:"licence,omitempty"` // as package.json has it
	Digest  digest.SHA256 `json:"digest"`            // of the files read
}

// Origins lists the packages that were read.
func (d *Data) Origins() []Origin { return d.origins }

// Known is the number of emoji, skins among them.
func (d *Data) Known() int { return len(d.emoji) }

// None returns data without emoji, for captions in these languages.
func None(languages []string) *Data {
	return &Data{languages: languages, emoji: map[string]*emoji{}, names: map[string]*emoji{}}
}

// Read reads the npm packages emojibase-data and emojilib, each a folder or a
// .tgz archive as npm pack gives it; a path may be empty for neither. Languages
// are BCP 47 tags of which emojibase has a folder. Of damaged or huge files
// nothing is taken.
func Read(emojibase, emojilib string, languages []string) (*Data, error) {
	d := None(languages)
	if len(languages) == 0 {
		return nil, errors.New("captions: no language is given")
	}
	if emojibase != "" {
		if err := d.emojibase(emojibase); err != nil {
			return nil, fmt.Errorf("captions: emojibase-data in %s: %w", emojibase, err)
		}
	}
	if emojilib != "" {
		if err := d.emojilib(emojilib); err != nil {
			return nil, fmt.Errorf("captions: emojilib in %s: %w", emojilib, err)
		}
	}
	return d, nil
}

// index makes the emoji findable by their names: labels first, then short
// names that belong to one emoji only.
func (d *Data) index(order []*emoji) {
	label := func(e *emoji) []string {
		name := plain(e.labels[0])
		return []string{name, strings.ReplaceAll(name, " skin tone", "")}
	}
	short := func(e *emoji) []string {
		var out []string
		for _, s := range e.shortcodes {
			out = append(out, plain(spaced(s)))
		}
		return out
	}
	for _, namesOf := range []func(*emoji) []string{label, short} {
		round := map[string]*emoji{}
		for _, e := range order {
			for _, n := range namesOf(e) {
				if other, ok := round[n]; ok && other != e {
					round[n] = nil
					continue
				}
				round[n] = e
			}
		}
		for n, e := range round {
			if _, ok := d.names[n]; !ok && n != "" {
				d.names[n] = e
			}
		}
	}
}
