package server_test

import (
	"encoding/base64"
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/limner-ai/limner/mark"
	"github.com/limner-ai/limner/mark/c2pa"
	"github.com/limner-ai/limner/release"
	"github.com/limner-ai/limner/studio/api/apitest"
	"github.com/limner-ai/limner/studio/gate"
	"github.com/limner-ai/limner/studio/server"
)

// marked are options of a server that marks with keys of its home.
func marked(t *testing.T) (server.Options, *mark.Marker) {
	t.Helper()
	dir := t.TempDir()
	o := options(dir)
	m, err := mark.Open(mark.Options{Dir: filepath.Join(dir, "marks"), Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	o.Press = &release.Press{Marker: m, Policy: release.Allow}
	return o, m
}

// Whichever way a picture leaves, its credentials are there and whole.
func TestAllPicturesLeaveMarked(t *testing.T) {
	o, m := marked(t)
	r := start(t, o)
	pictures := map[string]string{}
	var images struct {
		Data []struct{ B64JSON, URL string }
	}
	read := func(text string, into any) {
		t.Helper()
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatalf("%v: %.200s", err, text)
		}
	}
	bytesOf := func(text string) string {
		t.Helper()
		b, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	text := r.want(t, 200, "POST", "/v1/images/generations", `{"prompt":"a tree","steps":1,"n":1,"size":"128x128"}`)
	read(strings.ReplaceAll(text, "b64_json", "B64JSON"), &images)
	pictures["OpenAI"] = bytesOf(images.Data[0].B64JSON)
	text = r.want(t, 200, "POST", "/v1/images/generations", `{"prompt":"a tree","steps":1,"n":1,"response_format":"url"}`)
	read(text, &images)
	pictures["OpenAI, by address"] = r.want(t, 200, "GET", strings.TrimPrefix(images.Data[0].URL, r.url), "")
	text = r.want(t, 200, "POST", "/sdapi/v1/txt2img", `{"prompt":"a tree","steps":1,"width":64,"height":64}`)
	var a1111 struct{ Images []string }
	read(text, &a1111)
	pictures["A1111"] = bytesOf(a1111.Images[0])
	for _, format := range []string{"png", "jpeg"} {
		resp, _ := r.send(t, "POST", "/api/v1/jobs", `{"kind":"paint","spec":{"prompt":"a tree","steps":1,"n":1,"format":"`+format+`"}}`)
		d := regexp.MustCompile(`sha256:[0-9a-f]{64}","type":"image`).FindString(r.done(t, resp.Header.Get("Location")))[:71]
		pictures["ours, "+format] = r.want(t, 200, "GET", "/api/v1/objects/"+d, "")
	}
	for way, file := range pictures {
		got, err := mark.Read([]byte(file), m.Trust())
		if err != nil || got.Credentials == nil || got.Credentials.State != c2pa.Trusted || got.Origin == nil || got.Origin.Model.Digest == "" {
			t.Errorf("%s: %+v, %v", way, got, err)
		}
	}
	// And they are found again, by whom they are shown to.
	var traced struct {
		Model struct{ Name, By, Path string }
		Marks struct{ Credentials struct{ State string } }
	}
	read(r.want(t, 200, "POST", "/api/v1/traces", pictures["A1111"], "Content-Type", "image/png"), &traced)
	if traced.Model.By != "trusted credentials" || traced.Model.Path != "emoji" {
		t.Errorf("%+v", traced)
	}
	broken := pictures["A1111"] + "x"
	text = r.want(t, 200, "POST", "/api/v1/traces", broken, "Content-Type", "image/png")
	if strings.Contains(text, `"state":"trusted"`) || strings.Contains(text, "trusted credentials") {
		t.Errorf("an altered picture is trusted: %.400s", text)
	}
	if strings.Contains(text, o.Places.Home.Path()) {
		t.Error("a path of the server's")
	}
}

// A key sees and repairs its own pictures alone.
func TestInspectionsAreTheOwners(t *testing.T) {
	o := options(t.TempDir())
	o.Require = true
	keys := gate.OpenKeys(server.KeysFolder(string(o.Places.Home)))
	var heads [2][]string
	for i, name := range []string{"ann", "bob"} {
		secret, err := keys.Add(name, gate.Key{Work: []string{"paint"}})
		if err != nil {
			t.Fatal(err)
		}
		heads[i] = []string{"Authorization", "Bearer " + secret, "Content-Type", "application/json"}
	}
	r := start(t, o)
	up := regexp.MustCompile(`sha256:[0-9a-f]{64}`).FindString(r.want(t, 201, "POST", "/api/v1/uploads", string(apitest.Picture(32, 32, 7)), heads[0][:2]...))
	named := `{"picture":"` + up + `"}`
	r.want(t, 200, "POST", "/api/v1/inspections", named, heads[0]...)
	r.want(t, 400, "POST", "/api/v1/inspections", named, heads[1]...) // though it was looked at before
	r.want(t, 404, "POST", "/api/v1/traces", named, heads[1]...)
	r.want(t, 400, "POST", "/api/v1/jobs", `{"kind":"paint","spec":{"image":"`+up+`","repair":{}}}`, heads[1]...)
	r.want(t, 403, "POST", "/api/v1/jobs", `{"kind":"diagnose","spec":{}}`, heads[0]...)
	for _, spec := range []string{
		`{"repair":{}}`, `{"image":"` + up + `","repair":{"tries":1000}}`, `{"image":"` + up + `","repair":{"by":["nobody"]}}`, `{"image":"` + up + `","n":2,"repair":{}}`,
		`{"image":"` + up + `","repair":{"path":"/etc/passwd"}}`, `{"image":"` + up + `","mask":"` + strings.Replace(up, up[7:11], "0000", 1) + `","repair":{}}`,
	} {
		r.want(t, 400, "POST", "/api/v1/jobs", `{"kind":"paint","spec":`+spec+`}`, heads[0]...)
	}
}
