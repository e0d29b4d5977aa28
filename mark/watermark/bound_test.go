package watermark

import (
	"encoding/binary"
	"flag"
	"math"
	"math/rand/v2"
	"testing"
)

var keys = flag.Int("keys", 2000, "keys of the test of the false-alarm bounds")

// All signs of a short sum are tried: the bound holds for each of its values.
func TestSignTailHoldsExactly(t *testing.T) {
	for _, a := range [][]float64{
		{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, {5, 4, 3, 2, 1, 1, 1, 1, 1, 1, 1, 1}, {9, 1, 1, 1, 1}, {1},
	} {
		squares := 0.0
		for _, v := range a {
			squares += v * v
		}
		all := make([]float64, 1<<len(a))
		for signs := range all {
			for i, v := range a {
				if signs>>i&1 != 0 {
					v = -v
				}
				all[signs] += v / math.Sqrt(squares)
			}
		}
		for _, z := range all {
			n := 0
			for _, s := range all {
				if s >= z-1e-12 {
					n++
				}
			}
			if p := float64(n) / float64(len(all)); p > signTail(z-1e-12)+1e-12 {
				t.Fatalf("%v: P(S ≥ %g) = %g, bound %g", a, z, p, signTail(z))
			}
		}
	}
}

func TestTailsFall(t *testing.T) {
	for _, f := range []func(float64) float64{signTail, turnTail, modulusTail} {
		last := 1.0
		for z := -1.0; z < 12; z += 0.01 {
			p := f(z)
			if p > last || p < 0 || p > 1 {
				t.Fatalf("at %g: %g after %g", z, p, last)
			}
			last = p
		}
		if last > 1e-30 {
			t.Fatalf("ends at %g", last)
		}
	}
}

// Many keys read pictures that none of them marked: flat, shaded, noisy, and one
// that another key marked. No bound may be exceeded more often than it says,
// give or take four deviations.
func TestWrongKeysKeepTheBounds(t *testing.T) {
	marked, err := Embed(scene(64, 64, false), Key{250}, 3)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	noisy := scene(64, 64, true)
	for i := range noisy.Pix {
		noisy.Pix[i] += uint8(r.IntN(32))
	}
	var cells []*[area]complex128
	for _, m := range []*search{
		newSearch(marked, nil), newSearch(noisy, nil), newSearch(scene(64, 64, true), nil), newSearch(scene(200, 200, false), nil),
	} {
		at := place{pose: frame(m.luma.w, doublings(m.luma.w)), extent: maxUnits, tone: same}
		cells = append(cells, m.read(at))
	}
	limits := []float64{0.3, 0.1, 1e-2, 1e-3, 1e-4}
	names := []string{"real part", "modulus", "best move", "code word"}
	counts := make([][5]int, len(names))
	n := 0
	for i := range *keys {
		var k Key
		binary.LittleEndian.PutUint64(k[8:], uint64(i))
		c := newCarrier(k)
		f := newFinder(c)
		for _, cell := range cells {
			n++
			score := f.score(cell, 0, 0)
			move, _, _ := f.best(cell)
			// The word of one value of the first symbol.
			var word [wordBytes]byte
			fill(word[:], c.book[0], uint64(i%65536)*wordBlocks)
			sum, squares := 0.0, 0.0
			for j, p := range c.place[0] {
				sin, cos := math.Sincos(2 * math.Pi * float64(c.turn[p]) / (1 << 16))
				v := real(cell[p] * complex(cos, -sin))
				sum += v * float64(1-2*int(word[j/8]>>(j%8)&1))
				squares += v * v
			}
			for b, p := range []float64{
				turnTail(real(score)), modulusTail(math.Hypot(real(score), imag(score))),
				area * turnTail(move), signTail(sum / math.Sqrt(squares)),
			} {
				for l, limit := range limits {
					if p <= limit {
						counts[b][l]++
					}
				}
			}
		}
	}
	for b, name := range names {
		for l, limit := range limits {
			may := limit * float64(n)
			t.Logf("%s: P ≤ %g in %d of %d readings, bound %.0f", name, limit, counts[b][l], n, may)
			if float64(counts[b][l]) > may+4*math.Sqrt(may)+1 {
				t.Errorf("%s: P ≤ %g in %d of %d readings, more than the bound", name, limit, counts[b][l], n)
			}
		}
	}
}

// The two ways to correlate agree, and the greatest score is found where it was
// put.
func TestBestFindsTheMove(t *testing.T) {
	f := newFinder(newCarrier(Key{6}))
	r := rand.New(rand.NewPCG(4, 4))
	var cell [area]complex128
	for p, u := range f.unturn {
		at := moved(p, 5, 30)
		cell[at] = complex(r.NormFloat64(), r.NormFloat64())
		if u != 0 {
			cell[at] += conj(u)
		}
	}
	score, dx, dy := f.best(&cell)
	if dx != 5 || dy != 30 || math.Abs(score-real(f.score(&cell, 5, 30))) > 1e-9 {
		t.Errorf("score %g at %d, %d", score, dx, dy)
	}
}
