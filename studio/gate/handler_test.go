package gate

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// ask sends a request through a gate.
func ask(g http.Handler, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "localhost:7860"
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
			continue
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	return w
}

// inner answers with the owner, and with what it read.
func inner() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("/who", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, Owner(r.Context())) })
	mux.HandleFunc("/read", func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(w, r.Body); err != nil {
			http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		}
	})
	mux.HandleFunc("/panic", func(http.ResponseWriter, *http.Request) { panic("secret of the inside") })
	mux.HandleFunc("/half", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "half"); panic("then") })
	return mux
}

func TestOwners(t *testing.T) {
	keys := OpenKeys(t.TempDir())
	secret, err := keys.Add("ann", Key{Rate: Rate{2, units["h"]}})
	if err != nil {
		t.Fatal(err)
	}
	open := func(r *http.Request) bool { return r.URL.Path == "/open" }
	strict, lax := New(Options{Keys: keys, Require: true, Open: open}, inner()), New(Options{Keys: keys}, inner())
	if w := ask(strict, "GET", "/who", ""); w.Code != http.StatusUnauthorized || !strings.Contains(strings.Join(w.Header()["Www-Authenticate"], ","), "Basic") {
		t.Errorf("without a key: %d, %v", w.Code, w.Header())
	}
	if w := ask(strict, "GET", "/open", ""); w.Code != http.StatusNotFound {
		t.Errorf("what needs no key: %d", w.Code)
	}
	basic := httptest.NewRequest("GET", "/", nil)
	basic.SetBasicAuth("anything", secret)
	for _, header := range []string{"Bearer " + secret, "bearer  " + secret, basic.Header.Get("Authorization")} {
		for _, g := range []*Gate{strict, lax} {
			if w := ask(g, "GET", "/who", "", "Authorization", header); w.Code != 200 || w.Body.String() != "ann" {
				t.Errorf("%.10s…: %d, %s", header, w.Code, w.Body)
			}
		}
	}
	// Clients that must send something send anything.
	if w := ask(lax, "GET", "/who", "", "Authorization", "Bearer sk-none"); w.Body.String() != Local {
		t.Errorf("%d, %s", w.Code, w.Body)
	}
	for want := range 3 {
		w := ask(strict, "POST", "/who", "", "Authorization", "Bearer "+secret)
		if limited := w.Code == http.StatusTooManyRequests; limited != (want == 2) || limited && w.Header().Get("Retry-After") == "" {
			t.Errorf("request %d of 2 an hour: %d, %v", want+1, w.Code, w.Header())
		}
	}
	if w := ask(strict, "GET", "/who", "", "Authorization", "Bearer "+secret); w.Code != 200 {
		t.Errorf("to look is not counted: %d", w.Code)
	}
}

func TestWrongKeys(t *testing.T) {
	g := New(Options{Keys: OpenKeys(t.TempDir()), Require: true}, inner())
	last := 0
	for range failuresBurst + 5 {
		last = ask(g, "GET", "/who", "", "Authorization", "Bearer "+secretPrefix+"guess").Code
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("after many wrong keys: %d", last)
	}
}

func TestNamesAndOrigins(t *testing.T) {
	g := New(Options{Hosts: []string{"localhost", "127.0.0.1", "::1"}}, inner())
	for host, want := range map[string]int{
		"localhost": 200, "LOCALHOST:7860": 200, "localhost.:1": 200, "127.0.0.1:7860": 200, "[::1]:7860": 200,
		"evil.example": 421, "localhost.evil.example:7860": 421, "": 421, "127.0.0.1.evil.example": 421,
	} {
		if w := ask(g, "GET", "/who", "", "Host", host); w.Code != want {
			t.Errorf("asked as %q: %d", host, w.Code)
		}
	}
	for _, c := range []struct {
		method, header, value string
		want                  int
	}{
		{"POST", "Origin", "http://localhost:7860", 200}, {"POST", "Sec-Fetch-Site", "same-origin", 200}, {"POST", "Sec-Fetch-Site", "none", 200}, {"POST", "X", "", 200},
		{"POST", "Origin", "http://evil.example", 403}, {"POST", "Origin", "null", 403}, {"DELETE", "Sec-Fetch-Site", "cross-site", 403}, {"PUT", "Sec-Fetch-Site", "same-site", 403},
		{"GET", "Sec-Fetch-Site", "cross-site", 200},
	} {
		if w := ask(g, c.method, "/who", "", c.header, c.value); w.Code != c.want {
			t.Errorf("%s with %s %s: %d", c.method, c.header, c.value, w.Code)
		}
	}
}

