package evaluate

import (
	"testing"

	"github.com/limner-ai/limner/dataset/picture"
)

func TestSays(t *testing.T) {
	d := picture.Description{
		Captions: []picture.Caption{{Text: "Raised hand, with fingers splayed"}, {Text: "erhobene Hände", Language: "de"}},
		Keywords: []string{"high five", "palm"},
	}
	for word, want := range map[string]bool{
		"hand": true, "finger": true, "hände": true, "five": true, "palm": true,
		"and": false, "han": false, "handed": false, "": false,
	} {
		if says(d, word) != want {
			t.Errorf("%q is said: %v", word, !want)
		}
	}
}
