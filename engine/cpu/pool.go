package cpu

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Pool is a set of workers that live as long as it does. The goroutine that
// calls [Executable.Run] works as worker 0; the others spin for a moment
// between jobs, because waking a parked one takes longer than a small job,
// and then park. How tasks fall to workers is left to chance, so a job's
// tasks must not depend on it.
type Pool struct {
	workers []*worker
	busy    sync.Mutex // one job at a time

	job        job
	total      int
	light      bool // the jobs at hand are not worth waking a worker for
	_          [64]byte
	remaining  atomic.Int64 // tasks not yet claimed; may fall below 0
	_          [64]byte
	unfinished atomic.Int64
	_          [64]byte
	closed     atomic.Bool
	wait       sync.WaitGroup
}

// job is work in independent tasks.
type job interface {
	task(i int, w *worker)
}

// worker holds what a goroutine of the pool needs for itself.
type worker struct {
	scratch []float32
	slots   [][]float32
	ahead   ahead
	parked  atomic.Bool
	wake    chan struct{}
	_       [64]byte
}

// spin is how long an idle worker looks for work before it parks.
const spin = 100 * time.Microsecond

// lightFLOPs is what a step must do at least for parked workers to be woken:
// waking one takes about 100 µs, in which the caller alone does about as much.
const lightFLOPs = 1 << 18

// isLight reports whether a step of so many operations is done before a
// parked worker could help; 0 says nothing about the step.
func isLight(flops int64) bool { return flops > 0 && flops < lightFLOPs }

// NewPool starts a pool of the given number of threads, or one for each
// processor that Go may use if threads is 0.
func NewPool(threads int) *Pool {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	p := &Pool{}
	for range threads {
		p.workers = append(p.workers, &worker{wake: make(chan struct{}, 1)})
	}
	for _, w := range p.workers[1:] {
		p.wait.Go(func() { p.serve(w) })
	}
	return p
}

// Threads is the number of workers, the caller included.
func (p *Pool) Threads() int { return len(p.workers) }

// Close ends the workers. No executable of the pool may run afterwards.
func (p *Pool) Close() {
	if p.closed.Swap(true) {
		return
	}
	for _, w := range p.workers[1:] {
		w.wake <- struct{}{}
	}
	p.wait.Wait()
}

// reserve makes room for scratch floats and slots in every worker.
func (p *Pool) reserve(scratch, slots int) {
	p.busy.Lock()
	defer p.busy.Unlock()
	for _, w := range p.workers {
		if len(w.scratch) < scratch {
			w.scratch = aligned(scratch)
		}
		if len(w.slots) < slots {
			w.slots = make([][]float32, slots)
		}
	}
}

// do runs n tasks of j and returns when all are done. Callers hold p.busy.
func (p *Pool) do(j job, n int) {
	if n == 0 {
		return
	}
	if n == 1 || len(p.workers) == 1 {
		for i := range n {
			j.task(i, p.workers[0])
		}
		return
	}
	p.job, p.total = j, n
	p.unfinished.Store(int64(n))
	p.remaining.Store(int64(n))
	if !p.light {
		for _, w := range p.workers[1:min(n, len(p.workers))] {
			if w.parked.CompareAndSwap(true, false) {
				w.wake <- struct{}{}
			}
		}
	}
	p.work(p.workers[0])
	p.join()
	p.job = nil
}

// join waits for the tasks that other workers still run. It spins like an
// idle worker; where that takes long, a worker has lost its processor to
// another process, and sleeping hands it this one.
func (p *Pool) join() {
	var began time.Time
	for i := 1; p.unfinished.Load() > 0; i++ {
		if i&0xfff != 0 {
			continue
		}
		runtime.Gosched()
		switch {
		case began.IsZero():
			began = time.Now()
		case time.Since(began) > 2*spin:
			time.Sleep(spin / 2)
		}
	}
}

// work claims tasks until none is left. A claim that succeeds keeps the job
// alive until the task is counted as finished, so reading p.job is safe.
func (p *Pool) work(w *worker) {
	for p.remaining.Load() > 0 {
		r := p.remaining.Add(-1)
		if r < 0 {
			return
		}
		p.job.task(p.total-1-int(r), w)
		p.unfinished.Add(-1)
	}
}

func (p *Pool) serve(w *worker) {
	for !p.closed.Load() {
		idle := time.Now()
		for i := 1; p.remaining.Load() <= 0; i++ {
			if i&0xfff != 0 {
				continue
			}
			runtime.Gosched()
			if time.Since(idle) < spin {
				continue
			}
			w.parked.Store(true)
			if p.remaining.Load() > 0 && w.parked.CompareAndSwap(true, false) {
				break
			}
			<-w.wake
			if p.closed.Load() {
				return
			}
			break
		}
		p.work(w)
	}
}
