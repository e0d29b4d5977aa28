package ledger

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

var ctx = context.Background()

func create(t testing.TB) (*Ledger, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "a ledger%20?#")
	l, err := Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l, dir
}

// story records three batches that use every kind of fact: 16 events.
func story(t testing.TB, l *Ledger) []Receipt {
	t.Helper()
	var receipts []Receipt
	record := func(b *Batch) {
		r, err := l.Append(ctx, b)
		if err != nil {
			t.Fatal(err)
		}
		receipts = append(receipts, r)
	}
	a := DigestOf([]byte("picture a"))
	b := &Batch{Actor: "limner test"}
	deed := b.Keep([]byte("We agree."))
	b.Add(Source{ID: "npm/emoji@1", Type: "open", Maker: "Emoji Ltd", Completed: "2020-01-31", Works: 3000})
	b.Add(RightsHolder{ID: "h1", Name: "A. Nother"})
	b.Add(Agreement{ID: "a1", State: "signed", Document: deed, Holders: []string{"h1"}, Sources: []string{"npm/emoji@1"}, Purposes: []string{"train"}, From: "2026-01-01"}, deed)
	b.Add(Work{ID: "w1", Holders: []string{"h1"}})
	record(b)
	b = &Batch{Actor: "limner test"}
	proof := b.Keep([]byte(`{"license":"MIT"}`))
	b.Add(Copy{Content: a, State: "kept", Source: "npm/emoji@1", Work: "w1", Path: "a.png", Width: 64, Height: 64, Bytes: 9})
	b.Add(Licence{Of: CopyRef(a), Written: "MIT", Expression: "MIT", Where: "package.json"}, proof)
	b.Add(Reservation{Of: Ref(KindSource, "npm/emoji@1"), Protocol: "robots.txt", Value: "allow", Observed: time.Date(2026, 11, 23, 1, 2, 3, 0, time.UTC)}, proof, proof)
	b.Add(Extraction{Source: "npm/emoji@1", Basis: "published archive", Copies: 10, Bytes: 1000}, proof)
	b.Add(Extraction{Source: "npm/emoji@1", Basis: "published archive", Copies: 5, Bytes: 500})
	b.Add(Extraction{Source: "other", Basis: "published archive", Copies: 100, Bytes: 1})
	b.Add(Decision{Copy: a, Purpose: "train", Outcome: "allow", Reasons: []string{"LICENCE"}, Basis: []string{Ref(KindAgreement, "a1")}, Ruleset: "1"}, proof, deed)
	record(b)
	b = &Batch{Actor: "a person"}
	manifest := b.Keep(nil)
	b.Add(Dataset{ID: "d1", Root: "00ff", Manifest: manifest, Sources: []string{"npm/emoji@1"}, Copies: 1}, manifest)
	b.Add(Model{ID: "m1", State: "active", Datasets: []string{"d1"}, Weights: a})
	b.Add(Output{ID: "o1", Model: "m1", Content: a, Nearest: []Digest{a}})
	b.Add(Claim{ID: "c1", State: "received", Holder: "h1", Matches: []string{CopyRef(a), Ref(KindDataset, "d1")}})
	b.Add(Erasure{Evidence: deed, Reason: "asked for"})
	record(b)
	return receipts
}

