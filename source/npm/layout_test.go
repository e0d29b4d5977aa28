package npm

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/sourcetest"
)

func TestCodepoints(t *testing.T) {
	for written, want := range map[string]string{
		"0023-FE0F-20E3": "0023-20e3", "1F34E": "1f34e", "emoji_u1f469_200d_1f692": "1f469-200d-1f692", "2764 fe0f": "2764",
		"u+1F600": "1f600", "a9": "00a9", "00a9-fe0f": "00a9", "": "", "face-time": "", "E207": "", "f0000": "", "110000": "", "d800": "",
		"64": "", "0041": "", "red-apple": "", "1f34e.png": "", "0001f34e": "",
	} {
		if got := codepoints(written); got != want {
			t.Errorf("%q: %q, want %q", written, got, want)
		}
	}
}

func TestFold(t *testing.T) {
	for a, b := range map[string]string{
		"woman firefighter: dark skin tone": "woman-firefighter-dark-skin-tone", "flag: Åland Islands": "flag-aland-islands",
		"piñata": "pinata", "O’clock": "oclock", "keycap: *": "keycap",
	} {
		if fold(a) != fold(b) {
			t.Errorf("%q is %q, %q is %q", a, fold(a), b, fold(b))
		}
	}
}

const collections = `{
  "fruit": {"name": "Fruit", "category": "Emoji", "author": {"name": "Ann"}, "license": {"title": "Apache 2.0", "spdx": "Apache-2.0", "url": "https://a.example"}},
  "signs": {"name": "Signs", "author": {"name": "Bob"}, "license": {"title": "Free for all", "url": "https://b.example"}},
  "third": {"name": "Third", "license": {"url": "https://creativecommons.org/licenses/by/4.0/"}}
}`

const body = `"body": "<path d='M0 0h4v2H0z' fill='red'/>"`

const fruit = `{"prefix": "fruit", "info": {"name": "Fruit", "license": {"title": "MIT", "spdx": "MIT"}}, "lastModified": 1,
 "icons": {
   "red-apple": {` + body + `}, "pear": {` + body + `, "width": 20, "left": -2}, "old": {` + body + `, "hidden": true},
   "arrow": {` + body + `, "rotate": 1}, "empty": {"body": " "}, "Bad Name": {` + body + `}, "flat": {` + body + `, "height": 0},
   "fig": {` + body + `}, "plum": {"body": "<use xlink:href='#a'/>"}, "lime": {` + body + `}
 },
 "aliases": {"apple": {"parent": "red-apple"}, "left-arrow": {"parent": "arrow", "hFlip": true}, "far": {"parent": "left-arrow", "rotate": 1},
   "loop": {"parent": "loop"}, "gone": {"parent": "nothing"}, "shy": {"parent": "fig", "vFlip": true, "hidden": true}, "wild-fig": {"parent": "fig", "width": 8}},
 "chars": {"1f34e-fe0f": "apple", "e001": "pear"}, "categories": {"Food": ["red-apple", "pear"]}, "width": 10, "height": 12, "suffixes": {"": "x"}}`

func fruitPackage(t testing.TB) string {
	return write(t, "package.json", `{"name": "@icons/json", "version": "1.0.0", "license": "MIT"}`, "collections.json", collections,
		"json/fruit.json", fruit, "json/signs.json", `{"prefix": "signs", "icons": {"e": {`+body+`}}, "chars": {"1f34e": "e"}}`,
		"json/third.json", `{"prefix": "third", "icons": {"e": {`+body+`}}}`, "img.png", "")
}

func TestConformanceIconify(t *testing.T) {
	path := fruitPackage(t)
	sourcetest.Run(t, sourcetest.Case{
		Kind: Kind, Env: source.Env{Dir: filepath.Dir(path)}, Config: "file: p.tgz\nsets: [fruit, signs]\nexclude: ['*/lime.svg']",
		Paths: []string{"fruit/red-apple.svg", "fruit/pear.svg", "fruit/arrow.svg", "fruit/far.svg", "fruit/left-arrow.svg", "fruit/fig.svg",
			"fruit/wild-fig.svg", "fruit/plum.svg", "signs/e.svg"},
		Refused:  map[string]source.Why{"fruit/empty.svg": source.Malformed, `fruit/"Bad Name"`: source.Malformed, "fruit/flat.svg": source.Malformed},
		Mistakes: map[string]string{"file: p.tgz\nsets: [fruits]": "fruit", "file: p.tgz\nlayout: plain\nsets: [fruit]": "sets"},
	})
}

