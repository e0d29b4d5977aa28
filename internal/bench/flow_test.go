package bench

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/cpu"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/sampler"
	"github.com/limner-ai/limner/model/trained"
)

// tiny is a flow model that paints at once.
var tiny = [3]string{
	`{"channels":16,"layers":1,"heads":2,"ratio":2,"shortcut":0.25,"sampling":{"steps":4,"guidance":1,"sampler":"euler"}}`,
	`{"latent":2,"encoder":[4],"decoder":[4],"decoder_blocks":0,"critic":{"channels":[4]}}`,
	`{"vocabulary":259,"length":4,"channels":8,"layers":1,"heads":2}`,
}

var tinyPictures = model.Pictures{Height: 16, Width: 16, Channels: 4}

func TestPaint(t *testing.T) {
	engine := trained.NewCPU(2)
	defer engine.Close()
	m, err := newFlow(tiny, tinyPictures, engine)
	if err != nil {
		t.Fatal(err)
	}
	s, err := sampler.New(m)
	if err != nil {
		t.Fatal(err)
	}
	for _, guidance := range []float64{1, 3} {
		p, err := Paint("tiny", s, 2, guidance, time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		if p.First <= 0 || p.Each <= 0 || p.Of != many || math.Abs(p.Rate*p.Each-1) > 1e-9 || p.Guidance != guidance || p.Steps != 2 {
			t.Errorf("%+v", p)
		}
	}
	images, err := paint(s, "a", 1, 2, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range images.Data {
		if !(x >= 0 && x <= 1) {
			t.Fatalf("value %d of the pictures is %v", i, x)
		}
	}
	if _, err := Paint("tiny", s, -1, 1, time.Millisecond); err == nil {
		t.Error("pictures in -1 steps")
	}
}

// The work of several steps is counted as often as it is done.
func TestVelocities(t *testing.T) {
	pool := cpu.NewPool(1)
	defer pool.Close()
	one, err := newVelocities(tiny, tinyPictures, 2, 1, pool, compile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	four, err := newVelocities(tiny, tinyPictures, 2, 4, pool, compile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(four.Steps) != 4 || four.FLOPs != 4*one.FLOPs || one.FLOPs == 0 || four.Memory != one.Memory {
		t.Errorf("%d steps, %d operations and %d bytes; one step has %d and %d", len(four.Steps), four.FLOPs, four.Memory, one.FLOPs, one.Memory)
	}
	var flops int64
	for _, h := range four.Profile(1) {
		flops += h.FLOPs
	}
	if err := four.Run(); err != nil || flops < four.FLOPs {
		t.Errorf("the profile has %d operations of %d; %v", flops, four.FLOPs, err)
	}
}

func TestStart(t *testing.T) {
	turn := func(open, write float64) []Phase { return []Phase{{"open", open}, {"write", write}} }
	s := NewStart("x", 4, [][]Phase{turn(.1, .5), turn(.3, .4), turn(.2, .6)}, []float64{.7, .9, .8})
	if s.Turns != 3 || s.Total != .8 || len(s.Phases) != 2 || s.Phases[0] != (Phase{"open", .2}) || s.Phases[1] != (Phase{"write", .5}) {
		t.Errorf("%+v", s)
	}
	var text strings.Builder
	if err := Starts([]Start{s}).Markdown(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| x | 4 | open | 200.0 |", "| x | 4 | write | 500.0 |", "| x | 4 | all, from start to end | 800.0 |"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not in\n%s", want, text.String())
		}
	}
}

func TestPaintings(t *testing.T) {
	rows := Paintings([]Painting{{Name: "a", Steps: 4, Guidance: 1, First: .05, Each: .02, Rate: 50, Of: 8}, {Name: "b", Guidance: 2.5}}).Rows
	if got := strings.Join(rows[0], " "); got != "a 4 none 50.000 8 20.000 50.0" || rows[1][2] != "2.5" {
		t.Errorf("%q", rows)
	}
}
