package npm

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"github.com/limner-ai/limner/source"
)

// unified is a picture of emoji.json of the packages emoji-datasource-*.
type unified struct {
	Name       string             `json:"name"`
	Unified    string             `json:"unified"`
	Image      string             `json:"image"`
	ShortNames []string           `json:"short_names"`
	Category   string             `json:"category"`
	Skins      map[string]unified `json:"skin_variations"`
}

// tones are Fitzpatrick types as Unicode names them.
var tones = map[string]string{
	"1F3FB": "light skin tone", "1F3FC": "medium-light skin tone", "1F3FD": "medium skin tone",
	"1F3FE": "medium-dark skin tone", "1F3FF": "dark skin tone",
}

// newDatasource reads emoji.json. The pictures are img/VENDOR/64/*.png; sheets
// of all of them lie beside them.
func newDatasource(_ context.Context, p *pkg, _ emojiNames) (layout, error) {
	var list []unified
	if err := p.table("emoji.json", &list); err != nil {
		return nil, err
	}
	byImage := map[string]source.Item{}
	for _, u := range list {
		item := source.Item{Title: strings.ToLower(u.Name), Codepoints: codepoints(u.Unified)}
		for _, n := range u.ShortNames {
			item.Keywords = append(item.Keywords, spaced(n))
		}
		if u.Category != "" {
			item.Keywords = append(item.Keywords, u.Category)
		}
		byImage[u.Image] = item
		for tone, s := range u.Skins {
			skin := item
			skin.Codepoints = codepoints(s.Unified)
			var in []string
			for t := range strings.SplitSeq(tone, "-") {
				in = append(in, tones[t])
			}
			skin.Title += ": " + strings.Join(in, ", ")
			byImage[s.Image] = skin
		}
	}
	return &pictures{pkg: p, only: among("img/*/64/*"), describe: func(item *source.Item) {
		d := byImage[path.Base(item.Path)]
		item.Title, item.Keywords, item.Codepoints = d.Title, d.Keywords, d.Codepoints
		if parts := strings.Split(item.Path, "/"); item.Style == "" && len(parts) > 2 && parts[0] == "img" {
			item.Style = parts[1]
		}
	}}, nil
}

// openmoji is a picture of data/openmoji.json.
type openmoji struct {
	Hexcode    string `json:"hexcode"`
	Annotation string `json:"annotation"`
	Tags       string `json:"tags"`
	OwnTags    string `json:"openmoji_tags"`
	Author     string `json:"openmoji_author"`
	Group      string `json:"group"`
	Subgroup   string `json:"subgroups"`
}

// newOpenmoji reads data/openmoji.json. The pictures are color/svg/*.svg and
// black/svg/*.svg, two styles.
func newOpenmoji(_ context.Context, p *pkg, _ emojiNames) (layout, error) {
	var list []openmoji
	if err := p.table("data/openmoji.json", &list); err != nil {
		return nil, err
	}
	byCode := map[string]openmoji{}
	for _, o := range list {
		byCode[strings.ToUpper(o.Hexcode)] = o
	}
	colour, black := among("color/*/*"), among("black/*/*")
	return &pictures{
		pkg:  p,
		only: func(name string) bool { return among("color/svg/*")(name) || among("black/svg/*")(name) },
		describe: func(item *source.Item) {
			o, ok := byCode[strings.ToUpper(stem(item.Path))]
			if !ok {
				return
			}
			item.Title, item.Creator, item.Codepoints = o.Annotation, o.Author, codepoints(o.Hexcode)
			for _, tag := range strings.Split(o.Tags+","+o.OwnTags, ",") {
				if tag = strings.TrimSpace(tag); tag != "" {
					item.Keywords = append(item.Keywords, tag)
				}
			}
			for _, g := range []string{o.Subgroup, o.Group} {
				if g != "" {
					item.Keywords = append(item.Keywords, spaced(g))
				}
			}
			switch {
			case colour(item.Path):
				item.Style = cmp.Or(item.Style, "openmoji-color")
			case black(item.Path):
				item.Style = cmp.Or(item.Style, "openmoji-black")
			}
		},
	}, nil
}

// table reads a JSON file of the package.
func (p *pkg) table(name string, into any) error {
	e := p.tables[name]
	if e == nil {
		return fmt.Errorf("layout: the package has no %s; write another layout", name)
	}
	if err := json.Unmarshal(e.Data, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
