package contentsignal

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/limner-ai/limner/rights/signal"
	"github.com/limner-ai/limner/rights/signal/robots"
)

func verdict(signals []signal.Signal, u signal.Usage) string {
	v := signal.Combine(signals, u)
	for _, r := range v.Reasons {
		if v.Value == signal.Unknown && r.Defect != "" {
			return "barred"
		}
	}
	return v.Value.String()
}

func TestStatement(t *testing.T) {
	for text, want := range map[string][3]string{ // search, input, training
		"search=yes, ai-train=no":                  {"allow", "unknown", "deny"},
		"search=yes,ai-input=yes,ai-train=yes":     {"allow", "allow", "allow"},
		"Search = YES ; ai-train=no":               {"barred", "unknown", "unknown"},
		"AI-Train=No":                              {"unknown", "unknown", "deny"},
		"ai-train=no, ai-train=yes":                {"unknown", "unknown", "deny"},
		"ai-train=n":                               {"unknown", "unknown", "barred"},
		"ai-train":                                 {"barred", "barred", "barred"},
		"ai-train=yes search=yes":                  {"unknown", "unknown", "barred"},
		"ai-train=yes, =":                          {"barred", "barred", "barred"},
		"train-ai=no, x=y":                         {"unknown", "unknown", "unknown"},
		"search=yes, ai-train=no, use=reference":   {"allow", "unknown", "deny"},
		"ai-train=yes, use=immediate":              {"unknown", "unknown", "deny"},
		"ai-train=yes, use=full":                   {"unknown", "unknown", "allow"},
		"ai-train=yes, use=sometimes":              {"unknown", "unknown", "barred"},
		"":                                         {"unknown", "unknown", "unknown"},
		strings.Repeat(",", MaxSize) + "search=no": {"barred", "barred", "barred"},
	} {
		got := Statement(text, "")
		for i, u := range []signal.Usage{signal.Search, signal.Input, signal.TrainGenerative} {
			if v := verdict(got, u); v != want[i] {
				t.Errorf("%.50q: %v is %s; want %s", text, u, v, want[i])
			}
		}
	}
}

func TestPlaces(t *testing.T) {
	f := robots.Parse([]byte(`Content-signal: ai-train=yes
User-Agent: *
Content-signal: search=yes, ai-train=no
Allow: /
Content-Signal: /about ai-train=yes, search=yes
`))
	for path, want := range map[string]string{"/x": "deny", "/about/us": "allow"} {
		if got := verdict(Robots(f, &url.URL{Path: path}, "x"), signal.TrainOther); got != want {
			t.Errorf("%s: %s; want %s", path, got, want)
		}
	}
	// A permission outside of any group is none.
	f = robots.Parse([]byte("Content-signal: ai-train=yes\n"))
	if got := verdict(Robots(f, &url.URL{Path: "/"}, "x"), signal.TrainOther); got != "unknown" {
		t.Error(got)
	}
	h := http.Header{"Content-Signal": {"ai-train=yes", "ai-train=no"}}
	if got := verdict(Header(h), signal.TrainOther); got != "deny" {
		t.Error(got)
	}
}

func FuzzStatement(f *testing.F) {
	f.Add("search=yes, ai-train=no, use=reference")
	f.Add("/about ai-train=yes")
	f.Add("=,;\x00\xff")
	f.Fuzz(func(t *testing.T, s string) {
		for _, got := range Statement(s, "") {
			if got.Value == signal.Allow && (got.Defect != "" || !strings.Contains(strings.ToLower(s), "yes")) {
				t.Errorf("%q: %v", s, got)
			}
		}
	})
}
