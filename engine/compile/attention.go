package compile

import (
	"slices"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/kernel/attention"
)

// Attention computes attention and, unless LSE is -1, the log-sum-exp of its
// scores. Bias is -1 if there is none.
type Attention struct {
	Plan          *attention.Forward
	Out, LSE      int // buffers
	Q, K, V, Bias int
}

// AttentionGrad computes those gradients of attention whose buffers are not -1.
type AttentionGrad struct {
	Plan                        *attention.Backward
	GradQ, GradK, GradV         int // buffers
	Q, K, V, O, LSE, Grad, Bias int
}

func (s *Attention) Name() string     { return graph.OpAttention.String() }
func (s *Attention) FLOPs() int64     { return s.Plan.FLOPs() }
func (s *AttentionGrad) Name() string { return "attention_grad" }
func (s *AttentionGrad) FLOPs() int64 { return s.Plan.FLOPs() }

// attention writes one step for all primitives that stand for results of the
// same attention: they have the same operands, so no path leads from one to
// another. The first of them emits it.
func (c *compiler) attention(n *node) {
	forward := n.op == graph.OpAttention || n.op == graph.OpAttentionLSE
	u := &unit{order: n.id}
	results := map[graph.Op]int{}
	for _, m := range n.in[0].users {
		if m.attr != n.attr || !slices.Equal(m.in, n.in) || (m.op == graph.OpAttention || m.op == graph.OpAttentionLSE) != forward {
			continue
		}
		if m.id < n.id {
			return
		}
		results[m.op] = m.buffer
		u.writes = append(u.writes, m.buffer)
	}
	result := func(op graph.Op) int {
		if b, ok := results[op]; ok {
			return b
		}
		return -1
	}
	operand := func(i int) int {
		if i >= len(n.in) {
			return -1
		}
		return n.in[i].buffer
	}
	for _, in := range n.in {
		u.reads = append(u.reads, in.buffer)
	}
	if forward {
		u.step = &Attention{
			Plan: attention.NewForward(attentionShape(n, 3)),
			Out:  result(graph.OpAttention), LSE: result(graph.OpAttentionLSE),
			Q: operand(0), K: operand(1), V: operand(2), Bias: operand(3),
		}
	} else {
		u.step = &AttentionGrad{
			Plan:  attention.NewBackward(attentionShape(n, 6)),
			GradQ: result(graph.OpAttentionGradQ), GradK: result(graph.OpAttentionGradK), GradV: result(graph.OpAttentionGradV),
			Q: operand(0), K: operand(1), V: operand(2), O: operand(3), LSE: operand(4), Grad: operand(5), Bias: operand(6),
		}
	}
	c.addUnit(u)
}

// attentionShape describes the operands of n, of which the given one is the
// bias, if it exists.
func attentionShape(n *node, bias int) attention.Shape {
	q, k := n.inShape[0], n.inShape[1]
	h := n.attr.(graph.AttentionAttr).Heads
	s := attention.Shape{B: q[0], N: q[1], M: k[1], H: h, D: q[2] / h}
	if bias < len(n.inShape) {
		b := n.inShape[bias]
		s.BiasB, s.BiasH, s.BiasN = b[0], b[1], b[2]
	}
	return s
}
