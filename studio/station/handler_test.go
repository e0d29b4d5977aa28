package station

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

func ask(t testing.TB, h http.Handler, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	return w
}

func TestRoutes(t *testing.T) {
	s := openStation(t, filepath.Join(t.TempDir(), "s.db"), newEasel(), nil)
	mux := http.NewServeMux()
	s.Routes(mux)
	settled(t, s, "local")
	for _, c := range []struct {
		method, path, body string
		status             int
		holds              string
	}{
		{"GET", "/api/v1/station", "", 200, `"reason":`},
		{"POST", "/api/v1/station/pictures/0", `{"verdict":"maybe"}`, 400, "keep"},
		{"POST", "/api/v1/station/pictures/0", `{"verdict":"keep","x":1}`, 400, "cannot be read"},
		{"POST", "/api/v1/station/pictures/-1", `{"verdict":"keep"}`, 400, "number"},
		{"POST", "/api/v1/station/pictures/99999", `{"verdict":"keep"}`, 404, "no such picture"},
		{"POST", "/api/v1/station/pictures/99999999999999999999", `{"verdict":"keep"}`, 400, "number"},
		{"PUT", "/api/v1/station/settings", `{"explore":1.5}`, 400, "share"},
		{"PUT", "/api/v1/station/settings", `{}`, 400, "share"},
		{"PUT", "/api/v1/station/settings", `{"explore":0.5}`, 204, ""},
		{"DELETE", "/api/v1/station/taste?attribute=", "", 400, "attribute"},
		{"DELETE", "/api/v1/station/taste?attribute=bad", "", 400, "attribute"},
		{"GET", "/api/v1/station/taste", "", 200, `"taste":[`},
		{"DELETE", "/api/v1/station/taste", "", 204, ""},
	} {
		w := ask(t, mux, c.method, c.path, c.body)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.holds) {
			t.Errorf("%s %s %s: %d %s", c.method, c.path, c.body, w.Code, w.Body)
		}
		if w.Code >= 400 && !strings.HasPrefix(w.Header().Get("Content-Type"), "application/problem+json") {
			t.Errorf("%s %s: an error as %s", c.method, c.path, w.Header().Get("Content-Type"))
		}
	}
	v := settled(t, s, "local")
	if v.Explore != .5 {
		t.Errorf("explore is %v: a setting is not what was said of pictures", v.Explore)
	}
}

func FuzzJudge(f *testing.F) {
	s, err := Open(context.Background(), filepath.Join(f.TempDir(), "s.db"), Options{Queue: newEasel(), Pictures: newEasel()})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { s.Close() })
	mux := http.NewServeMux()
	s.Routes(mux)
	for _, seed := range []string{`{"verdict":"keep"}`, `{"verdict":1}`, `[`, strings.Repeat("[", 5000), "\xff", `{"verdict":"keep"}{`} {
		f.Add("0", seed)
	}
	f.Fuzz(func(t *testing.T, number, body string) {
		r := httptest.NewRequest("POST", "/api/v1/station/pictures/0", strings.NewReader(body))
		r.URL.Path = "/api/v1/station/pictures/" + number
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		if w.Code == 200 && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s", w.Body)
		}
	})
}
