package server_test

import (
	"encoding/json"
	"image/png"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// small is a run of seconds.
const small = `
data: {kind: shapes, size: 16, channels: 3, count: 400}
model: {family: vae, net: dense, hidden: [32], latent: 4, conditional: CONDITIONAL}
train: {batch: 16, steps: 80, rate: 2e-3}
every: {log: 20, sample: 80, checkpoint: 80, validate: 0}
`

// done waits for the end of the job at an address.
func (r *running) done(t *testing.T, at string) string {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		text := r.want(t, 200, "GET", at, "")
		if strings.Contains(text, `"state":"done"`) {
			return text
		}
		if strings.Contains(text, `"state":"failed"`) || time.Now().After(deadline) {
			t.Fatalf("%s is not done: %.800s", at, text)
		}
	}
}

// trained has the studio train a small VAE.
func (r *running) trained(t *testing.T, name, conditional string) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"kind": "train", "spec": map[string]string{"run": name, "config": strings.Replace(small, "CONDITIONAL", conditional, 1)}})
	if err != nil {
		t.Fatal(err)
	}
	resp, text := r.send(t, "POST", "/api/v1/jobs", string(body))
	if resp.StatusCode != 201 {
		t.Fatal(text)
	}
	r.done(t, resp.Header.Get("Location"))
}

// What was trained here can be explored: a map, pictures moved along what the
// data set tells apart, and mixtures.
func TestExplore(t *testing.T) {
	dir := t.TempDir()
	o := options(dir)
	o.Models = []string{filepath.Join(dir, "runs")}
	r := start(t, o)
	r.trained(t, "plain", "false")
	r.trained(t, "told", "true")
	var list struct {
		Models []struct {
			Name                    string
			Slides, Mixes, Attached bool
		}
	}
	if err := json.Unmarshal([]byte(r.want(t, 200, "GET", "/api/v1/explore/models", "")), &list); err != nil {
		t.Fatal(err)
	}
	met := 0
	for _, m := range list.Models {
		switch m.Name {
		case "plain":
			met++
			if !m.Slides || !m.Attached || m.Mixes {
				t.Errorf("%+v", m)
			}
		case "told":
			met++
			if !m.Slides || !m.Attached || !m.Mixes {
				t.Errorf("%+v", m)
			}
		}
	}
	if met != 2 {
		t.Fatalf("%+v", list)
	}
	var found struct{ Attributes []string }
	if err := json.Unmarshal([]byte(r.want(t, 200, "GET", "/api/v1/explore/attributes?model=plain", "")), &found); err != nil || len(found.Attributes) < 2 {
		t.Fatalf("%+v, %v", found, err)
	}
	tile := func(q string) string {
		t.Helper()
		return r.want(t, 200, "GET", "/api/v1/explore/tile?model=plain&seed=1&step=1&n=1&"+q, "")
	}
	if tile("x=0") == tile("x=2") {
		t.Error("the map is the same everywhere")
	}

	// A picture of the model's, moved there and back.
	resp, text := r.send(t, "POST", "/api/v1/jobs", `{"kind":"paint","spec":{"model":"plain","n":2,"seed":3}}`)
	if resp.StatusCode != 201 {
		t.Fatal(text)
	}
	made := regexp.MustCompile(`sha256:[0-9a-f]{64}","type":"image/png"`).FindAllString(r.done(t, resp.Header.Get("Location")), -1)
	if len(made) != 2 {
		t.Fatal(made)
	}
	one, other := made[0][:71], made[1][:71]
	seen := map[string]bool{}
	for _, toward := range []string{"", "&toward=" + url.QueryEscape(found.Attributes[0]+":2"), "&toward=" + url.QueryEscape(found.Attributes[0]+":-2"), "&toward=" + url.QueryEscape(found.Attributes[1]+":2")} {
		data := r.want(t, 200, "GET", "/api/v1/explore/move?model=plain&image="+one+toward, "")
		if m, err := png.Decode(strings.NewReader(data)); err != nil || m.Bounds().Dx() != 16 {
			t.Fatalf("%s: %v", toward, err)
		}
		if seen[data] {
			t.Errorf("%s moves nothing", toward)
		}
		seen[data] = true
	}
	r.want(t, 400, "GET", "/api/v1/explore/move?model=plain&image="+one+"&toward=unheard-of:1", "")

	resp, text = r.send(t, "POST", "/api/v1/jobs", `{"kind":"paint","spec":{"model":"told","n":1,"image":"`+one+`","style":"`+other+`"}}`)
	if resp.StatusCode != 201 {
		t.Fatal(text)
	}
	r.done(t, resp.Header.Get("Location"))
}
