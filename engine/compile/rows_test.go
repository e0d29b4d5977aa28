package compile

import (
	"slices"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
)

// offset is what element i of an access reads.
func offset(a Access, i int) int {
	if a.Direct() {
		return i
	}
	off := 0
	for k := len(a.Dims) - 1; k >= 0; k-- {
		off += i % a.Dims[k] * a.Strides[k]
		i /= a.Dims[k]
	}
	return off
}

// TestWithin compares the rule with the elements that an access reads.
func TestWithin(t *testing.T) {
	size := func(dims []int) int {
		n := 1
		for _, d := range dims {
			n *= d
		}
		return n
	}
	yes, no := 0, 0
	for _, dims := range [][]int{{12}, {4, 6}, {6, 4}, {2, 3, 4}, {3, 1, 8}, {2, 2, 3, 2}, {24}} {
		// Every way to read some of the axes and repeat along the others.
		for mask := range 1 << len(dims) {
			strides := make([]int, len(dims))
			buffer := 1
			for k := len(dims) - 1; k >= 0; k-- {
				if mask>>k&1 == 1 {
					strides[k] = buffer
					buffer *= dims[k]
				}
			}
			a := Access{Dims: dims, Strides: strides}
			for _, rows := range divisors(size(dims)) {
				want := buffer%rows == 0
				for i := 0; want && i < size(dims); i++ {
					want = offset(a, i)/(buffer/rows) == i/(size(dims)/rows)
				}
				got := a.within(size(dims), buffer, rows)
				if got && !want {
					t.Errorf("%v is said to stay within each of %d rows", a, rows)
				}
				// Rows that end within an axis may be refused.
				whole := false
				for k := range dims {
					whole = whole || size(dims[:k+1]) == rows
				}
				if want && !got && whole {
					t.Errorf("%v is said to leave its row of %d", a, rows)
				}
				if got {
					yes++
				} else {
					no++
				}
			}
		}
	}
	if yes < 20 || no < 20 {
		t.Errorf("%d accesses stay, %d leave: one side is hardly tested", yes, no)
	}
}

func TestDivisors(t *testing.T) {
	for n, want := range map[int][]int{1: {1}, 7: {7, 1}, 12: {12, 6, 4, 3, 2, 1}, 36: {36, 18, 12, 9, 6, 4, 3, 2, 1}} {
		if got := divisors(n); !slices.Equal(got, want) {
			t.Errorf("divisors of %d: %v", n, got)
		}
	}
}

// steps counts the steps of rows and other loops of a program.
func steps(t *testing.T, outputs []*graph.Value) (joined, loops int) {
	t.Helper()
	p, err := Compile(outputs, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range p.Steps {
		switch s.(type) {
		case *Rows:
			joined++
		case *Loop:
			loops++
		}
	}
	return joined, loops
}

func TestRowsAreJoined(t *testing.T) {
	for name, c := range map[string]struct {
		build         func(g *graph.Graph) []*graph.Value
		joined, loops int
	}{
		"softmax": {func(g *graph.Graph) []*graph.Value { return []*graph.Value{g.Input("x", 40, 30).Softmax()} }, 1, 0},
		"of a product": {func(g *graph.Graph) []*graph.Value {
			return []*graph.Value{g.Input("x", 40, 30).Dot(g.Input("w", 30, 20)).Softmax()}
		}, 1, 0},
		"two in a row": {func(g *graph.Graph) []*graph.Value {
			return []*graph.Value{g.Input("x", 40, 30).Softmax().Neg().Softmax()}
		}, 1, 0},
		"two with a product between": {func(g *graph.Graph) []*graph.Value {
			return []*graph.Value{g.Input("x", 40, 30).Softmax().Dot(g.Input("w", 30, 20)).Softmax()}
		}, 2, 0},
		"around a product": {func(g *graph.Graph) []*graph.Value {
			x := g.Input("x", 40, 30).Softmax()
			return []*graph.Value{x.Dot(g.Input("w", 30, 30)).Add(x.ReduceMax(1)).Softmax()}
		}, 2, 0},
		"down the columns": {func(g *graph.Graph) []*graph.Value {
			x := g.Input("x", 40, 30)
			return []*graph.Value{x.Sub(x.ReduceMean(0))}
		}, 0, 3},
		"too long": {func(g *graph.Graph) []*graph.Value { return []*graph.Value{g.Input("x", 16, 300000).Softmax()} }, 0, 3},
		"too few":  {func(g *graph.Graph) []*graph.Value { return []*graph.Value{g.Input("x", 4, 60000).Softmax()} }, 0, 3},
		"with sums down the rows": {func(g *graph.Graph) []*graph.Value {
			x := g.Input("x", 40, 30).Softmax()
			return []*graph.Value{x.ReduceSum(0), x.Square().Sum()}
		}, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			joined, loops := steps(t, c.build(graph.New()))
			if joined != c.joined || loops != c.loops {
				t.Errorf("%d steps of rows and %d other loops, want %d and %d", joined, loops, c.joined, c.loops)
			}
		})
	}
}

// What only the rows need takes no memory.
func TestLocalBuffers(t *testing.T) {
	g := graph.New()
	p, err := Compile([]*graph.Value{g.Input("x", 400, 300).Softmax()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := 400 * 300; p.Arena != want {
		t.Errorf("an arena of %d, want the %d of the result", p.Arena, want)
	}
}
