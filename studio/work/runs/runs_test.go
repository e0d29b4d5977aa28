package runs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/limner-ai/limner/internal/home"
	"github.com/limner-ai/limner/studio/work/place"
)

const runFile = `name: small
data: {kind: idx, path: /somewhere/secret/digits, size: 28, channels: 1}
model: {family: vae, latent: 2}
train: {batch: 8, steps: 100, rate: 0.001, seed: 3}
`

func studio(t testing.TB) (place.Places, http.Handler) {
	t.Helper()
	dir := t.TempDir()
	p := place.Places{Home: home.Home(dir), Runs: filepath.Join(dir, "runs"), Sets: []string{filepath.Join(dir, "sets")}}
	var log strings.Builder
	for step := 1; step <= 100; step++ {
		fmt.Fprintf(&log, `{"step":%d,"time":"2026-11-23T08:06:18Z","loss/a":%d,"odd":"NaN"`, step, 2*step)
		if step%10 == 0 {
			fmt.Fprintf(&log, `,"validate/b":%d`, step)
		}
		log.WriteString("}\n")
	}
	log.WriteString(`{"step":101,"loss/a":`) // being written
	for name, text := range map[string]string{
		"runs/small/run.yaml": runFile, "runs/small/metrics.jsonl": log.String(), "runs/small/model.safetensors": "",
		"runs/small/samples/step-000050.png": "first", "runs/small/samples/step-000100.png": "second",
		"runs/small/samples/reconstructions-000100.png": "third", "runs/small/samples/latest.png": "no", "runs/small/samples/notes.txt": "no",
		"runs/broken/run.yaml": "{", "runs/notrun/file": "", "runs/.hidden/run.yaml": runFile, "secret.png": "secret",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// "small" changed last, however quickly and in whichever order they were written.
	for name, at := range map[string]time.Time{"broken": time.Unix(1, 0), "small": time.Unix(2, 0)} {
		for _, file := range []string{"run.yaml", "metrics.jsonl"} {
			path := filepath.Join(p.Runs, name, file)
			if err := os.Chtimes(path, at, at); err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
		}
	}
	mux := http.NewServeMux()
	New(p).Routes(mux)
	return p, mux
}

func ask(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

func TestRunsAreListed(t *testing.T) {
	_, h := studio(t)
	w := ask(h, "/api/v1/runs")
	var got struct{ Runs []Run }
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || len(got.Runs) != 2 {
		t.Fatalf("%v: %s", err, w.Body)
	}
	if strings.Contains(w.Body.String(), "secret") {
		t.Errorf("where the set lies is shown: %s", w.Body)
	}
	for _, r := range got.Runs {
		if r.Name == "broken" {
			if r.Broken == "" {
				t.Error("the broken run is not said to be")
			}
			continue
		}
		if r.Family != "vae" || r.Set != "digits" || r.Images != 800 || r.Step != 100 || !r.Model || r.Saved || r.Seed != 3 || len(r.Samples) != 3 {
			t.Errorf("%+v", r)
		}
	}
	if w := ask(h, "/api/v1/training"); w.Code != 200 || !strings.Contains(w.Body.String(), `"name":"shapes"`) || !strings.Contains(w.Body.String(), `"runs":["small","broken"]`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestCurves(t *testing.T) {
	_, h := studio(t)
	read := func(query string) (c Curves) {
		t.Helper()
		w := ask(h, "/api/v1/runs/small/metrics"+query)
		if err := json.Unmarshal(w.Body.Bytes(), &c); err != nil || w.Code != 200 {
			t.Fatalf("%s: %d %v %s", query, w.Code, err, w.Body)
		}
		for name, list := range c.Values {
			if len(list) != len(c.Steps) {
				t.Errorf("%s: %d steps, %d values of %s", query, len(c.Steps), len(list), name)
			}
		}
		return c
	}
	c := read("")
	if len(c.Steps) != 100 || c.Next != 100 || c.Total != 100 || c.Thin != 1 {
		t.Errorf("%d steps, next %d, total %d, thin %d", len(c.Steps), c.Next, c.Total, c.Thin)
	}
	if v := c.Values["loss/a"][41]; v == nil || *v != 84 {
		t.Error("the loss of step 42 is wrong")
	}
	if b := c.Values["validate/b"]; b[8] != nil || b[9] == nil || *b[9] != 10 {
		t.Error("what is measured seldom is not where it was measured")
	}
	if c.Values["odd"][0] != nil {
		t.Error("a NaN is a number")
	}
	if c := read("?after=95"); len(c.Steps) != 5 || c.Steps[0] != 96 {
		t.Errorf("after 95: %v", c.Steps)
	}
	if c := read("?after=100"); len(c.Steps) != 0 || c.Next != 100 {
		t.Errorf("after the last: %v, next %d", c.Steps, c.Next)
	}
	if c := read("?most=10"); len(c.Steps) > 10 || len(c.Steps) < 5 || c.Steps[len(c.Steps)-1] != 100 {
		t.Errorf("at most 10: %v", c.Steps)
	}
	if c := read("?most=2"); len(c.Steps) > 2 {
		t.Errorf("at most 2: %v", c.Steps)
	}
}

func TestSamples(t *testing.T) {
	p, h := studio(t)
	if w := ask(h, "/api/v1/runs/small/samples/step-000050.png"); w.Body.String() != "first" || w.Header().Get("Content-Type") != "image/png" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%d %s %v", w.Code, w.Body, w.Header())
	}
	link := filepath.Join(p.Runs, "small", "samples", "step-000060.png")
	if err := os.Symlink(filepath.Join(filepath.Dir(p.Runs), "secret.png"), link); err != nil {
		t.Log("no links here")
	}
	for _, path := range []string{
		"small/samples/latest.png", "small/samples/..%2frun.yaml", "small/samples/step-000070.png", "small/samples/step-000060.png",
		"..%2fruns/samples/step-000050.png", "none/samples/step-000050.png", ".hidden/samples/step-000050.png", "notrun",
	} {
		if w := ask(h, "/api/v1/runs/"+path); w.Code < 400 || strings.Contains(w.Body.String(), "secret") || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	for _, query := range []string{"after=x", "most=1", "most=1000000", "most=x"} {
		if w := ask(h, "/api/v1/runs/small/metrics?"+query); w.Code != 400 {
			t.Errorf("%s: %d", query, w.Code)
		}
	}
}

func FuzzCurves(f *testing.F) {
	f.Add([]byte(`{"step":1,"time":"x","a":1}`+"\n"+`{"step":2,"a":"NaN","b":null}`+"\n"), 2)
	f.Add([]byte("{\"step\":-1}\n{\"step\":9999999999999999999,}\n"), 5)
	path := filepath.Join(f.TempDir(), "m")
	f.Fuzz(func(t *testing.T, log []byte, most int) {
		if err := os.WriteFile(path, log, 0o644); err != nil {
			t.Fatal(err)
		}
		most = 2 + (most&0xff+0x100)&0xff
		c, err := curves(path, -1, most)
		if err != nil {
			return
		}
		if len(c.Steps) > most || len(c.Times) != len(c.Steps) {
			t.Errorf("%d steps of at most %d, %d times", len(c.Steps), most, len(c.Times))
		}
		if _, err := json.Marshal(c); err != nil {
			t.Error(err)
		}
		lastStep(path)
	})
}