func TestIconify(t *testing.T) {
	names := write(t, "package.json", `{"name": "emojibase-data", "version": "1.0.0"}`,
		"en/data.json", `[{"label": "pear", "hexcode": "1F350"}, {"label": "x", "hexcode": "1F351", "skins": [{"label": "wild fig", "hexcode": "1F352-1F3FB"}]}]`)
	s, err := Kind.Open(t.Context(), fmt.Appendf(nil, "file: %s\nnames: %s", fruitPackage(t), names), source.Env{})
	if err != nil {
		t.Fatal(err)
	}
	items := map[string]source.Item{}
	for item, err := range s.Items(t.Context()) {
		var r *source.Refused
		if errors.As(err, &r) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		items[item.Path] = item
		if err := wellFormed(item.Data); err != nil {
			t.Errorf("%s: %v in %s", item.Path, err, item.Data)
		}
	}
	apple := items["fruit/red-apple.svg"]
	if apple.Title != "red apple" || apple.Codepoints != "1f34e" || apple.Style != "fruit" || apple.Creator != "Ann" || apple.Group != "fruit" ||
		!slices.Equal(apple.Keywords, []string{"Food"}) || !slices.Equal(apple.Captions, []source.Caption{{Lang: "en", Text: "red apple"}, {Lang: "en", Text: "apple"}}) {
		t.Errorf("%+v", apple)
	}
	if got, want := string(apple.Data), `<svg xmlns="http://www.w3.org/2000/svg" width="10" height="12" viewBox="0 0 10 12"><path d='M0 0h4v2H0z' fill='red'/></svg>`; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	for path, want := range map[string]string{"fruit/pear.svg": "1f350", "fruit/wild-fig.svg": "1f352-1f3fb", "signs/e.svg": "", "fruit/fig.svg": ""} {
		if got := items[path].Codepoints; got != want {
			t.Errorf("%s draws %q, want %q", path, got, want)
		}
	}
	for path, want := range map[string][]string{
		"fruit/fig.svg": {`group expression "Apache-2.0" collections.json fruit license.spdx`, `group expression "Apache 2.0" collections.json fruit license.title`,
			`group notice "Ann" collections.json fruit author`, `group expression "MIT" info of the set fruit license.spdx`, `group expression "MIT" info of the set fruit license.title`},
		"signs/e.svg": {`group expression "Free for all" collections.json signs license.title`, `group notice "Bob" collections.json signs author`},
		"third/e.svg": {`group expression "https://creativecommons.org/licenses/by/4.0/" collections.json third license.url`},
	} {
		if got := written(items[path].Statements); !slices.Equal(got, want) {
			t.Errorf("%s: %q\nwant %q", path, got, want)
		}
	}
}

