package proof

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/internal/digest"
)

func digests(r *rand.Rand, n int) []Digest {
	out := make([]Digest, n)
	for i := range out {
		out[i] = sha256.Sum256([]byte(fmt.Sprint(r.Uint64())))
	}
	return out
}

func tree(t testing.TB, d []Digest) (*Tree, Name) {
	t.Helper()
	x, err := New(d)
	if err != nil {
		t.Fatal(err)
	}
	n, err := x.Name()
	if err != nil {
		t.Fatal(err)
	}
	return x, n
}

// bruteRoot is the definition of RFC 6962, 2.1, word for word.
func bruteRoot(sorted []Digest) [32]byte {
	switch n := len(sorted); n {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return sha256.Sum256(append([]byte{0}, sorted[0][:]...))
	default:
		k := 1
		for 2*k < n {
			k *= 2
		}
		l, r := bruteRoot(sorted[:k]), bruteRoot(sorted[k:])
		return sha256.Sum256(append(append([]byte{1}, l[:]...), r[:]...))
	}
}

func TestRoot(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 64, 100} {
		d := digests(r, n)
		_, name := tree(t, d)
		slices.SortFunc(d, func(a, b Digest) int { return bytes.Compare(a[:], b[:]) })
		if name.Root != Digest(bruteRoot(d)) || name.Size != int64(n) {
			t.Errorf("%d digests: %v", n, name)
		}
		r.Shuffle(n, func(i, j int) { d[i], d[j] = d[j], d[i] })
		if _, again := tree(t, append(d, d[:n/2]...)); again != name {
			t.Errorf("%d digests: order or repetition matters", n)
		}
	}
	// A set of nothing has the hash of nothing.
	if _, n := tree(t, nil); hex.EncodeToString(n.Root[:]) != "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" {
		t.Errorf("%v", n)
	}
}

// Every digest inside and many outside, in sets of all sizes, through text.
func TestProve(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for n := range 40 {
		d := digests(r, n)
		x, name := tree(t, d)
		others := append(digests(r, 20), Digest{}, Digest(bytes.Repeat([]byte{255}, 32)))
		for i, q := range append(slices.Clone(d), others...) {
			p, err := x.Prove(q)
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			back, err := Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			if in, err := Check(name, back); err != nil || in != (i < n) {
				t.Errorf("%d digests: %v, %v for number %d", n, in, err, i)
			}
		}
	}
}

// The claim that Check accepts must be true, whatever the proof: proofs of all
// digests, changed in every way, never prove the contrary.
func TestNoLies(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	d := digests(r, 13)
	x, name := tree(t, d)
	inside := map[Digest]bool{}
	var proofs []Proof
	for i, q := range append(slices.Clone(d), digests(r, 13)...) {
		inside[q] = i < len(d)
		p, _ := x.Prove(q)
		proofs = append(proofs, p)
	}
	var queries []Digest
	for q := range inside {
		queries = append(queries, q)
	}
	clone := func(p Proof) Proof {
		p.Leaves = slices.Clone(p.Leaves)
		for i := range p.Leaves {
			p.Leaves[i].Path = slices.Clone(p.Leaves[i].Path)
		}
		return p
	}
	accepted := 0
	for range 40_000 {
		p := clone(proofs[r.IntN(len(proofs))])
		for range 1 + r.IntN(3) {
			other := proofs[r.IntN(len(proofs))]
			switch l := len(p.Leaves); r.IntN(7) {
			case 0:
				p.Digest = queries[r.IntN(len(queries))]
			case 1:
				p.Leaves[r.IntN(l)].Index += int64(r.IntN(5) - 2)
			case 2:
				p.Leaves[r.IntN(l)].Digest[r.IntN(32)] ^= 1 << r.IntN(8)
			case 3:
				if path := p.Leaves[r.IntN(l)].Path; len(path) > 0 {
					path[r.IntN(len(path))][r.IntN(32)] ^= 1 << r.IntN(8)
				}
			case 4:
				p.Leaves[r.IntN(l)] = clone(other).Leaves[0]
			case 5:
				p.Leaves = append(p.Leaves, clone(other).Leaves...)
			case 6:
				if l > 1 {
					p.Leaves = p.Leaves[r.IntN(2):][:1]
				}
			}
		}
		if in, err := Check(name, p); err == nil {
			accepted++
			if want, known := inside[p.Digest]; known && in != want {
				t.Fatalf("%v is said to be in: %v", p.Digest, in)
			}
		} else if !errors.Is(err, ErrInvalid) {
			t.Fatal(err)
		}
	}
	if accepted == 0 {
		t.Error("no proof was accepted, so that nothing was tried")
	}
	// Nor does a right proof hold for another set, or of another size.
	_, other := tree(t, d[1:])
	for _, p := range proofs {
		for _, n := range []Name{other, {name.Root, name.Size + 1}, {name.Root, name.Size - 1}, {name.Root, 0}, {name.Root, -1}, {Digest{}, name.Size}} {
			if _, err := Check(n, p); err == nil && n.Root != name.Root {
				t.Errorf("a proof of %v holds for %v", name, n)
			}
		}
	}
	if _, err := Check(name, Proof{Digest: d[0]}); err == nil {
		t.Error("a proof without leaves holds")
	}
	// A node is no leaf: the two upper hashes cannot be passed off as digests.
	if _, err := Check(Name{name.Root, 2}, Proof{Digest: d[0], Leaves: []Leaf{{0, Digest{}, nil}}}); err == nil {
		t.Error("a leaf without path holds")
	}
}

func TestParse(t *testing.T) {
	x, _ := tree(t, digests(rand.New(rand.NewPCG(4, 4)), 9))
	p, _ := x.Prove(Digest{7})
	text, _ := json.Marshal(p)
	for name, bad := range map[string]string{
		"nothing": "", "words": "no", "more": string(text) + "{}", "a field": strings.Replace(string(text), `"index"`, `"indexes"`, 1),
		"a digest": strings.Replace(string(text), "sha256:", "", 1), "half a hash": `{"digest":"sha256:` + strings.Repeat("0", 64) + `","leaves":[{"index":0,"digest":"sha256:` + strings.Repeat("0", 64) + `","path":"AAAA"}]}`,
		"long": `{"digest":"` + strings.Repeat("0", 70_000) + `"}`, "cut off": string(text[:len(text)-3]),
	} {
		if _, err := Parse([]byte(bad)); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Of 65,536 pictures a proof has two kilobytes.
func TestSmall(t *testing.T) {
	if testing.Short() {
		t.Skip("makes a large tree")
	}
	d := make([]Digest, 1<<16)
	for i := range d {
		d[i] = sha256.Sum256([]byte{byte(i), byte(i >> 8)})
	}
	x, name := tree(t, d)
	p, _ := x.Prove(Digest{1, 2, 3})
	text, _ := json.Marshal(p)
	if in, err := Check(name, p); in || err != nil || len(text) > 2200 {
		t.Errorf("%v, %v, %d bytes", in, err, len(text))
	}
}

func FuzzCheck(f *testing.F) {
	x, name := tree(f, digests(rand.New(rand.NewPCG(5, 5)), 5))
	for i := range 3 {
		p, _ := x.Prove(Digest{byte(100 * i)})
		text, _ := json.Marshal(p)
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := Parse(text)
		if err != nil {
			return
		}
		if in, err := Check(name, p); err == nil {
			if _, found := slices.BinarySearchFunc(x.leaves, p.Digest, digest.Compare); in != found {
				t.Errorf("%s is taken for a proof", text)
			}
		}
	})
}
