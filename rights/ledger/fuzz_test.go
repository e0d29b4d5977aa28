package ledger

import (
	"fmt"
	"testing"
)

// FuzzEvent holds that a body that is read is canonical: the same bytes come
// out when the event is encoded again.
func FuzzEvent(f *testing.F) {
	e, err := newEvent("t", Claim{ID: "c", State: "held", Holder: "h"}, []Digest{{1}})
	if err != nil {
		f.Fatal(err)
	}
	if err := e.encode(); err != nil {
		f.Fatal(err)
	}
	f.Add(e.Body)
	f.Add([]byte(`{"v":1}`))
	f.Add([]byte(`{"v":1,"v":1,"seq":1e3}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := decodeEvent(body)
		if err == nil && string(e.Body) != string(body) {
			t.Fatalf("%q was read as %q", body, e.Body)
		}
	})
}

func FuzzCheckpoint(f *testing.F) {
	l, _ := create(f)
	b := &Batch{Actor: "t"}
	b.Add(RightsHolder{ID: "x"})
	r, err := l.Append(ctx, b)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(r.Checkpoint.Note), l.Key())
	f.Add("a\n1\nb\n\n— a b\n", "a+b+c")
	f.Fuzz(func(t *testing.T, text, key string) {
		cp, err := ParseCheckpoint([]byte(text), key)
		if err == nil && (cp.Size < 0 || cp.Origin == "") {
			t.Fatalf("%+v", cp)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{1, 100, 5000} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) {
			l, _ := create(b)
			n := 0
			for b.Loop() {
				batch := &Batch{Actor: "bench"}
				proof := batch.Keep(fmt.Appendf(nil, "licence text %d", n))
				for range size {
					n++
					d := DigestOf(fmt.Append(nil, n))
					batch.Add(Copy{Content: d, State: "kept", Source: "npm/emoji@1", Path: fmt.Sprintf("png/64/%d.png", n), Width: 64, Height: 64, Bytes: 4096}, proof)
				}
				if _, err := l.Append(ctx, batch); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	l, _ := create(b)
	batch := &Batch{Actor: "bench"}
	proof := batch.Keep([]byte("licence text"))
	const n = 10_000
	for i := range n {
		batch.Add(Copy{Content: DigestOf(fmt.Append(nil, i)), State: "kept", Source: "npm/emoji@1", Path: fmt.Sprintf("png/64/%d.png", i)}, proof)
	}
	if _, err := l.Append(ctx, batch); err != nil {
		b.Fatal(err)
	}
	rounds := 0
	for b.Loop() {
		if _, err := l.Verify(ctx, Trust{}); err != nil {
			b.Fatal(err)
		}
		rounds++
	}
	b.ReportMetric(float64(n*rounds)/b.Elapsed().Seconds(), "events/s")
}
