package debian

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"path"
	"strings"

	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/archive"
	"github.com/limner-ai/limner/source/embedded"
)

// Items gives the pictures in the order of the package; those in archives
// within it have the archive's path as a folder.
func (d *deb) Items(ctx context.Context) iter.Seq2[source.Item, error] {
	return func(yield func(source.Item, error) bool) {
		give := func(item source.Item, err error) error {
			var r *source.Refused
			if !yield(item, err) || err != nil && !errors.As(err, &r) {
				return errStop
			}
			return nil
		}
		for e, err := range d.archive.Entries(ctx) {
			var r *source.Refused
			switch {
			case errors.As(err, &r):
				if d.Takes(r.Path) || nested(r.Path) {
					err = give(source.Item{}, err)
				} else {
					err = nil
				}
			case err != nil:
				err = give(source.Item{}, err)
			case d.Takes(e.Path):
				err = give(d.item(e, e.Path, installed{name: e.Path}))
			case nested(e.Path):
				outer := e.Path
				err = d.within(ctx, e, func(inner *archive.Entry, name string, err error) error {
					switch {
					case !d.Takes(name):
						return nil
					case err != nil:
						return give(source.Item{}, err)
					}
					return give(d.item(inner, name, inside(outer, inner.Path)))
				})
				if err != nil && !errors.Is(err, errStop) {
					err = give(source.Item{}, err)
				}
			}
			if err != nil {
				return
			}
		}
	}
}

var errStop = errors.New("stopped")

// item reads a picture and what is said of it.
func (d *deb) item(e *archive.Entry, name string, at installed) (source.Item, error) {
	data, err := e.Bytes()
	if err == nil && len(data) == 0 {
		err = &source.Refused{Path: name, Why: source.Malformed, Err: errors.New("it is empty")}
	}
	var r *source.Refused
	if errors.As(err, &r) {
		err = &source.Refused{Path: name, Why: r.Why, Err: r.Err}
	}
	if err != nil {
		return source.Item{}, err
	}
	item := source.Item{Path: name, Data: data, Style: d.Style}
	var groups []string
	if d.match != nil {
		if f := d.match.find(at); f.stanza >= 0 {
			s := &d.copyright.stanzas[f.stanza]
			item.Statements = d.copyright.statements(&s.fields, source.Group, f.flag)
			item.Holders = holders(s.copyright.text)
			group := fmt.Sprintf("debian/copyright line %d", s.line)
			if f.flag != "" {
				group += " (" + f.flag + ")"
			}
			groups = append(groups, group)
		}
	}
	if folder, said := d.folders.Of(name); folder != "" {
		item.Statements = append(item.Statements, said...)
		groups = append(groups, folder)
	}
	item.Group = strings.Join(groups, ", ")
	if strings.EqualFold(path.Ext(name), ".svg") {
		d.describe(&item)
	}
	if p, ok := d.pieces[name]; ok && p.name != "" {
		item.Title, item.Creator, item.Keywords = p.name, p.creator, p.keywords
		item.Captions = []source.Caption{{Lang: d.Language, Text: p.name}}
	}
	return item, nil
}

// describe adds what an SVG document says of itself.
func (d *deb) describe(item *source.Item) {
	w := embedded.SVG(item.Data)
	item.Title, item.Creator, item.Keywords = w.Title, w.Creator, w.Keywords
	item.Holders = append(item.Holders, w.Holders...)
	for _, text := range []string{w.Title, w.Description} {
		if text != "" {
			item.Captions = append(item.Captions, source.Caption{Lang: cmp.Or(w.Language, d.Language), Text: text})
		}
	}
}
