package nn

import (
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
)

// Scope is a place in a graph where parameters get their names: a path and
// the list of all states that the graph has declared so far. Layers are
// functions of a scope; calling one twice in the same scope shares weights.
type Scope struct {
	Graph  *graph.Graph
	path   string
	frozen bool
	shared *declared
}

// declared is common to a scope and all scopes below it.
type declared struct {
	averaged bool
	states   []State
	params   []Param
	seen     map[string]*graph.Value
}

// Param is a state that training changes by gradient.
type Param struct {
	State
	Value *graph.Value
}

// NewScope is the root of a graph's parameters.
func NewScope(g *graph.Graph) *Scope {
	return &Scope{Graph: g, shared: &declared{seen: map[string]*graph.Value{}}}
}

// NewAveragedScope is a root whose parameters are read from their moving
// averages, which [Average] keeps.
func NewAveragedScope(g *graph.Graph) *Scope {
	s := NewScope(g)
	s.shared.averaged = true
	return s
}

// Sub is the scope called name below s.
func (s *Scope) Sub(name string) *Scope {
	return &Scope{Graph: s.Graph, path: s.path + name + "/", frozen: s.frozen, shared: s.shared}
}

// Frozen is s, but what is declared through it as a parameter is fixed: it is
// not trained, not among [Scope.Params], and has no average.
func (s *Scope) Frozen() *Scope {
	return &Scope{Graph: s.Graph, path: s.path, frozen: true, shared: s.shared}
}

// Param declares a trained state of the given shape, or returns the one that
// already has the name.
func (s *Scope) Param(name string, init Initialiser, dims ...int) *graph.Value {
	name = s.path + name
	if s.frozen {
		v, _, isNew := s.declare(name, init, dims)
		if isNew {
			s.shared.states[len(s.shared.states)-1].Fixed = true
		}
		return v
	}
	if s.shared.averaged {
		init = drawAs(name, init)
		name = AverageOf(name)
	}
	v, state, isNew := s.declare(name, init, dims)
	if isNew {
		s.shared.params = append(s.shared.params, Param{state, v})
	}
	return v
}

// State declares a state that no gradient changes.
func (s *Scope) State(name string, init Initialiser, dims ...int) *graph.Value {
	v, _, _ := s.declare(s.path+name, init, dims)
	return v
}

func (s *Scope) declare(name string, init Initialiser, dims []int) (*graph.Value, State, bool) {
	v := s.Graph.State(name, dims...) // panics if the shape is another
	if s.shared.seen[name] != nil {
		return v, State{}, false
	}
	state := State{Name: name, Shape: v.Shape(), Init: init}
	s.shared.seen[name] = v
	s.shared.states = append(s.shared.states, state)
	return v, state, true
}

// Params lists the parameters below s in the order of their declaration.
func (s *Scope) Params() []Param {
	var out []Param
	for _, p := range s.shared.params {
		if len(p.Name) >= len(s.path) && p.Name[:len(s.path)] == s.path {
			out = append(out, p)
		}
	}
	return out
}

// States lists every state that the graph has declared, in any scope of it.
func (s *Scope) States() []State { return s.shared.states }

// Values are the graph values of parameters, as [graph.Grad] wants them.
func Values(ps []Param) []*graph.Value {
	out := make([]*graph.Value, len(ps))
	for i, p := range ps {
		out[i] = p.Value
	}
	return out
}

// drawAs makes an initialiser draw from the stream of another name.
func drawAs(name string, init Initialiser) Initialiser {
	return func(dst []float32, shape tensor.Shape, p tensor.Philox) {
		p.Stream = tensor.StreamOf(name)
		init(dst, shape, p)
	}
}
