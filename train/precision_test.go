package train

import (
	"bytes"
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/kernel/isa"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model/trained"
)

// A run in bfloat16 learns other bits than one in float32, but hardly other
// things; it is the same on any number of threads and after an interruption.
func TestBFloat16(t *testing.T) {
	for name, text := range models {
		learn := func(p tensor.Precision, threads, stop int) (map[string]*tensor.Tensor, []map[string]any) {
			c := config(t, strings.Replace(text, "steps: 60", "steps: 40, precision: "+p.String(), 1))
			if c.Train.Precision != p {
				t.Fatalf("the precision is %v, want %v", c.Train.Precision, p)
			}
			engine := trained.NewCPU(threads)
			defer engine.Close()
			opt := options()
			opt.Engine = engine
			if stop > 0 {
				interrupted(t, c, opt, stop)
				opt.Each, opt.Resume = nil, true
			}
			if _, err := Run(context.Background(), c, opt); err != nil {
				t.Fatal(err)
			}
			states, lines := finished(t, c.Out)
			return states, lines
		}
		plain, before := learn(tensor.Float32, 2, 0)
		rounded, after := learn(tensor.BFloat16, 2, 0)
		again, _ := learn(tensor.BFloat16, 1, 20)
		differs := false
		for state, want := range rounded {
			if !slices.Equal(again[state].Data, want.Data) {
				t.Errorf("%s: %s depends on threads or on an interruption", name, state)
			}
			differs = differs || !slices.Equal(plain[state].Data, want.Data)
		}
		if !differs {
			t.Errorf("%s: the precision does not matter", name)
		}
		key := map[string]string{"vae": "nats/elbo", "gan": "loss/discriminator"}[name]
		a, aok := last(before, key)
		b, bok := last(after, key)
		if !aok || !bok || math.Abs(a-b) > .05*math.Abs(a) {
			t.Errorf("%s: %s ends at %v in bfloat16 and at %v in float32", name, key, b, a)
		}
	}
}

// last is the last value of a metric in a log.
func last(lines []map[string]any, name string) (v float64, ok bool) {
	for _, l := range lines {
		if x, is := l[name].(float64); is {
			v, ok = x, true
		}
	}
	return v, ok
}

// An engine that has no other precision refuses; a processor that does not
// multiply bfloat16 says so.
func TestPrecisionIsSaid(t *testing.T) {
	c := config(t, strings.Replace(models["vae"], "steps: 60", "steps: 1, precision: bfloat16", 1))
	opt := options()
	opt.Engine = spoilt{Engine: cpu, step: math.MaxUint32}
	if _, err := Run(context.Background(), c, opt); err == nil || !strings.Contains(err.Error(), "train.precision: this engine knows no bfloat16") {
		t.Errorf("%v", err)
	}
	var said bytes.Buffer
	opt = options()
	opt.Progress = &said
	if _, err := Run(context.Background(), c, opt); err != nil {
		t.Fatal(err)
	}
	want := !isa.BFloat16(isa.Active())
	if got := strings.Contains(said.String(), "bfloat16 is no faster here"); got != want {
		t.Errorf("said %q; want a word on bfloat16: %v", said.String(), want)
	}
}