func wellFormed(doc []byte) error {
	d := xml.NewDecoder(strings.NewReader(string(doc)))
	for {
		if _, err := d.Token(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func TestSingleSet(t *testing.T) {
	path := write(t, "package.json", `{"name": "@icons/fruit", "version": "1.0.0", "license": "MIT"}`, "icons.json", `{"prefix": "fruit", "icons": {"pear": {`+body+`}}}`,
		"info.json", `{"name": "Fruit", "category": "Emoji", "license": {"spdx": "CC0-1.0"}}`, "chars.json", `{"1f350": "pear"}`)
	_, items := open1(t, "file: "+path)
	if len(items) != 1 || items[0].Codepoints != "1f350" || !slices.Equal(written(items[0].Statements), []string{`group expression "CC0-1.0" info.json license.spdx`}) {
		t.Errorf("%+v", items)
	}
	if !strings.Contains(string(items[0].Data), `viewBox="0 0 16 16"`) {
		t.Errorf("without a size: %s", items[0].Data)
	}
}

// The corners of the box must come to lie where turning a sheet of paper brings
// them.
func TestMatrix(t *testing.T) {
	b := box{Left: -2, Top: 5, Width: 10, Height: 4}
	for _, c := range []struct {
		turns        int
		hFlip, vFlip bool
		corner       [2]float64 // of the upper left
		opposite     [2]float64 // of the lower right
	}{
		{0, false, false, [2]float64{0, 0}, [2]float64{10, 4}},
		{0, true, false, [2]float64{10, 0}, [2]float64{0, 4}},
		{0, false, true, [2]float64{0, 4}, [2]float64{10, 0}},
		{1, false, false, [2]float64{4, 0}, [2]float64{0, 10}},
		{2, false, false, [2]float64{10, 4}, [2]float64{0, 0}},
		{3, false, false, [2]float64{0, 10}, [2]float64{4, 0}},
		{1, true, false, [2]float64{4, 10}, [2]float64{0, 0}},
	} {
		m := b.matrix(c.turns, c.hFlip, c.vFlip)
		at := func(x, y float64) [2]float64 { return [2]float64{m[0]*x + m[2]*y + m[4], m[1]*x + m[3]*y + m[5]} }
		if got := at(-2, 5); got != c.corner {
			t.Errorf("%+v: the upper left corner comes to %v", c, got)
		}
		if got := at(8, 9); got != c.opposite {
			t.Errorf("%+v: the lower right corner comes to %v", c, got)
		}
	}
}

func TestEmojiPackages(t *testing.T) {
	path := write(t, "package.json", `{"name": "emoji-datasource-pear", "version": "1.0.0"}`,
		"emoji.json", `[{"name": "SANTA CLAUS", "unified": "1F385", "image": "1f385.png", "short_names": ["santa", "old_man"], "category": "People",
		"skin_variations": {"1F3FB": {"unified": "1F385-1F3FB", "image": "1f385-1f3fb.png"}}}]`,
		"img/pear/64/1f385.png", "", "img/pear/64/1f385-1f3fb.png", "", "img/pear/sheets/64.png", "")
	_, items := open1(t, "file: "+path)
	var got []string
	for _, i := range items {
		got = append(got, fmt.Sprintf("%s %s %q %q %s", i.Path, i.Codepoints, i.Title, i.Keywords, i.Style))
	}
	if want := []string{`img/pear/64/1f385.png 1f385 "santa claus" ["santa" "old man" "People"] pear`,
		`img/pear/64/1f385-1f3fb.png 1f385-1f3fb "santa claus: light skin tone" ["santa" "old man" "People"] pear`}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}

	path = write(t, "package.json", `{"name": "openmoji", "version": "1.0.0"}`,
		"data/openmoji.json", `[{"hexcode": "1F34E", "annotation": "red apple", "tags": "apple, fruit", "openmoji_tags": "", "openmoji_author": "Ann", "group": "food-drink", "subgroups": "food-fruit"}]`,
		"color/svg/1F34E.svg", "", "black/svg/1F34E.svg", "", "src/food/1F34E.svg", "")
	_, items = open1(t, "file: "+path)
	got = nil
	for _, i := range items {
		got = append(got, fmt.Sprintf("%s %s %q %q %s by %s", i.Path, i.Codepoints, i.Title, i.Keywords, i.Style, i.Creator))
	}
	if want := []string{`color/svg/1F34E.svg 1f34e "red apple" ["apple" "fruit" "food fruit" "food drink"] openmoji-color by Ann`,
		`black/svg/1F34E.svg 1f34e "red apple" ["apple" "fruit" "food fruit" "food drink"] openmoji-black by Ann`}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}

	path = write(t, "package.json", `{"name": "three-d", "version": "1.0.0"}`, "assets/1f34e.webp", "", "assets/0023-fe0f-20e3.webp", "")
	_, items = open1(t, "file: "+path+"\nstyle: three-d")
	if len(items) != 2 || items[0].Codepoints != "1f34e" || items[1].Codepoints != "0023-20e3" || items[0].Style != "three-d" {
		t.Errorf("%+v", items)
	}
	path = write(t, "package.json", `{"name": "numbers", "version": "1.0.0"}`, "2001.png", "", "2002.png", "")
	if _, items = open1(t, "file: "+path); items[0].Codepoints != "" {
		t.Errorf("a number became the emoji %s", items[0].Codepoints)
	}
}

func FuzzIconSet(f *testing.F) {
	f.Add(fruit)
	f.Add(`{"icons": {"a": {"body": "<g/>", "rotate": -7, "width": 1e300}}, "aliases": {"b": {"parent": "a", "rotate": 9}}}`)
	f.Add(`{"prefix": 5`)
	f.Fuzz(func(t *testing.T, text string) {
		set, err := readSet(strings.NewReader(text), nil)
		if err != nil {
			return
		}
		set.resolve(true, nil)
		readSet(strings.NewReader(text), func(name string, i icon) error {
			for _, d := range set.derive(name, i) {
				if item, err := set.item(d.name, d.icon); err == nil && len(item.Data) == 0 {
					t.Fatalf("%s has no data", d.name)
				}
			}
			return nil
		})
	})
}
