package tensor

import "testing"

// The words of a block, published for a counter of four words and a key of two.
func TestPhiloxBlock(t *testing.T) {
	p := Philox{Seed: 0x299f31d0_a4093822, Stream: 0x13198a2e, Step: 0x03707344}
	want := [4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}
	if got := p.Block(0x85a308d3_243f6a88); got != want {
		t.Errorf("block %x, want %x", got, want)
	}
}

// Elements of the streams are those of their blocks.
func TestPhiloxStreams(t *testing.T) {
	p := Philox{Seed: 7, Stream: StreamOf("eps"), Step: 3}
	x, z := make([]float32, 7), make([]float32, 7)
	p.Uniform(x, 6)
	for i, e := range x {
		w := p.Block(uint64(6+i) / 4)[(6+i)%4]
		if want := (float32(w>>8) + .5) / (1 << 24); e != want {
			t.Errorf("uniform %d is %v, want %v", 6+i, e, want)
		}
	}
	p.Normal(x, 6)
	for _, q := range []Philox{{7, p.Stream, 4}, {7, p.Stream + 1, 3}, {8, p.Stream, 3}} {
		if q.Normal(z, 6); z[0] == x[0] {
			t.Errorf("%v gives the numbers of %v", q, p)
		}
	}
}
