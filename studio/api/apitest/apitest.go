// Package apitest is a studio for tests of its APIs: the real queue and store,
// and in place of models an easel that paints at once.
package apitest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/studio/api"
	"github.com/limner-ai/limner/studio/gate"
	"github.com/limner-ai/limner/studio/jobs"
	"github.com/limner-ai/limner/studio/paint"
)

// Model is the name of the only model, and Side the extent of its pictures.
const (
	Model = "test-flow"
	Side  = 16
)

type shelf struct{}

var only = paint.Model{Name: Model, Family: "flow", Digest: "sha256:0123456789abcdef0123", Offers: []string{"prompts"}, Takes: generate.Takes{Sampling: true}, Width: Side, Height: Side, Channels: 4, Rights: "all permitted", Boxed: true}

func (shelf) Models(context.Context) ([]paint.Model, error) { return []paint.Model{only}, nil }

func (shelf) Model(_ context.Context, name string) (paint.Model, error) {
	if name != "" && name != Model {
		return paint.Model{}, &paint.UnknownError{Name: name}
	}
	return only, nil
}

func (shelf) File(string) (*os.File, error) { return nil, os.ErrNotExist }

// Open opens a studio in a folder of the test.
func Open(t testing.TB, o jobs.Options) *api.Studio {
	t.Helper()
	dir := t.TempDir()
	store := objects.Open(filepath.Join(dir, "objects"))
	q, err := jobs.Open(t.Context(), filepath.Join(dir, "jobs"), store, []jobs.Worker{easel{}}, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		q.Close(ctx)
	})
	up, err := api.OpenUploads(filepath.Join(dir, "uploads"), store)
	if err != nil {
		t.Fatal(err)
	}
	return &api.Studio{Queue: q, Models: shelf{}, Store: store, Uploads: up, Fault: func(_ context.Context, err error) { t.Logf("fault: %v", err) }}
}

// Room is what has routes.
type Room interface{ Routes(*http.ServeMux) }

// Serve serves rooms behind a gate.
func Serve(t testing.TB, o gate.Options, rooms ...Room) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	for _, r := range rooms {
		r.Routes(mux)
	}
	if o.MaxBody == nil {
		o.MaxBody = func(*http.Request) int64 { return 64 << 20 }
	}
	s := httptest.NewServer(gate.New(o, mux))
	t.Cleanup(s.Close)
	return s
}

// Ask sends a request whose body is a string of JSON, bytes, or nil, and decodes
// the answer, which must be of that status, into to, if it is not nil.
func Ask(t testing.TB, method, address string, body any, status int, to any) *http.Response {
	t.Helper()
	var in io.Reader
	switch b := body.(type) {
	case string:
		in = bytes.NewReader([]byte(b))
	case []byte:
		in = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, address, in)
	if err != nil {
		t.Fatal(err)
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != status {
		t.Fatalf("%s %s: status %d, want %d: %.300s", method, address, resp.StatusCode, status, text)
	}
	if to != nil {
		if err := json.Unmarshal(text, to); err != nil {
			t.Fatalf("%s %s: %v: %.300s", method, address, err, text)
		}
	}
	return resp
}
