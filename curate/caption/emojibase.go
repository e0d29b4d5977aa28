package caption

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// record is an element of emojibase's data.json, version 17, as far as it is
// used.
type record struct {
	Label    string   `json:"label"`
	Hexcode  string   `json:"hexcode"`
	Tags     []string `json:"tags"`
	Group    *int     `json:"group"`
	Subgroup *int     `json:"subgroup"`
	Tone     oneOrAll `json:"tone"`
	Skins    []record `json:"skins"`
}

// oneOrAll is a number or a list of them.
type oneOrAll []int

func (o *oneOrAll) UnmarshalJSON(b []byte) error {
	var one int
	if json.Unmarshal(b, &one) == nil {
		*o = []int{one}
		return nil
	}
	return json.Unmarshal(b, (*[]int)(o))
}

// names is a text or a list of them.
type names []string

func (n *names) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*n = []string{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(n))
}

type groups struct {
	Groups    map[string]string `json:"groups"`
	Subgroups map[string]string `json:"subgroups"`
}

func (d *Data) emojibase(at string) error {
	folders := make([]string, len(d.languages))
	for i, l := range d.languages {
		folders[i] = strings.ToLower(l)
	}
	p, err := readPackage(at, "emojibase-data", func(name string) bool {
		dir, base := path.Split(name)
		return name == "meta/groups.json" || base == "data.json" && slices.Contains(folders, path.Clean(dir)) ||
			dir == folders[0]+"/shortcodes/" && path.Ext(base) == ".json"
	})
	if err != nil {
		return err
	}
	d.origins = append(d.origins, p.origin)
	var g groups
	if err := p.json("meta/groups.json", &g); err != nil {
		return err
	}
	var order []*emoji
	for i, folder := range folders {
		var records []record
		if err := p.json(folder+"/data.json", &records); err != nil {
			return fmt.Errorf("language %q: %w", d.languages[i], err)
		}
		added, err := d.add(records, i, g)
		if err != nil {
			return fmt.Errorf("%s/data.json: %w", folder, err)
		}
		order = append(order, added...)
	}
	for _, name := range p.names() {
		if path.Dir(name) != folders[0]+"/shortcodes" {
			continue
		}
		var codes map[string]names
		if err := p.json(name, &codes); err != nil {
			return err
		}
		for hex, short := range codes {
			if e := d.emoji[key(hex)]; e != nil {
				e.shortcodes = append(e.shortcodes, short...)
			}
		}
	}
	for _, e := range order {
		slices.Sort(e.shortcodes)
		e.shortcodes = slices.Compact(e.shortcodes)
	}
	d.index(order)
	return nil
}

// add takes the records of one language and returns the emoji that are new.
func (d *Data) add(records []record, language int, g groups) ([]*emoji, error) {
	var added []*emoji
	for i, r := range records {
		for k, x := range append([]record{r}, r.Skins...) {
			id := key(x.Hexcode)
			switch {
			case id == "":
				return nil, fmt.Errorf("element %d: %q are no code points", i, x.Hexcode)
			case k > 0 && len(x.Skins) > 0:
				return nil, fmt.Errorf("element %d: a skin of %s has skins itself", i, r.Hexcode)
			}
			e := d.emoji[id]
			if e == nil {
				e = &emoji{labels: make([]string, len(d.languages))}
				e.Codepoints = strings.ToLower(x.Hexcode)
				e.Gender = gender(id)
				for _, t := range x.Tone {
					if t < 1 || t > len(toneNames) {
						return nil, fmt.Errorf("element %d: %d is no skin tone; want 1 to %d", i, t, len(toneNames))
					}
					e.Tones = append(e.Tones, toneNames[t-1])
				}
				if x.Group != nil {
					e.Group = g.Groups[strconv.Itoa(*x.Group)]
				}
				if x.Subgroup != nil {
					e.Subgroup = g.Subgroups[strconv.Itoa(*x.Subgroup)]
				}
				d.emoji[id] = e
				added = append(added, e)
			}
			e.labels[language] = x.Label
			if language == 0 {
				e.tags = r.Tags
			}
		}
	}
	return added, nil
}

// emojilib adds the keywords of emojilib, which are English.
func (d *Data) emojilib(at string) error {
	const file = "dist/emoji-en-US.json"
	p, err := readPackage(at, "emojilib", func(name string) bool { return name == file })
	if err != nil {
		return err
	}
	d.origins = append(d.origins, p.origin)
	var words map[string][]string
	if err := p.json(file, &words); err != nil {
		return err
	}
	byKey := make(map[string][]string, len(words))
	for _, e := range slices.Sorted(maps.Keys(words)) {
		k := keyOf(e)
		if k == "" {
			return fmt.Errorf("%s: %q is no emoji", file, e)
		}
		byKey[k] = append(byKey[k], words[e]...)
	}
	for k, e := range d.emoji {
		w, ok := byKey[k]
		if !ok {
			w = byKey[toneless(k)]
		}
		for _, s := range w {
			e.tags = append(slices.Clip(e.tags), spaced(s))
		}
	}
	return nil
}