func collect(t testing.TB, l *Ledger, q Query) []Event {
	t.Helper()
	var out []Event
	for e, err := range l.Events(ctx, q) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

// The tree head written from RFC 6962, section 2.1, by its recursion.
func rfc6962(leaves [][]byte) [32]byte {
	if len(leaves) == 1 {
		return sha256.Sum256(append([]byte{0}, leaves[0]...))
	}
	k := 1
	for k*2 < len(leaves) {
		k *= 2
	}
	a, b := rfc6962(leaves[:k]), rfc6962(leaves[k:])
	return sha256.Sum256(slices.Concat([]byte{1}, a[:], b[:]))
}

func TestLedger(t *testing.T) {
	l, dir := create(t)
	l.now = func() time.Time {
		return time.Date(2026, 11, 23, 12, 0, 0, 123456789, time.FixedZone("", 3600))
	}
	receipts := story(t, l)
	if r := receipts[1]; r.First != 4 || r.Count != 7 || r.Checkpoint.Size != 11 {
		t.Errorf("receipt %+v", r)
	}
	events := collect(t, l, Query{})
	if len(events) != 16 {
		t.Fatalf("%d events", len(events))
	}
	const want = `{"actor":"limner test","fact":{"completed":"2020-01-31","id":"npm/emoji@1","maker":"Emoji Ltd","type":"open","works":3000},` +
		`"kind":"source","seq":0,"subject":"source:npm/emoji@1","time":"2026-11-23T11:00:00.123456Z","v":1}`
	if string(events[0].Body) != want {
		t.Errorf("body %s\nwant %s", events[0].Body, want)
	}
	var leaves [][]byte
	for i, e := range events {
		if e.Seq != int64(i) || e.Fact == nil {
			t.Errorf("event %d: %+v", i, e)
		}
		leaves = append(leaves, e.Body)
	}
	for _, r := range receipts {
		if root := rfc6962(leaves[:r.Checkpoint.Size]); r.Checkpoint.Root != root {
			t.Errorf("root at %d is %s, by the RFC it is %x", r.Checkpoint.Size, r.Checkpoint.Root, root)
		}
	}
	checkNote(t, l.Key(), receipts[2].Checkpoint)

	report, err := l.Verify(ctx, Trust{Key: l.Key(), Checkpoints: [][]byte{receipts[0].Checkpoint.Note}})
	if err != nil || report.Size != 16 || report.Root != receipts[2].Checkpoint.Root || report.Checkpoints != 3 || report.Evidence != 2 || report.Erased != 1 {
		t.Errorf("verified %+v, %v", report, err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	ro, err := OpenReadOnly(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer ro.Close()
	if got := collect(t, ro, Query{}); len(got) != 16 || string(got[15].Body) != string(events[15].Body) {
		t.Errorf("reopened: %d events", len(got))
	}
	if _, err := ro.Append(ctx, &Batch{Actor: "x"}); err == nil {
		t.Error("a ledger open for reading was appended to")
	}
}

// checkNote checks a checkpoint's signature with nothing but the form of signed
// notes: text, blank line, "— name base64(4 bytes of key hash, signature)".
func checkNote(t *testing.T, key string, cp Checkpoint) {
	t.Helper()
	parts := strings.SplitN(key, "+", 3)
	public, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(public) != 33 || public[0] != 1 {
		t.Fatalf("key %q", key)
	}
	text, signature, _ := strings.Cut(string(cp.Note), "\n\n")
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(strings.TrimPrefix(signature, "— "+parts[0]+" ")))
	if err != nil || len(raw) != 68 {
		t.Fatalf("signature line %q", signature)
	}
	if !ed25519.Verify(public[1:], []byte(text+"\n"), raw[4:]) {
		t.Error("the checkpoint's signature does not hold")
	}
	if want := fmt.Sprintf("%s\n%d\n%s", parts[0], cp.Size, cp.Root); text != want {
		t.Errorf("the checkpoint says %q, want %q", text, want)
	}
}

func TestQueries(t *testing.T) {
	l, _ := create(t)
	clock := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	l.now = func() time.Time { clock = clock.Add(24 * time.Hour); return clock }
	story(t, l)
	a := DigestOf([]byte("picture a"))
	seqs := func(q Query) string {
		var s []string
		for _, e := range collect(t, l, q) {
			s = append(s, fmt.Sprint(e.Seq))
		}
		return strings.Join(s, " ")
	}
	for _, c := range []struct {
		name string
		q    Query
		want string
	}{
		{"subject", Query{Subject: CopyRef(a)}, "4 5 10"},
		{"kind of a subject", Query{Subject: CopyRef(a), Kinds: []Kind{KindDecision, KindLicence}}, "5 10"},
		{"last word", Query{Subject: CopyRef(a), Newest: true, Limit: 1}, "10"},
		{"mentions", Query{Mentions: Ref(KindSource, "npm/emoji@1")}, "2 4 11"},
		{"mentions of a copy", Query{Mentions: CopyRef(a)}, "13 14"},
		{"evidence", Query{Evidence: DigestOf([]byte(`{"license":"MIT"}`))}, "5 6 7 10"},
		{"since", Query{Since: time.Date(2026, 1, 4, 0, 0, 0, 0, time.UTC)}, "11 12 13 14 15"},
		{"until", Query{Until: time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC)}, "0 1 2 3"},
		{"page", Query{From: 3, Limit: 2}, "3 4"},
		{"none", Query{Subject: "source:nobody"}, ""},
	} {
		if got := seqs(c.q); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	for _, c := range []struct {
		source       string
		since, until time.Time
		want         Taken
	}{
		{"npm/emoji@1", time.Time{}, time.Time{}, Taken{2, 15, 1500}},
		{"npm/emoji@1", time.Date(2026, 1, 4, 0, 0, 0, 0, time.UTC), time.Time{}, Taken{}},
		{"npm/emoji@1", time.Time{}, time.Date(2026, 1, 4, 0, 0, 0, 0, time.UTC), Taken{2, 15, 1500}},
		{"other", time.Time{}, time.Time{}, Taken{1, 100, 1}},
		{"nobody", time.Time{}, time.Time{}, Taken{}},
	} {
		if got, err := l.Extracted(ctx, c.source, c.since, c.until); err != nil || got != c.want {
			t.Errorf("extracted from %s: %+v, %v; want %+v", c.source, got, err, c.want)
		}
	}
	if _, err := l.Event(ctx, 99); !errors.Is(err, ErrNotFound) {
		t.Errorf("event 99: %v", err)
	}
}

func TestEvidence(t *testing.T) {
	l, _ := create(t)
	story(t, l)
	if got, err := l.Evidence(ctx, DigestOf([]byte(`{"license":"MIT"}`))); err != nil || string(got) != `{"license":"MIT"}` {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := l.Evidence(ctx, DigestOf(nil)); err != nil || len(got) != 0 {
		t.Errorf("the empty evidence: %q, %v", got, err)
	}
	if _, err := l.Evidence(ctx, DigestOf([]byte("We agree."))); !errors.Is(err, ErrErased) {
		t.Errorf("erased evidence: %v", err)
	}
	if _, err := l.Evidence(ctx, DigestOf([]byte("nothing"))); !errors.Is(err, ErrNotFound) {
		t.Errorf("evidence never kept: %v", err)
	}
}

// Erased bytes are in none of the ledger's files.
func TestErasureLeavesNothing(t *testing.T) {
	l, dir := create(t)
	secret := []byte("a very private sentence, kept by mistake")
	b := &Batch{Actor: "t"}
	d := b.Keep(secret)
	b.Add(Licence{Of: "source:s", Written: "x"}, d)
	if _, err := l.Append(ctx, b); err != nil {
		t.Fatal(err)
	}
	b = &Batch{Actor: "t"}
	b.Add(Erasure{Evidence: d, Reason: "privacy"})
	if _, err := l.Append(ctx, b); err != nil {
		t.Fatal(err)
	}
	files, _ := os.ReadDir(dir)
	for _, f := range files {
		if data, err := os.ReadFile(filepath.Join(dir, f.Name())); err != nil || strings.Contains(string(data), string(secret)) {
			t.Errorf("%s holds the erased bytes (%v)", f.Name(), err)
		}
	}
}

func TestAppendRefuses(t *testing.T) {
	l, _ := create(t)
	d := DigestOf([]byte("x"))
	ok := Source{ID: "s", Type: "open"}
	for what, b := range map[string]func() *Batch{
		"no actor":        func() *Batch { b := &Batch{}; b.Add(ok); return b },
		"no event":        func() *Batch { return &Batch{Actor: "t"} },
		"evidence unkept": func() *Batch { b := &Batch{Actor: "t"}; b.Add(ok, d); return b },
		"no identifier":   func() *Batch { b := &Batch{Actor: "t"}; b.Add(ok); b.Add(Source{Type: "open"}); return b },
		"control letters": func() *Batch { b := &Batch{Actor: "t"}; b.Add(Source{ID: "a\nb", Type: "open"}); return b },
		"wrong type":      func() *Batch { b := &Batch{Actor: "t"}; b.Add(Source{ID: "s", Type: "stolen"}); return b },
		"negative": func() *Batch {
			b := &Batch{Actor: "t"}
			b.Add(Extraction{Source: "s", Basis: "b", Copies: -1})
			return b
		},
		"too large number": func() *Batch { b := &Batch{Actor: "t"}; b.Add(Source{ID: "s", Type: "open", Bytes: 1 << 53}); return b },
		"wrong date": func() *Batch {
			b := &Batch{Actor: "t"}
			b.Add(Source{ID: "s", Type: "open", Renewed: "2020-13-01"})
			return b
		},
		"wrong reference": func() *Batch { b := &Batch{Actor: "t"}; b.Add(Licence{Of: "picture 1"}); return b },
		"no reason": func() *Batch {
			b := &Batch{Actor: "t"}
			b.Add(Decision{Copy: d, Purpose: "train", Outcome: "deny", Ruleset: "1"})
			return b
		},
		"too large": func() *Batch {
			b := &Batch{Actor: "t"}
			b.Add(Licence{Of: "source:s", Written: strings.Repeat("x", maxBody)})
			return b
		},
	} {
		_, err := l.Append(ctx, b())
		if err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if n, err := l.Size(ctx); n != 0 || err != nil {
		t.Errorf("%d events were recorded, %v", n, err)
	}
}

func TestOpenRefuses(t *testing.T) {
	l, dir := create(t)
	story(t, l)
	l.Close()
	if _, err := Create(dir); err == nil {
		t.Error("a ledger was made over another")
	}
	if _, err := Open(filepath.Join(dir, "nothing")); err == nil {
		t.Error("opened what is not there")
	}
	other, otherDir := create(t)
	other.Close()
	key := filepath.Join(dir, keyName)
	own, _ := os.ReadFile(key)
	foreign, _ := os.ReadFile(filepath.Join(otherDir, keyName))
	for what, do := range map[string]func(){
		"foreign key": func() { os.WriteFile(key, foreign, 0o600) },
		"broken key":  func() { os.WriteFile(key, own[:20], 0o600) },
		"no key":      func() { os.Remove(key) },
		"open key": func() {
			if runtime.GOOS == "windows" {
				os.Remove(key)
			} else {
				os.Chmod(key, 0o644)
			}
		},
	} {
		do()
		_, err := Open(dir)
		if err == nil {
			t.Errorf("%s: opened", what)
		} else if strings.Contains(err.Error(), strings.TrimSpace(string(own))[20:]) {
			t.Errorf("%s: the message tells the key", what)
		}
		if ro, err := OpenReadOnly(dir); err != nil {
			t.Errorf("%s: cannot be read either: %v", what, err)
		} else {
			ro.Close()
		}
		os.Remove(key)
		os.WriteFile(key, own, 0o600)
	}
	if st, err := os.Stat(filepath.Join(otherDir, keyName)); err != nil || runtime.GOOS != "windows" && st.Mode().Perm() != 0o600 {
		t.Errorf("the key's mode is %v, %v", st.Mode(), err)
	}
	os.WriteFile(filepath.Join(dir, databaseName), []byte(strings.Repeat("no database at all ", 1000)), 0o600)
	if _, err := Open(dir); err == nil {
		t.Error("opened what is no database")
	}
}
