package fingerprint

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// family is hashes around a few centres, at all distances up to far beyond
// Near, some of them equal.
func family(r *rand.Rand, n int) []Hash {
	var out []Hash
	for len(out) < n {
		var h Hash
		for i := range h {
			h[i] = byte(r.Uint32())
		}
		out = append(out, h)
		for range r.IntN(8) {
			c := h
			for range r.IntN(60) {
				c[r.IntN(32)] ^= 1 << r.IntN(8)
			}
			out = append(out, c)
			if r.IntN(3) == 0 {
				out = append(out, c)
			}
			if r.IntN(2) == 0 {
				h = c // a chain
			}
		}
	}
	r.Shuffle(n, func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out[:n]
}

// The clusters are the connected parts that comparing all pairs finds.
func TestClusters(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, radius := range []int{0, 1, 8, 20, 31} {
		hashes := family(r, 400)
		want := make([]int, len(hashes))
		for i := range want {
			want[i] = i
		}
		for changed := true; changed; {
			changed = false
			for i := range hashes {
				for j := range hashes {
					if Distance(hashes[i], hashes[j]) <= radius && want[j] < want[i] {
						want[i], changed = want[j], true
					}
				}
			}
		}
		got, err := Clusters(hashes, radius)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("radius %d: %v", radius, err)
		}
	}
	if got, err := Clusters(nil, 31); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []int{-1, 32} {
		if _, err := Clusters(nil, bad); err == nil {
			t.Errorf("radius %d passed", bad)
		}
	}
}

// The worst case of the pigeonhole: 31 bits spread so that 15 words differ in
// two bits and one in one.
func TestSpread(t *testing.T) {
	for odd := range words {
		var a, b Hash
		for k := range words {
			b[2*k] ^= 1
			if k != odd {
				b[2*k+1] ^= 0x80
			}
		}
		if Distance(a, b) != Near {
			t.Fatal(Distance(a, b))
		}
		if c, _ := Clusters([]Hash{a, b}, Near); c[1] != 0 {
			t.Errorf("missed where word %d is the odd one", odd)
		}
	}
}

func TestNear(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	hashes := family(r, 500)
	x := NewIndex(hashes)
	for range 50 {
		h := hashes[r.IntN(len(hashes))]
		h[3] ^= 0x14
		for _, radius := range []int{0, 5, Near} {
			var want []Match
			for d := 0; d <= radius; d++ {
				for i := range hashes {
					if Distance(h, hashes[i]) == d {
						want = append(want, Match{i, d})
					}
				}
			}
			got, err := x.Near(h, radius)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("radius %d: %v, want %v (%v)", radius, got, want, err)
			}
		}
	}
	if _, err := x.Near(Hash{}, 40); err == nil {
		t.Error("a radius of 40 passed")
	}
}

func BenchmarkClusters(b *testing.B) {
	hashes := family(rand.New(rand.NewPCG(7, 8)), 100_000)
	for b.Loop() {
		if _, err := Clusters(hashes, Near); err != nil {
			b.Fatal(err)
		}
	}
}
