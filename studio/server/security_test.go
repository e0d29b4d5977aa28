package server_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/limner-ai/limner/internal/digest"
)

// holds fails the test if a file of a folder contains a text.
func holds(t *testing.T, folder, text string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(text)) {
			t.Errorf("%s holds a secret", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What another site's page, or a name that was made to point here, may ask for:
// nothing.
func TestOriginsAndNames(t *testing.T) {
	r := start(t, options(t.TempDir()))
	host := strings.TrimPrefix(r.url, "http://")
	_, port, _ := strings.Cut(host, ":")
	for path, body := range map[string]string{
		"/v1/images/generations": quick, "/sdapi/v1/txt2img": `{}`, "/sdapi/v1/options": `{}`, "/api/v1/jobs": `{"kind":"paint","spec":{}}`, "/api/v1/uploads": "x", "/make": "prompt=x",
	} {
		r.want(t, 403, "POST", path, body, "Origin", "https://evil.example")
		r.want(t, 403, "POST", path, body, "Origin", "null")
		r.want(t, 403, "POST", path, body, "Origin", "http://127.0.0.1:1") // another program of this computer
		r.want(t, 403, "POST", path, body, "Sec-Fetch-Site", "cross-site")
		r.want(t, 403, "POST", path, body, "Sec-Fetch-Site", "same-site")
	}
	r.want(t, 403, "DELETE", "/api/v1/jobs/x", "", "Origin", "https://evil.example")
	r.want(t, 200, "POST", "/v1/images/generations", quick, "Origin", r.url)
	r.want(t, 200, "POST", "/v1/images/generations", quick, "Sec-Fetch-Site", "same-origin", "Origin", r.url)
	for _, name := range []string{"evil.example", "evil.example:" + port, "127.0.0.1.evil.example", "localhost.evil.example"} {
		for _, path := range []string{"/", "/v1/models", "/healthz", "/metrics"} {
			r.want(t, 421, "GET", path, "", "Host", name)
		}
	}
	for _, name := range []string{"localhost:" + port, "LOCALHOST", "[::1]:" + port, "127.0.0.1"} {
		r.want(t, 200, "GET", "/v1/models", "", "Host", name)
	}
	// No answer lets another origin read it.
	resp, _ := r.send(t, "GET", "/v1/models", "", "Origin", "https://evil.example")
	if got := resp.Header.Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("Access-Control-Allow-Origin: %s", got)
	}
}

// Bodies are bounded by route, in the shape of the API.
func TestLimits(t *testing.T) {
	r := start(t, options(t.TempDir()))
	large := strings.Repeat("x", 2<<20)
	if text := r.want(t, 413, "POST", "/v1/images/generations", `{"prompt":"`+large+`"}`); !strings.Contains(text, `"error":{`) {
		t.Error(text)
	}
	r.want(t, 413, "POST", "/api/v1/jobs", `{"kind":"paint","spec":{"prompt":"`+large+`"}}`)
	if text := r.want(t, 413, "POST", "/sdapi/v1/options", `{"x":"`+large+`"}`); !strings.Contains(text, `"detail":"`) {
		t.Error(text)
	}
	r.want(t, 413, "POST", "/api/v1/uploads", strings.Repeat("x", 33<<20), "Content-Type", "image/png")
	r.want(t, 400, "POST", "/api/v1/uploads", "not a picture", "Content-Type", "image/png")
	// A PNG that says that it has 60000×60000 pixels.
	bomb := "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\xea\x60\x00\x00\xea\x60\x08\x06\x00\x00\x00\x9d\x1f\x6f\x6a"
	r.want(t, 400, "POST", "/api/v1/uploads", bomb, "Content-Type", "image/png")
	r.want(t, 400, "POST", "/api/v1/jobs", strings.Repeat(`{"spec":`, 20000), "Content-Type", "application/json")
	for _, spec := range []string{`{"n":100000}`, `{"steps":1000000}`, `{"width":1000000,"height":1000000}`, `{"seed":-1}`, `{"unknown":1}`, `{"guidance":1e999}`} {
		r.want(t, 400, "POST", "/api/v1/jobs", `{"kind":"paint","spec":`+spec+`}`)
	}
	// The server hangs up while the client still sends, so that the answer may be
	// lost on its way.
	req, err := http.NewRequestWithContext(t.Context(), "GET", r.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Long", strings.Repeat("x", 200<<10))
	if resp, err := http.DefaultClient.Do(req); err == nil {
		resp.Body.Close()
		if resp.StatusCode != 431 {
			t.Errorf("a long header: status %d", resp.StatusCode)
		}
	}
}

// No path and no address that a client names is opened: not as a model, a
// picture, a set, a run or an object.
func TestPaths(t *testing.T) {
	dir := t.TempDir()
	o := options(filepath.Join(dir, "home"))
	secret := "what nobody may read"
	file := filepath.Join(dir, "secret.txt")
	if err := os.WriteFile(file, []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	r := start(t, o)
	for _, name := range []string{file, "../secret.txt", "../../secret.txt", "file://" + file, `..\secret.txt`, "http://127.0.0.1:1/x"} {
		escaped := strings.NewReplacer("/", "%2F", ":", "%3A", `\`, "%5C", ".", "%2E").Replace(name)
		for _, path := range []string{"/api/v1/models/", "/api/v1/sets/", "/api/v1/objects/", "/objects/", "/asset/", "/v1/models/", "/api/v1/jobs/", "/api/v1/runs/"} {
			resp, text := r.send(t, "GET", path+escaped, "")
			if resp.StatusCode < 400 || strings.Contains(text, secret) {
				t.Errorf("%s%s: status %d: %.100s", path, name, resp.StatusCode, text)
			}
		}
		for path, body := range map[string]string{
			"/v1/images/generations": `{"prompt":"x","model":%q}`, "/sdapi/v1/txt2img": `{"override_settings":{"sd_model_checkpoint":%q}}`, "/sdapi/v1/img2img": `{"init_images":[%q]}`,
			"/sdapi/v1/png-info": `{"image":%q}`, "/api/v1/jobs": `{"kind":"paint","spec":{"image":%q}}`,
		} {
			resp, text := r.send(t, "POST", path, fmt.Sprintf(body, name))
			if resp.StatusCode < 400 || resp.StatusCode >= 500 || strings.Contains(text, secret) {
				t.Errorf("%s %s: status %d: %.100s", path, name, resp.StatusCode, text)
			}
		}
	}
	// A picture that is nobody's upload cannot be named, though it is in the store.
	var none digest.SHA256
	none[0] = 1
	r.want(t, 400, "POST", "/api/v1/jobs", `{"kind":"paint","spec":{"image":"`+none.String()+`"}}`)
	r.want(t, 404, "GET", "/api/v1/objects/"+none.String(), "")
}

// A connection that sends nothing, or half a request, does not keep others out.
func TestSlowClients(t *testing.T) {
	r := start(t, options(t.TempDir()))
	for i := range 60 {
		c := r.dial(t)
		if i%3 > 0 {
			fmt.Fprint(c, "POST /v1/images/generations HTTP/1.1\r\nHost: localhost\r\n")
		}
		if i%3 > 1 {
			fmt.Fprint(c, "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
		}
	}
	r.want(t, 200, "POST", "/v1/images/generations", quick)
}
