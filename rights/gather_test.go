package rights

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"testing"

	"github.com/limner-ai/limner/curate/fingerprint"
	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/source"
)

var ctx = context.Background()

func book(t *testing.T, facts ...ledger.Fact) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	add(t, l, facts...)
	return l
}

func add(t *testing.T, l *ledger.Ledger, facts ...ledger.Fact) {
	t.Helper()
	b := &ledger.Batch{Actor: "test"}
	for _, f := range facts {
		b.Add(f)
	}
	if _, err := l.Append(ctx, b); err != nil {
		t.Fatal(err)
	}
}

var (
	apple = ledger.DigestOf([]byte("apple"))
	pear  = ledger.DigestOf([]byte("pear"))
)

// npm is a source with a licence for the whole, one taking and these copies.
func npm(id, licensed string, copies ...ledger.Copy) []ledger.Fact {
	ref := ledger.Ref(ledger.KindSource, id)
	out := []ledger.Fact{ledger.Source{ID: id, Type: "open", Location: "npm:" + id},
		ledger.Licence{Of: ref, Source: id, Form: "expression", Written: licensed, Expression: licensed, Where: "package.json"}}
	for i, c := range copies {
		c.State, c.Source = "kept", id
		if c.Path == "" {
			c.Path = fmt.Sprint(i, ".png")
		}
		out = append(out, c)
	}
	return append(out, ledger.Extraction{Source: id, Basis: "npm package", Copies: int64(len(copies)), Bytes: 100})
}

func decide(t *testing.T, l *ledger.Ledger, content ledger.Digest) Ruling {
	t.Helper()
	f, err := Gather(ctx, l, content)
	if err != nil {
		t.Fatal(err)
	}
	return Decide(f, train, DefaultPolicy())
}

func TestGather(t *testing.T) {
	l := book(t, npm("a", "MIT", ledger.Copy{Content: apple, Work: "a/noto"})...)
	add(t, l, ledger.Licence{Of: "work:a/noto", Source: "a", Form: "expression", Written: "Apache-2.0", Expression: "Apache-2.0", Where: "collections.json"})
	f, err := Gather(ctx, l, apple)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Places) != 1 || f.Places[0].Basis != "npm package" || f.Places[0].Source.Type != "open" || f.Copy.Work != "a/noto" {
		t.Errorf("%+v", f.Places)
	}
	if len(f.Statements) != 2 || f.Statements[0].Scope != source.Whole || f.Statements[1].Scope != source.Group {
		t.Errorf("%+v", f.Statements)
	}
	if len(f.Databases) != 1 || f.Databases[0].Taken.Copies != 1 {
		t.Errorf("%+v", f.Databases)
	}
	if got := codes(decide(t, l, apple)); got != "allow LICENSED" {
		t.Error(got)
	}
	if got := codes(decide(t, l, pear)); got != "deny NOT_RECORDED" {
		t.Error(got)
	}
}

// What a second source says of the same bytes counts, whichever came first.
func TestAllPlacesCount(t *testing.T) {
	l := book(t, npm("a", "CC-BY-NC-4.0", ledger.Copy{Content: apple})...)
	add(t, l, npm("b", "MIT", ledger.Copy{Content: apple})...)
	if got := codes(decide(t, l, apple)); got != "quarantine NON_COMMERCIAL LICENCE_CONFLICT" {
		t.Error(got)
	}
	l = book(t, npm("b", "MIT", ledger.Copy{Content: apple})...)
	add(t, l, ledger.Reservation{Of: ledger.CopyRef(apple), Source: "a", Path: "x", Protocol: "tdmrep", Value: "deny", Where: "header"})
	if got := codes(decide(t, l, apple)); got != "deny RESERVED" {
		t.Error(got)
	}
}

// The newest statement at a place counts, and one that is gone does not.
func TestNewest(t *testing.T) {
	l := book(t, npm("a", "MIT", ledger.Copy{Content: apple})...)
	gone := ledger.Licence{Of: "source:a", Source: "a", Form: "expression", Written: "MIT", Expression: "MIT", Where: "package.json", Withdrawn: true}
	add(t, l, ledger.Licence{Of: "source:a", Source: "a", Form: "expression", Written: "CC0", Expression: "CC0-1.0", Where: "package.json"}, gone)
	if r := decide(t, l, apple); r.Licence != "CC0-1.0" {
		t.Errorf("%+v", r)
	}
	deny := ledger.Reservation{Of: ledger.CopyRef(apple), Source: "a", Path: "0.png", Protocol: "plus", Value: "deny", Where: "XMP"}
	add(t, l, deny)
	if got := codes(decide(t, l, apple)); got != "deny RESERVED" {
		t.Error(got)
	}
	deny.Withdrawn = true
	add(t, l, deny)
	if got := codes(decide(t, l, apple)); got != "allow LICENSED" {
		t.Error(got)
	}
	add(t, l, ledger.Copy{Content: apple, State: "erased"})
	if got := codes(decide(t, l, apple)); got != "deny ERASED" {
		t.Error(got)
	}
}

func TestAgreementOfSource(t *testing.T) {
	l := book(t, npm("a", "CC-BY-NC-4.0", ledger.Copy{Content: apple})...)
	signed := ledger.Agreement{ID: "A-1", State: "signed", Sources: []string{"a"}, Document: pear, Purposes: []string{"train"}}
	add(t, l, signed)
	if got := codes(decide(t, l, apple)); got != "allow AGREED" {
		t.Error(got)
	}
	signed.State = "revoked"
	add(t, l, signed)
	if got := codes(decide(t, l, apple)); got != "quarantine NON_COMMERCIAL" {
		t.Error(got)
	}
}

