package intake

import (
	"context"
	"fmt"
	"time"

	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/source"
)

// recorder appends what the workers found, batch by batch.
type recorder struct {
	id     string
	about  source.About
	ledger *ledger.Ledger
	store  *objects.Store
	o      Options
	began  time.Time
	told   time.Time // when progress was told last
	result Result

	batch    *ledger.Batch
	items    int // in the batch
	taking   ledger.Extraction
	weight   int // bytes of evidence in the batch
	proofs   proofs
	groups   map[string]*shared // by reference: what many items share
	refusals refusals
	failed   bool // the ledger or the store did not take a batch
}

// shared is a thing that statements of several items are about.
type shared struct {
	recorded statements      // what the ledger holds
	keys     map[string]bool // what this run found
	known    bool            // the thing itself is recorded
}

const (
	maxWeight = 32 << 20 // bytes of evidence after which a batch is appended
	tellEvery = 200 * time.Millisecond
)

func newRecorder(id string, about source.About, l *ledger.Ledger, store *objects.Store, o Options) *recorder {
	r := &recorder{id: id, about: about, ledger: l, store: store, o: o, began: time.Now(), groups: map[string]*shared{}}
	r.result.Refused = map[source.Why]int64{}
	r.reset()
	return r
}

func (r *recorder) reset() {
	r.batch = &ledger.Batch{Actor: r.o.Actor}
	r.items, r.weight = 0, 0
	basis := r.about.Basis
	if basis == "" {
		basis = UnknownBasis
	}
	r.taking = ledger.Extraction{Source: r.id, By: r.o.Actor, Place: r.o.Place, Basis: basis, Began: time.Now().Round(0).UTC()}
	r.proofs.next()
}

// UnknownBasis is recorded of a source that names no ground of lawful access.
const UnknownBasis = "unknown"

// add records one item, in the batch that is open.
func (r *recorder) add(ctx context.Context, j *job) error {
	if refused, ok := asRefusal(j.err); ok {
		return r.refuse(ctx, refused)
	}
	if j.err != nil {
		return fmt.Errorf("%s: %w", j.item.Path, j.err)
	}
	t := j.took
	r.result.Items++
	r.result.Bytes += t.bytes
	if t.bad {
		r.result.Undecodable++
	}
	if err := r.share(ctx, j.item.Group, t.group); err != nil {
		return err
	}
	switch t.state {
	case blocked:
		r.result.Blocked++
		return r.step(ctx)
	case unchanged:
		r.result.Unchanged++
		return r.step(ctx)
	case reworded:
		r.result.Changed++
	case fresh:
		r.result.New++
		r.taking.Copies++
		r.taking.Bytes += t.bytes
	}
	r.weight += len(t.record)
	r.batch.Add(t.copy, r.batch.Keep(t.record))
	r.state(t.statements)
	r.items++
	return r.step(ctx)
}

// state adds statements with their evidence to the batch.
func (r *recorder) state(facts []stated) {
	for _, s := range facts {
		var cited []ledger.Digest
		if s.evidence != nil && len(s.evidence.Data) > 0 {
			d, size := r.proofs.keep(r.batch, s.evidence)
			r.weight += size
			cited = append(cited, d)
		}
		r.batch.Add(s.fact, cited...)
	}
}

// share records a group's existence and statements, each once.
func (r *recorder) share(ctx context.Context, group string, facts []stated) error {
	if group == "" {
		return nil
	}
	id := workID(r.id, group)
	g, err := r.thing(ctx, ledger.Ref(ledger.KindWork, id))
	if err != nil {
		return err
	}
	if !g.known {
		g.known = true
		r.batch.Add(ledger.Work{ID: id, Title: clip(group)})
	}
	r.note(g, facts)
	return nil
}

// note adds those statements on a shared thing that are not recorded yet.
func (r *recorder) note(g *shared, facts []stated) {
	for _, s := range facts {
		k := key(s.fact)
		if g.keys[k] {
			continue
		}
		g.keys[k] = true
		if was, ok := g.recorded[k]; !ok || !same(was, s.fact) {
			r.state([]stated{s})
		}
	}
}

// thing gives what is known of a shared thing, asking the ledger once.
func (r *recorder) thing(ctx context.Context, ref string) (*shared, error) {
	if g, ok := r.groups[ref]; ok {
		return g, nil
	}
	g := &shared{recorded: statements{}, keys: map[string]bool{}}
	for e, err := range r.ledger.Events(ctx, ledger.Query{Subject: ref}) {
		if err != nil {
			return nil, err
		}
		switch f := e.Fact.(type) {
		case ledger.Licence:
			if f.Source == r.id {
				g.recorded.note(f)
			}
		case ledger.Work:
			g.known = true
		}
	}
	r.groups[ref] = g
	return g, nil
}

// step appends the batch when it is full, and tells of the progress.
func (r *recorder) step(ctx context.Context) error {
	if r.items >= r.o.Batch || r.weight >= maxWeight {
		if err := r.append(ctx); err != nil {
			return err
		}
	}
	if r.o.Progress != nil && time.Since(r.told) >= tellEvery {
		r.told = time.Now()
		r.o.Progress(r.progress())
	}
	return nil
}

func (r *recorder) progress() Progress {
	return Progress{Result: r.result, Works: r.about.Works, Took: time.Since(r.began)}
}

// append records the batch; the bytes of its pictures are on the disk before.
func (r *recorder) append(ctx context.Context) error {
	if r.taking.Copies > 0 {
		r.taking.Ended = time.Now().Round(0).UTC()
		r.batch.Add(r.taking)
	}
	if r.batch.Len() > 0 {
		r.failed = true
		if err := r.store.Flush(); err != nil {
			return err
		}
		if _, err := r.ledger.Append(ctx, r.batch); err != nil {
			return err
		}
		r.failed = false
		r.result.Events += int64(r.batch.Len())
	}
	r.reset()
	return nil
}
