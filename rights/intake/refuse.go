package intake

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/source"
)

// maxRefusals is how many refusals a run's report lists; the rest is counted.
const maxRefusals = 10_000

// Refusal is an item that a source refused, as a run's report lists it.
type Refusal struct {
	Path   string     `json:"path"` // within the source, or its address
	Why    source.Why `json:"why"`
	Reason string     `json:"reason"`
}

// Refusals is a run's report of what was left out. It is kept as evidence of
// the run's last extraction.
type Refusals struct {
	Source string    `json:"source"`
	Count  int64     `json:"count"`
	Listed []Refusal `json:"listed"` // the first 10,000
}

type refusals struct {
	count  int64
	listed []Refusal
}

func asRefusal(err error) (*source.Refused, bool) { return errors.AsType[*source.Refused](err) }

// refuse records on what an item was refused: reservations are facts on the
// work that was not taken, named by its path.
func (r *recorder) refuse(ctx context.Context, e *source.Refused) error {
	r.result.Refused[e.Why]++
	r.refusals.count++
	if len(r.refusals.listed) < maxRefusals {
		r.refusals.listed = append(r.refusals.listed, Refusal{clip(e.Path), e.Why, clip(e.Err.Error())})
	}
	if r.o.Refused != nil {
		r.o.Refused(e)
	}
	if len(e.Reservations) == 0 {
		return r.step(ctx)
	}
	of := ledger.Ref(ledger.KindWork, workID(r.id, e.Path))
	known := statements{}
	for ev, err := range r.ledger.Events(ctx, ledger.Query{Subject: of, Kinds: []ledger.Kind{ledger.KindReservation}}) {
		if err != nil {
			return err
		}
		if f, ok := ev.Fact.(ledger.Reservation); ok && f.Source == r.id {
			known.note(f)
		}
	}
	var now []stated
	for _, s := range e.Reservations {
		now = append(now, stated{reservation(r.id, clip(e.Path), of, s), s.Evidence})
	}
	r.state(known.differences(now))
	r.items++
	return r.step(ctx)
}

// report adds an extraction of nothing that cites the list of what was refused,
// unless the last one that did so cites the same list.
func (r *recorder) report(ctx context.Context) error {
	if r.refusals.count == 0 {
		return nil
	}
	text, err := json.Marshal(Refusals{r.id, r.refusals.count, r.refusals.listed})
	if err != nil {
		return err
	}
	d := ledger.DigestOf(text)
	q := ledger.Query{Evidence: d, Kinds: []ledger.Kind{ledger.KindExtraction}, Limit: 1}
	for _, err := range r.ledger.Events(ctx, q) {
		return err
	}
	x := r.taking
	x.Copies, x.Bytes, x.Ended = 0, 0, x.Began
	r.batch.Keep(text)
	r.batch.Add(x, d)
	return nil
}
