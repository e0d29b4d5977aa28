package index

import (
	"context"
	"fmt"
	"strings"

	"github.com/limner-ai/limner/dataset/frozen"
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/evaluate/feature"
	"github.com/limner-ai/limner/internal/digest"
)

// Build makes the index of the frozen set in a folder, with what the network sees in its
// pictures where that fits them; space and progress may be nil.
func Build(ctx context.Context, dir string, space *feature.Space, progress func(done, total int)) (*Index, error) {
	m, err := frozen.ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	if m.Pictures > maxPictures {
		return nil, fmt.Errorf("index: %s has %d pictures, at most %d are indexed", dir, m.Pictures, maxPictures)
	}
	contents := make(map[string]digest.SHA256, m.Pictures)
	for o, err := range frozen.Origins(dir) {
		if err != nil {
			return nil, err
		}
		contents[o.Source+"/"+o.Path] = o.Content
	}
	x := &Index{set: Set{Name: m.Name, Root: m.Root.Root.String(), Digests: m.Root.Size, Pictures: m.Pictures,
		Licences: m.Licences, Side: m.Side}}
	for _, split := range []picture.Split{picture.Train, picture.Test} {
		if m.Splits[string(split)] == 0 {
			continue
		}
		set, err := frozen.Open(picture.Source{Path: dir, Split: split, Channels: 4, MemoryMB: 1})
		if err != nil {
			return nil, err
		}
		if err = x.take(ctx, set, split == picture.Train, contents, progress); err == nil {
			err = x.describe(ctx, set, space)
		}
		set.Close()
		if err != nil {
			return nil, err
		}
	}
	if len(x.pictures) != m.Pictures {
		return nil, fmt.Errorf("index: %s: %d pictures of %d are of no split", dir, m.Pictures-len(x.pictures), m.Pictures)
	}
	return x, nil
}

// take adds the pictures of a split.
func (x *Index) take(ctx context.Context, set *frozen.Set, trained bool, contents map[string]digest.SHA256, progress func(done, total int)) error {
	for i := range set.Len() {
		if err := ctx.Err(); err != nil {
			return err
		}
		d, err := set.Describe(i)
		if err != nil {
			return err
		}
		r, err := draw(set, i, white)
		if err != nil {
			return err
		}
		dark, err := draw(set, i, black)
		if err != nil {
			return err
		}
		name := set.Name(i)
		source, path, _ := strings.Cut(name, "/")
		p := Picture{Source: source, Path: path, Content: contents[name], Licence: d.Licence, Holders: strings.Join(d.Holders, "; "), Trained: trained}
		if len(d.Captions) > 0 {
			p.Caption = d.Captions[0].Text
			if d.Style != "" {
				p.Caption += ", " + d.Style
			}
		}
		x.pictures = append(x.pictures, p)
		x.thumbs = append(x.thumbs, make([]int8, len(frequencies))...)
		quantise(x.thumbs[len(x.thumbs)-len(frequencies):], transform(r.cut(whole, thumbSide)))
		x.covers = append(x.covers, make([]int8, covers)...)
		quantise(x.covers[len(x.covers)-covers:], transform(r.over(dark).cut(whole, thumbSide))[:covers])
		if trained {
			x.set.Trained++
		}
		if progress != nil {
			progress(len(x.pictures), x.set.Pictures)
		}
	}
	return nil
}
