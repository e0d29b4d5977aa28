package gate

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestPurse(t *testing.T) {
	var p Purse
	k := &Key{Name: "ann", Daily: 10}
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	if err := p.spend(k, 8, noon); err != nil {
		t.Fatal(err)
	}
	var limit *LimitError
	if err := p.spend(k, 3, noon); !errors.As(err, &limit) || limit.After != 12*time.Hour {
		t.Errorf("%v", err)
	}
	if err := p.spend(k, 2, noon); err != nil { // what was refused was not counted
		t.Error(err)
	}
	if err := p.spend(&Key{Name: "bob", Daily: 1}, 1, noon); err != nil {
		t.Error(err)
	}
	if err := p.spend(k, 10, noon.Add(12*time.Hour)); err != nil {
		t.Errorf("the next day: %v", err)
	}
}

func TestSpend(t *testing.T) {
	if err := Spend(context.Background(), 1<<30); err != nil {
		t.Errorf("without a gate: %v", err)
	}
	ctx := context.WithValue(context.Background(), contextKey{}, &visit{owner: "ann", key: &Key{Name: "ann", Daily: 2, Work: []string{"paint"}}, purse: &Purse{}})
	if err := Spend(ctx, 2); err != nil {
		t.Fatal(err)
	}
	if Spend(ctx, 1) == nil {
		t.Error("three of two")
	}
	Refund(ctx, 1)
	if err := Spend(ctx, 1); err != nil {
		t.Errorf("after a refund: %v", err)
	}
	Refund(ctx, 100)
	if Spend(ctx, 3) == nil {
		t.Error("a refund gives more than there was")
	}
	if !May(ctx, "paint") || May(ctx, "train") || !May(context.Background(), "train") {
		t.Error("what a key is for does not hold")
	}
	if Owner(ctx) != "ann" || Owner(context.Background()) != Local || Owner(WithOwner(ctx, "bob")) != "bob" {
		t.Error("owners")
	}
}

// What was spent stays spent when the process is another one, also if it was
// killed in the middle of a line.
func TestPurseOutlivesTheProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "studio", "spent")
	keys := OpenKeys(filepath.Join(t.TempDir(), "keys"))
	for name, daily := range map[string]int{"ann": 5, "bob": 5} {
		if _, err := keys.Add(name, Key{Daily: daily, Work: []string{"paint"}}); err != nil {
			t.Fatal(err)
		}
	}
	open := func() *Purse {
		t.Helper()
		p, err := OpenPurse(path, keys)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := open()
	ctx := p.As(t.Context(), "ann")
	if err := errors.Join(Spend(ctx, 4), Spend(p.As(t.Context(), "bob"), 1)); err != nil {
		t.Fatal(err)
	}
	Refund(ctx, 1)
	// It is not closed: it was killed.
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("2000-01-01 ann 90\n" + time.Now().UTC().Format(time.DateOnly) + " ann"); err != nil {
		t.Fatal(err)
	}
	f.Close()
	for range 2 { // and again, of what was compacted
		p = open()
		ctx = p.As(t.Context(), "ann")
		var limit *LimitError
		if err := Spend(ctx, 3); !errors.As(err, &limit) {
			t.Fatalf("six of five: %v", err)
		}
	}
	if err := Spend(ctx, 2); err != nil {
		t.Error(err)
	}
	if Spend(ctx, 1) == nil {
		t.Error("six of five")
	}
	if err := Spend(p.As(t.Context(), "bob"), 4); err != nil {
		t.Error(err)
	}
	// The next day all begins anew.
	tomorrow := time.Now().Add(24 * time.Hour)
	if err := p.spend(&Key{Name: "ann", Daily: 5}, 5, tomorrow); err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != tomorrow.UTC().Format(time.DateOnly)+" ann 5\n" {
		t.Errorf("%q, %v", text, err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

// What is asked for on behalf of a key is the key's, and one that is gone has
// nothing.
func TestOnBehalf(t *testing.T) {
	keys := OpenKeys(filepath.Join(t.TempDir(), "keys"))
	if _, err := keys.Add("ann", Key{Daily: 2, Work: []string{"paint"}}); err != nil {
		t.Fatal(err)
	}
	p := &Purse{keys: keys}
	ann, gone, local := p.As(t.Context(), "ann"), p.As(t.Context(), "gone"), p.As(t.Context(), Local)
	if Owner(ann) != "ann" || !May(ann, "paint") || May(ann, "train") || May(gone, "paint") || !May(local, "train") {
		t.Error("leave is not that of the key")
	}
	if err := errors.Join(Spend(ann, 2), Spend(local, 1000)); err != nil {
		t.Error(err)
	}
	if Spend(ann, 1) == nil {
		t.Error("three of two")
	}
}
