package bench

import (
	"fmt"
	"sort"
	"time"

	"github.com/limner-ai/limner/engine/compile"
)

// Hot is what one kind of step of an iteration costs.
type Hot struct {
	Name  string
	Time  time.Duration
	FLOPs int64
	Count int
}

// Profile says where an iteration spends its time, the dearest first: the
// fastest of n runs of each step, alike steps together.
func (it *Iteration) Profile(n int) []Hot {
	sum := map[string]*Hot{}
	for _, e := range it.Steps {
		best := e.Profile(1, 1)
		for range n - 1 {
			for i, c := range e.Profile(1, 1) {
				best[i].Time = min(best[i].Time, c.Time)
			}
		}
		for _, c := range best {
			name := describe(c.Step)
			h := sum[name]
			if h == nil {
				h = &Hot{Name: name}
				sum[name] = h
			}
			h.Time += c.Time
			h.FLOPs += c.Step.FLOPs()
			h.Count++
		}
	}
	out := make([]Hot, 0, len(sum))
	for _, h := range sum {
		out = append(out, *h)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Time > out[j].Time })
	return out
}

// describe names a step with its extents.
func describe(s compile.Step) string {
	switch s := s.(type) {
	case *compile.MatMul:
		return fmt.Sprintf("matmul %d×%d×%d×%d%s", s.Batch, s.M, s.N, s.K, tail(s.Epilogue))
	case *compile.Conv:
		h := s.Shape
		return fmt.Sprintf("%s %d×%d²×%d→%d %d×%d s%d g%d%s", s.Name(), h.N, h.H, h.C, h.K, h.KH, h.KW, h.StrideH, h.Groups, tail(s.Epilogue))
	case *compile.Loop:
		return fmt.Sprintf("%s [%d]", s.Name(), s.Size)
	}
	return s.Name()
}

func tail(l *compile.Loop) string {
	if l == nil {
		return ""
	}
	return " +" + l.Name()
}
