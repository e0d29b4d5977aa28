package output

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/limner-ai/limner/rights/claim"
	"github.com/limner-ai/limner/rights/ledger"
)

func newLedger(t *testing.T) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Create(filepath.Join(t.TempDir(), "ledger"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// freeze enters a set that holds one content.
func freeze(t *testing.T, l *ledger.Ledger, root string) (content ledger.Digest) {
	t.Helper()
	content = ledger.DigestOf([]byte(root))
	b := &ledger.Batch{Actor: "test"}
	manifest, list := b.Keep([]byte("manifest of "+root)), b.Keep(content[:])
	b.Add(ledger.Dataset{ID: "set@" + root[7:], Root: root, Manifest: manifest, Copies: 1}, manifest, list)
	if _, err := l.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	return content
}

func events(t *testing.T, l *ledger.Ledger, kind ledger.Kind) (all []ledger.Fact) {
	t.Helper()
	for e, err := range l.Events(t.Context(), ledger.Query{Kinds: []ledger.Kind{kind}}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e.Fact)
	}
	return all
}

func model(n byte, root string) Model {
	return Model{Name: "emoji", Weights: ledger.Digest{n}, Roots: []string{root}, Code: "v1"}
}

func picture(i int) Picture {
	return Picture{ID: fmt.Sprintf("%016x", i), Content: ledger.Digest{9, byte(i)}, Watermark: fmt.Sprintf("%08x", i)}
}

// A claim on a training picture finds what a model made that was trained on it,
// also where the ledger had never heard of the model file.
func TestAClaimFindsPictures(t *testing.T) {
	l := newLedger(t)
	content := freeze(t, l, "sha256:11")
	r := New(l, "test")
	for range 2 { // the same picture made again is none more
		for i := range 3 {
			p := picture(i)
			if i == 1 {
				p.Nearest = []ledger.Digest{content}
			}
			if err := r.Enter(t.Context(), model(1, "sha256:11"), p); err != nil {
				t.Fatal(err)
			}
		}
		// Of a set that nobody knows, and of no set.
		for _, root := range []string{"sha256:22", ""} {
			if err := r.Enter(t.Context(), model(2, root), picture(7)); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	d, err := claim.Affected(t.Context(), l, []ledger.Digest{content})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(d.Models, d.Outputs); got != "[emoji@0100000000000000] [0000000000000000 0000000000000001 0000000000000002]" {
		t.Error(got)
	}
	if models, outputs := events(t, l, ledger.KindModel), events(t, l, ledger.KindOutput); len(models) != 1 || len(outputs) != 3 {
		t.Errorf("%d models, %d pictures", len(models), len(outputs))
	} else if o := outputs[1].(ledger.Output); o.Watermark != "00000001" || len(o.Nearest) != 1 || o.Nearest[0] != content || o.Content != (ledger.Digest{9, 1}) {
		t.Errorf("%+v", o)
	}
	// Of two sets the one that is known is enough, and both are named where both are.
	both := Model{Name: "tuned", Weights: ledger.Digest{3}, Roots: []string{"sha256:33", "sha256:11"}, Code: "v1"}
	if err := r.Enter(t.Context(), both, picture(8)); err != nil {
		t.Fatal(err)
	}
	if err := r.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d, err = claim.Affected(t.Context(), l, []ledger.Digest{content}); err != nil || len(d.Models) != 2 || len(d.Outputs) != 4 {
		t.Errorf("models %v, pictures %v, %v", d.Models, d.Outputs, err)
	}
	// A set that is frozen later counts from then on.
	freeze(t, l, "sha256:22")
	if err := r.Enter(t.Context(), model(2, "sha256:22"), picture(7)); err != nil {
		t.Fatal(err)
	}
	if err := r.Flush(t.Context()); err != nil || len(events(t, l, ledger.KindOutput)) != 5 {
		t.Errorf("%v, %d pictures", err, len(events(t, l, ledger.KindOutput)))
	}
}

// A known model is not entered again; many pictures at once are all entered.
func TestManyAtOnce(t *testing.T) {
	l := newLedger(t)
	freeze(t, l, "sha256:11")
	b := &ledger.Batch{Actor: "test"}
	b.Add(ledger.Model{ID: "emoji@0100000000000000", State: "suspended", Datasets: []string{"set@11"}, Weights: ledger.Digest{1}})
	if _, err := l.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	r := New(l, "test")
	const lanes, each = 4, 100 // more than most
	var group sync.WaitGroup
	for lane := range lanes {
		group.Go(func() {
			for i := range each {
				if err := r.Enter(t.Context(), model(1, "sha256:11"), picture(lane*each+i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if n := len(events(t, l, ledger.KindOutput)); n < most-1 {
		t.Errorf("%d are entered before Flush", n)
	}
	if err := r.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(events(t, l, ledger.KindOutput)); n != lanes*each {
		t.Errorf("%d pictures, want %d", n, lanes*each)
	}
	if m := events(t, l, ledger.KindModel); len(m) != 1 {
		t.Errorf("the model is entered %d times", len(m))
	}
}

// What a ledger refuses does not pile up for ever, and what comes after is entered
// again, with its model.
func TestWhatIsRefusedIsGivenUp(t *testing.T) {
	l := newLedger(t)
	freeze(t, l, "sha256:11")
	r := New(l, "test")
	bad := model(1, "sha256:11")
	bad.Name = "a\nb" // no identifier
	failed := 0
	for i := range bound {
		if r.Enter(t.Context(), bad, picture(i)) != nil {
			failed++
		}
	}
	if failed == 0 || r.batch.Len() >= bound {
		t.Fatalf("%d failures, %d events wait", failed, r.batch.Len())
	}
	r.clear() // the last of it
	if err := r.Enter(t.Context(), model(2, "sha256:11"), picture(1)); err != nil {
		t.Fatal(err)
	}
	if err := r.Flush(t.Context()); err != nil || len(events(t, l, ledger.KindOutput)) != 1 || len(events(t, l, ledger.KindModel)) != 1 {
		t.Errorf("%v, %d pictures", err, len(events(t, l, ledger.KindOutput)))
	}
}

// A ledger that cannot be written keeps what was gathered for another try.
func TestClosed(t *testing.T) {
	l := newLedger(t)
	freeze(t, l, "sha256:11")
	r := New(l, "test")
	if err := r.Enter(t.Context(), model(1, "sha256:11"), picture(1)); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := r.Flush(t.Context()); err == nil {
		t.Error("a closed ledger took pictures")
	}
	if r.batch.Len() == 0 {
		t.Error("what could not be entered is forgotten")
	}
}
