package gallery_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/limner-ai/limner/studio/gallery"
	"github.com/limner-ai/limner/studio/gate"
)

// ask sends a request as an owner.
func (b *bench) ask(owner, method, path, body string) *httptest.ResponseRecorder {
	mux := http.NewServeMux()
	b.Routes(mux)
	r := httptest.NewRequest(method, "/api/v1/gallery"+path, strings.NewReader(body))
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r.WithContext(gate.WithOwner(r.Context(), owner)))
	return w
}

func TestHandlers(t *testing.T) {
	b := newBench(t)
	d := b.paint(t, "ann", "emoji", "an apple", 2)[0].String()
	terms := gallery.Terms.ID().String()
	for _, c := range []struct {
		owner, method, path, body string
		status                    int
		want                      string
	}{
		{"ann", "GET", "", "", 200, `"total":2`},
		{"bob", "GET", "", "", 200, `"pictures":[]`},
		{"ann", "GET", "?q=apple&limit=1", "", 200, `"next":"`},
		{"ann", "GET", "?limit=0", "", 400, "limit"},
		{"ann", "GET", "?limit=1e9", "", 400, "limit"},
		{"ann", "GET", "?mark=x", "", 400, "no mark"},
		{"ann", "GET", "?after=x", "", 400, "page"},
		{"ann", "GET", "/pictures/" + d, "", 200, `"prompt":"an apple"`},
		{"bob", "GET", "/pictures/" + d, "", 404, "no such picture"},
		{"ann", "GET", "/pictures/..%2f..%2fetc%2fpasswd", "", 400, ""},
		{"ann", "GET", "/pictures/" + d + "/similar", "", 200, `"way":"their letters"`},
		{"ann", "POST", "/pictures/" + d + "/actions", `{"action":"kept"}`, 200, `"recorded":false`},
		{"ann", "POST", "/pictures/" + d + "/actions", `{"action":"kept","user":"bob"}`, 400, "unknown field"},
		{"ann", "POST", "/pictures/" + d + "/actions", `{"action":`, 400, "JSON"},
		{"ann", "POST", "/pictures/" + d + "/actions", `{"action":"` + strings.Repeat("x", 70<<10) + `"}`, 400, "JSON"},
		{"bob", "POST", "/pictures/" + d + "/actions", `{"action":"kept"}`, 404, "no such picture"},
		{"ann", "GET", "/consent", "", 200, terms},
		{"ann", "PUT", "/consent", `{"terms":"sha256:0"}`, 400, "not the terms of now"},
		{"ann", "PUT", "/consent", `{"terms":"` + terms + `"}`, 200, ""},
		{"ann", "POST", "/pictures/" + d + "/actions", `{"action":"kept"}`, 200, `"recorded":true`},
		{"ann", "GET", "/usage", "", 200, `"an apple"`},
		{"bob", "GET", "/usage", "", 200, `"events": []`},
		{"ann", "DELETE", "/consent", "", 200, ""},
		{"ann", "DELETE", "/usage", "", 200, `"events":1`},
		{"bob", "DELETE", "/pictures/" + d, "", 404, ""},
		{"ann", "DELETE", "/pictures/" + d, "", 200, ""},
		{"ann", "DELETE", "/pictures/" + d, "", 404, ""},
	} {
		w := b.ask(c.owner, c.method, c.path, c.body)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s %s %s %.60s: %d %.300s; want %d with %q", c.owner, c.method, c.path, c.body, w.Code, w.Body, c.status, c.want)
		}
		if !json.Valid(w.Body.Bytes()) || !strings.Contains(w.Header().Get("Content-Type"), "json") {
			t.Errorf("%s %s: no JSON: %.100s", c.method, c.path, w.Body)
		}
	}
}

func FuzzHandlers(f *testing.F) {
	f.Add("?q=%00&after=1-1&limit=3", `{"action":"kept"}`)
	f.Add("/pictures/sha256:zz/similar", `{"terms":1}`)
	b := newBench(f)
	d := b.paint(f, "ann", "emoji", "an apple", 1)[0].String()
	f.Add("/pictures/"+d+"/actions", `{"action":"skipped"}`)
	f.Fuzz(func(t *testing.T, path, body string) {
		for _, method := range []string{"GET", "POST", "PUT", "DELETE"} {
			r, err := http.NewRequest(method, "http://studio/api/v1/gallery"+path, strings.NewReader(body))
			if err != nil {
				return
			}
			mux := http.NewServeMux()
			b.Routes(mux)
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, r.WithContext(gate.WithOwner(r.Context(), "eve")))
			if w.Code >= 500 {
				t.Errorf("%s %q: %d %s", method, path, w.Code, w.Body)
			}
		}
		if n := len(b.find(t, "ann", gallery.Query{}).Pictures); n != 1 {
			t.Fatalf("eve took a picture of ann: %d are left", n)
		}
	})
}
