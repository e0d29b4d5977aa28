package frozen

import (
	"reflect"
	"testing"

	"github.com/limner-ai/limner/curate"
	"github.com/limner-ai/limner/curate/caption"
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/source"
)

func TestWordsOf(t *testing.T) {
	stated := func(lang, text string) source.Caption { return source.Caption{Lang: lang, Text: text} }
	said := func(lang, text string) picture.Caption { return picture.Caption{Language: lang, Text: text} }
	for name, c := range map[string]struct {
		in   curate.Entry
		want picture.Description
	}{
		"style is parted": {
			curate.Entry{Style: "3d", Keywords: []string{"sour"}, Captions: []source.Caption{stated("en", "lemon, 3d emoji"), stated("de", "Zitrone, 3d emoji")}},
			picture.Description{Style: "3d emoji", Keywords: []string{"sour"}, Captions: []picture.Caption{said("en", "lemon"), said("de", "Zitrone")}},
		},
		"another ending is not a style": {
			curate.Entry{Style: "3d", Licence: "MIT", Creator: "Ada", Captions: []source.Caption{stated("en", "lemon, 3d emoji"), stated("en", "fruit, sour")}},
			picture.Description{Style: "3d emoji", Licence: "MIT", Holders: []string{"Ada"}, Captions: []picture.Caption{said("en", "lemon"), said("en", "fruit, sour")}},
		},
		"no style": {
			curate.Entry{Captions: []source.Caption{stated("", "cat, sitting")}},
			picture.Description{Captions: []picture.Caption{said("", "cat, sitting")}},
		},
		"the character is a caption too": {
			curate.Entry{Emoji: caption.Emoji{Codepoints: "1f468-200d-1f33e"}, Captions: []source.Caption{stated("en", "farmer")}},
			picture.Description{Captions: []picture.Caption{said("en", "farmer"), said("zxx", "👨‍🌾")}},
		},
		"no character": {
			curate.Entry{Emoji: caption.Emoji{Codepoints: "d800"}, Captions: []source.Caption{stated("en", "farmer")}},
			picture.Description{Captions: []picture.Caption{said("en", "farmer")}},
		},
		"nothing": {},
	} {
		if got := wordsOf(c.in); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
