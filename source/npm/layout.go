package npm

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/archive"
	"github.com/limner-ai/limner/source/embedded"
)

// layout makes items of a package's files.
type layout interface {
	takes(name string) bool
	items(name string, e *archive.Entry) iter.Seq2[source.Item, error]
}

// layouts are the ways in which packages name their pictures.
var layouts = map[string]func(context.Context, *pkg, emojiNames) (layout, error){
	"iconify":          newIconify,
	"emoji-datasource": newDatasource,
	"openmoji":         newOpenmoji,
	"codepoints":       func(_ context.Context, p *pkg, _ emojiNames) (layout, error) { return coded(p), nil },
	"plain":            func(_ context.Context, p *pkg, _ emojiNames) (layout, error) { return &pictures{pkg: p}, nil },
}

// arrange chooses the layout.
func (p *pkg) arrange(ctx context.Context, names emojiNames) (layout, error) {
	kind := p.Layout
	if kind == "" {
		switch {
		case len(p.icons) > 0 && (p.tables["collections.json"] != nil || p.tables["info.json"] != nil):
			kind = "iconify"
		case p.tables["data/openmoji.json"] != nil:
			kind = "openmoji"
		case p.tables["emoji.json"] != nil && strings.HasPrefix(p.manifest.Name, "emoji-datasource"):
			kind = "emoji-datasource"
		case p.emoji > 0 && p.emoji >= p.pictures/2:
			kind = "codepoints"
		default:
			kind = "plain"
		}
	}
	if len(p.Sets) > 0 && kind != "iconify" {
		return nil, fmt.Errorf("sets: only a package of icon sets has them; the layout of this one is %s", kind)
	}
	return layouts[kind](ctx, p, names)
}

// Items gives the pictures in the order of the package; those of an icon set by
// the set's own order.
func (p *pkg) Items(ctx context.Context) iter.Seq2[source.Item, error] {
	return func(yield func(source.Item, error) bool) {
		for e, err := range p.archive.Entries(ctx) {
			var r *source.Refused
			if errors.As(err, &r) {
				name, ok := p.inside(r.Path)
				if ok && !p.layout.takes(name) {
					continue
				}
				if ok {
					err = &source.Refused{Path: name, Why: r.Why, Err: r.Err}
				}
				if !yield(source.Item{}, err) {
					return
				}
				continue
			}
			if err != nil {
				yield(source.Item{}, err)
				return
			}
			name, ok := p.inside(e.Path)
			switch {
			case !p.layout.takes(name):
				continue
			case !ok:
				err := &source.Refused{Path: e.Path, Why: source.Unsafe, Err: errors.New("it lies outside of the package's folder")}
				if !yield(source.Item{}, err) {
					return
				}
				continue
			}
			for item, err := range p.layout.items(name, e) {
				if ctx.Err() != nil {
					err = ctx.Err()
				}
				var r *source.Refused
				if !yield(item, err) || err != nil && !errors.As(err, &r) {
					return
				}
			}
		}
	}
}

// pictures is the layout of files that are pictures.
type pictures struct {
	*pkg
	only     func(name string) bool // where the configuration includes nothing
	describe func(*source.Item)
}

func (l *pictures) takes(name string) bool {
	return l.Takes(name) && (l.only == nil || len(l.Include) > 0 || l.only(name))
}

func (l *pictures) items(name string, e *archive.Entry) iter.Seq2[source.Item, error] {
	return func(yield func(source.Item, error) bool) {
		data, err := e.Bytes()
		if err == nil && len(data) == 0 {
			err = &source.Refused{Path: name, Why: source.Malformed, Err: errors.New("it is empty")}
		}
		if err != nil {
			var r *source.Refused
			if errors.As(err, &r) {
				err = &source.Refused{Path: name, Why: r.Why, Err: r.Err}
			}
			yield(source.Item{}, err)
			return
		}
		item := source.Item{Path: name, Data: data, Style: l.Style}
		item.Group, item.Statements = l.folders.Of(name)
		if strings.EqualFold(path.Ext(name), ".svg") {
			w := embedded.SVG(data)
			item.Title, item.Creator, item.Keywords = w.Title, w.Creator, w.Keywords
		}
		if l.describe != nil {
			l.describe(&item)
		}
		if item.Title != "" {
			item.Captions = []source.Caption{{Lang: "en", Text: item.Title}}
		}
		yield(item, nil)
	}
}

// coded is the layout of files that are named by their emoji's code points.
func coded(p *pkg) layout {
	return &pictures{pkg: p, describe: func(item *source.Item) { item.Codepoints = codepoints(stem(item.Path)) }}
}

// spaced makes words of a name with hyphens or underscores.
func spaced(name string) string {
	return strings.Join(strings.FieldsFunc(name, func(r rune) bool { return r == '-' || r == '_' || r == ' ' }), " ")
}

// among reports whether name matches a pattern of path.Match.
func among(pattern string) func(string) bool {
	return func(name string) bool {
		ok, err := path.Match(pattern, name)
		return ok && err == nil
	}
}

// sorted gives a map's pairs by key.
func sorted[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}
