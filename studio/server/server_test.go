package server_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/limner-ai/limner/internal/home"
	"github.com/limner-ai/limner/studio/gate"
	"github.com/limner-ai/limner/studio/server"
	"github.com/limner-ai/limner/studio/work/place"
)

// running is a server on a port of its own, with the model that comes with
// Limner.
type running struct {
	url  string
	home string
	log  *strings.Builder // may be read when stop has returned
	stop func() error
}

func options(dir string) server.Options {
	return server.Options{
		Listen: "127.0.0.1:0", Models: []string{filepath.Join(dir, "models")},
		Places: place.Places{Home: home.Home(dir), Runs: filepath.Join(dir, "runs"), Sets: []string{filepath.Join(dir, "sets")}, Curated: filepath.Join(dir, "curated")},
	}
}

// start serves until the test ends, or stop is called.
func start(t testing.TB, o server.Options) *running {
	t.Helper()
	r := &running{home: string(o.Places.Home), log: &strings.Builder{}}
	o.Log = slog.New(slog.NewTextHandler(r.log, nil))
	s, err := server.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	l, err := s.Listen()
	if err != nil {
		t.Fatal(err)
	}
	r.url = "http://" + l.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l, 10*time.Second) }()
	stopped := false
	r.stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		return <-ended
	}
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Errorf("the server ended: %v", err)
		}
	})
	return r
}

// send sends a request with headers, given as name and value in turn, and
// returns the answer with its body.
func (r *running) send(t testing.TB, method, path, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil && resp.StatusCode != http.StatusRequestEntityTooLarge { // the server hangs up on what it did not read
		t.Fatal(err)
	}
	return resp, string(text)
}

func (r *running) want(t testing.TB, status int, method, path, body string, headers ...string) string {
	t.Helper()
	resp, text := r.send(t, method, path, body, headers...)
	if resp.StatusCode != status {
		t.Errorf("%s %s %v: status %d, want %d: %.200s", method, path, headers, resp.StatusCode, status, text)
	}
	return text
}

const quick = `{"prompt":"a red apple","steps":1,"n":1}`

// One server does everything: it is ready, paints, counts, logs, and ends in
// peace.
func TestServe(t *testing.T) {
	r := start(t, options(t.TempDir()))
	r.want(t, 200, "GET", "/healthz", "")
	r.want(t, 200, "POST", "/v1/images/generations", quick)
	r.want(t, 200, "GET", "/readyz", "")
	r.want(t, 200, "POST", "/sdapi/v1/txt2img", `{"prompt":"a tree","steps":1,"width":64,"height":64}`)
	if m := r.want(t, 200, "GET", "/metrics", ""); !strings.Contains(m, "limner_pictures_total 2") || !strings.Contains(m, `route="/v1/images/generations"`) {
		t.Errorf("metrics: %.600s", m)
	}
	for _, page := range []string{"/", "/gallery", "/explore", "/train", "/data", "/station"} {
		resp, _ := r.send(t, "GET", page, "")
		if resp.StatusCode != 200 {
			t.Errorf("%s: status %d", page, resp.StatusCode)
		}
		csp := resp.Header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "http") {
			t.Errorf("%s: policy %q", page, csp)
		}
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if log := r.log.String(); !strings.Contains(log, "route=/v1/images/generations status=200") || strings.Contains(log, "apple") {
		t.Errorf("log: %s", log)
	}
}

// What a server that stops had accepted is done by the next.
func TestStop(t *testing.T) {
	dir := t.TempDir()
	r := start(t, options(dir))
	r.want(t, 200, "POST", "/v1/images/generations", quick)
	var ids []string
	for range 8 {
		resp, _ := r.send(t, "POST", "/api/v1/jobs", `{"kind":"paint","spec":{"prompt":"a tree","steps":2,"n":2}}`)
		ids = append(ids, resp.Header.Get("Location"))
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	r = start(t, options(dir))
	for _, at := range ids {
		for deadline := time.Now().Add(time.Minute); !strings.Contains(r.want(t, 200, "GET", at, ""), `"state":"done"`); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s is not done", at)
			}
		}
	}
}