func TestAddresses(t *testing.T) {
	g := New(Options{Address: 1e-3, Burst: 2}, inner())
	for i, want := range []int{200, 200, 429} {
		if w := ask(g, "GET", "/who", ""); w.Code != want {
			t.Errorf("request %d: %d", i+1, w.Code)
		}
	}
}

func TestBodies(t *testing.T) {
	g := New(Options{MaxBody: func(*http.Request) int64 { return 10 }}, inner())
	if w := ask(g, "POST", "/read", "0123456789"); w.Code != 200 || w.Body.String() != "0123456789" {
		t.Errorf("10 bytes: %d, %s", w.Code, w.Body)
	}
	if w := ask(g, "POST", "/read", "0123456789x"); !strings.Contains(w.Body.String(), "too large") {
		t.Errorf("11 bytes: %d, %s", w.Code, w.Body)
	}
}

// TestLog holds that panics end in an answer that tells nothing of the inside,
// and that no path, key or prompt of a client enters the log.
func TestLog(t *testing.T) {
	var log bytes.Buffer
	var seen []Visit
	g := New(Options{Log: slog.New(slog.NewTextHandler(&log, nil)), Observe: func(v Visit) { seen = append(seen, v) }}, inner())
	w := ask(g, "POST", "/panic?prompt=marzipan", `{"prompt":"marzipan"}`, "Authorization", "Bearer marzipan", "User-Agent", "marzipan")
	id := w.Header().Get("X-Request-Id")
	if w.Code != 500 || strings.Contains(w.Body.String(), "secret of the inside") || id == "" || !strings.Contains(w.Body.String(), id) {
		t.Errorf("%d, %s", w.Code, w.Body)
	}
	ask(g, "GET", "/marzipan", "")
	if strings.Contains(log.String(), "marzipan") {
		t.Errorf("the log tells what a client wrote:\n%s", &log)
	}
	if !strings.Contains(log.String(), id) || !strings.Contains(log.String(), "secret of the inside") {
		t.Errorf("the log does not tell of the panic:\n%s", &log)
	}
	if len(seen) != 2 || seen[0].Route != "/panic" || seen[0].Status != 500 || seen[1].Route != "none" || seen[1].Status != 404 {
		t.Errorf("observed %+v", seen)
	}
	for name := range headers {
		if w.Header().Get(name) == "" {
			t.Errorf("%s is missing", name)
		}
	}
	// Half an answer is broken off, so that nobody takes it for a whole one.
	defer func() {
		if recover() != http.ErrAbortHandler {
			t.Error("half an answer ended as if it were whole")
		}
	}()
	ask(g, "GET", "/half", "")
}

// TestLargeBodies holds that only so many are held at once, and that small ones
// pass meanwhile.
func TestLargeBodies(t *testing.T) {
	began, end := make(chan bool, heavyBodies), make(chan struct{})
	g := New(Options{Patience: 50 * time.Millisecond, MaxBody: func(*http.Request) int64 { return 10 * heavyBody }}, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.ContentLength > heavyBody {
			began <- true
			<-end
		}
	}))
	large := func() int {
		r := httptest.NewRequest("POST", "/", strings.NewReader("…"))
		r.ContentLength = heavyBody + 1
		w := httptest.NewRecorder()
		g.ServeHTTP(w, r)
		return w.Code
	}
	var all sync.WaitGroup
	for range heavyBodies {
		all.Go(func() {
			if code := large(); code != 200 {
				t.Errorf("one of the first: %d", code)
			}
		})
	}
	for range heavyBodies {
		<-began
	}
	if code := large(); code != http.StatusTooManyRequests {
		t.Errorf("one too many: %d", code)
	}
	if w := ask(g, "POST", "/", "small"); w.Code != 200 {
		t.Errorf("a small one meanwhile: %d", w.Code)
	}
	close(end)
	all.Wait()
	if code := large(); code != 200 {
		t.Errorf("afterwards: %d", code)
	}
}
