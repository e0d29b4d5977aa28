package gemm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/limner-ai/limner/engine/kernel/fence"
	"github.com/limner-ai/limner/engine/kernel/isa"
)

// naive is op(A)·op(B) in float64.
func naive(m, n, k int, transA, transB bool, a, b []float32) []float64 {
	c := make([]float64, m*n)
	for i := range m {
		for l := range k {
			x := i*k + l
			if transA {
				x = l*m + i
			}
			for j := range n {
				y := l*n + j
				if transB {
					y = j*k + l
				}
				c[i*n+j] += float64(a[x]) * float64(b[y])
			}
		}
	}
	return c
}

func random(tb testing.TB, r *rand.Rand, n int) []float32 {
	s := fence.Floats(tb, n)
	for i := range s {
		s[i] = float32(r.NormFloat64())
	}
	return s
}

// multiply runs a plan with its tasks in the order that r gives.
func multiply(tb testing.TB, p *Plan, r *rand.Rand, c, a, b []float32) {
	packed, scratch := fence.Floats(tb, p.PackSize()), fence.Floats(tb, p.ScratchSize())
	for _, t := range r.Perm(p.PackTasks()) {
		p.Pack(t, packed, a, b)
	}
	for _, t := range r.Perm(p.Tasks()) {
		p.Run(t, c, a, b, packed, scratch)
	}
}

// check compares every instruction set with the naive product. Sums of k
// products of standard normals have rounding errors that grow like √k.
func check(t *testing.T, m, n, k int, transA, transB bool) {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(m*1000+n), uint64(k)))
	a, b := random(t, r, m*k), random(t, r, k*n)
	want := naive(m, n, k, transA, transB, a, b)
	for _, level := range isa.Available() {
		p := newAt(level, m, n, k, transA, transB)
		c, again := fence.Floats(t, m*n), fence.Floats(t, m*n)
		multiply(t, p, r, c, a, b)
		tol := 1e-5 * math.Sqrt(float64(k)+1)
		for i, w := range want {
			if !(math.Abs(float64(c[i])-w) <= tol) {
				t.Fatalf("%s %d×%d×%d %v %v: C[%d,%d] = %v, want %v", level, m, n, k, transA, transB, i/n, i%n, c[i], w)
			}
		}
		multiply(t, p, r, again, a, b)
		if !slices.Equal(c, again) {
			t.Fatalf("%s %d×%d×%d %v %v: another order of tasks gives other bits", level, m, n, k, transA, transB)
		}
	}
}

var shapes = [][3]int{
	{0, 3, 4}, {3, 0, 4}, {3, 4, 0}, {1, 1, 1}, {1, 16, 7}, {6, 16, 8}, {7, 17, 9}, {12, 8, 24},
	{13, 5, 33}, {1, 100, 300}, {100, 1, 300}, {5, 3, 700}, {64, 200, 129}, {65, 31, 321},
	{193, 257, 40}, {400, 7, 50}, {64, 1000, 20}, {33, 48, 641}, {200, 300, 330}, {1000, 3, 27},
}

func TestAgainstNaive(t *testing.T) {
	for _, s := range shapes {
		for trans := range 4 {
			t.Run(fmt.Sprintf("%dx%dx%d/%d", s[0], s[1], s[2], trans), func(t *testing.T) {
				check(t, s[0], s[1], s[2], trans&1 != 0, trans&2 != 0)
			})
		}
	}
}

// The shapes above take every way through a plan.
func TestShapesReachAllPaths(t *testing.T) {
	type path struct {
		sharedA, sharedB, packs, direct bool
		thin                            thin
	}
	seen := map[path]bool{}
	for _, s := range shapes {
		for trans := range 4 {
			p := New(s[0], s[1], s[2], trans&1 != 0, trans&2 != 0)
			seen[path{p.sharedA, p.sharedB, p.packs, p.direct, p.thin}] = true
		}
	}
	for _, want := range []path{
		{false, false, false, false, neither}, {false, false, true, false, neither}, {false, false, true, true, neither},
		{false, true, false, false, neither}, {true, false, true, false, neither}, {true, true, true, false, neither},
		{false, false, false, false, columns}, {false, false, false, false, rows},
	} {
		if !seen[want] {
			t.Errorf("no shape takes %+v", want)
		}
	}
}

// One task packs no more than a block, however deep the product: a collector
// that wants to stop the threads waits for it.
func TestPackTasksAreSmall(t *testing.T) {
	const m, n, k = 600, 64, 1 << 16
	p := New(m, n, k, true, false)
	if floats := float64(p.PackSize()) / float64(p.PackTasks()); floats > depthMax*colsMax {
		t.Errorf("a task packs %.0f floats", floats)
	}
	if tasks := p.Tasks(); tasks < 8 {
		t.Errorf("%d tasks", tasks)
	}
}

func TestBlocksPartition(t *testing.T) {
	for _, s := range append(shapes, [3]int{512, 512, 512}, [3]int{64, 4096, 4096}, [3]int{65536, 3, 100}) {
		m, n := s[0], s[1]
		p := New(m, n, s[2], false, false)
		seen := make([]int, m*n)
		for task := range p.Tasks() {
			r0, r1, c0, c1 := p.Block(task)
			for i := r0; i < r1; i++ {
				for j := c0; j < c1; j++ {
					seen[i*n+j]++
				}
			}
		}
		for i, v := range seen {
			if v != 1 {
				t.Fatalf("%v: element %d lies in %d blocks", s, i, v)
			}
		}
	}
}

func FuzzGemm(f *testing.F) {
	f.Add(uint16(6), uint16(16), uint16(8), uint8(0))
	f.Add(uint16(13), uint16(33), uint16(65), uint8(3))
	f.Fuzz(func(t *testing.T, m, n, k uint16, trans uint8) {
		check(t, int(m%260), int(n%300), int(k%700), trans&1 != 0, trans&2 != 0)
	})
}

func TestNegativeSize(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a negative size did not panic")
		}
	}()
	New(-1, 2, 3, false, false)
}
