package caption

import (
	"reflect"
	"testing"

	"github.com/limner-ai/limner/source"
)

// five are the languages of examples/emoji-64.yaml.
var five = []string{"en", "de", "ja", "fr", "es"}

// inFive is base with the other languages. French sets a narrow no-break space
// before its colon, as emojibase does.
func inFive() map[string]string {
	f := base()
	f["ja/data.json"] = `[
		{"label": "赤リンゴ", "hexcode": "1F34E", "tags": ["フルーツ"]},
		{"label": "手を振る", "hexcode": "1F44B", "skins": [{"label": "手を振る: 薄い肌色", "hexcode": "1F44B-1F3FB", "tone": 1}]}]`
	f["fr/data.json"] = `[
		{"label": "pomme rouge", "hexcode": "1F34E", "tags": ["nourriture"]},
		{"label": "signe de la main", "hexcode": "1F44B", "skins": [{"label": "signe de la main\u202f: peau claire", "hexcode": "1F44B-1F3FB", "tone": 1}]}]`
	f["es/data.json"] = `[
		{"label": "manzana roja", "hexcode": "1F34E", "tags": ["poma"]},
		{"label": "mano saludando", "hexcode": "1F44B", "skins": [{"label": "mano saludando: tono de piel claro", "hexcode": "1F44B-1F3FB", "tone": 1}]},
		{"label": "profesional sanitario mujer", "hexcode": "1F469-200D-2695-FE0F"}]`
	return f
}

func TestFiveLanguages(t *testing.T) {
	d, err := Read(folder(t, inFive()), folder(t, lib), five)
	if err != nil {
		t.Fatal(err)
	}
	w := NewWriter(d, map[string]string{"3d": "3d emoji"})
	for name, c := range map[string]struct {
		item Item
		want []source.Caption
	}{
		"a label in each": {
			Item{Codepoints: "1f34e", Style: "3d"},
			[]source.Caption{
				{Lang: "en", Text: "red apple, 3d emoji"}, {Lang: "de", Text: "roter Apfel, 3d emoji"}, {Lang: "ja", Text: "赤リンゴ, 3d emoji"},
				{Lang: "fr", Text: "pomme rouge, 3d emoji"}, {Lang: "es", Text: "manzana roja, 3d emoji"},
			},
		},
		"a skin, and plain spaces": {
			Item{Codepoints: "1f44b-1f3fb"},
			[]source.Caption{
				{Lang: "en", Text: "waving hand: light skin tone"}, {Lang: "de", Text: "winkende Hand: helle Hautfarbe"}, {Lang: "ja", Text: "手を振る: 薄い肌色"},
				{Lang: "fr", Text: "signe de la main : peau claire"}, {Lang: "es", Text: "mano saludando: tono de piel claro"},
			},
		},
		"what a language lacks the source may say": {
			Item{Codepoints: "1f469-200d-2695", Captions: []source.Caption{{Lang: "FR", Text: "professionnelle de la santé"}, {Lang: "it", Text: "operatrice sanitaria"}}},
			[]source.Caption{
				{Lang: "en", Text: "woman health worker"}, {Lang: "fr", Text: "professionnelle de la santé"}, {Lang: "es", Text: "profesional sanitario mujer"},
			},
		},
	} {
		if got := w.Join(c.item).Captions; !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// More languages after the first add captions and change nothing else: a set
// that gains one keeps its concepts and its root.
func TestLanguagesAddOnlyCaptions(t *testing.T) {
	at, keywords := folder(t, inFive()), folder(t, lib)
	join := func(languages []string, it Item) Words {
		t.Helper()
		d, err := Read(at, keywords, languages)
		if err != nil {
			t.Fatal(err)
		}
		return NewWriter(d, nil).Join(it)
	}
	for _, it := range []Item{
		{Codepoints: "1f34e", Title: "An apple", Keywords: []string{"crisp"}},
		{Path: "noto/waving-hand-light-skin-tone.svg", Named: true, Style: "noto"},
		{Path: "noto/pomme-rouge.svg", Named: true}, // names are those of the first language
	} {
		one, all := join(five[:1], it), join(five, it)
		if len(all.Captions) < len(one.Captions) || !reflect.DeepEqual(all.Captions[:len(one.Captions)], one.Captions) {
			t.Errorf("%+v: captions %+v, alone %+v", it, all.Captions, one.Captions)
		}
		all.Captions = one.Captions
		if !reflect.DeepEqual(all, one) {
			t.Errorf("%+v: %+v, alone %+v", it, all, one)
		}
	}
}
