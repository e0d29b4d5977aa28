package tflite

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/graph/reference"
)

// object is a table of a FlatBuffer to be written: fields by slot, of the types
// byte, int, []byte, []int, object and []object.
type object map[int]any

// file writes a FlatBuffer.
func file(root object) []byte {
	b := append(make([]byte, 4), "TFL3"...)
	u32 := binary.LittleEndian
	put := func(v int) { b = u32.AppendUint32(b, uint32(int32(v))) }
	var write func(o object) int
	vector := func(n int, body func()) int { at := len(b); put(n); body(); return at }
	write = func(o object) int {
		slots := 0
		for s := range o {
			slots = max(slots, s+1)
		}
		vtable := len(b)
		b = append(b, make([]byte, 4+2*slots)...)
		u32.PutUint16(b[vtable:], uint16(4+2*slots))
		at := len(b)
		put(at - vtable)
		b = append(b, make([]byte, 4*slots)...)
		for s, v := range o {
			u32.PutUint16(b[vtable+4+2*s:], uint16(4+4*s))
			field, child := at+4+4*s, 0
			switch v := v.(type) {
			case byte:
				b[field] = v
				continue
			case int:
				u32.PutUint32(b[field:], uint32(int32(v)))
				continue
			case []byte:
				child = vector(len(v), func() { b = append(b, v...) })
			case []int:
				child = vector(len(v), func() {
					for _, x := range v {
						put(x)
					}
				})
			case object:
				child = write(v)
			case []object:
				child = vector(len(v), func() { b = append(b, make([]byte, 4*len(v))...) })
				for i, o := range v {
					e := child + 4 + 4*i
					at := write(o)
					u32.PutUint32(b[e:], uint32(at-e))
				}
			}
			u32.PutUint32(b[field:], uint32(child-field))
		}
		return at
	}
	at := write(root)
	u32.PutUint32(b, uint32(at))
	return b
}

