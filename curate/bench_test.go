package curate

import (
	"path/filepath"
	"testing"

	"github.com/limner-ai/limner/curate/decode/svg"
	"github.com/limner-ai/limner/internal/objects"
)

// BenchmarkPrepare is the work on one picture on one thread, from its bytes to
// the store.
func BenchmarkPrepare(b *testing.B) {
	if err := svg.Start(); err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name string
		file []byte
	}{{"svg", []byte(apple)}, {"png256", asPNG(blobs(3, 256))}, {"jpeg1024", asJPEG(blobs(3, 1024), 85)}} {
		b.Run(c.name, func(b *testing.B) {
			s := newShelf()
			copied := *s.put("x", c.file)
			recipe := small(func(r *Recipe) { r.Size, r.Limits.Vector = 64, 256 })
			r, err := newRunner(recipe, s, objects.Open(filepath.Join(b.TempDir(), "objects")), b.TempDir(), Options{Threads: 1})
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, j, err := r.prepare(b.Context(), copied); err != nil || j != nil {
					b.Fatal(j, err)
				}
			}
		})
	}
}
