package gate

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

var fine = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "fine") })

func TestHeaders(t *testing.T) {
	h := ask(New(Options{}, fine), "GET", "/", "").Header()
	if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-ancestors 'none'") || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("X-Frame-Options") != "DENY" || h.Get("X-Request-Id") == "" {
		t.Errorf("headers: %v", h)
	}
}

func TestPanic(t *testing.T) {
	g := New(Options{}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret cause") }))
	if w := ask(g, "GET", "/", ""); w.Code != 500 || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

// A body that stops is not waited for without end.
func TestPatience(t *testing.T) {
	read := make(chan error, 1)
	s := httptest.NewServer(New(Options{Patience: 50 * time.Millisecond}, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		read <- err
	})))
	defer s.Close()
	in, out := io.Pipe()
	defer out.Close()
	go out.Write([]byte("some"))
	go func() {
		if resp, err := http.Post(s.URL, "text/plain", in); err == nil {
			resp.Body.Close()
		}
	}()
	select {
	case err := <-read:
		if err == nil {
			t.Error("half a body was taken for a whole one")
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the body was waited for")
	}
}