func floats(v ...float32) (b []byte) {
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

// small is a network of a 1×1 convolution (float16 weights 2), ReLU, a maximum
// over 2×2, and padding by one column.
func small() object {
	tensor := func(kind byte, buffer int, shape ...int) object { return object{0: shape, 1: kind, 2: buffer} }
	op := func(code int, in, out []int, options object) object {
		return object{0: code, 1: in, 2: out, 4: options}
	}
	pads := []byte{}
	for _, v := range []uint32{0, 0, 0, 0, 0, 1, 0, 0} {
		pads = binary.LittleEndian.AppendUint32(pads, v)
	}
	return object{
		0: 3,
		1: []object{{0: byte(opConv)}, {0: byte(opMaxPool)}, {3: opPad}, {3: opDequantize}},
		2: []object{{
			0: []object{
				tensor(typeFloat32, 0, 1, 2, 4, 1), tensor(typeFloat16, 1, 1, 1, 1, 1), tensor(typeFloat32, 0, 1, 1, 1, 1), tensor(typeFloat32, 2, 1),
				tensor(typeFloat32, 0, 1, 2, 4, 1), tensor(typeFloat32, 0, 1, 1, 2, 1), tensor(typeInt32, 3, 4, 2), tensor(typeFloat32, 0, 1, 1, 3, 1),
			},
			1: []int{0}, 2: []int{7},
			3: []object{
				op(3, []int{1}, []int{2}, object{}),
				op(0, []int{0, 2, 3}, []int{4}, object{1: 1, 2: 1, 3: byte(1)}),
				op(1, []int{4}, []int{5}, object{0: byte(1), 1: 2, 2: 2, 3: 2, 4: 2}),
				op(2, []int{5, 6}, []int{7}, object{}),
			},
		}},
		4: []object{{}, {0: []byte{0, 0x40}}, {0: floats(-1)}, {0: pads}},
	}
}

func build(raw []byte) ([]*graph.Value, error) {
	n, err := Read(raw)
	if err != nil {
		return nil, err
	}
	g := graph.New()
	var in []*graph.Value
	for i, s := range n.Inputs() {
		in = append(in, g.Input(string(rune('a'+i)), s...))
	}
	return n.Build(in...)
}

func TestSmall(t *testing.T) {
	out, err := build(file(small()))
	if err != nil {
		t.Fatal(err)
	}
	x := reference.From([]float64{1, -1, .2, .1, 2, 0, .3, .4}, 1, 2, 4, 1)
	got, err := reference.Eval(out, reference.Env{Inputs: map[string]reference.Array{"a": x}})
	if err != nil {
		t.Fatal(err)
	}
	if want := []float64{3, 0, 0}; len(got[0].Data) != 3 || got[0].Data[0] != want[0] || got[0].Data[1] != 0 || got[0].Data[2] != 0 {
		t.Errorf("got %v, want %v", got[0].Data, want)
	}
}

// Interpolation with and without centres, and padding as TensorFlow has it.
func TestGeometry(t *testing.T) {
	for _, c := range []struct {
		centres bool
		want    [8]float32 // to 4 from 2
	}{
		{true, [8]float32{1, 0, .75, .25, .25, .75, 0, 1}},
		{false, [8]float32{1, 0, .5, .5, 0, 1, 0, 1}},
	} {
		if got := between(2, 4, c.centres); [8]float32(got) != c.want {
			t.Errorf("centres %v: %v", c.centres, got)
		}
	}
	for in, want := range map[[4]int][2]int{{224, 3, 2, 1}: {0, 1}, {5, 3, 2, 1}: {1, 1}, {7, 5, 1, 1}: {2, 2}, {4, 1, 2, 1}: {0, 0}, {6, 3, 1, 2}: {2, 2}} {
		if low, high := same(in[0], in[1], in[2], in[3]); low != want[0] || high != want[1] {
			t.Errorf("%v is padded by %d and %d, want %v", in, low, high, want)
		}
	}
}

func TestRefused(t *testing.T) {
	graphOf := func(o object) object { return o[2].([]object)[0] }
	tensors := func(o object) []object { return graphOf(o)[0].([]object) }
	ops := func(o object) []object { return graphOf(o)[3].([]object) }
	for want, spoil := range map[string]func(object){
		"code 99":             func(o object) { o[1].([]object)[0] = object{0: byte(99)} },
		"graphs, want 1":      func(o object) { o[2] = []object{} },
		"elements are of":     func(o object) { tensors(o)[0][1] = byte(9) },
		"axes":                func(o object) { tensors(o)[0][0] = []int{1, 1, 1, 1, 1} },
		"cannot be":           func(o object) { tensors(o)[0][0] = []int{1 << 30, 1 << 30} },
		"do not fit":          func(o object) { tensors(o)[3][0] = []int{7} },
		"which there is not":  func(o object) { tensors(o)[3][2] = 77 },
		"before it is made":   func(o object) { ops(o)[1][1] = []int{5, 2, 3} },
		"there is no tensor":  func(o object) { ops(o)[1][1] = []int{-1, 2, 3} },
		"want one that":       func(o object) { ops(o)[1][2] = []int{} },
		"does not list":       func(o object) { ops(o)[1][0] = 8 },
		"has 2 inputs":        func(o object) { ops(o)[1][1] = []int{0, 2} },
		"stride":              func(o object) { ops(o)[1][4] = object{1: 0, 2: 1} },
		"activation":          func(o object) { ops(o)[1][4] = object{3: byte(4)} },
		"the file says":       func(o object) { tensors(o)[4][0] = []int{1, 2, 2, 2} },
		"a window of":         func(o object) { ops(o)[2][4] = object{0: byte(1), 1: 2, 2: 2, 3: 9, 4: 9} },
		"no input":            func(o object) { graphOf(o)[1] = []int{} },
		"holds no whole":      func(o object) { ops(o)[3][1] = []int{5, 3} },
		"has no weights":      func(o object) { ops(o)[0][1] = []int{6} },
		"operators are too":   func(o object) { graphOf(o)[3] = make([]object, mostTensors+1) },
		"more than 16777216 ": func(o object) { o[4].([]object)[3][0] = pad(0, 0, 1<<23, 1<<23, 0, 0, 0, 0) },
	} {
		o := small()
		spoil(o)
		if _, err := build(file(o)); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want %q in one line", err, want)
		}
	}
	if _, err := Read([]byte("no network")); err == nil {
		t.Error("text was read")
	}
}

func pad(by ...uint32) (b []byte) {
	for _, v := range by {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return b
}

// A file cut short anywhere is refused, or was whole.
func TestCut(t *testing.T) {
	whole := file(small())
	refused := 0
	for n := range whole {
		if _, err := build(whole[:n]); err != nil {
			refused++
		}
	}
	if refused < len(whole)*9/10 {
		t.Errorf("only %d of %d cut files were refused", refused, len(whole))
	}
}

func FuzzRead(f *testing.F) {
	f.Add(file(small()))
	f.Fuzz(func(t *testing.T, raw []byte) { _, _ = build(raw) })
}
