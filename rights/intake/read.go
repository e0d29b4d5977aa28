package intake

import (
	"context"
	"sync"

	"github.com/limner-ai/limner/source"
)

// job is one item on its way through the workers.
type job struct {
	item source.Item
	err  error // with end, why reading ended; else why the item was not taken
	end  bool
	took taken
	done chan struct{} // closed when took and err stand
}

// read gives the source's items in their order while workers work ahead on a
// few of them. The last job has end set. Who takes from the queue takes until
// it is closed; ending ctx ends it early.
func read(ctx context.Context, src source.Source, t taker, workers int) <-chan *job {
	queue := make(chan *job, 4*workers)
	work := make(chan *job)
	var busy sync.WaitGroup
	for range workers {
		busy.Go(func() {
			for j := range work {
				j.took, j.err = t.take(context.WithoutCancel(ctx), &j.item)
				j.item.Data = nil
				close(j.done)
			}
		})
	}
	go func() {
		defer close(queue)
		last := &job{end: true, done: make(chan struct{})}
		for item, err := range src.Items(ctx) {
			if err != nil && !isRefusal(err) {
				last.err = err
				break
			}
			j := &job{item: item, err: err, done: make(chan struct{})}
			queue <- j
			if err == nil {
				work <- j
			} else {
				close(j.done)
			}
			if ctx.Err() != nil {
				break
			}
		}
		close(work)
		busy.Wait()
		if last.err == nil {
			last.err = ctx.Err()
		}
		close(last.done)
		queue <- last
	}()
	return queue
}
