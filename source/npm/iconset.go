package npm

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/limner-ai/limner/source"
)

const (
	maxSet   = 512 << 20 // bytes of a set's file
	maxChain = 8         // aliases of aliases
)

// iconSet is what a set says beside its icons' bodies.
type iconSet struct {
	Prefix     string
	Info       json.RawMessage
	Aliases    map[string]icon
	Chars      map[string]string   // names by code points
	Categories map[string][]string // names by category
	Defaults   box

	Style, Author string
	Statements    []source.Statement

	derived    map[string][]string // by an icon's name: aliases that look otherwise
	names      map[string][]string // by an icon's name: aliases that look the same
	codes      map[string]string   // by name: code points
	known      emojiNames
	wrong      error               // what cannot be read of it
	categories map[string][]string // by name
}

// readSet reads a set in the IconifyJSON format, as a stream: each icon is given
// to a function as it comes, and not kept.
func readSet(r io.Reader, each func(name string, i icon) error) (*iconSet, error) {
	s := &iconSet{Aliases: map[string]icon{}, Chars: map[string]string{}, Categories: map[string][]string{}}
	d := json.NewDecoder(r)
	err := object(d, func(key string) error {
		switch key {
		case "prefix":
			return d.Decode(&s.Prefix)
		case "info":
			return d.Decode(&s.Info)
		case "aliases":
			return d.Decode(&s.Aliases)
		case "chars":
			return d.Decode(&s.Chars)
		case "categories":
			return d.Decode(&s.Categories)
		case "left":
			return d.Decode(&s.Defaults.Left)
		case "top":
			return d.Decode(&s.Defaults.Top)
		case "width":
			return d.Decode(&s.Defaults.Width)
		case "height":
			return d.Decode(&s.Defaults.Height)
		case "icons":
			if each == nil {
				return object(d, func(string) error { return skip(d) })
			}
			return object(d, func(name string) error {
				var i icon
				if err := d.Decode(&i); err != nil {
					return err
				}
				return each(name, i)
			})
		}
		return skip(d)
	})
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the set is cut off")
	}
	return s, err
}

func skip(d *json.Decoder) error {
	var raw json.RawMessage
	return d.Decode(&raw)
}

// object reads an object, whose values are for each to read.
func object(d *json.Decoder, each func(key string) error) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	if t != json.Delim('{') {
		return fmt.Errorf("%v where an object should begin", t)
	}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return err
		}
		key, ok := t.(string)
		if !ok {
			return fmt.Errorf("%v where a key should be", t)
		}
		if err := each(key); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

// resolve finds what aliases lead to, and which emoji icons draw.
func (s *iconSet) resolve(emoji bool, names emojiNames) {
	s.derived, s.names = map[string][]string{}, map[string][]string{}
	s.codes, s.categories = map[string]string{}, map[string][]string{}
	for name, a := range sorted(s.Aliases) {
		root, same := s.root(name)
		switch {
		case root == "" || a.Hidden:
		case same:
			s.names[root] = append(s.names[root], name)
		default:
			s.derived[root] = append(s.derived[root], name)
		}
	}
	for category, list := range sorted(s.Categories) {
		for _, name := range list {
			s.categories[name] = append(s.categories[name], category)
		}
	}
	if !emoji {
		return // an icon font's code points are its own
	}
	for written, name := range sorted(s.Chars) {
		p := codepoints(written)
		if p == "" {
			continue
		}
		if root, same := s.root(name); same {
			name = root
		}
		if s.codes[name] == "" {
			s.codes[name] = p
		}
	}
	s.known = names
}

// code gives the emoji that an icon draws: as the set says, or by its name or
// one of its aliases.
func (s *iconSet) code(name string) string {
	if p := s.codes[name]; p != "" {
		return p
	}
	for _, n := range append([]string{name}, s.names[name]...) {
		if p := s.known[fold(n)]; p != "" {
			return p
		}
	}
	return ""
}

// root follows an alias to its icon, and reports whether it looks the same. It
// returns "" for one that leads nowhere.
func (s *iconSet) root(name string) (root string, same bool) {
	same = true
	for range maxChain {
		a, ok := s.Aliases[name]
		if !ok {
			return name, same
		}
		same = same && a.plain()
		name = a.Parent
	}
	return "", false
}

// named is an icon under a name.
type named struct {
	name string
	icon icon
}

// derive gives an icon and those that are made of it by turning and mirroring.
func (s *iconSet) derive(name string, i icon) []named {
	var all []named
	if !i.Hidden {
		all = append(all, named{name, i.within(s.Defaults)})
	}
	for _, alias := range s.derived[name] {
		var chain []icon
		for at := alias; at != name; at = s.Aliases[at].Parent {
			chain = append(chain, s.Aliases[at])
		}
		d := i
		for _, a := range slices.Backward(chain) {
			d = d.under(a)
		}
		all = append(all, named{alias, d.within(s.Defaults)})
	}
	return all
}