// Beyond this computer a server is not open without keys.
func TestKeysBeyondLoopback(t *testing.T) {
	o := options(t.TempDir())
	for _, at := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:80", "example.com:80"} {
		o.Listen = at
		if s, err := server.Open(t.Context(), o); err == nil {
			s.Close(t.Context())
			t.Errorf("%s: opened without a key", at)
		} else if !strings.Contains(err.Error(), "limner keys add") {
			t.Errorf("%s: %v", at, err)
		}
	}
	o.Listen = "nonsense"
	if _, err := server.Open(t.Context(), o); err == nil {
		t.Error("nonsense was listened on")
	}
}

// With keys, who shows none is refused in the shape of the API, what is one
// key's is hidden from the other, and no secret is in the log or on the disk.
func TestKeys(t *testing.T) {
	o := options(t.TempDir())
	o.Require = true
	keys := gate.OpenKeys(server.KeysFolder(string(o.Places.Home)))
	secret := func(name string, limits gate.Key) string {
		s, err := keys.Add(name, limits)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	ann := secret("ann", gate.Key{Work: []string{"paint"}, Daily: 3})
	bob := secret("bob", gate.Key{Work: []string{"paint"}, Rate: gate.Rate{N: 2, Per: time.Hour}})
	r := start(t, o)
	for path, shape := range map[string]string{
		"/v1/models": `"code":"invalid_api_key"`, "/sdapi/v1/options": `"detail":"`, "/api/v1/jobs": `"status":401`, "/": "API key", "/metrics": "API key",
		"/api/v1/gallery": "API key", "/asset/none.css": "API key",
	} {
		for _, shown := range []string{"", "Basic bm9ib2R5Om5vbmU=", "Bearer " + ann + "x"} {
			if text := r.want(t, 401, "GET", path, "", "Authorization", shown); !strings.Contains(text, shape) {
				t.Errorf("%s: %s", path, text)
			}
		}
	}
	r.want(t, 200, "GET", "/healthz", "")
	hers := []string{"Authorization", "Bearer " + ann}
	his := []string{"Authorization", "bearer " + bob}
	resp, _ := r.send(t, "POST", "/api/v1/jobs", `{"kind":"paint","spec":{"prompt":"a tree","steps":1,"n":1}}`, hers...)
	at := resp.Header.Get("Location")
	r.want(t, 200, "GET", at, "", hers...)
	r.want(t, 404, "GET", at, "", his...)
	r.want(t, 404, "GET", at+"/events", "", his...)
	r.want(t, 404, "DELETE", at, "", his...)
	if text := r.want(t, 200, "GET", "/api/v1/jobs", "", his...); strings.Contains(text, "tree") {
		t.Errorf("bob sees %s", text)
	}
	r.want(t, 403, "POST", "/api/v1/jobs", `{"kind":"train","spec":{}}`, hers...)
	r.want(t, 429, "POST", "/v1/images/generations", `{"prompt":"x","steps":1,"n":3}`, hers...) // one of three is spent
	r.want(t, 200, "POST", "/v1/images/generations", quick, his...)
	r.want(t, 200, "POST", "/v1/images/generations", quick, his...)
	if resp, _ := r.send(t, "POST", "/v1/images/generations", quick, his...); resp.StatusCode != 429 || resp.Header.Get("Retry-After") == "" {
		t.Errorf("the third request of two an hour: status %d, Retry-After %q", resp.StatusCode, resp.Header.Get("Retry-After"))
	}
	if err := keys.Remove("ann"); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if resp, _ := r.send(t, "GET", at, "", hers...); resp.StatusCode == 401 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("a key that was removed opens still")
		}
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{ann, bob} {
		if strings.Contains(r.log.String(), s) {
			t.Error("a secret is in the log")
		}
		holds(t, string(o.Places.Home), s)
	}
}

// get reads a body to its end, or to where it broke off.
func (r *running) get(t testing.TB, path string) ([]byte, error) {
	t.Helper()
	resp, err := http.Get(r.url + path)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

// dial opens a connection to the server.
func (r *running) dial(t testing.TB) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}
