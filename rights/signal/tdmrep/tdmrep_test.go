package tdmrep

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/limner-ai/limner/rights/signal"
	"github.com/limner-ai/limner/rights/signal/page"
)

func verdict(signals []signal.Signal) string {
	v := signal.Combine(signals, signal.TrainGenerative)
	for _, r := range v.Reasons {
		if v.Value == signal.Unknown && r.Defect != "" {
			return "barred"
		}
	}
	return v.Value.String()
}

// Three groups as in section 5.2 of the report, with a rule for the rest.
const file = `[
 {"location": "/papers/", "tdm-reservation": 1},
 {"location": "/web/pages/", "tdm-reservation": 1, "tdm-policy": "https://provider.example/policy.json"},
 {"location": "/web/pictures/*.jpg$", "tdm-reservation": 0, "tdm-policy": "https://provider.example/none"},
 {"location": "/web/pictures/%24", "tdm-reservation": 1},
 {"location": "/odd/", "tdm-reservation": 2},
 {"location": "/papers/open/", "tdm-reservation": 0}
]`

func TestFile(t *testing.T) {
	for path, want := range map[string]string{
		"/papers/a.pdf":        "deny",
		"/papers/open/a.pdf":   "deny", // the first match counts, not the longest
		"/web/pages/x":         "deny",
		"/web/pictures/a.jpg":  "allow",
		"/web/pictures/a.jpgx": "unknown",
		"/web/pictures/$x":     "deny",
		"/WEB/pages/x":         "unknown",
		"/odd/x":               "barred",
		"/":                    "unknown",
	} {
		got := Read(signal.Fetched{Status: 200, Body: []byte(file)}, nil, nil, &url.URL{Path: path})
		if v := verdict(got); v != want {
			t.Errorf("%s: %s; want %s: %v", path, v, want, got)
		}
		wantPolicy := map[string]string{"/web/pages/x": "https://provider.example/policy.json"}[path]
		if len(got) > 0 && got[0].Policy != wantPolicy {
			t.Errorf("%s: policy %q", path, got[0].Policy)
		}
	}
}

func TestMalformedFile(t *testing.T) {
	for body, want := range map[string]string{
		`[]`:                                    "unknown",
		`{}`:                                    "barred",
		``:                                      "barred",
		`null`:                                  "barred",
		`[{"location":"/","tdm-reservation":0}`: "barred",
		`[{"location":"/","tdm-reservation":0}] x`:                                       "barred",
		`{"location":"/","tdm-reservation":0}`:                                           "barred",
		`[{"location":"/","tdm-reservation":"0"}]`:                                       "barred",
		`[{"location":"/","tdm-reservation":"1"}]`:                                       "deny",
		`[{"location":"/","tdm-reservation":true}]`:                                      "barred",
		`[{"location":"/"}]`:                                                             "barred",
		`[{"tdm-reservation":0}]`:                                                        "barred",
		`[{"location":["/"],"tdm-reservation":0}]`:                                       "barred",
		`[{"location":"/","tdm-reservation":1,"tdm-reservation":0}]`:                     "barred",
		`[7,{"location":"/","tdm-reservation":0}]`:                                       "barred",
		`[7,{"location":"/","tdm-reservation":1}]`:                                       "deny",
		`[{"location":"/","tdm-reservation":0},7]`:                                       "allow",
		`[{"location":"/","tdm-reservation":0,"tdm-policy":5}]`:                          "barred",
		"\xEF\xBB\xBF" + `[{"location":"/","tdm-reservation":0}]`:                        "allow",
		strings.Repeat("[", 20_000):                                                      "barred",
		"[" + strings.Repeat(`{"location":"/x","tdm-reservation":0},`, MaxRules) + "{}]": "barred",
		strings.Repeat(" ", MaxSize) + `[{"location":"/","tdm-reservation":0}]`:          "barred",
	} {
		got := Read(signal.Fetched{Status: 200, Body: []byte(body)}, nil, nil, &url.URL{Path: "/a"})
		if v := verdict(got); v != want {
			t.Errorf("%.60s: %s; want %s: %.300v", body, v, want, got)
		}
	}
	for status, want := range map[int]string{0: "barred", 404: "unknown", 429: "barred", 500: "barred", 302: "barred"} {
		got := Read(signal.Fetched{Status: status, Body: []byte(`[{"location":"/","tdm-reservation":0}]`)}, nil, nil, &url.URL{Path: "/a"})
		if v := verdict(got); v != want {
			t.Errorf("status %d: %s; want %s", status, v, want)
		}
	}
}

func TestPrecedence(t *testing.T) {
	for _, c := range []struct{ file, header, meta, want string }{
		{"1", "", "", "deny"},
		{"1", "0", "", "allow"},
		{"0", "1", "", "deny"},
		{"0", "1", "0", "allow"},
		{"0", "", "1", "deny"},
		{"", "", "", "unknown"},
		{"1", "2", "", "deny"},   // unset overrides nothing
		{"0", "2", "", "barred"}, // but is in the way of a permission
		{"", "0, 1", "", "deny"},
		{"", "01", "", "barred"},
		{"", "yes", "0", "barred"},
	} {
		got := signal.Fetched{Status: 404}
		if c.file != "" {
			got = signal.Fetched{Status: 200, Body: fmt.Appendf(nil, `[{"location":"/","tdm-reservation":%s}]`, c.file)}
		}
		h := http.Header{}
		if c.header != "" {
			h.Set("TDM-Reservation", c.header)
			h.Set("tdm-policy", "https://example.com/p")
		}
		p := &page.Page{}
		if c.meta != "" {
			p.Metas = []page.Meta{{Name: "tdm-reservation", Content: c.meta}}
		}
		signals := Read(got, h, p, &url.URL{Path: "/"})
		if v := verdict(signals); v != c.want {
			t.Errorf("%+v: %s: %v", c, v, signals)
		}
		if c.file == "0" && c.header == "1" && c.meta == "" && signals[0].Policy != "https://example.com/p" {
			t.Errorf("%+v: %v", c, signals)
		}
	}
}

func FuzzFile(f *testing.F) {
	f.Add([]byte(file), "/web/pictures/a.jpg")
	f.Add([]byte(`[{"location":"/*$","tdm-reservation":0,"a":{"b":[]}}]`), "/")
	f.Fuzz(func(t *testing.T, body []byte, path string) {
		for _, s := range Read(signal.Fetched{Status: 200, Body: body}, nil, nil, &url.URL{Path: path}) {
			if s.Value == signal.Allow && (s.Defect != "" || !strings.Contains(s.Raw, "tdm-reservation") && len(s.Raw) < signal.MaxRaw-3 && !strings.Contains(s.Raw, `\u`)) {
				t.Errorf("%v", s)
			}
		}
	})
}
