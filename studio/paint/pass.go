package paint

import (
	"context"
	"sync"

	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/studio/jobs"
)

const (
	rows  = 4  // of new pictures of a flow in a call: with guidance each has two
	whole = 16 // pictures for which a flow finds the latents of theirs once
	batch = 64 // new pictures that others paint in one go
)

// Run implements jobs.Worker. Pictures of all tasks are painted together: side
// by side on a thread each, where there are enough of them, and several in one
// call. Neither changes a bit.
func (w *Worker) Run(ctx context.Context, tasks []jobs.Task) error {
	if len(tasks) == 1 {
		if s, err := parse(tasks[0].Job().Spec); err == nil && s.Repair != nil {
			tasks[0].Finish(w.repair(tasks[0], s))
			return ctx.Err()
		}
	}
	p := &pass{worker: w, busy: w.passes.Add(1) > 1}
	defer w.passes.Add(-1)
	defer p.finish()
	for _, t := range tasks {
		if err := p.add(ctx, t); err != nil {
			t.Finish(err)
		}
	}
	if len(p.orders) == 0 {
		return nil
	}
	p.divide()
	p.paint(ctx)
	return ctx.Err()
}

// pass is the work of some tasks that is done in one go.
type pass struct {
	worker *Worker
	rack   *rack
	orders []*order
	units  [][]share
	width  int  // threads for each unit
	busy   bool // another pass was going on when this one began

	mu    sync.Mutex
	broke any // what a unit panicked with
}

// share is a part of an order's pictures.
type share struct {
	order    *order
	from, to int
}

// add reads a task.
func (p *pass) add(ctx context.Context, t jobs.Task) error {
	if err := t.Context().Err(); err != nil {
		return err
	}
	s, err := parse(t.Job().Spec)
	if err != nil {
		return err
	}
	if p.rack == nil { // all have the same model
		if p.rack, err = p.worker.shelf.take(s.Model); err != nil {
			return err
		}
	}
	a, err := p.worker.askAt(ctx, p.rack, s)
	if err != nil {
		return err
	}
	p.orders = append(p.orders, newOrder(p.worker, t, a))
	return nil
}

// finish gives the model back.
func (p *pass) finish() {
	if p.rack != nil {
		p.worker.shelf.give(p.rack)
	}
}

// divide makes units of the pictures, those of new pictures across orders, so
// that everyone's come soon.
func (p *pass) divide() {
	threads := p.worker.shelf.threads
	_, steps := p.rack.base.Model.(model.Flow)
	var fresh []share
	for i, more := 0, true; more; i++ {
		more = false
		for _, o := range p.orders {
			if o.fresh() && i < o.N {
				fresh, more = append(fresh, share{o, i, i + 1}), true
			}
		}
	}
	most := batch
	if steps {
		most = rows
		if p.orders[0].request.Guidance != 1 { // all have it, or none has
			most = rows / 2
		}
		most = min(most, (len(fresh)+threads-1)/threads)
	}
	for len(fresh) > 0 {
		n := min(most, len(fresh))
		p.units, fresh = append(p.units, fresh[:n:n]), fresh[n:]
	}
	for _, o := range p.orders {
		if o.fresh() {
			continue
		}
		n := o.N
		if steps {
			n = min(whole, (o.N+threads-1)/threads)
		}
		for from := 0; from < o.N; from += n {
			p.units = append(p.units, []share{{o, from, min(from+n, o.N)}})
		}
	}
	// Few units get several threads each, unless others paint as well: to wait
	// until several threads are free at once would leave some idle.
	p.width = threads
	for steps && p.width > 1 && (p.busy || p.width*len(p.units) > threads) {
		p.width = (p.width + 1) / 2
	}
}

// paint does the units, as many at once as there are threads for.
func (p *pass) paint(ctx context.Context) {
	next := make(chan []share, len(p.units))
	for _, u := range p.units {
		next <- u
	}
	close(next)
	var lanes sync.WaitGroup
	for range min(len(p.units), max(1, p.worker.shelf.threads/p.width)) {
		lanes.Go(func() {
			for u := range next {
				p.unit(ctx, u)
			}
		})
	}
	lanes.Wait()
	if p.broke != nil {
		panic(p.broke) // the queue knows what to do
	}
}

// unit paints some pictures and hands them to their orders.
func (p *pass) unit(ctx context.Context, shares []share) {
	var pieces []generate.Piece
	var of []share
	for _, s := range shares {
		if s.order.wanted() {
			piece := s.order.piece(s.from, s.to)
			piece.Request.Each = func(step generate.Step) error { return s.order.step(s.from, step) }
			pieces, of = append(pieces, piece), append(of, s)
		}
	}
	if len(pieces) == 0 {
		return
	}
	if len(of) == 1 { // its end is the unit's
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(of[0].order.task.Context(), cancel)()
	}
	err := p.make(ctx, pieces, of)
	for _, s := range of {
		if err != nil {
			s.order.fail(err)
		}
	}
}

// make paints on a seat of the rack.
func (p *pass) make(ctx context.Context, pieces []generate.Piece, of []share) error {
	g, back, err := p.worker.shelf.seat(ctx, p.rack, p.width)
	if err != nil {
		return err
	}
	sound := false
	defer func() {
		back(sound)
		if !sound {
			p.mu.Lock()
			p.broke = recover()
			p.mu.Unlock()
		}
	}()
	for i, m := range g.MakeTogether(ctx, pieces) {
		o := of[i].order
		if m.Err != nil {
			o.fail(m.Err)
			continue
		}
		for k := range m.Items {
			o.done(g, m.Pictures, k, of[i].from+k)
		}
	}
	sound = true
	return nil
}
