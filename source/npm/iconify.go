package npm

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"regexp"
	"slices"

	"github.com/limner-ai/limner/internal/nearest"
	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/archive"
)

// iconify is the layout of icon sets in the IconifyJSON format (documented at
// iconify.design/docs/types/iconify-json.html): json/PREFIX.json of several sets
// with collections.json, or icons.json of one with info.json and chars.json.
type iconify struct{ *pkg }

// iconName is what prefixes and names of icons look like.
var iconName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// setInfo is what is said of a set.
type setInfo struct {
	Name     string `json:"name"`
	Category string `json:"category"`
	Author   struct {
		Name string `json:"name"`
	} `json:"author"`
	License struct {
		Title, SPDX, URL string
	} `json:"license"`
}

func newIconify(_ context.Context, p *pkg, names emojiNames) (layout, error) {
	var infos map[string]setInfo
	if p.tables["collections.json"] != nil {
		if err := p.table("collections.json", &infos); err != nil {
			return nil, err
		}
	}
	var all []string
	for _, name := range p.icons {
		all = append(all, stem(name))
	}
	for _, s := range p.Sets {
		if !slices.Contains(all, s) {
			return nil, fmt.Errorf("sets: the package has no set %q%s", s, nearest.Hint(s, all))
		}
	}
	l := &iconify{p}
	for name, set := range sorted(p.sets) {
		if err := l.complete(set, infos, names); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return l, nil
}

// glance reads what a set says beside its icons. What the set has wrong is told
// only if its icons are wanted.
func glance(e *archive.Entry) (*iconSet, error) {
	r, err := e.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	set, err := readSet(io.LimitReader(r, maxSet), nil)
	set.wrong = err
	return set, nil
}

// complete adds what the package says of a set.
func (l *iconify) complete(set *iconSet, infos map[string]setInfo, names emojiNames) error {
	if set.wrong != nil {
		return set.wrong
	}
	if len(set.Chars) == 0 && l.tables["chars.json"] != nil {
		if err := l.table("chars.json", &set.Chars); err != nil {
			return err
		}
	}
	if !iconName.MatchString(set.Prefix) {
		return fmt.Errorf("the set's prefix is %q, which is no name", set.Prefix)
	}
	said, told := infos[set.Prefix]
	where, evidence := "collections.json "+set.Prefix, l.tables["collections.json"]
	if !told && l.tables["info.json"] != nil {
		where, evidence = "info.json", l.tables["info.json"]
		if err := l.table("info.json", &said); err != nil {
			return err
		}
	}
	set.state(said, where, evidence)
	var own setInfo
	if json.Unmarshal(set.Info, &own) == nil && own.License != said.License { // both are told
		set.state(own, "info of the set "+set.Prefix, &source.Evidence{Name: "info of the set " + set.Prefix, Data: set.Info})
	}
	set.Style = cmp.Or(l.Style, set.Prefix)
	set.resolve(cmp.Or(said.Category, own.Category) == "Emoji", names)
	return nil
}

// state turns what is said of a set into statements about it.
func (s *iconSet) state(info setInfo, where string, e *source.Evidence) {
	add := func(key string, form source.Form, written string) {
		if written != "" && e != nil {
			s.Statements = append(s.Statements, source.Statement{Scope: source.Group, Form: form, Written: written, Where: where + " " + key, Evidence: e})
		}
	}
	add("license.spdx", source.Expression, info.License.SPDX)
	add("license.title", source.Expression, info.License.Title)
	if info.License.SPDX == "" && info.License.Title == "" {
		add("license.url", source.Expression, info.License.URL)
	}
	add("author", source.Notice, info.Author.Name)
	if s.Author == "" {
		s.Author = info.Author.Name
	}
}

func (l *iconify) takes(name string) bool {
	_, ok := l.sets[name]
	return ok
}

// items gives the icons of one set.
func (l *iconify) items(name string, e *archive.Entry) iter.Seq2[source.Item, error] {
	return func(yield func(source.Item, error) bool) {
		set := l.sets[name]
		r, err := e.Open()
		if err != nil {
			yield(source.Item{}, err)
			return
		}
		defer r.Close()
		_, err = readSet(io.LimitReader(r, maxSet), func(name string, i icon) error {
			for _, d := range set.derive(name, i) {
				item, err := set.item(d.name, d.icon)
				if err == nil && !l.Takes(item.Path) {
					continue
				}
				if !yield(item, err) {
					return errStop
				}
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStop) {
			yield(source.Item{}, fmt.Errorf("%s: %w", name, err))
		}
	}
}

var errStop = errors.New("stopped")

// item makes the picture of one icon.
func (s *iconSet) item(name string, i icon) (source.Item, error) {
	at := path.Join(s.Prefix, name) + ".svg"
	if !iconName.MatchString(name) {
		return source.Item{}, &source.Refused{Path: fmt.Sprintf("%s/%q", s.Prefix, name), Why: source.Malformed, Err: errors.New("its name is none of an icon")}
	}
	doc, err := i.svg()
	if err != nil {
		return source.Item{}, &source.Refused{Path: at, Why: source.Malformed, Err: err}
	}
	item := source.Item{
		Path: at, Data: doc, Title: spaced(name), Creator: s.Author, Codepoints: s.code(name),
		Style: s.Style, Group: s.Prefix, Statements: s.Statements,
	}
	if s.Author != "" {
		item.Holders = []string{s.Author}
	}
	item.Captions = []source.Caption{{Lang: "en", Text: item.Title}}
	for _, n := range s.names[name] {
		item.Captions = append(item.Captions, source.Caption{Lang: "en", Text: spaced(n)})
	}
	item.Keywords = s.categories[name]
	return item, nil
}
