package cpu

import (
	"testing"

	"github.com/limner-ai/limner/engine/graph"
)

func TestIndexing(t *testing.T) {
	g := graph.New()
	agree(t, []*graph.Value{
		graph.Gather(g.State("table", 4, 7), g.Input("index", 9)),
		graph.ScatterAdd(g.Input("rows", 9, 7), g.Input("index", 9), 4),
		g.Input("index", 9).OneHot(4),
	}, nil, 1e-6)
}

func TestRandom(t *testing.T) {
	g := graph.New()
	agree(t, []*graph.Value{g.Normal("a", 100, 130), g.Uniform("a", 10000), g.Normal("b", 7)}, nil, 1e-6)
}
