package tflite

import (
	"fmt"

	"github.com/limner-ai/limner/engine/graph"
	engine "github.com/limner-ai/limner/engine/tensor"
)

// Operators of the schema, by their codes, that Build knows.
const (
	opAdd            = 0
	opConcatenation  = 2
	opConv           = 3
	opDepthwiseConv  = 4
	opDequantize     = 6
	opFullyConnected = 9
	opLogistic       = 14
	opMaxPool        = 17
	opReshape        = 22
	opResizeBilinear = 23
	opPad            = 34
	opMean           = 40
	opPReLU          = 54
)

// Inputs are the shapes of what the network reads.
func (n *Network) Inputs() []engine.Shape {
	var shapes []engine.Shape
	for _, i := range n.inputs {
		shapes = append(shapes, engine.S(n.tensors[i].shape...))
	}
	return shapes
}

// Build makes the graph of the network: inputs, one for each of Inputs and of
// its shape, become the outputs in the order of the file. Weights are constants
// of the graph. Errors name the operator that is not known or does not fit.
func (n *Network) Build(inputs ...*graph.Value) (outputs []*graph.Value, err error) {
	if len(inputs) != len(n.inputs) {
		return nil, fmt.Errorf("tflite: %d inputs were given, the network reads %d", len(inputs), len(n.inputs))
	}
	b := &builder{Network: n, g: inputs[0].Graph(), made: make([]*graph.Value, len(n.tensors)), wide: map[int]weights{}}
	for i, at := range n.inputs {
		if !inputs[i].Shape().Equal(engine.S(n.tensors[at].shape...)) {
			return nil, fmt.Errorf("tflite: input %d has shape %v, the network reads %v", i, inputs[i].Shape(), n.tensors[at].shape)
		}
		b.made[at] = inputs[i]
	}
	fail := graph.Catch(func() {
		for i, o := range n.ops {
			if err = b.apply(o); err != nil {
				err = fmt.Errorf("tflite: operator %d: %w", i, err)
				return
			}
		}
		for _, at := range n.outputs {
			var v *graph.Value
			if v, err = b.value(at); err != nil {
				return
			}
			outputs = append(outputs, v)
		}
	})
	if fail != nil {
		return nil, fmt.Errorf("tflite: the network's shapes do not fit: %w", fail)
	}
	return outputs, err
}

// weights are numbers that the file holds.
type weights struct {
	shape []int
	data  []float32
}

type builder struct {
	*Network
	g    *graph.Graph
	made []*graph.Value
	wide map[int]weights // of tensors that were float16
}

// weights are those of a tensor, which may have been widened.
func (b *builder) weights(at int) (weights, error) {
	if w, ok := b.wide[at]; ok {
		return w, nil
	}
	t := b.tensors[at]
	if t.data == nil || t.whole {
		return weights{}, fmt.Errorf("tensor %d has no weights in the file", at)
	}
	return weights{t.shape, t.floats()}, nil
}

// value is a tensor in the graph.
func (b *builder) value(at int) (*graph.Value, error) {
	if b.made[at] != nil {
		return b.made[at], nil
	}
	w, err := b.weights(at)
	if err != nil {
		return nil, err
	}
	b.made[at] = b.constant(w.data, w.shape...)
	return b.made[at], nil
}

func (b *builder) constant(data []float32, shape ...int) *graph.Value {
	return b.g.Constant(engine.From(data, shape...))
}

// wants are how many inputs an operator has, by its code.
var wants = map[int]struct {
	name        string
	least, most int
}{
	opAdd: {"add", 2, 2}, opConcatenation: {"concatenation", 1, 64}, opConv: {"conv 2d", 3, 3},
	opDepthwiseConv: {"depthwise conv 2d", 3, 3}, opDequantize: {"dequantize", 1, 1}, opFullyConnected: {"fully connected", 3, 3},
	opLogistic: {"logistic", 1, 1}, opMaxPool: {"max pool 2d", 1, 1}, opReshape: {"reshape", 1, 2},
	opResizeBilinear: {"resize bilinear", 2, 2}, opPad: {"pad", 2, 2}, opMean: {"mean", 2, 2}, opPReLU: {"prelu", 2, 2},
}

func (b *builder) apply(o operator) error {
	want, ok := wants[o.code]
	if !ok {
		return fmt.Errorf("the kind with code %d is not known here", o.code)
	}
	if len(o.inputs) < want.least || len(o.inputs) > want.most {
		return fmt.Errorf("%s has %d inputs", want.name, len(o.inputs))
	}
	to := o.outputs[0]
	if o.code == opDequantize {
		w, err := b.weights(o.inputs[0])
		b.wide[to] = w
		return err
	}
	x, err := b.value(o.inputs[0])
	if err != nil {
		return err
	}
	v, err := b.operate(o, x)
	if err != nil {
		return fmt.Errorf("%s: %w", want.name, err)
	}
	if !v.Shape().Equal(engine.S(b.tensors[to].shape...)) {
		return fmt.Errorf("%s gives shape %v, the file says %v", want.name, v.Shape(), b.tensors[to].shape)
	}
	b.made[to] = v
	return nil
}

func (b *builder) operate(o operator, x *graph.Value) (*graph.Value, error) {
	switch o.code {
	case opConv, opDepthwiseConv:
		return b.conv(o, x)
	case opFullyConnected:
		return b.fullyConnected(o, x)
	case opMaxPool:
		return maxPool(o, x)
	case opPad:
		return b.pad(o, x)
	case opMean:
		return b.mean(o, x)
	case opResizeBilinear:
		return b.resize(o, x)
	case opLogistic:
		return x.Sigmoid(), nil
	case opReshape:
		shape := b.tensors[o.outputs[0]].shape
		return x.Reshape(shape...), nil
	case opPReLU:
		slope, err := b.value(o.inputs[1])
		if err != nil {
			return nil, err
		}
		return x.LeakyReLU(0).Sub(x.Neg().LeakyReLU(0).Mul(slope)), nil
	case opAdd:
		y, err := b.value(o.inputs[1])
		if err != nil {
			return nil, err
		}
		return activated(x.Add(y), o.options.byte(0))
	}
	// Concatenation.
	all := []*graph.Value{x}
	for _, at := range o.inputs[1:] {
		v, err := b.value(at)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	axis := o.options.int32(0, 0)
	if axis < 0 {
		axis += x.Rank()
	}
	if axis < 0 || axis >= x.Rank() {
		return nil, fmt.Errorf("there is no axis %d", axis)
	}
	return activated(graph.Concat(axis, all...), o.options.byte(1))
}

// activated applies a fused activation of the schema.
func activated(x *graph.Value, code int) (*graph.Value, error) {
	switch code {
	case 0:
		return x, nil
	case 1:
		return x.LeakyReLU(0), nil
	case 3: // ReLU6
		return x.LeakyReLU(0).Min(x.Graph().Full(6)), nil
	}
	return nil, fmt.Errorf("the activation with code %d is not known here", code)
}
