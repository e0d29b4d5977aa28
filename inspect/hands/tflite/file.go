// Package tflite reads networks from TensorFlow Lite files and makes graphs of
// them that Limner's own engine runs. It knows what convolutional networks of
// floating-point numbers are made of (see build.go), and no more: a file that
// wants something else is refused by name.
//
// Source: the schema of version 3, tensorflow/lite/schema/schema.fbs, whose
// field numbers stand beside what reads them.
package tflite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/x448/float16"
)

// Network is a network with its weights.
type Network struct {
	tensors []tensor
	ops     []operator
	inputs  []int
	outputs []int
}

// tensor is a value of the network: a place in a picture's way through it, or
// weights.
type tensor struct {
	shape []int
	data  []byte // of weights
	half  bool   // the weights are float16
	whole bool   // int32
}

type operator struct {
	code            int
	inputs, outputs []int
	options         table
}

// Limits on what a file may hold: well above networks for one picture, well
// below what hurts.
const (
	mostTensors  = 4096
	mostElements = 1 << 24 // of one tensor
	mostWeights  = 1 << 25 // bytes of all weights, counted where they are used
	mostRank     = 4
)

// Element types of the schema.
const (
	typeFloat32 = 0
	typeFloat16 = 1
	typeInt32   = 2
)

// Read reads a file. The network keeps the bytes. Errors say what of the file
// is damaged, too large, or not known here.
func Read(raw []byte) (*Network, error) {
	if len(raw) < 8 || string(raw[4:8]) != "TFL3" {
		return nil, errors.New("tflite: this is no TensorFlow Lite file: the mark TFL3 is missing")
	}
	f := &flat{bytes: raw}
	root := f.root()
	codes, graphs, buffers := root.tables(1), root.tables(2), root.tables(4)
	if f.bad {
		return nil, errFlat
	}
	if len(graphs) != 1 {
		return nil, fmt.Errorf("tflite: the file has %d graphs, want 1", len(graphs))
	}
	g := graphs[0]
	tensors, operators := g.tables(0), g.tables(3)
	if len(tensors) > mostTensors || len(operators) > mostTensors {
		return nil, fmt.Errorf("tflite: %d tensors and %d operators are too many, at most %d", len(tensors), len(operators), mostTensors)
	}
	n := &Network{inputs: g.ints(1), outputs: g.ints(2)}
	all := 0
	for i, t := range tensors {
		got, err := readTensor(t, buffers)
		if err != nil {
			return nil, fmt.Errorf("tflite: tensor %d: %w", i, err)
		}
		if all += len(got.data); all > mostWeights {
			return nil, fmt.Errorf("tflite: the weights are of more than %d bytes", mostWeights)
		}
		n.tensors = append(n.tensors, got)
	}
	for i, o := range operators {
		at := o.int32(0, 0)
		if at < 0 || at >= len(codes) {
			return nil, fmt.Errorf("tflite: operator %d is of kind %d, which the file does not list", i, at)
		}
		// Codes up to 127 lie in the byte that older files have alone.
		code := max(codes[at].byte(0), codes[at].int32(3, 0))
		n.ops = append(n.ops, operator{code, o.ints(1), o.ints(2), o.table(4)})
	}
	if f.bad {
		return nil, errFlat
	}
	return n, n.check()
}

func readTensor(t table, buffers []table) (tensor, error) {
	got := tensor{shape: t.ints(0)}
	size := 4
	switch kind := t.byte(1); kind {
	case typeFloat32:
	case typeFloat16:
		got.half, size = true, 2
	case typeInt32:
		got.whole = true
	default:
		return got, fmt.Errorf("its elements are of kind %d; want floating-point numbers or int32", kind)
	}
	if len(got.shape) > mostRank {
		return got, fmt.Errorf("it has %d axes, at most %d can be", len(got.shape), mostRank)
	}
	elements := 1
	for _, d := range got.shape {
		if d < 1 || d > mostElements/elements {
			return got, fmt.Errorf("its shape %v cannot be: want 1 to %d elements", got.shape, mostElements)
		}
		elements *= d
	}
	if b := t.int32(2, 0); b < 0 || b >= len(buffers) {
		return got, fmt.Errorf("its data lie in buffer %d, which there is not", b)
	} else if data := buffers[b].data(0); len(data) > 0 {
		if len(data) != elements*size {
			return got, fmt.Errorf("its %d bytes do not fit its shape %v", len(data), got.shape)
		}
		got.data = data
	}
	return got, nil
}

// check holds the references between tensors and operators.
func (n *Network) check() error {
	known := make([]bool, len(n.tensors))
	in := func(list []int) error {
		for _, i := range list {
			if i < 0 || i >= len(n.tensors) {
				return fmt.Errorf("tflite: there is no tensor %d", i)
			}
			if !known[i] && n.tensors[i].data == nil {
				return fmt.Errorf("tflite: tensor %d is used before it is made", i)
			}
		}
		return nil
	}
	if len(n.inputs) == 0 || len(n.outputs) == 0 {
		return errors.New("tflite: the network has no input or no output")
	}
	for _, i := range n.inputs {
		if i < 0 || i >= len(n.tensors) {
			return fmt.Errorf("tflite: there is no tensor %d", i)
		}
		known[i] = true
	}
	for _, o := range n.ops {
		if err := in(o.inputs); err != nil {
			return err
		}
		if len(o.outputs) != 1 || o.outputs[0] < 0 || o.outputs[0] >= len(n.tensors) {
			return fmt.Errorf("tflite: an operator makes the tensors %v, want one that there is", o.outputs)
		}
		known[o.outputs[0]] = true
	}
	return in(n.outputs)
}

// floats are the weights of a tensor as float32.
func (t tensor) floats() []float32 {
	if t.half {
		v := make([]float32, len(t.data)/2)
		for i := range v {
			v[i] = float16.Frombits(binary.LittleEndian.Uint16(t.data[2*i:])).Float32()
		}
		return v
	}
	v := make([]float32, len(t.data)/4)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(t.data[4*i:]))
	}
	return v
}

// integers are the elements of an int32 tensor.
func (t tensor) integers() []int {
	v := make([]int, len(t.data)/4)
	for i := range v {
		v[i] = int(int32(binary.LittleEndian.Uint32(t.data[4*i:])))
	}
	return v
}
