package v1_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/limner-ai/limner/studio/api/apitest"
	"github.com/limner-ai/limner/studio/api/v1"
)

// routes are those that take something from a client; * stands for what it
// writes into the path.
var routes = []string{
	"POST /jobs", "GET /jobs", "GET /jobs/*", "DELETE /jobs/*", "GET /jobs/*/events", "POST /uploads", "GET /objects/*",
	"GET /models/*", "GET /models/*/file", "POST /models", "GET /sets/*", "GET /sets/*/webdataset", "GET /rights/decision", "GET /rights/claims", "PUT /*",
}

// Whatever a client writes, it is answered, in the shape of the API, and never
// by a fault of the server.
func FuzzRequests(f *testing.F) {
	s := apitest.Still(f)
	ours, err := v1.New(s, v1.Options{Imports: f.TempDir()})
	if err != nil {
		f.Fatal(err)
	}
	mux := http.NewServeMux()
	ours.Routes(mux)
	picture := apitest.Picture(4, 4, 1)
	f.Add(uint8(0), "", "", "application/json", []byte(`{"kind":"paint","priority":3,"spec":{"prompt":"x","n":2,"seed":18446744073709551615}}`))
	f.Add(uint8(0), "", "", "application/json", []byte(`{"kind":"paint","spec":{"image":"sha256:`+strings.Repeat("0", 64)+`"}}`))
	f.Add(uint8(1), "", "limit=2&state=done&kind=paint&before=j9", "", []byte{})
	f.Add(uint8(2), "j1", "", "", []byte{})
	f.Add(uint8(4), "../j1", "", "", []byte{})
	f.Add(uint8(5), "", "", "image/png", picture)
	f.Add(uint8(5), "", "", "multipart/form-data; boundary=b", append([]byte("--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.png\"\r\n\r\n"), picture...))
	f.Add(uint8(6), "sha256:"+strings.Repeat("0", 64), "", "", []byte{})
	f.Add(uint8(12), "", "digest=sha256:"+strings.Repeat("0", 64)+"&purpose=train", "", []byte{})
	f.Add(uint8(9), "", "name=mine", "", []byte("\x10\x00\x00\x00\x00\x00\x00\x00{\"__metadata__\":{}}"))
	f.Fuzz(func(t *testing.T, which uint8, written, query, kind string, body []byte) {
		if bytes.Contains(body, []byte("slowly")) || bytes.Contains(body, []byte("broken")) || bytes.Contains(body, []byte(`\u`)) {
			t.Skip() // the easel's own words
		}
		method, path, _ := strings.Cut(routes[int(which)%len(routes)], " ")
		r := httptest.NewRequest(method, "/", bytes.NewReader(body))
		r.URL = &url.URL{Path: "/api/v1" + strings.Replace(path, "*", written, 1), RawQuery: query}
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		if w.Code >= 500 && w.Code != http.StatusInsufficientStorage {
			t.Fatalf("%s %s: status %d: %.200s", method, r.URL, w.Code, w.Body)
		}
		if w.Code >= 300 && w.Code < 400 { // the mux cleans paths
			return
		}
		switch got := w.Header().Get("Content-Type"); {
		case w.Code >= 400:
			var p v1.Problem
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || got != "application/problem+json" || p.Status != w.Code || p.Detail == "" {
				t.Fatalf("%s %s: status %d is no problem: %v, %s: %.200s", method, r.URL, w.Code, err, got, w.Body)
			}
		case got == "application/json":
			if !json.Valid(w.Body.Bytes()) {
				t.Fatalf("%s %s: %.200s", method, r.URL, w.Body)
			}
		case got == "text/event-stream", strings.HasPrefix(got, "image/"):
		default:
			t.Fatalf("%s %s: an answer of type %q", method, r.URL, got)
		}
	})
}
