package texture

import (
	"context"
	"encoding/json"
	"image"
	"image/color"
	"math"
	"strings"
	"testing"

	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/inspecttest"
)

func TestConformance(t *testing.T) { inspecttest.Run(t, Kind, ball(64, nothing), ball(90, checkers)) }

func nothing(int, int) float64 { return 0 }

func checkers(x, y int) float64 {
	if (x+y)%2 == 0 {
		return 12
	}
	return -12
}

// ball is a soft ball with a band across it, on nothing, and something added.
func ball(side int, add func(x, y int) float64) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			u, v := 2*(float64(x)+.5)/float64(side)-1, 2*(float64(y)+.5)/float64(side)-1
			r := math.Hypot(u, v)
			if r > .95 {
				continue
			}
			c := [3]float64{235 - 40*v, 190 - 50*v, 70 - 20*v}
			if v > .2 && v < .5 {
				c = [3]float64{200 - 20*v, 60, 70}
			}
			for k := range c {
				c[k] = max(0, min(c[k]+add(x, y), 255))
			}
			m.SetNRGBA(x, y, color.NRGBA{uint8(c[0]), uint8(c[1]), uint8(c[2]), 255})
		}
	}
	return m
}

func inspected(t *testing.T, m *image.NRGBA) inspect.Finding {
	t.Helper()
	in, err := Kind.Open(inspect.Env{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	f, err := in.Inspect(context.Background(), m)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFaults(t *testing.T) {
	sound, faulty := inspected(t, ball(64, nothing)), inspected(t, ball(64, checkers))
	if !sound.Applies || sound.Faulty {
		t.Errorf("a sound ball: %+v", sound)
	}
	if !faulty.Faulty || faulty.Fault != "checkerboard" || !(faulty.Score > sound.Score) || len(faulty.Regions) == 0 {
		t.Errorf("a checkered ball: %v %q, score %v of %v", faulty.Faulty, faulty.Fault, faulty.Score, sound.Score)
	}
}

// A wave shows at its own frequency, in each cell and as a peak of the whole,
// and nowhere else as much. Those of eight pixels are hardly held by the finest
// detail, and drown in this ball's band.
func TestTraces(t *testing.T) {
	for k, wave := range waves[:6] {
		add := func(x, y int) float64 { return 10 * math.Cos(wave[0]*float64(x)+wave[1]*float64(y)) }
		plain, waved := measured(ball(64, nothing)), measured(ball(64, add))
		middle := 32*64 + 32
		best, most := -1, 0.
		for j := range waves {
			// Twelve of gradients and three of peaks come before the traces.
			if rise := float64(waved.local[15+j].V[middle] - plain.local[15+j].V[middle]); rise > most {
				best, most = j, rise
			}
		}
		if best != k {
			t.Errorf("the wave %v shows most at %d, want %d", wave, best, k)
		}
		if waved.whole[k] < plain.whole[k]+1 {
			t.Errorf("the wave %v is no peak: %.2f, without it %.2f", wave, waved.whole[k], plain.whole[k])
		}
	}
}

// What does not show has no say: hidden levels change nothing.
func TestHidden(t *testing.T) {
	m, other := ball(64, nothing), ball(64, nothing)
	for i := 0; i < len(other.Pix); i += 4 {
		if other.Pix[i+3] == 0 {
			other.Pix[i], other.Pix[i+1] = uint8(i), uint8(i/7)
		}
	}
	a, b := Measure(m), Measure(other)
	for i := range a.Inputs {
		for k, v := range a.Inputs[i] {
			if b.Inputs[i][k] != v {
				t.Fatalf("input %d of cell %d is %v, %v with hidden levels", k, i, v, b.Inputs[i][k])
			}
		}
	}
}

// Chances are those of a layer worked out by hand.
func TestChances(t *testing.T) {
	h := &Head{Mean: []float32{1, 2}, Deviation: []float32{2, 1},
		Hidden: [][]float32{{1, 0, .5}, {0, -1, 0}}, Out: [][]float32{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}
	// Normal inputs (1, 9→6): hidden (1.5, 0): logits 1.5, 0, 1.
	p := h.Chances([]float32{3, 11})
	sum := math.Exp(1.5) + 1 + math.E
	for k, want := range []float64{math.Exp(1.5) / sum, 1 / sum, math.E / sum} {
		if math.Abs(p[k]-want) > 1e-6 {
			t.Errorf("chance %d is %v, want %v", k, p[k], want)
		}
	}
}

func TestSummary(t *testing.T) {
	c := &Cells{Seen: make([]float32, 40)}
	chances := make([][]float64, 40)
	for i := range chances {
		chances[i] = make([]float64, 1+len(Faults))
		c.Seen[i] = 1
		if i < 2 {
			chances[i][1] = .8
		}
	}
	c.Seen[39], chances[39][2] = .2, 1 // hardly seen
	s := Summary(c, chances)
	if math.Abs(s[0]-.8) > 1e-9 || math.Abs(s[1]-1.6/39) > 1e-9 || s[2] != 0 {
		t.Errorf("%v", s)
	}
}

func TestShrunk(t *testing.T) {
	m := ball(600, nothing)
	s := shrunk(m)
	if s.Rect.Dx() != 256 || s.Rect.Dy() != 256 {
		t.Fatal(s.Rect)
	}
	want, got := m.NRGBAAt(300, 150), s.NRGBAAt(128, 64)
	if d := int(want.R) - int(got.R); d < -3 || d > 3 || got.A != 255 || s.NRGBAAt(0, 0).A != 0 {
		t.Errorf("%v became %v", want, got)
	}
}

func TestHead(t *testing.T) {
	var h map[string]json.RawMessage
	if err := json.Unmarshal(learnt, &h); err != nil || len(h["record"]) < 20 {
		t.Fatalf("the head has no record: %v", err)
	}
	for name := range h {
		if name == "record" {
			continue
		}
		spoilt := map[string]json.RawMessage{}
		for k, v := range h {
			spoilt[k] = v
		}
		delete(spoilt, name)
		raw, _ := json.Marshal(spoilt)
		if _, err := readHead(raw); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("a head without %s: %v", name, err)
		}
	}
	if n := len(Measure(ball(16, nothing)).Inputs[0]); n == 0 {
		t.Error("no inputs")
	}
	if head, err := readHead(learnt); err != nil || len(head.Mean) != len(Measure(ball(16, nothing)).Inputs[0]) {
		t.Errorf("the head takes other inputs than are measured: %v", err)
	}
}
