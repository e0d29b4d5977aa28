package evaluate

import (
	"bytes"
	"strings"
	"testing"

	"github.com/limner-ai/limner/model/contrast"
)

// A network that has learnt nothing finds pictures by chance: one of a hundred, and
// of the combinations that were left out of training one of as many as there are.
func TestUnderstanding(t *testing.T) {
	m := model32(t, contrast.Family{}, `{"vocabulary":300,"length":8,"channels":8,"layers":1,"heads":1,"pictures":[4,8],"blocks":0,"embedding":8}`)
	r, _ := run(t, m, Options{Source: &combined, Samples: 120, Seed: 2})
	u := r.Understanding
	if u == nil {
		t.Fatal("nothing was measured")
	}
	for name, f := range map[string]Found{"training": u.Trained, "held-out": u.HeldOut} {
		if f.Few.N != 120 || f.All.N != 120 || f.All.Pool < 50 || f.All.Pool > 120 || f.Few.Pool != min(100, f.All.Pool) || f.All.R1 > .2 || f.All.R5 < f.All.R1 {
			t.Errorf("%s: %+v", name, f)
		}
	}
	var b bytes.Buffer
	if err := r.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "held-out pictures found") {
		t.Error(b.String())
	}
	if plain, _ := run(t, manifested(t, mute{}, "mute", nil), Options{Source: &combined, Samples: 20, Seed: 2}); plain.Understanding != nil {
		t.Error("what reads no words was asked what it understands")
	}
}
