package server_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/limner-ai/limner/dataset"
	"github.com/limner-ai/limner/dataset/frozen"
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/internal/basis"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/studio/gate"
	"github.com/limner-ai/limner/studio/server"
	"github.com/limner-ai/limner/studio/work/place"
	"github.com/limner-ai/limner/studio/work/worktest"
)

// A model is taken away and brought back bit for bit; what is none is refused,
// and leaves nothing.
func TestModelsAreExchanged(t *testing.T) {
	dir := t.TempDir()
	o := options(dir)
	folder := o.Models[0] // that of models which are brought in
	o.Models = append(o.Models, filepath.Join(dir, "runs"))
	left := filepath.Join(folder, ".import-1.safetensors")
	if err := errors.Join(os.MkdirAll(folder, 0o755), os.WriteFile(left, []byte("of a server that was killed"), 0o644)); err != nil {
		t.Fatal(err)
	}
	r := start(t, o)
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what a killed import left is still there: %v", err)
	}
	r.trained(t, "plain", "false")
	file := r.want(t, 200, "GET", "/api/v1/models/plain/file", "")
	if text := r.want(t, 201, "POST", "/api/v1/models?name=again", file); !strings.Contains(text, `"paints":true`) {
		t.Error(text)
	}
	if r.want(t, 200, "GET", "/api/v1/models/again/file", "") != file {
		t.Error("it is another file")
	}
	resp, text := r.send(t, "POST", "/api/v1/jobs", `{"kind":"paint","spec":{"model":"again","n":1,"seed":1}}`)
	if resp.StatusCode != 201 {
		t.Fatal(text)
	}
	r.done(t, resp.Header.Get("Location"))

	flipped := []byte(file)
	copy(flipped[20:], "!!!!") // in the header
	header := strings.Replace(file, `vae\"`, `gan\"`, 1)
	for name, body := range map[string]string{
		"empty": "", "words": "not a model", "short": file[:len(file)/2], "shorter": file[:7], "flipped": string(flipped), "family": header,
		"huge": "\xff\xff\xff\xff\xff\xff\xff\x7f{", "longer": file + "x",
	} {
		if text := r.want(t, 400, "POST", "/api/v1/models?name="+name, body); strings.Contains(text, dir) {
			t.Errorf("%s: a path of the server's: %s", name, text)
		}
		r.want(t, 404, "GET", "/api/v1/models/"+name, "")
	}
	for _, name := range []string{"", "..", ".hidden", "a%2Fb", "a%00", strings.Repeat("a", 64)} {
		r.want(t, 400, "POST", "/api/v1/models?name="+name, file)
	}
	for _, name := range []string{"again", "plain", "emoji"} {
		r.want(t, 409, "POST", "/api/v1/models?name="+name, file)
	}
	r.want(t, 404, "GET", "/api/v1/models/emoji/file", "")
	r.want(t, 404, "GET", "/api/v1/models/none/file", "")
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 || entries[0].Name() != "again.safetensors" {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
}

// A key that may paint may not take models and sets away.
func TestExchangeWantsLeave(t *testing.T) {
	o := options(t.TempDir())
	o.Require = true
	secret, err := gate.OpenKeys(server.KeysFolder(string(o.Places.Home))).Add("ann", gate.Key{Work: []string{"paint"}})
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, o)
	for _, x := range []struct{ method, path string }{{"POST", "/api/v1/models?name=x"}, {"GET", "/api/v1/models/emoji/file"}, {"GET", "/api/v1/sets/x/webdataset"}} {
		r.want(t, 403, x.method, x.path, "x", "Authorization", "Bearer "+secret)
	}
}

// A set is given out as an archive of its samples, and an altered one is not
// given out whole.
func TestSetsAreExported(t *testing.T) {
	o := options(t.TempDir())
	o.Places = worktest.Places(t)
	r := start(t, o)
	for _, body := range []string{`{"kind":"refresh","spec":{"sources":["art"]}}`, `{"kind":"curate","spec":{"recipe":"fruit"}}`} {
		resp, text := r.send(t, "POST", "/api/v1/jobs", body)
		if resp.StatusCode != 201 {
			t.Fatal(text)
		}
		r.done(t, resp.Header.Get("Location"))
	}
	m := worktest.Freeze(t, o.Places)
	c := readContract(t, r)
	c.check(t, r, 200, "GET", "/sets/fruit", "")
	data := c.check(t, r, 200, "GET", "/sets/fruit/webdataset", "")
	samples := map[string]map[string]bool{}
	for in := tar.NewReader(strings.NewReader(data)); ; {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		key, ext, _ := strings.Cut(h.Name, ".")
		if samples[key] == nil {
			samples[key] = map[string]bool{}
		}
		samples[key][ext] = true
	}
	pictures := 0
	for _, has := range samples {
		if has["png"] && has["txt"] && has["json"] {
			pictures++
		}
	}
	if pictures != m.Pictures || !samples["__set"]["json__"] {
		t.Errorf("%d pictures of %d: %v", pictures, m.Pictures, samples)
	}
	c.check(t, r, 404, "GET", "/sets/none/webdataset", "")
	// A model that was trained on it is told so by its root, wherever it lay then.
	set, err := dataset.Open(picture.Source{Kind: "frozen", Path: filepath.Join(o.Places.Sets[0], "fruit")})
	if err != nil {
		t.Fatal(err)
	}
	ground, err := basis.Of(set)
	if err != nil {
		t.Fatal(err)
	}
	library := place.NewLibrary(o.Places)
	if found, err := library.Open(t.Context(), trained.Data{Source: []byte(`{"kind":"frozen","path":"/elsewhere/x"}`), Basis: ground}); err != nil || found.Len() != set.Len() {
		t.Errorf("the library does not find it: %v", err)
	}
	ground.Root = strings.Replace(ground.Root, ground.Root[7:11], "0000", 1)
	if _, err := library.Open(t.Context(), trained.Data{Source: []byte(`{"kind":"frozen","path":"sets/fruit"}`), Basis: ground}); !errors.Is(err, place.ErrNoSet) {
		t.Errorf("another set of that name was taken for it: %v", err)
	}
	path := filepath.Join(o.Places.Sets[0], "fruit", filepath.FromSlash(m.Shards[0].Path))
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(text, []byte("IDAT")) + 8
	text[at] ^= 1
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := frozen.ReadManifest(filepath.Dir(filepath.Dir(path))); err != nil {
		t.Fatal(err)
	}
	resp, err := r.get(t, "/api/v1/sets/fruit/webdataset")
	if err == nil {
		t.Errorf("an altered set came whole: %d bytes", len(resp))
	}
}