// Takings add up over time and over sources of one collection.
func TestMeterAddsUp(t *testing.T) {
	l := book(t, ledger.Source{ID: "a", Type: "crawl", Location: "https://example.org/", Maker: "M", Works: 100},
		ledger.Source{ID: "b", Type: "crawl", Location: "https://example.org/", Maker: "M"},
		ledger.Copy{Content: apple, State: "kept", Source: "b", Path: "x"},
		ledger.Licence{Of: ledger.CopyRef(apple), Source: "b", Path: "x", Form: "expression", Written: "CC0", Expression: "CC0-1.0"})
	for i := range 11 {
		want := "allow LICENSED"
		if i == 10 {
			want = "deny DATABASE_EXTRACTION"
		}
		add(t, l, ledger.Extraction{Source: []string{"a", "b"}[(i+1)%2], Basis: "public web", Copies: 1, Bytes: 1})
		f, err := Gather(ctx, l, apple)
		if err != nil {
			t.Fatal(err)
		}
		f.Places[0].Basis = "public web"
		f.Places[0].Recorded = today
		if got := codes(Decide(f, train, DefaultPolicy())); got != want {
			t.Errorf("after %d takings: %s", i+1, got)
		}
	}
}

// drawn gives the hashes of a picture with a lot to see.
func drawn(seed int) ([8]fingerprint.Hash, int) {
	m := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	state := uint32(seed)*2654435761 + 1
	for by := range 8 {
		for bx := range 8 {
			state = state*1664525 + 1013904223
			for p := range 64 {
				m.Set(bx*8+p%8, by*8+p/8, color.Gray{uint8(state >> 24)})
			}
		}
	}
	return fingerprint.Dihedral(m)
}

func TestClaims(t *testing.T) {
	h, quality := drawn(1)
	if quality < 50 {
		t.Fatalf("the picture has the quality %d", quality)
	}
	near := h[0]
	near[3] ^= 0x1f
	other, _ := drawn(2)
	grape := ledger.DigestOf([]byte("grape"))
	l := book(t, npm("a", "MIT", ledger.Copy{Content: apple, PDQ: h[0].String(), Quality: int64(quality)},
		ledger.Copy{Content: pear, PDQ: near.String(), Quality: int64(quality)},
		ledger.Copy{Content: grape, PDQ: other[0].String(), Quality: int64(quality)})...)
	claim := ledger.Claim{ID: "c-1", State: "held", Matches: []string{ledger.CopyRef(apple)}}
	check := func(when, wantApple, wantPear string) {
		t.Helper()
		for content, want := range map[ledger.Digest]string{apple: wantApple, pear: wantPear, grape: "allow LICENSED"} {
			if got := codes(decide(t, l, content)); got != want {
				t.Errorf("%s: %s, want %s", when, got, want)
			}
		}
	}
	add(t, l, claim)
	check("held", "quarantine CLAIM_HELD", "quarantine NEAR_CLAIMED")
	add(t, l, ledger.Claim{ID: "c-1", State: "upheld"})
	check("upheld", "deny CLAIM_UPHELD", "quarantine NEAR_CLAIMED")
	add(t, l, ledger.Claim{ID: "c-1", State: "appealed"})
	check("the appeal against it runs", "deny CLAIM_UPHELD", "quarantine NEAR_CLAIMED")
	add(t, l, ledger.Claim{ID: "c-1", State: "rejected"})
	check("rejected", "allow LICENSED", "allow LICENSED")
	add(t, l, ledger.Claim{ID: "c-1", State: "appealed"})
	check("the holder appeals", "quarantine CLAIM_HELD", "quarantine NEAR_CLAIMED")
	add(t, l, ledger.Claim{ID: "c-1", State: "held", Cleared: []string{ledger.CopyRef(pear)}})
	check("the near one is cleared", "quarantine CLAIM_HELD", "allow LICENSED")
	// A picture that the holder showed, turned, and nothing else.
	add(t, l, ledger.Claim{ID: "c-1", State: "rejected"})
	var looks []string
	for _, x := range h {
		looks = append(looks, x.String())
	}
	add(t, l, ledger.Claim{ID: "c-2", State: "held", Looks: looks})
	check("shown", "quarantine NEAR_CLAIMED", "quarantine NEAR_CLAIMED")
}

func TestAll(t *testing.T) {
	l := book(t, npm("a", "MIT", ledger.Copy{Content: apple}, ledger.Copy{Content: pear}, ledger.Copy{Content: apple})...)
	add(t, l, npm("b", "MIT", ledger.Copy{Content: apple, Path: "x"})...)
	for _, c := range []struct {
		sources []string
		want    []ledger.Digest
	}{
		{nil, []ledger.Digest{pear, apple}}, {[]string{"a"}, []ledger.Digest{pear, apple}}, {[]string{"b"}, []ledger.Digest{apple}}, {[]string{"c"}, nil},
	} {
		r, err := NewReader(ctx, l)
		if err != nil {
			t.Fatal(err)
		}
		var got []ledger.Digest
		for f, err := range r.All(ctx, c.sources...) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, f.Content)
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%v: %v", c.sources, got)
		}
	}
}
