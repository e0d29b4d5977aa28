package tracing_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/studio/paint"
	"github.com/limner-ai/limner/studio/tracing"
	"github.com/limner-ai/limner/trace"
)

type none struct{}

func (none) Models(context.Context) ([]paint.Model, error) { return nil, nil }

// Whatever is brought to be traced, it is answered, and never by a fault of the
// server.
func FuzzTraces(f *testing.F) {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewNRGBA(image.Rect(0, 0, 4, 4))); err != nil {
		f.Fatal(err)
	}
	d := tracing.New(tracing.Options{
		Store: objects.Open(f.TempDir()), Models: none{}, Sets: trace.OpenIndexes(f.TempDir()),
		Owns: func(context.Context, digest.SHA256) (bool, error) { return false, nil },
	})
	mux := http.NewServeMux()
	d.Routes(mux)
	f.Add("image/png", b.Bytes())
	f.Add("image/png", b.Bytes()[:40])
	f.Add("application/json", []byte(`{"picture":"sha256:0000000000000000000000000000000000000000000000000000000000000000"}`))
	f.Add("application/json; charset=utf-8", []byte(`{"path":"/etc/passwd"}`))
	f.Add("", []byte("\xff\xd8\xff\xe1\x00\x10Exif"))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		r := httptest.NewRequest(http.MethodPost, "/api/v1/traces", bytes.NewReader(body))
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		if w.Code >= 500 || !json.Valid(w.Body.Bytes()) {
			t.Fatalf("status %d: %.300s", w.Code, w.Body)
		}
	})
}
