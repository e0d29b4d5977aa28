package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Comparison is one case beside PyTorch, from one run in which both took
// turns. Seconds are medians.
type Comparison struct {
	Name    string  `json:"name"`
	Limner  float64 `json:"limner_seconds"`
	PyTorch float64 `json:"pytorch_seconds"` // in its fastest way
	Ratio   float64 `json:"ratio"`           // median of PyTorch's time over Limner's, turn by turn
	Share   float64 `json:"roof_share"`      // Limner's
	GFLOPS  float64 `json:"gflops"`          // Limner's
	GBS     float64 `json:"gbs,omitempty"`   // Limner's
	Torch   string  `json:"torch"`
	Variant string  `json:"variant"` // the way in which PyTorch is fastest
	Memory  int64   `json:"limner_bytes"`
	RSS     float64 `json:"pytorch_mib,omitempty"` // of a step: peak resident size beyond what torch takes when loaded
	Turns   int     `json:"turns"`
}

// Against compares cases with PyTorch.
type Against struct {
	Python, Script string
	Threads, Turns int
	Roof           Roof

	kernels []*Peer // shared by all kernels
}

// Close ends the PyTorch processes.
func (a *Against) Close() {
	for _, p := range a.kernels {
		p.Close()
	}
}

// start makes processes ready for a case: for a kernel those that are shared,
// for a step one a layout, so that the peak of memory is the step's own.
// Where PyTorch calls OpenBLAS, one process uses its threads and another
// leaves them to PyTorch.
func (a *Against) start(ctx context.Context, c Case) (peers []*Peer, done func(), err error) {
	done = func() {
		for _, p := range peers {
			p.Close()
		}
	}
	begin := func(blas int) (*Peer, error) { return StartPeer(ctx, a.Python, a.Script, a.Threads, blas) }
	if c.Step() {
		for _, layout := range []string{"nhwc", "nchw"} {
			for blas := 1; blas <= a.Threads; blas += max(1, a.Threads-1) {
				p, err := begin(blas)
				if err != nil {
					return peers, done, err
				}
				peers = append(peers, p)
				if err := p.Load(c.Work, layout); err != nil {
					return peers, done, err
				}
				if p.BLAS != "openblas" {
					break
				}
			}
		}
		return peers, done, nil
	}
	shared := func() {}
	if len(a.kernels) == 0 {
		for blas := 1; blas <= a.Threads; blas += max(1, a.Threads-1) {
			p, err := begin(blas)
			if err != nil {
				return nil, shared, err
			}
			a.kernels = append(a.kernels, p)
			if p.BLAS != "openblas" {
				break
			}
		}
	}
	for _, p := range a.kernels {
		if err := p.Load(c.Work, ""); err != nil {
			return nil, shared, err
		}
	}
	return a.kernels, shared, nil
}

// way is one way in which PyTorch does the work.
type way struct {
	peer    *Peer
	variant int
	times   []float64
}

// turn is how long each side works at a time, if one iteration is not longer.
const turn = 40 * time.Millisecond

// Compare alternates turns of a loaded case and of PyTorch in all its ways,
// and keeps the fastest of those.
func (a *Against) Compare(ctx context.Context, c Case, it *Iteration) (Comparison, error) {
	peers, done, err := a.start(ctx, c)
	defer func() { done() }()
	if err != nil {
		return Comparison{}, err
	}
	var ways []way
	for _, p := range peers {
		for i := range p.Variants {
			ways = append(ways, way{peer: p, variant: i})
		}
	}
	if len(ways) == 0 {
		return Comparison{}, errors.New("PyTorch has no way to do this")
	}
	if err := it.repeat(2); err != nil {
		return Comparison{}, err
	}
	begin := time.Now()
	if err := it.Run(); err != nil {
		return Comparison{}, err
	}
	n, warm := 1, 0
	if once := time.Since(begin); once < turn {
		n, warm = int(turn/once)+1, 1
	}
	own := make([]float64, 0, a.Turns)
	for range a.Turns {
		if err := errors.Join(ctx.Err(), it.repeat(warm)); err != nil {
			return Comparison{}, err
		}
		begin := time.Now()
		if err := it.repeat(n); err != nil {
			return Comparison{}, err
		}
		own = append(own, time.Since(begin).Seconds()/float64(n))
		for i := range ways {
			w := &ways[i]
			s, err := w.peer.Run(w.variant, n, warm)
			if err != nil {
				return Comparison{}, err
			}
			w.times = append(w.times, s)
			time.Sleep(2 * time.Millisecond) // its threads spin a while
		}
		if len(own) == 2 {
			ways = hopeful(ways)
		}
	}
	return a.summary(c, it, own, fastest(ways))
}

func fastest(ways []way) way {
	best := ways[0]
	for _, w := range ways {
		if Median(w.times) < Median(best.times) {
			best = w
		}
	}
	return best
}

// hopeful leaves out the ways that are much slower than the fastest.
func hopeful(ways []way) []way {
	limit := 1.5 * Median(fastest(ways).times)
	return slices.DeleteFunc(ways, func(w way) bool { return Median(w.times) > limit })
}

func (a *Against) summary(c Case, it *Iteration, own []float64, best way) (Comparison, error) {
	p := best.peer
	r := Result{Seconds: Median(own)}
	r.rate(it, a.Roof)
	ratios := make([]float64, len(own))
	for i := range ratios {
		ratios[i] = best.times[i] / own[i]
	}
	x := Comparison{
		Name: c.Name, Limner: r.Seconds, PyTorch: Median(best.times), Ratio: Median(ratios),
		GFLOPS: r.GFLOPS, GBS: r.GBS, Share: r.Share, Torch: p.Torch, Variant: p.Variants[best.variant],
		Memory: it.Memory, Turns: a.Turns,
	}
	if p.BLAS == "openblas" && a.Threads > 1 {
		x.Variant += fmt.Sprintf(", OpenBLAS %d", p.Threads)
	}
	if c.Step() {
		if err := p.Peak(); err != nil {
			return x, err
		}
		x.RSS = p.RSS
	}
	return x, nil
}
