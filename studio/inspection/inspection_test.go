package inspection_test

import (
	"context"
	"encoding/json"
	"image"
	"image/color"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/studio/inspection"
)

var mine = digest.SHA256{1}

// desk has one picture, which is w×h pixels large.
func desk(t testing.TB, w, h int, looked *int) *http.ServeMux {
	t.Helper()
	d := inspection.New(inspection.Options{
		Threads: 1,
		Owns:    func(_ context.Context, d digest.SHA256) (bool, error) { return d == mine, nil },
		Picture: func(context.Context, digest.SHA256) (*image.NRGBA, error) {
			*looked++
			m := image.NewNRGBA(image.Rect(0, 0, w, h))
			for i := range min(w*h, 64*64) {
				m.SetNRGBA(i%w, i/w, color.NRGBA{uint8(i), uint8(i / w * 3), 90, 255})
			}
			return m, nil
		},
	})
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	mux := http.NewServeMux()
	d.Routes(mux)
	return mux
}

func ask(mux http.Handler, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/api/v1/inspections", strings.NewReader(body)))
	return w
}

// A picture is looked at once; each inspector says something of it, and where
// has a place in it.
func TestInspect(t *testing.T) {
	looked := 0
	mux := desk(t, 64, 64, &looked)
	first := ask(mux, `{"picture":"`+mine.String()+`"}`)
	var r inspection.Report
	if err := json.Unmarshal(first.Body.Bytes(), &r); err != nil || first.Code != 200 || r.Width != 64 || len(r.Findings) == 0 {
		t.Fatalf("%d, %v: %.300s", first.Code, err, first.Body)
	}
	for _, f := range r.Findings {
		if f.Sentence == "" || f.Summary == "" || f.Heat != nil && len(f.Heat.Values) != f.Heat.Width*f.Heat.Height {
			t.Errorf("%+v", f)
		}
		for _, place := range f.Regions {
			if !place.Box.In(image.Rect(0, 0, 64, 64)) {
				t.Errorf("%s points to %v", f.Inspector, place.Box)
			}
		}
	}
	if again := ask(mux, `{"picture":"`+mine.String()+`"}`); again.Body.String() != first.Body.String() || looked != 1 {
		t.Errorf("it was looked at %d times", looked)
	}
}

func TestWhatIsNotInspected(t *testing.T) {
	looked := 0
	large := desk(t, 4096, 1025, &looked)
	if w := ask(large, `{"picture":"`+mine.String()+`"}`); w.Code != 400 || !strings.Contains(w.Body.String(), "4 megapixels") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for _, body := range []string{``, `{`, `{"picture":"x"}`, `{"picture":"` + digest.SHA256{2}.String() + `"}`, `{"path":"/etc/passwd"}`, `{"picture":"` + strings.Repeat("x", 1<<16) + `"}`} {
		if w := ask(large, body); w.Code != 400 || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%.40s: %d %s", body, w.Code, w.Body)
		}
	}
}
