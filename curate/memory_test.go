package curate

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"testing"
	"time"

	"github.com/limner-ai/limner/internal/objects"
)

// peak runs f and returns the most bytes that lived meanwhile, as the collector
// saw them.
func peak(f func()) uint64 {
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	runtime.GC()
	stop := make(chan struct{})
	var most uint64
	var wg sync.WaitGroup
	wg.Go(func() {
		s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		for {
			metrics.Read(s)
			most = max(most, s[0].Value.Uint64())
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
			}
		}
	})
	f()
	close(stop)
	wg.Wait()
	return most
}

// made is a folder with the parts of n pictures, each of two of a concept.
func made(t *testing.T, n int) (*runner, int) {
	t.Helper()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "parts"), 0o755); err != nil {
		t.Fatal(err)
	}
	r, err := newRunner(small(), newShelf(), objects.Open(filepath.Join(dir, "objects")), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	draw := rand.New(rand.NewPCG(1, 2))
	part := 0
	for at := 0; at < n; at += partSize {
		var records []record
		for i := range min(partSize, n-at) {
			c := Candidate{Source: "shelf", Path: fmt.Sprintf("some/folder/picture of thing number %d x.png", (at+i)/2), Decision: Allow}
			binary.BigEndian.PutUint64(c.Content[:], uint64(at+i))
			p := &prepared{Format: "PNG", Sharp: 100}
			p.Measures.Width, p.Measures.Height = 64, 64
			for k := 0; k < len(p.Hash); k += 8 {
				binary.BigEndian.PutUint64(p.Hash[k:], draw.Uint64())
			}
			records = append(records, record{Candidate: c, Prepared: p})
		}
		if err := writePart(dir, header{Part: part}, records); err != nil {
			t.Fatal(err)
		}
		part++
	}
	return r, part
}

// What the joining of all pictures holds grows by a known number of bytes for
// each of them.
func TestMemoryOfJoining(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	const n = 1500
	var peaks [2]uint64
	for i, times := range []int{1, 10} {
		r, parts := made(t, times*n)
		peaks[i] = peak(func() {
			if _, err := r.join(t.Context(), parts); err != nil {
				t.Error(err)
			}
		})
	}
	each := float64(peaks[1]-peaks[0]) / (9 * n)
	t.Logf("%.1f MB with %d pictures, %.1f MB with %d: %.0f bytes each", float64(peaks[0])/1e6, n, float64(peaks[1])/1e6, 10*n, each)
	if each > 300 {
		t.Errorf("%.0f bytes a picture", each)
	}
}
