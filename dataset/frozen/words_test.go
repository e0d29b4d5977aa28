package frozen

import (
	"reflect"
	"testing"

	"github.com/limner-ai/limner/curate"
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/source"
)

func TestWordsOf(t *testing.T) {
	caption := func(lang, text string) source.Caption { return source.Caption{Lang: lang, Text: text} }
	said := func(lang, text string) picture.Caption { return picture.Caption{Language: lang, Text: text} }
	for name, c := range map[string]struct {
		in   curate.Entry
		want picture.Description
	}{
		"style is parted": {
			curate.Entry{Style: "3d", Keywords: []string{"sour"}, Captions: []source.Caption{caption("en", "lemon, 3d emoji"), caption("de", "Zitrone, 3d emoji")}},
			picture.Description{Style: "3d emoji", Keywords: []string{"sour"}, Captions: []picture.Caption{said("en", "lemon"), said("de", "Zitrone")}},
		},
		"another ending is not a style": {
			curate.Entry{Style: "3d", Captions: []source.Caption{caption("en", "lemon, 3d emoji"), caption("en", "fruit, sour")}},
			picture.Description{Style: "3d emoji", Captions: []picture.Caption{said("en", "lemon"), said("en", "fruit, sour")}},
		},
		"no style": {
			curate.Entry{Captions: []source.Caption{caption("", "cat, sitting")}},
			picture.Description{Captions: []picture.Caption{said("", "cat, sitting")}},
		},
		"nothing": {},
	} {
		if got := wordsOf(c.in); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
