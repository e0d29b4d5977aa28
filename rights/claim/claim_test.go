package claim

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"iter"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/rights"
	"github.com/limner-ai/limner/rights/intake"
	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/source"
)

var ctx = context.Background()

// drawing makes a picture of blocks; turn mirrors it, side is its size.
func drawing(seed, side int, turn bool) []byte {
	m := image.NewNRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			bx, by := x*8/side, y*8/side
			if turn {
				bx = 7 - bx
			}
			h := uint32(seed*64+by*8+bx+1) * 2654435761
			m.Set(x, y, color.NRGBA{uint8(h >> 24), uint8(h >> 16), uint8(h >> 8), 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

type shelf []source.Item

func (s shelf) About(context.Context) (source.About, error) {
	return source.About{Type: source.Open, Basis: "npm package", Statements: []source.Statement{
		{Scope: source.Whole, Form: source.Expression, Written: "MIT", Where: "package.json"}}}, nil
}

func (s shelf) Items(context.Context) iter.Seq2[source.Item, error] {
	return func(yield func(source.Item, error) bool) {
		for _, it := range s {
			if !yield(it, nil) {
				return
			}
		}
	}
}

// pictures are an apple, the same by another vendor and turned, and others.
var pictures = shelf{
	{Path: "noto/apple.png", Data: drawing(1, 64, false), Creator: "Ann Artist <ann@example.org>"},
	{Path: "tw/apple.png", Data: drawing(1, 96, false), URL: "https://example.org/tw/apple.png"},
	{Path: "fx/apple.png", Data: drawing(1, 128, true)},
	{Path: "noto/pear.png", Data: drawing(2, 64, false), URL: "https://example.org/noto/pear.png", Holders: []string{"Bo's Pears"}},
	{Path: "noto/plum.png", Data: drawing(3, 64, false), Creator: "Annika"},
}

type world struct {
	*testing.T
	l     *ledger.Ledger
	store *objects.Store
}

func newWorld(t *testing.T) world {
	t.Helper()
	dir := t.TempDir()
	l, err := ledger.Create(dir + "/ledger")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	w := world{t, l, objects.Open(dir + "/objects")}
	w.take("s", pictures)
	return w
}

func (w world) take(id string, s shelf) intake.Result {
	w.Helper()
	r, err := intake.Run(ctx, s, id, w.l, w.store, intake.Options{Actor: "test"})
	if err != nil {
		w.Fatal(err)
	}
	return r
}

func (w world) add(f ledger.Fact, evidence ...[]byte) {
	w.Helper()
	b := &ledger.Batch{Actor: "test"}
	var cited []ledger.Digest
	for _, e := range evidence {
		cited = append(cited, b.Keep(e))
	}
	b.Add(f, cited...)
	if _, err := w.l.Append(ctx, b); err != nil {
		w.Fatal(err)
	}
}

// codes gives the decisions on the pictures, in their order.
func (w world) codes(s shelf) string {
	w.Helper()
	r, err := rights.NewReader(ctx, w.l)
	if err != nil {
		w.Fatal(err)
	}
	var out []string
	for _, it := range s {
		f, err := r.Gather(ctx, ledger.DigestOf(it.Data))
		if err != nil {
			w.Fatal(err)
		}
		out = append(out, string(rights.Decide(f, rights.Request{Purpose: "train", At: time.Now()}, rights.DefaultPolicy()).Code()))
	}
	return strings.Join(out, " ")
}

func (w world) open(n Names) Opened {
	w.Helper()
	o, err := Open(ctx, w.l, "test", Submission{Holder: "Ann Artist", Names: n})
	if err != nil {
		w.Fatal(err)
	}
	return o
}

func shown(t *testing.T, file []byte) Names {
	t.Helper()
	var n Names
	if err := n.Show(ctx, "apple.png", file); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestMatches(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		names Names
		want  []string // path and how
	}{
		"a picture":           {shown(t, drawing(1, 64, false)), []string{"fx/apple.png looks", "noto/apple.png exact looks", "tw/apple.png looks"}},
		"a resized picture":   {shown(t, drawing(2, 128, true)), []string{"noto/pear.png looks"}},
		"another picture":     {shown(t, drawing(9, 64, false)), nil},
		"a digest":            {Names{Contents: []ledger.Digest{ledger.DigestOf(pictures[4].Data)}}, []string{"noto/plum.png exact"}},
		"an address":          {Names{URLs: []string{"https://example.org/tw/apple.png"}}, []string{"tw/apple.png address"}},
		"addresses":           {Names{URLs: []string{"https://example.org/"}}, []string{"noto/pear.png address", "tw/apple.png address"}},
		"addresses by a star": {Names{URLs: []string{"https://example.org/no*"}}, []string{"noto/pear.png address"}},
		"no such address":     {Names{URLs: []string{"https://example.org/t"}}, nil},
		"a creator":           {Names{Creators: []string{"ann ARTIST"}}, []string{"noto/apple.png creator"}},
		"a whole word":        {Names{Creators: []string{"Ann"}}, []string{"noto/apple.png creator"}},
		"a holder":            {Names{Creators: []string{"Bo's Pears"}}, []string{"noto/pear.png creator"}},
		"a family":            {Names{Paths: []string{"s/*apple*"}}, []string{"fx/apple.png path", "noto/apple.png path", "tw/apple.png path"}},
		"another source":      {Names{Paths: []string{"t/*"}}, nil},
	} {
		got, err := c.names.find(ctx, w.l, 0)
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, m := range got {
			said = append(said, m.Path+" "+strings.Join(m.How, " "))
		}
		slices.Sort(said)
		if !slices.Equal(said, c.want) {
			t.Errorf("%s: %q, want %q", name, said, c.want)
		}
	}
}

func TestBadClaims(t *testing.T) {
	w := newWorld(t)
	for want, s := range map[string]Submission{
		"who holds":     {Names: Names{URLs: []string{"https://a/"}}},
		"names nothing": {Holder: "A"},
		"too short":     {Holder: "A", Names: Names{Creators: []string{"al"}}},
		"SOURCE/PATH":   {Holder: "A", Names: Names{Paths: []string{"*"}}},
		"does not say":  {Holder: "A", Names: Names{Paths: []string{"*/*"}}},
		"no address":    {Holder: "A", Names: Names{URLs: []string{"example.org"}}},
	} {
		if _, err := Open(ctx, w.l, "test", s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
	var n Names
	if err := n.Show(ctx, "x", []byte("no picture")); err == nil || len(n.Contents) != 1 {
		t.Errorf("%v", err)
	}
	if _, err := Find(ctx, w.l, "c-none"); !errors.Is(err, ledger.ErrNotFound) {
		t.Error(err)
	}
}

func TestUphold(t *testing.T) {
	w := newWorld(t)
	var list []byte
	contents := []ledger.Digest{ledger.DigestOf(pictures[0].Data), ledger.DigestOf(pictures[4].Data)}
	slices.SortFunc(contents, func(a, b ledger.Digest) int { return bytes.Compare(a[:], b[:]) })
	for _, d := range contents {
		list = append(list, d[:]...)
	}
	manifest := []byte(`{"name":"emoji"}`)
	set := ledger.Dataset{ID: "emoji@1", Root: "r", Manifest: ledger.DigestOf(manifest), Copies: 2}
	w.add(set, manifest, list)
	other := set
	other.ID = "other@1"
	plum := ledger.DigestOf(pictures[4].Data)
	w.add(other, manifest, plum[:])
	w.add(ledger.Model{ID: "m1", State: "active", Datasets: []string{"emoji@1"}, Weights: plum})
	w.add(ledger.Model{ID: "m2", State: "active", Base: "m1", Weights: plum})
	w.add(ledger.Model{ID: "m3", State: "active", Datasets: []string{"other@1"}, Weights: plum})
	w.add(ledger.Output{ID: "o1", Model: "m2", Content: plum})

	o := w.open(shown(t, pictures[0].Data))
	if len(o.Matches) != 3 {
		t.Fatalf("%+v", o)
	}
	if got := w.codes(pictures); got != "CLAIM_HELD CLAIM_HELD CLAIM_HELD LICENSED LICENSED" {
		t.Error(got)
	}
	if _, err := Uphold(ctx, w.l, w.store, o.ID, Ruling{By: "judge"}); err == nil {
		t.Error("a ruling without a reason")
	}
	cleared := ledger.DigestOf(pictures[2].Data)
	if _, err := Uphold(ctx, w.l, w.store, o.ID, Ruling{"judge", []string{"x"}, []ledger.Digest{plum}}); err == nil {
		t.Error("what was no match was cleared")
	}
	r, err := Uphold(ctx, w.l, w.store, o.ID, Ruling{"judge", []string{"she drew it"}, []ledger.Digest{cleared}})
	if err != nil {
		t.Fatal(err)
	}
	if got := w.codes(pictures); got != "CLAIM_UPHELD CLAIM_UPHELD LICENSED LICENSED LICENSED" {
		t.Error(got)
	}
	for i, it := range pictures {
		if _, err := w.store.Get(digest.SHA256(ledger.DigestOf(it.Data))); errors.Is(err, fs.ErrNotExist) != (i < 2) {
			t.Errorf("%s: %v", it.Path, err)
		}
	}
	a := r.Account
	if a.Holder != "Ann Artist" || len(a.Erased) != 2 || len(a.Cleared) != 1 || a.Cleared[0] != cleared ||
		fmt.Sprint(a.Affected.Datasets) != "[{emoji@1 r 1}]" || fmt.Sprint(a.Affected.Models, a.Affected.Outputs) != "[m1 m2] [o1]" {
		t.Errorf("%+v", a)
	}
	// It does not come back with its source, nor as somebody else's near copy.
	if got := w.take("s", pictures); got.Blocked != 2 || got.New != 0 {
		t.Errorf("%+v", got)
	}
	near := shelf{{Path: "z/apple.png", Data: drawing(1, 80, false)}, {Path: "z/fig.png", Data: drawing(7, 80, false)}}
	w.take("t", near)
	if got := w.codes(near); got != "NEAR_CLAIMED LICENSED" {
		t.Error(got)
	}
	checkReceipt(t, w, r)
	// Again, as after an interruption, it gives a receipt of the same.
	again, err := Uphold(ctx, w.l, w.store, o.ID, Ruling{By: "judge", Reasons: []string{"as before"}})
	if err != nil || len(again.Account.Erased) != 2 {
		t.Errorf("%+v, %v", again.Account, err)
	}
	if _, err := w.l.Verify(ctx, ledger.Trust{}); err != nil {
		t.Error(err)
	}
}

func checkReceipt(t *testing.T, w world, r Receipt) {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if a, err := CheckReceipt(text, w.l.Key()); err != nil || a.Claim != r.Account.Claim {
		t.Errorf("%+v, %v", a, err)
	}
	for _, change := range [][2]string{{`"she drew it"`, `"he drew it"`}, {`"by":"judge"`, `"by":"nobody"`}, {`"seq":`, `"seq":1`}, {"{", ""}} {
		if _, err := CheckReceipt([]byte(strings.Replace(string(text), change[0], change[1], 1)), w.l.Key()); err == nil {
			t.Errorf("%s for %s: the receipt holds", change[1], change[0])
		}
	}
}

func TestRejectAndAppeal(t *testing.T) {
	w := newWorld(t)
	o := w.open(Names{Paths: []string{"s/noto/*"}})
	if got := w.codes(pictures); got != "CLAIM_HELD NEAR_CLAIMED LICENSED CLAIM_HELD CLAIM_HELD" {
		t.Error(got)
	}
	why := Ruling{By: "judge", Reasons: []string{"no proof of title"}}
	if err := Appeal(ctx, w.l, o.ID, why); err == nil {
		t.Error("an appeal against nothing")
	}
	for _, step := range []struct {
		do   func() error
		want string
	}{
		{func() error { return Reject(ctx, w.l, o.ID, why) }, "LICENSED LICENSED"},
		{func() error { return Appeal(ctx, w.l, o.ID, why) }, "CLAIM_HELD CLAIM_HELD"},
		{func() error { _, err := Uphold(ctx, w.l, w.store, o.ID, why); return err }, "CLAIM_UPHELD CLAIM_UPHELD"},
		{func() error { return Appeal(ctx, w.l, o.ID, why) }, "CLAIM_UPHELD CLAIM_UPHELD"},
		{func() error { return Reject(ctx, w.l, o.ID, why) }, "LICENSED LICENSED"},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		if got := w.codes(pictures[3:]); got != step.want {
			t.Errorf("%s, want %s", got, step.want)
		}
	}
	// The bytes were erased meanwhile, and come back with their source.
	w.take("s", pictures)
	for _, it := range pictures {
		if !w.store.Has(digest.SHA256(ledger.DigestOf(it.Data))) {
			t.Errorf("%s did not come back", it.Path)
		}
	}
}

// What is taken in later is held too.
func TestExtend(t *testing.T) {
	w := newWorld(t)
	o := w.open(Names{Paths: []string{"s/figs/*"}})
	later := append(slices.Clone(pictures), source.Item{Path: "figs/1.png", Data: drawing(8, 64, false)})
	w.take("s", later)
	if got := w.codes(later[5:]); got != "LICENSED" {
		t.Error(got)
	}
	for _, want := range []int{1, 0} {
		if added, err := Extend(ctx, w.l, "test"); err != nil || added[o.ID] != want {
			t.Errorf("%v, %v", added, err)
		}
	}
	if got := w.codes(later[5:]); got != "CLAIM_HELD" {
		t.Error(got)
	}
}

func FuzzGlob(f *testing.F) {
	f.Add("s/*apple*", "s/noto/apple.png")
	f.Add("a*b*c", "abbbc")
	f.Add("**", "")
	f.Fuzz(func(t *testing.T, pattern, name string) {
		if len(pattern) > 50 || strings.ContainsRune(pattern+name, '\uFFFD') {
			return
		}
		parts := strings.Split(pattern, "*")
		for i, p := range parts {
			parts[i] = regexp.QuoteMeta(p)
		}
		want, err := regexp.MatchString(`(?s)\A`+strings.Join(parts, ".*")+`\z`, name)
		if err == nil && glob(pattern, name) != want {
			t.Errorf("%q and %q: want %v", pattern, name, want)
		}
	})
}
