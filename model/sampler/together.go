package sampler

import (
	"math"
	"slices"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
)

// batchRows is how many rows a call has at most. A model of 64 places of 192
// channels takes 10.1 ms of one processor for a row alone, 9.2 ms each for two
// and 7.7 ms each for four, eight or sixteen.
const batchRows = 4

// size is that of a call: so many pictures of so many rows each.
type size struct{ pictures, rows int }

// together is how many of n pictures of so many rows each are painted in one
// call: as many as fit, if each then has the bits that it has alone.
func (s *Sampler) together(n, rows int) (int, error) {
	most := batchRows / rows
	for most > 1 {
		at := size{most, rows}
		same, tried := s.safe[at]
		if most <= n && !tried {
			var err error
			if same, err = s.same(at); err != nil {
				return 0, err
			}
			s.safe[at] = same
		}
		if most <= n && same {
			break
		}
		most /= 2
	}
	return most, nil
}

// same tries on noise whether velocities have the same bits in a call of this
// size as one picture at a time. What a call does
// with its inputs depends on their shape and not on their values, and another
// order of sums shows in some of the many numbers that every sum goes into.
func (s *Sampler) same(at size) (bool, error) {
	all, err := s.Call(model.UseVelocity, at.pictures*at.rows)
	if err != nil {
		return false, err
	}
	one, err := s.Call(model.UseVelocity, at.rows)
	if err != nil {
		return false, err
	}
	from := inputsOf(all).list()
	for k, t := range from {
		if t != nil {
			tensor.Philox{Seed: 1, Stream: tensor.StreamOf("together"), Step: uint32(k)}.Normal(t.Data, 0)
		}
	}
	in := inputsOf(all)
	for i, x := range in.time.Data {
		in.time.Data[i] = float32(1 / (1 + math.Exp(float64(x))))
	}
	if in.present != nil {
		for i, x := range in.present.Data { // the first piece is always there
			in.present.Data[i] = 0
			if n := in.present.Shape[1]; x > 0 || i%n == 0 {
				in.present.Data[i] = 1
			}
		}
	}
	if err := all.Run(0, 0); err != nil {
		return false, err
	}
	want := all.Output("velocity").Clone()
	to := inputsOf(one).list()
	for i := range at.pictures {
		for k, t := range from {
			if t != nil {
				copy(to[k].Data, some(t, i*at.rows, at.rows))
			}
		}
		if err := one.Run(0, 0); err != nil {
			return false, err
		}
		if !slices.EqualFunc(one.Output("velocity").Data, some(want, i*at.rows, at.rows), func(a, b float32) bool {
			return math.Float32bits(a) == math.Float32bits(b)
		}) {
			return false, nil
		}
	}
	return true, nil
}

func (in inputs) list() []*tensor.Tensor {
	return []*tensor.Tensor{in.noised, in.time, in.stride, in.states, in.pooled, in.present}
}
