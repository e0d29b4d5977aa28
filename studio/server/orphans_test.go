package server_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/studio/api/apitest"
)

// What a process that died has left in the store goes when the next one begins;
// what a job made, somebody brought or a gallery has stays.
func TestOrphans(t *testing.T) {
	o := options(t.TempDir())
	r := start(t, o)
	resp, _ := r.send(t, "POST", "/api/v1/jobs", `{"kind":"paint","spec":{"prompt":"a tree","steps":1,"n":2}}`)
	at := resp.Header.Get("Location")
	made := regexp.MustCompile(`sha256:[0-9a-f]{64}","type":"image/png"`).FindAllString(r.done(t, at), -1)
	r.want(t, 200, "POST", "/api/v1/gallery/pictures/"+made[0][:71]+"/actions", `{"action":"kept"}`)
	up := regexp.MustCompile(`sha256:[0-9a-f]{64}`).FindString(r.want(t, 201, "POST", "/api/v1/uploads", string(apitest.Picture(5, 6, 7))))
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	folder := o.Places.Home.Path("studio", "objects")
	orphan, err := objects.Open(folder).Put([]byte("of a job that was killed"))
	if err != nil {
		t.Fatal(err)
	}
	part := filepath.Join(folder, "ab", ".new-123")
	if err := os.MkdirAll(filepath.Dir(part), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(part, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	r = start(t, o)
	if objects.Open(folder).Has(orphan) {
		t.Error("what nothing names is still there")
	}
	if _, err := os.Stat(part); err == nil {
		t.Error("what was half written is still there")
	}
	for _, d := range []string{made[0][:71], made[1][:71], up} {
		r.want(t, 200, "GET", "/api/v1/objects/"+d, "")
	}
}
