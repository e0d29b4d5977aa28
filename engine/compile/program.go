// Package compile turns a graph into a program: common subexpressions are
// shared, chains of elementwise primitives become single loops that also run
// as epilogues of contractions and prologues of reductions, and every
// intermediate gets its place in one arena.
package compile

import (
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/kernel/conv"
	"github.com/limner-ai/limner/engine/kernel/gemm"
	"github.com/limner-ai/limner/engine/tensor"
)

// Update says that a run leaves a new value in a state.
type Update struct {
	State *graph.Value
	Value *graph.Value
}

// Program is a compiled graph. It is immutable and may be loaded many times.
type Program struct {
	Buffers []Buffer
	Steps   []Step
	Inputs  []Port
	States  []Port
	Outputs []Port
	Arena   int // floats
	Live    int // floats alive at once at the worst moment: no plan of this order of steps needs fewer
	// Consts holds the data of buffers of kind Const, by buffer index.
	Consts map[int]*tensor.Tensor
}

// Port is a named buffer with a shape.
type Port struct {
	Name   string
	Shape  tensor.Shape
	Buffer int
}

// Kind says where a buffer lives.
type Kind uint8

const (
	Arena    Kind = iota // at Offset in the program's arena
	External             // input or state, bound when the program is loaded
	Const                // constant data
)

// Buffer is contiguous memory of Size floats.
type Buffer struct {
	Kind   Kind
	Size   int
	Offset int
	Name   string // of an input or state
}

// Step is one unit of work; steps run in order.
type Step interface {
	// Name describes the step for profiles.
	Name() string
	// FLOPs counts multiplications and additions of contractions, and one
	// operation per element and primitive elsewhere.
	FLOPs() int64
}

// RefKind says where an operand of an instruction comes from.
type RefKind uint8

const (
	None RefKind = iota
	Reg          // result of instruction Index
	Arg          // element of Args[Index]
	Imm          // the number Value
)

// Ref is an operand.
type Ref struct {
	Kind  RefKind
	Index int
	Value float32
}

// Inst applies an elementwise primitive; broadcast stands for a copy.
type Inst struct {
	Op      graph.Op
	Operand [3]Ref
	Slope   float32 // of leaky_relu
}

// Access maps the linear index of a loop to an element of a buffer: the index
// is split by Dims (row-major, outermost first) and dotted with Strides.
// A nil Dims means the identity.
type Access struct {
	Buffer  int
	Dims    []int
	Strides []int
}

// Direct reports whether the access is the identity.
func (a Access) Direct() bool { return a.Dims == nil }

// single reports whether the access reads one element for every index.
func (a Access) single() bool { return len(a.Strides) == 1 && a.Strides[0] == 0 }

// Store writes the result of an instruction to a buffer.
type Store struct {
	Inst   int
	Buffer int
}

// Reduce folds the result of an instruction over the middle one of the loop's
// axes (Outer, Reduced, Inner) into a buffer of Outer×Inner.
type Reduce struct {
	Op     graph.Op // OpReduceSum or OpReduceMax
	Value  Ref
	Buffer int
}

// Loop computes Insts for every index below Size.
type Loop struct {
	Size    int
	Args    []Access
	Insts   []Inst
	Stores  []Store
	Reduces []Reduce
	// Axes of the reductions: Outer·Reduced·Inner = Size.
	Outer, Reduced, Inner int
}

// Rows runs several loops a few rows at a time, one loop after the other on
// the same rows while they are in the cache: a norm with its statistics, a
// softmax. Row r of a loop is its elements from r·Size/Rows on. Nothing that a
// loop reads from another lies in another row.
type Rows struct {
	Loops []*Loop
	Rows  int
	// Local holds the buffers that no other step needs, with their elements a
	// row. They are in no memory of the program.
	Local map[int]int
}

// Across reports whether a loop's reductions go down the rows, rather than
// along each.
func (r *Rows) Across(l *Loop) bool { return len(l.Reduces) > 0 && l.Outer == 1 }

// MatMul multiplies Batch pairs of matrices.
type MatMul struct {
	Plan           *gemm.Plan
	M, N, K, Batch int
	A, B, C        int // buffers
	Packed         int // buffer of workspace, -1 if none
	Epilogue       *Loop
}

// ConvKind is which of the three convolutions a step computes.
type ConvKind uint8

const (
	Forward ConvKind = iota
	InputGrad
	FilterGrad
)

// Conv computes a convolution or one of its gradients.
type Conv struct {
	Kind     ConvKind
	Shape    conv.Shape
	Plan     any // *conv.Forward, *conv.InputGrad or *conv.FilterGrad
	Out      int
	A, B     int // operands: x and w, dy and w, or x and dy
	Packed   int // workspace buffers, -1 if none
	Work     int
	Epilogue *Loop
}

// Copy moves a strided box from one buffer to another.
type Copy struct {
	Out, In    int
	Dims       []int
	OutOff     int
	OutStrides []int
	InOff      int
	InStrides  []int
	Zero       bool // clear Out first
	ZeroSize   int
}

// Random fills a buffer with noise.
type Random struct {
	Out    int
	Size   int
	Normal bool
	Stream uint32
}

// Gather takes rows of a table.
type Gather struct {
	Out, Table, Index int
	Rows, N, Width    int
}

// ScatterAdd adds rows into a table of zeros, in the order of the index.
type ScatterAdd struct {
	Out, In, Index int
	Rows, N, Width int
}
