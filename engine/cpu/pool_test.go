package cpu

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/graph"
)

// compiled loads a program of one output for a pool.
func compiled(t *testing.T, pool *Pool, build func(g *graph.Graph) *graph.Value) *Executable {
	t.Helper()
	p, err := compile.Compile([]*graph.Value{build(graph.New())}, nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := Load(p, nil, pool)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// The runtime can stop the threads in the middle of every kind of step: a
// collector that had to wait for the end of one would hold up everything for
// as long.
func TestStepsCanBeStopped(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	pool := NewPool(2)
	defer pool.Close()
	const million = 1 << 20
	for name, build := range map[string]func(g *graph.Graph) *graph.Value{
		"matmul": func(g *graph.Graph) *graph.Value { return g.Input("a", 768, 768).Dot(g.Input("b", 768, 768)) },
		"transposed": func(g *graph.Graph) *graph.Value {
			return graph.MatMul(g.Input("a", 1<<16, 64), g.Input("b", 1<<16, 64), true, false)
		},
		"thin": func(g *graph.Graph) *graph.Value { return g.Input("a", 1024, 4096).Dot(g.Input("b", 4096, 2)) },
		"conv": func(g *graph.Graph) *graph.Value {
			return graph.Conv(g.Input("x", 8, 64, 64, 32), g.Input("w", 3, 3, 32, 64), graph.Same(3))
		},
		"loop": func(g *graph.Graph) *graph.Value { return g.Input("x", 4*million).Exp() },
		"fold": func(g *graph.Graph) *graph.Value { return g.Input("x", 4*million).Exp().Sum() },
		"concat": func(g *graph.Graph) *graph.Value {
			return graph.Concat(0, g.Input("x", 1, 4*million), g.Input("y", 1, 4*million))
		},
		"scatter": func(g *graph.Graph) *graph.Value {
			return graph.ScatterAdd(g.Input("x", 4, million), g.Input("i", 4), 4)
		},
		"gather": func(g *graph.Graph) *graph.Value { return graph.Gather(g.Input("x", 4, million), g.Input("i", 4)) },
	} {
		t.Run(name, func(t *testing.T) {
			e := compiled(t, pool, build)
			var run, ended atomic.Int64
			quit, done := make(chan struct{}), make(chan struct{})
			go func() {
				defer close(done)
				for {
					select {
					case <-quit:
						return
					default:
						run.Add(1)
						_ = e.Run(1, 1)
						ended.Add(1)
					}
				}
			}()
			defer func() { close(quit); <-done }()
			for run.Load() == 0 {
				runtime.Gosched()
			}
			// On a busy machine the runs may hardly get a turn between two stops.
			const fewest, most = 20, 60
			within, stops := 0, 0
			for stops < fewest || within < 2 && stops < most {
				stops++
				var m runtime.MemStats
				before := run.Load()
				runtime.ReadMemStats(&m) // stops the world
				if run.Load() == before && ended.Load() < before {
					within++
				}
			}
			if within < 2 { // where it cannot, hardly any is
				t.Errorf("%d of %d stops within a run", within, stops)
			}
		})
	}
}

// counter counts its tasks.
type counter struct{ done atomic.Int64 }

func (c *counter) task(int, *worker) { c.done.Add(1) }

// A light job leaves parked workers alone, others wake them; all tasks run.
func TestLightJobsWakeNobody(t *testing.T) {
	pool := NewPool(2)
	defer pool.Close()
	other := pool.workers[1]
	for _, light := range []bool{true, false, true} {
		for !other.parked.Load() {
			time.Sleep(time.Millisecond)
		}
		var c counter
		pool.busy.Lock()
		pool.light = light
		pool.do(&c, 8)
		if light && !other.parked.Load() {
			t.Error("a light job woke a worker")
		}
		pool.busy.Unlock()
		if n := c.done.Load(); n != 8 {
			t.Errorf("%d of 8 tasks ran", n)
		}
	}
	if !isLight(1) || isLight(0) || isLight(lightFLOPs) {
		t.Error("what is light")
	}
}
