package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/source"
)

var ctx = context.Background()

// shelf is a source in memory.
type shelf struct {
	about source.About
	items []source.Item
	errs  map[int]error // given before the item of that number
	stop  func(n int)   // called before each item
}

func (s *shelf) About(context.Context) (source.About, error) { return s.about, nil }

func (s *shelf) Items(ctx context.Context) iter.Seq2[source.Item, error] {
	return func(yield func(source.Item, error) bool) {
		for i, it := range s.items {
			if s.stop != nil {
				s.stop(i)
			}
			if ctx.Err() != nil {
				yield(source.Item{}, ctx.Err())
				return
			}
			if err := s.errs[i]; err != nil && !yield(source.Item{}, err) {
				return
			}
			if !yield(it, nil) {
				return
			}
		}
	}
}

// picture draws something that no other number has.
func picture(n int) []byte {
	m := image.NewNRGBA(image.Rect(0, 0, 32, 24))
	for p := range 32 * 24 {
		x, y := p%32, p/32
		m.Set(x, y, color.NRGBA{uint8(x * (n%7 + 1)), uint8(y * (n%11 + 1)), uint8((x ^ y) * n), 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return append(b.Bytes(), fmt.Sprintf("%d", n)...) // unlike any other
}

func emoji(n int) *shelf {
	s := &shelf{about: source.About{Type: source.Open, Name: "emoji", Location: "npm:emoji", Basis: "npm package", Works: int64(n),
		Statements: []source.Statement{{Scope: source.Whole, Form: source.Expression, Written: "MIT", Where: "package.json license",
			Evidence: &source.Evidence{Name: "package.json", Data: []byte(`{"license":"MIT"}`)}}}}}
	group := source.Statement{Scope: source.Group, Form: source.Expression, Written: "Apache 2.0", Where: "collections.json",
		Evidence: &source.Evidence{Name: "collections.json", Data: []byte(`{"noto":"Apache 2.0"}`)}}
	for i := range n {
		s.items = append(s.items, source.Item{Path: fmt.Sprintf("noto/%04d.png", i), Data: picture(i), Title: fmt.Sprint(i),
			Group: "noto", Statements: []source.Statement{group}, Keywords: []string{"one", "two"}})
	}
	return s
}

func home(t *testing.T) (*ledger.Ledger, *objects.Store) {
	t.Helper()
	dir := t.TempDir()
	l, err := ledger.Create(dir + "/ledger")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l, objects.Open(dir + "/objects")
}

func events(t *testing.T, l *ledger.Ledger, q ledger.Query) []ledger.Event {
	t.Helper()
	var out []ledger.Event
	for e, err := range l.Events(ctx, q) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

func count(t *testing.T, l *ledger.Ledger, kinds ...ledger.Kind) int {
	return len(events(t, l, ledger.Query{Kinds: kinds}))
}

func run(t *testing.T, s *shelf, l *ledger.Ledger, store *objects.Store) Result {
	t.Helper()
	r, err := Run(ctx, s, "emoji", l, store, Options{Batch: 10, Workers: 3})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRun(t *testing.T) {
	l, store := home(t)
	s := emoji(25)
	s.items[3].Data = []byte("no picture at all")
	r := run(t, s, l, store)
	if r.Items != 25 || r.New != 25 || r.Undecodable != 1 {
		t.Errorf("%+v", r)
	}
	copies := events(t, l, ledger.Query{Kinds: []ledger.Kind{ledger.KindCopy}})
	if len(copies) != 25 {
		t.Fatalf("%d copies", len(copies))
	}
	for i, e := range copies { // in the order of the items
		c := e.Fact.(ledger.Copy)
		it := s.items[i]
		if c.Path != it.Path || c.Content != ledger.DigestOf(it.Data) || c.Work != "emoji/noto" || c.Bytes != int64(len(it.Data)) {
			t.Errorf("%d: %+v", i, c)
		}
		if i > 3 && (c.Width != 32 || c.Height != 24 || c.MediaType != "image/png" || len(c.PDQ) != 64) {
			t.Errorf("%d: %+v", i, c)
		}
		if data, err := store.Get(digest.SHA256(c.Content)); err != nil || !bytes.Equal(data, it.Data) {
			t.Errorf("%d: %v", i, err)
		}
		if rec, err := ReadRecord(ctx, l, e); err != nil || rec.Title != it.Title || !slices.Equal(rec.Keywords, it.Keywords) {
			t.Errorf("%d: %+v, %v", i, rec, err)
		}
	}
	if c := copies[3].Fact.(ledger.Copy); c.Width != 0 || c.PDQ != "" || c.MediaType != "text/plain; charset=utf-8" {
		t.Errorf("%+v", c)
	}
	if n := count(t, l, ledger.KindLicence); n != 2 {
		t.Errorf("%d licences", n)
	}
	if n := count(t, l, ledger.KindWork); n != 1 {
		t.Errorf("%d works", n)
	}
	got := events(t, l, ledger.Query{Subject: "work:emoji/noto", Kinds: []ledger.Kind{ledger.KindLicence}})
	if f := got[0].Fact.(ledger.Licence); f.Expression != "Apache-2.0" || f.Written != "Apache 2.0" || len(got[0].Evidence) != 1 {
		t.Errorf("%+v", got[0])
	}
	taken, err := l.Extracted(ctx, "emoji", time.Time{}, time.Time{})
	if err != nil || taken.Copies != 25 || taken.Takings != 3 || taken.Bytes != r.Bytes {
		t.Errorf("%+v, %v", taken, err)
	}
	if _, err := l.Verify(ctx, ledger.Trust{}); err != nil {
		t.Error(err)
	}
}

func TestRunAgain(t *testing.T) {
	l, store := home(t)
	run(t, emoji(25), l, store)
	size, _ := l.Size(ctx)
	if r := run(t, emoji(25), l, store); r.Unchanged != 25 || r.Events != 0 {
		t.Errorf("%+v", r)
	}
	if now, _ := l.Size(ctx); now != size {
		t.Errorf("a run of nothing new appended %d events", now-size)
	}
	// Other words, other bytes, one more, and another licence of the group.
	s := emoji(26)
	s.items[4].Keywords = []string{"three"}
	s.items[5].Data = picture(999)
	for i := range s.items {
		s.items[i].Statements = []source.Statement{{Scope: source.Group, Form: source.Expression, Written: "CC-BY-NC-4.0", Where: "collections.json"}}
	}
	r := run(t, s, l, store)
	if r.New != 2 || r.Changed != 1 || r.Unchanged != 23 {
		t.Errorf("%+v", r)
	}
	var now []string
	for _, e := range events(t, l, ledger.Query{Subject: "work:emoji/noto", Kinds: []ledger.Kind{ledger.KindLicence}}) {
		f := e.Fact.(ledger.Licence)
		now = append(now, fmt.Sprint(f.Expression, f.Withdrawn))
	}
	if want := []string{"Apache-2.0false", "CC-BY-NC-4.0false", "Apache-2.0true"}; !slices.Equal(now, want) {
		t.Errorf("%v", now)
	}
	taken, err := l.Extracted(ctx, "emoji", time.Time{}, time.Time{})
	if err != nil || taken.Copies != 27 {
		t.Errorf("%+v, %v", taken, err)
	}
}

// A run that was stopped is taken up where it was, and ends with the same facts.
func TestStop(t *testing.T) {
	l, store := home(t)
	s := emoji(45)
	stopping, stop := context.WithCancel(ctx)
	s.stop = func(n int) {
		if n == 33 {
			stop()
		}
	}
	r, err := Run(stopping, s, "emoji", l, store, Options{Batch: 10, Workers: 2})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("%+v, %v", r, err)
	}
	if n := count(t, l, ledger.KindCopy); n != 33 || r.New != 33 {
		t.Errorf("%d copies after the stop: %+v", n, r)
	}
	s.stop = nil
	if r := run(t, s, l, store); r.New != 12 || r.Unchanged != 33 {
		t.Errorf("%+v", r)
	}
}

func TestRefusals(t *testing.T) {
	l, store := home(t)
	s := emoji(3)
	s.items[2].Path = "../escape.png"
	s.errs = map[int]error{
		0: &source.Refused{Path: "https://example.org/a.png", Why: source.Denied, Err: errors.New("robots.txt says no"),
			Reservations: []source.Reservation{{Protocol: "robots", Value: "deny", Raw: "Disallow: /", Where: "robots.txt line 2",
				Evidence: &source.Evidence{Name: "robots.txt", Data: []byte("User-agent: *\nDisallow: /\n")}}}},
		1: fmt.Errorf("wrapped: %w", &source.Refused{Path: "b.png", Why: source.Discrepancy, Err: errors.New("not in the manifest")}),
	}
	var told []string
	o := Options{Refused: func(r *source.Refused) { told = append(told, r.Path) }}
	for range 2 { // the second run has nothing to add
		told = nil
		r, err := Run(ctx, s, "emoji", l, store, o)
		if err != nil {
			t.Fatal(err)
		}
		if r.Items != 2 || r.Refused[source.Denied] != 1 || r.Refused[source.Discrepancy] != 1 || r.Refused[source.Malformed] != 1 {
			t.Errorf("%+v", r)
		}
	}
	if want := []string{"https://example.org/a.png", "b.png", "../escape.png"}; !slices.Equal(told, want) {
		t.Errorf("%q", told)
	}
	kept := events(t, l, ledger.Query{Subject: "work:emoji/https://example.org/a.png"})
	if len(kept) != 1 || kept[0].Fact.(ledger.Reservation).Value != "deny" || len(kept[0].Evidence) != 1 {
		t.Errorf("%+v", kept)
	}
	var reports int
	for _, e := range events(t, l, ledger.Query{Kinds: []ledger.Kind{ledger.KindExtraction}}) {
		for _, d := range e.Evidence {
			text, err := l.Evidence(ctx, d)
			if err != nil || !strings.Contains(string(text), `"not in the manifest"`) {
				t.Errorf("%s, %v", text, err)
			}
			reports++
		}
	}
	if reports != 1 {
		t.Errorf("%d reports", reports)
	}
}

// What the file carries is read; of what was erased nothing comes back.
func TestFileAndErased(t *testing.T) {
	l, store := home(t)
	s := emoji(2)
	s.items[0].Data = []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:cc="http://creativecommons.org/ns#" xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/"><cc:Work rdf:about=""><cc:license rdf:resource="http://creativecommons.org/licenses/by-nc/4.0/"/></cc:Work><rdf:Description rdf:about="" plus:DataMining="http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED"/></rdf:RDF></metadata><circle cx="32" cy="32" r="20"/></svg>`)
	s.items[1].Sidecars = []*source.Evidence{{Name: "b.xmp", Data: []byte(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/" plus:DataMining="http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED"/></rdf:RDF></x:xmpmeta>`)}}
	run(t, s, l, store)
	beside := events(t, l, ledger.Query{Subject: ledger.CopyRef(ledger.DigestOf(s.items[1].Data)), Kinds: []ledger.Kind{ledger.KindReservation}})
	if len(beside) != 1 || len(beside[0].Evidence) != 1 || !strings.Contains(beside[0].Fact.(ledger.Reservation).Where, "the sidecar b.xmp: ") {
		t.Errorf("%+v", beside)
	}
	content := ledger.DigestOf(s.items[0].Data)
	var found []string
	for _, e := range events(t, l, ledger.Query{Subject: ledger.CopyRef(content)}) {
		switch f := e.Fact.(type) {
		case ledger.Licence:
			found = append(found, f.Expression)
		case ledger.Reservation:
			found = append(found, f.Protocol+" "+f.Value)
		case ledger.Copy:
			if f.MediaType != "image/svg+xml" || f.Width == 0 {
				t.Errorf("%+v", f)
			}
		}
	}
	slices.Sort(found)
	if want := []string{"CC-BY-NC-4.0", "plus deny"}; !slices.Equal(found, want) {
		t.Errorf("%q", found)
	}
	b := &ledger.Batch{Actor: "test"}
	b.Add(ledger.Copy{Content: content, State: "erased"})
	if _, err := l.Append(ctx, b); err != nil {
		t.Fatal(err)
	}
	if err := store.Erase(digest.SHA256(content)); err != nil {
		t.Fatal(err)
	}
	if r := run(t, s, l, store); r.Blocked != 1 || r.Unchanged != 1 || store.Has(digest.SHA256(content)) {
		t.Errorf("%+v", r)
	}
}

func TestAgreement(t *testing.T) {
	l, store := home(t)
	s := emoji(1)
	s.about.Agreement = &source.Agreement{ID: "A-1", Purposes: []string{"train"}, Parties: []string{}}
	if _, err := Run(ctx, s, "emoji", l, store, Options{}); err == nil || !strings.Contains(err.Error(), "no document") {
		t.Errorf("%v", err)
	}
	s.about.Agreement.Document = &source.Evidence{Name: "a.pdf", Data: []byte("signed")}
	for _, id := range []string{"emoji", "more", "emoji"} {
		if _, err := Run(ctx, s, id, l, store, Options{}); err != nil {
			t.Fatal(err)
		}
	}
	got := events(t, l, ledger.Query{Subject: "agreement:A-1"})
	if len(got) != 2 || !slices.Equal(got[1].Fact.(ledger.Agreement).Sources, []string{"emoji", "more"}) {
		t.Errorf("%+v", got)
	}
}

func FuzzCheck(f *testing.F) {
	for _, p := range []string{"a/b.png", "../x", "/x", "a/../../b", ".", "a//b", "\xff"} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if check(&source.Item{Path: path, Data: []byte{1}}) == nil {
			if strings.HasPrefix(path, "/") || slices.Contains(strings.Split(path, "/"), "..") || path == "" {
				t.Errorf("%q is taken", path)
			}
		}
	})
}
