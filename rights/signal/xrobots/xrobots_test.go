package xrobots

import (
	"net/http"
	"strings"
	"testing"

	"github.com/limner-ai/limner/rights/signal"
	"github.com/limner-ai/limner/rights/signal/page"
)

func TestHeader(t *testing.T) {
	for value, want := range map[string]string{
		"noai":                               "train-generative+train-other",
		"noindex, NoImageAI":                 "search+train-generative+train-other",
		"noml":                               "train-generative+train-other",
		"no-ai; no_image_ai":                 "train-generative+train-other",
		"noindex noai":                       "search+train-generative+train-other",
		"all":                                "",
		"index, follow":                      "",
		"none":                               "search",
		"otherbot: noai":                     "",
		"LimnerBot: noai":                    "train-generative+train-other",
		"*: noai":                            "train-generative+train-other",
		"otherbot: noindex, noai":            "",
		"otherbot: noindex, limnerbot: noai": "train-generative+train-other",
		"noai, otherbot: noindex":            "train-generative+train-other",
		"max-snippet: 20, noai":              "train-generative+train-other",
		"unavailable_after: 25 Jun 2030 15:00:00 PST, noai": "train-generative+train-other",
		"max-image-preview: noai":                           "",
		"":                                                  "",
		",,:,;":                                             "",
	} {
		var got string
		for _, s := range Header(http.Header{"X-Robots-Tag": {value}}, "LimnerBot/1.0 (+https://example.com)") {
			got += s.Usage.String()
			if s.Value != signal.Deny {
				t.Errorf("%q: %v", value, s)
			}
		}
		if got != want {
			t.Errorf("%q denies %s; want %s", value, got, want)
		}
	}
	got := Header(http.Header{"X-Robots-Tag": {"noindex", strings.Repeat("a", MaxSize) + ", noai"}}, "x")
	if len(got) != 2 || got[1].Defect == "" {
		t.Errorf("%v", got)
	}
}

func TestMeta(t *testing.T) {
	p := page.Page{Metas: []page.Meta{
		{Name: "robots", Content: "noimageai"}, {Name: "limnerbot", Content: "noindex"},
		{Name: "googlebot", Content: "noml"}, {Name: "description", Content: "noai"},
	}}
	v := signal.Combine(Meta(p, "LimnerBot"), signal.TrainGenerative)
	if v.Value != signal.Deny || len(v.Reasons) != 1 || v.Reasons[0].Raw != "noimageai" {
		t.Errorf("%v", v)
	}
	if got := Meta(p, "LimnerBot"); len(got) != 2 {
		t.Errorf("%v", got)
	}
}

func FuzzHeader(f *testing.F) {
	f.Add("noai, x: noindex", "x")
	f.Add("max-snippet:1;:\xff", "")
	f.Fuzz(func(t *testing.T, value, agent string) {
		for _, s := range Header(http.Header{"X-Robots-Tag": {value}}, agent) {
			if s.Value == signal.Allow {
				t.Errorf("%v", s)
			}
		}
		if Header(http.Header{"X-Robots-Tag": {"noai, " + value}}, agent) == nil {
			t.Errorf("%q hides what stands before it", value)
		}
	})
}
