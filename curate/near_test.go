package curate

import (
	"fmt"
	"testing"

	"github.com/limner-ai/limner/curate/concept"
	"github.com/limner-ai/limner/curate/fingerprint"
	"github.com/limner-ai/limner/internal/digest"
)

// pairs is a shelf of n pictures, each twice under different names: as PNG and,
// with other bytes and another size, as JPEG.
func pairs(n int) *shelf {
	s := newShelf()
	for i := range n {
		s.put(fmt.Sprintf("a/one %c%c.png", 'a'+i%26, 'a'+i/26), asPNG(blobs(uint64(i), 128)))
	}
	for i := range n {
		s.put(fmt.Sprintf("b/two %c%c.jpg", 'a'+i%26, 'a'+i/26), asJPEG(blobs(uint64(i), 100), 80))
	}
	return s
}

// Near duplicates lie on one side of the split, whatever they are called and
// wherever the line is drawn.
func TestNearDuplicatesDoNotStraddle(t *testing.T) {
	const n = 30
	s := pairs(n)
	dir, store, _ := curated(t, small(), s, Options{part: 8})
	test := 0
	for salt := range 5 {
		r := small(func(r *Recipe) { r.Split = Split{Share: 0.4, Salt: fmt.Sprint(salt)} })
		sum, err := Run(t.Context(), r, s, store, dir, Options{part: 8})
		if err != nil {
			t.Fatal(err)
		}
		if sum.Clusters != n || sum.InThem != 2*n || sum.Pictures != 2*n || sum.Concepts != 2*n {
			t.Fatalf("%+v", sum)
		}
		test += sum.Test
		split := map[digest.SHA256]string{}
		for _, e := range entries(t, dir) {
			if e.Cluster == (digest.SHA256{}) {
				t.Fatalf("%s stands alone", e.Path)
			}
			if old, ok := split[e.Cluster]; ok && old != e.Split {
				t.Errorf("%s is in %s, its like in %s", e.Path, e.Split, old)
			}
			split[e.Cluster] = e.Split
			if digest.Compare(e.Cluster, e.Content) > 0 {
				t.Errorf("the cluster %s is not the least content", e.Cluster)
			}
		}
	}
	if test < 5*2*n/5 || test > 5*2*n*3/5 { // 0.4 of all, give or take a half
		t.Errorf("%d of %d were held out", test, 5*2*n)
	}
}

func TestNearDuplicatesDropped(t *testing.T) {
	const n = 10
	r := small(func(r *Recipe) { r.Duplicates.Near = Drop })
	dir, store, sum := curated(t, r, pairs(n), Options{part: 8})
	if sum.Pictures != n || sum.Rejected[NearCopy] != n || sum.Clusters != 0 {
		t.Errorf("%+v", sum)
	}
	for _, e := range entries(t, dir) {
		if e.Path[0] != 'a' {
			t.Errorf("%s stayed, the later one", e.Path)
		}
	}
	r.Duplicates.Near = Ignore
	sum, err := Run(t.Context(), r, pairs(n), store, dir, Options{part: 8})
	if err != nil || sum.Pictures != 2*n || sum.Clusters != 0 {
		t.Errorf("%v %+v", err, sum)
	}
}

// The table gives HeldOut every pair of a concept and a cluster that there is.
func TestSplitSeesEveryPair(t *testing.T) {
	tb := newTable()
	p := func(kind byte) *prepared { // hashes of a kind are equal, of two kinds far apart
		x := &prepared{Sharp: 100}
		for i := range x.Hash {
			x.Hash[i] = kind
		}
		return x
	}
	// a and b share kind 0, b and c kind 0x0f, a and d kind 0xff; e is alone.
	for _, x := range []struct {
		concept string
		kind    byte
	}{{"a", 0}, {"b", 0}, {"a", 0xff}, {"a", 0}, {"b", 0x0f}, {"c", 0x0f}, {"d", 0xff}, {"e", 0xf0}, {"e", 0x33}} {
		tb.add(concept.Concept("name:"+x.concept), p(x.kind))
	}
	if err := tb.find(Duplicates{Radius: fingerprint.Near, Near: Keep}); err != nil {
		t.Fatal(err)
	}
	apart := false
	for salt := range 40 {
		if err := tb.split(Split{Share: 0.5, Salt: fmt.Sprint(salt)}); err != nil {
			t.Fatal(err)
		}
		for i := range 4 {
			if tb.heldOut[i] != tb.heldOut[0] {
				t.Fatalf("salt %d: %v", salt, tb.heldOut)
			}
		}
		apart = apart || tb.heldOut[4] != tb.heldOut[0]
	}
	if !apart {
		t.Error("what is alone goes with the others")
	}
}
