package ledger

import (
	"encoding/json"
	"errors"
	"testing"
)

func TestProofs(t *testing.T) {
	l, _ := create(t)
	receipts := story(t, l)
	sizes := []int64{4, 11, 16}
	for _, size := range sizes {
		for seq := range size {
			p, err := l.ProveInclusion(ctx, seq, size)
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			var back Inclusion
			if err := json.Unmarshal(text, &back); err != nil {
				t.Fatal(err)
			}
			if e, err := back.Check(l.Key()); err != nil || e.Seq != seq || e.Fact == nil {
				t.Errorf("event %d in %d: %+v, %v", seq, size, e, err)
			}
			for what, spoil := range map[string]func(*Inclusion){
				"body":  func(p *Inclusion) { p.Body[len(p.Body)/2] ^= 1 },
				"place": func(p *Inclusion) { p.Seq = (p.Seq + 1) % size },
				"path":  func(p *Inclusion) { p.Path[len(p.Path)-1][7] ^= 1 },
				"short": func(p *Inclusion) { p.Path = p.Path[1:] },
				"root":  func(p *Inclusion) { p.Checkpoint = string(receipts[0].Checkpoint.Note[:20]) },
				"size":  func(p *Inclusion) { p.Seq = size },
			} {
				var q Inclusion
				json.Unmarshal(text, &q)
				spoil(&q)
				if _, err := q.Check(l.Key()); err == nil {
					t.Errorf("event %d in %d: a proof with another %s holds", seq, size, what)
				}
			}
		}
	}
	for i, old := range sizes {
		for _, now := range sizes[i:] {
			p, err := l.ProveConsistency(ctx, old, now)
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Check(l.Key()); err != nil {
				t.Error(err)
			}
			if len(p.Path) > 0 {
				p.Path[0][0] ^= 1
				if p.Check(l.Key()) == nil {
					t.Errorf("%d to %d: a proof with another path holds", old, now)
				}
			}
		}
	}
	if _, err := l.ProveInclusion(ctx, 4, 4); !errors.Is(err, ErrNotFound) {
		t.Errorf("event 4 in a log of 4: %v", err)
	}
	if _, err := l.ProveInclusion(ctx, 0, 5); !errors.Is(err, ErrNotFound) {
		t.Errorf("no checkpoint at 5: %v", err)
	}
	if p, err := l.ProveInclusion(ctx, 15, -1); err != nil || p.Seq != 15 {
		t.Errorf("the newest checkpoint: %v", err)
	}
	if _, err := l.ProveConsistency(ctx, 16, 4); err == nil {
		t.Error("a log of 4 entries begins with 16")
	}
	other, _ := create(t)
	p, _ := l.ProveInclusion(ctx, 0, 4)
	if _, err := p.Check(other.Key()); err == nil {
		t.Error("a proof holds under another ledger's key")
	}
}
