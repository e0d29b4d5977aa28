package aipref

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/limner-ai/limner/rights/signal"
	"github.com/limner-ai/limner/rights/signal/robots"
)

// verdicts gives what signals mean for training, input and search, as letters:
// a allow, d deny, l needs licence, b barred by a defect, - unknown.
func verdicts(signals []signal.Signal) string {
	var out strings.Builder
	for _, u := range []signal.Usage{signal.TrainGenerative, signal.Input, signal.Search} {
		v := signal.Combine(signals, u)
		c := map[signal.Value]byte{signal.Allow: 'a', signal.Deny: 'd', signal.NeedsLicence: 'l', signal.Unknown: '-'}[v.Value]
		for _, r := range v.Reasons {
			if v.Value == signal.Unknown && r.Defect != "" {
				c = 'b'
			}
		}
		out.WriteByte(c)
	}
	return out.String()
}

func TestStatement(t *testing.T) {
	for text, want := range map[string]string{
		"train-ai=n":                                   "d--",
		"train-ai=y, search=n":                         "a-d",
		"ai-use=n,train-ai=y":                          "ad-",
		"train-ai=y;p=1":                               "a--",
		"train-ai;allow=n, train-ai=y":                 "a--", // the last one of a key counts
		"train-ai=y, train-ai, search=n, search=\"n\"": "b-b",
		"train-ai;has;parameters=\"?\"":                "b--",
		"train-ai=?0":                                  "b--",
		"train-ai=0":                                   "b--",
		"train-ai=(n)":                                 "b--",
		"train-ai=no":                                  "b--",
		"train-ai=N":                                   "b--",
		"Train-AI=n":                                   "bbb", // no key in RFC 9651
		"train-ai = n":                                 "bbb",
		"train-ai=y,":                                  "bbb",
		"train-ai=y search=y":                          "bbb",
		"train-ai=\u00ff":                              "bbb",
		"other=n":                                      "---",
		"":                                             "---",
		"train-genai=n":                                "d--",
		"train-genai=y":                                "---", // an earlier draft's label permits nothing
		"train-genai=n;exceptions=cc-cr-ec":            "l--",
		"train-ai=n;exceptions=cc-cr":                  "d--",
		"ai=n;exceptions=cc-cr":                        "ll-",
		"train-genai=n;exceptions=x":                   "d--",
		"ai-train=no":                                  "d--",
		"ai-train=yes":                                 "---",
		"train-ai=y, tdm=n":                            "dd-",
		strings.Repeat(" ", MaxSize) + "train-ai=y": "bbb",
	} {
		if got := verdicts(Statement(text, "")); got != want {
			t.Errorf("%.60q: %s; want %s", text, got, want)
		}
	}
	if got := Statement("train-genai=n;exceptions=cc-cr-ec", "x")[0]; got.Protocol != signal.CCSignals || !strings.Contains(got.Note, "cc-cr-ec") {
		t.Errorf("%v", got)
	}
}

func TestHeader(t *testing.T) {
	h := http.Header{}
	if got := Header(h); got != nil {
		t.Errorf("%v of nothing", got)
	}
	h.Add("content-usage", "train-ai=y")
	h.Add("Content-Usage", "search=n")
	if got := verdicts(Header(h)); got != "a-d" {
		t.Error(got)
	}
	h.Add("Content-Usage", "train-ai=n")
	if got := verdicts(Header(h)); got != "d-d" {
		t.Error(got)
	}
}

// The example of attach section 3.4, and paths as long.
func TestRobots(t *testing.T) {
	f := robots.Parse([]byte(`Content-Usage: search=n, train-ai=y
User-Agent: *
Allow: /
Disallow: /never/
Content-Usage: train-ai=n
Content-Usage: /ai-ok/ train-ai=y
Content-Usage: /both/ train-ai=y
Content-Usage: /both/ train-ai=n # refused
Content-Usage: /bad/ train-ai = y

User-Agent: ExampleBot
Content-Usage: train-ai=y
`))
	for _, c := range []struct{ agent, path, want string }{
		{"x", "/test", "d-d"},
		{"x", "/ai-ok/test", "a-d"},
		{"x", "/both/", "d-d"},
		{"x", "/bad/", "bbd"},
		{"ExampleBot", "/test", "a-d"},
	} {
		got := Robots(f, &url.URL{Path: c.path}, c.agent)
		if v := verdicts(got); v != c.want {
			t.Errorf("%s on %s: %s; want %s: %v", c.agent, c.path, v, c.want, got)
		}
	}
	if got := Robots(f, &url.URL{Path: "/ai-ok/"}, "x")[0]; got.Where != "robots.txt line 6" || got.MaxAge != robots.MaxAge {
		t.Errorf("%+v", got)
	}
}

func FuzzStatement(f *testing.F) {
	for _, s := range []string{"train-ai=n", "train-ai=y;a=b, search=n", "a=(b c);d, e=:AA==:", "train-genai=n;exceptions=cc-cr", "\xff=,"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, got := range Statement(s, "") {
			if got.Value == signal.Allow && (got.Defect != "" || !strings.Contains(s, "=y")) {
				t.Errorf("%q: %v", s, got)
			}
		}
		if !strings.ContainsAny(s, ",\"") && signal.Combine(Statement("train-ai=n, "+s, ""), signal.TrainGenerative).Value == signal.Allow &&
			!strings.Contains(s, "train-ai=y") {
			t.Errorf("%q undoes a refusal", s)
		}
	})
}
