package compile

import (
	"strings"

	"github.com/limner-ai/limner/engine/graph"
)

func (l *Loop) Name() string {
	s := "loop"
	for i, in := range l.Insts {
		if i == 6 {
			s += "…"
			break
		}
		s += " " + in.Op.String()
	}
	for _, r := range l.Reduces {
		s += " " + r.Op.String()
	}
	return s
}

func (l *Loop) FLOPs() int64 { return int64(l.Size) * int64(len(l.Insts)+len(l.Reduces)) }

func (r *Rows) Name() string {
	names := make([]string, len(r.Loops))
	for i, l := range r.Loops {
		names[i] = l.Name()
	}
	return "rows " + strings.Join(names, ", ")
}

func (r *Rows) FLOPs() int64 {
	var n int64
	for _, l := range r.Loops {
		n += l.FLOPs()
	}
	return n
}

func (m *MatMul) Name() string { return graph.OpMatMul.String() }
func (m *MatMul) FLOPs() int64 {
	return 2 * int64(m.Batch) * int64(m.M) * int64(m.N) * int64(m.K)
}

func (s *Conv) Name() string {
	return [...]graph.Op{graph.OpConv, graph.OpConvInputGrad, graph.OpConvFilterGrad}[s.Kind].String()
}

func (s *Conv) FLOPs() int64 {
	h := s.Shape
	return 2 * int64(h.N*h.OutH()*h.OutW()) * int64(h.KH*h.KW*h.C/h.Groups*h.K)
}

func (s *Copy) Name() string       { return "copy" }
func (s *Copy) FLOPs() int64       { return 0 }
func (s *Random) Name() string     { return "random" }
func (s *Random) FLOPs() int64     { return 0 }
func (s *Gather) Name() string     { return "gather" }
func (s *Gather) FLOPs() int64     { return 0 }
func (s *ScatterAdd) Name() string { return "scatter_add" }
func (s *ScatterAdd) FLOPs() int64 { return int64(s.N) * int64(s.Width) }
