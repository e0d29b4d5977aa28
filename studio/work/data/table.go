package data

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/rights"
	"github.com/limner-ai/limner/rights/ledger"
)

// row is the decision on one copy, as the ledger stands.
type row struct {
	Content digest.SHA256
	Source  string
	Path    string
	Outcome rights.Outcome
	Codes   []rights.Code // shared by all rows with the same
	Licence string
}

// maxRows bounds what is held: about 250 bytes each. The counts are of all.
const maxRows = 400_000

// Tally counts the copies that one set of reasons decides.
type tally struct {
	Outcome rights.Outcome `json:"outcome"`
	Codes   []rights.Code  `json:"codes"`
	Copies  int            `json:"copies"`
}

// table is the decision on every copy. It is made in the background, for it
// takes its time, and anew when the ledger has grown.
type table struct {
	size    int64 // of the ledger when it was begun
	policy  string
	day     string
	counted atomic.Int64
	ready   chan struct{} // closed when all is there, or err

	rows     []row
	tallies  []*tally
	outcomes map[rights.Outcome]int
	sources  map[string]map[rights.Outcome]int
	total    int
	ruleset  string
	err      error
}

// decided gives the table for the ledger as it is, beginning it if need be. The
// one before is given while the next is made, if there is one that is ready.
func (d *Desk) decided(ctx context.Context, l *ledger.Ledger) (*table, error) {
	size, err := l.Size(ctx)
	if err != nil {
		return nil, err
	}
	p, err := d.places.Home.Policy()
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	today := d.now().UTC().Format(time.DateOnly) // agreements end
	t := d.table
	if t != nil && (t.err == nil || !t.done()) && t.size == size && t.policy == p.Ruleset() && t.day == today {
		return t, nil
	}
	if t != nil && !t.done() {
		return t, nil // one at a time
	}
	next := &table{size: size, policy: p.Ruleset(), day: today, ready: make(chan struct{})}
	d.table = next
	go next.fill(d, p)
	return next, nil
}

func (t *table) done() bool {
	select {
	case <-t.ready:
		return true
	default:
		return false
	}
}

// fill decides on all copies. It has its own hold of the ledger, since it
// outlives the request that asked for it.
func (t *table) fill(d *Desk, p *rights.Policy) {
	defer close(t.ready)
	l, err := d.places.Home.ReadLedger()
	if err != nil {
		t.err = err
		return
	}
	defer l.Close()
	t.err = t.read(context.Background(), l, p, rights.Request{Purpose: "train", At: d.now().UTC()})
}

func (t *table) read(ctx context.Context, l *ledger.Ledger, p *rights.Policy, ask rights.Request) error {
	t.outcomes, t.sources, t.ruleset = map[rights.Outcome]int{}, map[string]map[rights.Outcome]int{}, p.Ruleset()
	reader, err := rights.NewReader(ctx, l)
	if err != nil {
		return err
	}
	by := map[string]*tally{}
	for f, err := range reader.All(ctx) {
		if err != nil {
			return err
		}
		ruling := rights.Decide(f, ask, p)
		k := codesOf(ruling)
		key := string(ruling.Outcome) + " " + k
		if by[key] == nil {
			by[key] = &tally{Outcome: ruling.Outcome, Codes: split(k)}
			t.tallies = append(t.tallies, by[key])
		}
		by[key].Copies++
		t.total++
		t.counted.Add(1)
		t.outcomes[ruling.Outcome]++
		if t.sources[f.Copy.Source] == nil {
			t.sources[f.Copy.Source] = map[rights.Outcome]int{}
		}
		t.sources[f.Copy.Source][ruling.Outcome]++
		if len(t.rows) < maxRows {
			t.rows = append(t.rows, row{digest.SHA256(f.Content), f.Copy.Source, f.Copy.Path, ruling.Outcome, by[key].Codes, ruling.Licence})
		}
	}
	slices.SortStableFunc(t.tallies, func(a, b *tally) int { return b.Copies - a.Copies })
	return nil
}

// codesOf lists the codes of a ruling, each once.
func codesOf(r rights.Ruling) string {
	var out []string
	for _, x := range r.Reasons {
		if c := string(x.Code); !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return strings.Join(out, " ")
}

func split(codes string) []rights.Code {
	out := []rights.Code{}
	for c := range strings.FieldsSeq(codes) {
		out = append(out, rights.Code(c))
	}
	return out
}
