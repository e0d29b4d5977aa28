package loader

import (
	"math/bits"

	"github.com/limner-ai/limner/engine/tensor"
)

// planner walks the sequence of pictures in order.
type planner struct {
	n     int
	opt   Options
	at    Position
	order []int32 // of epoch at.Epoch; nil without Shuffle
	drawn int     // the epoch of order, -1 before the first
}

func newPlanner(n int, opt Options) *planner {
	p := &planner{n: n, opt: opt, at: opt.Start, drawn: -1}
	if opt.Shuffle {
		p.order = make([]int32, n)
	}
	p.at = p.settle(p.at)
	return p
}

// settle moves a position at which an epoch has no further batch to the
// beginning of the next epoch.
func (p *planner) settle(at Position) Position {
	left := p.n - at.Index
	if left == 0 || p.opt.Drop && left < p.opt.Batch {
		return Position{Epoch: at.Epoch + 1}
	}
	return at
}

// next writes the plan of the next batch to s; false after the last epoch.
func (p *planner) next(s *slot) bool {
	if p.opt.Epochs > 0 && p.at.Epoch >= p.opt.Epochs {
		return false
	}
	if p.opt.Shuffle && p.drawn != p.at.Epoch {
		permute(p.order, p.opt.Seed, p.at.Epoch)
		p.drawn = p.at.Epoch
	}
	flip := tensor.Philox{Seed: p.opt.Seed, Stream: tensor.StreamOf("loader/flip"), Step: uint32(p.at.Epoch)}
	s.items = s.items[:0]
	for k := range min(p.opt.Batch, p.n-p.at.Index) {
		i := p.at.Index + k
		s.flips[k] = p.opt.Flip && flip.Block(uint64(i))[0]&1 == 1
		if p.opt.Shuffle {
			i = int(p.order[i])
		}
		s.items = append(s.items, p.item(i))
	}
	p.at.Index += len(s.items)
	p.at = p.settle(p.at)
	s.after = p.at
	return true
}

// item is the picture at a place of the epoch before it was shuffled.
func (p *planner) item(i int) int {
	if p.opt.Groups == nil {
		return i
	}
	g := p.opt.Groups[i/p.opt.Each]
	return g[(p.at.Epoch*p.opt.Each+i%p.opt.Each)%len(g)]
}

// permute fills order with the permutation of an epoch by the shuffle of
// Fisher and Yates in Durstenfeld's form (CACM 7, 1964, algorithm 235). The
// number drawn for place i is a function of (seed, epoch, i).
func permute(order []int32, seed uint64, epoch int) {
	r := tensor.Philox{Seed: seed, Stream: tensor.StreamOf("loader/shuffle"), Step: uint32(epoch)}
	for i := range order {
		order[i] = int32(i)
	}
	var w [4]uint32
	for i := len(order) - 1; i > 0; i-- {
		// A block of four words serves the places i = 2b and 2b+1.
		if i == len(order)-1 || i&1 == 1 {
			w = r.Block(uint64(i >> 1))
		}
		x := uint64(w[2*(i&1)])<<32 | uint64(w[2*(i&1)+1])
		// The upper half of the 128-bit x·(i+1) is uniform on 0..i but for a
		// bias of (i+1)/2^64.
		j, _ := bits.Mul64(x, uint64(i+1))
		order[i], order[j] = order[j], order[i]
	}
}
