package light

import (
	"context"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/dataset/shapes"
	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/calibrate"
	"github.com/limner-ai/limner/inspect/light"
	"github.com/limner-ai/limner/inspect/plane"
	"github.com/limner-ai/limner/inspect/school/gallery"
	"github.com/limner-ai/limner/inspect/school/lesson"
	"github.com/limner-ai/limner/inspect/school/solids"
)

const tested = 50 // pictures of each row

// table measures on the split Test, on scenes of another seed with a form that
// was never learnt, and on drawn shapes, of which none was ever learnt.
func table(ctx context.Context, d *lesson.Desk) error {
	g, err := d.Open(gallery.Test)
	if err != nil {
		return err
	}
	defer g.Close()
	in, err := light.Kind.Open(inspect.Env{Threads: 1})
	if err != nil {
		return err
	}
	defer in.Close()
	t := &bench{ctx, d, in, g, rand.New(rand.NewPCG(d.Seed, 202)), tested}
	if d.N > 0 {
		t.n = d.N
	}
	for _, part := range []struct {
		name string
		run  func() error
	}{{"directions", t.directions}, {"faults", t.faults}, {"clean", t.clean}} {
		if len(d.Only) > 0 && !slices.Contains(d.Only, part.name) {
			continue
		}
		if err := part.run(); err != nil {
			return err
		}
	}
	return nil
}

type bench struct {
	ctx context.Context
	d   *lesson.Desk
	in  inspect.Inspector
	g   *gallery.Gallery
	r   *rand.Rand
	n   int
}

// directions is the table of errors of the light's direction.
func (t *bench) directions() error {
	drawn, err := shapesOf(t.n, t.d.Seed)
	if err != nil {
		return err
	}
	fmt.Fprintln(t.d.Out, "| Pictures under one light | Number | Told | Median error | 90 % within |\n|---|---|---|---|---|")
	for _, row := range []group{
		{"drawn shapes (never learnt)", drawn, false},
		{"one ball", scenes(solids.Options{One: true, Forms: []solids.Form{solids.Ball}}), false},
		{"one box or cylinder", scenes(solids.Options{One: true, Forms: []solids.Form{solids.Box, solids.Cylinder}}), false},
		{"one cone (never learnt)", scenes(solids.Options{One: true, Forms: []solids.Form{solids.Cone}}), false},
		{"one to four solids", scenes(solids.Options{}), false},
		{"emoji, lit (held out)", emoji(t.g, 0), false},
	} {
		list, judged, err := looked(t.ctx, t.in, row.make, t.n, t.r)
		if err != nil {
			return err
		}
		var off []float64
		for i, f := range judged {
			if f.Applies && f.Measures["certainty"] > light.LeastCertain {
				off = append(off, math.Abs(math.Remainder(f.Measures["azimuth"]-list[i].azimuth, 360)))
			}
		}
		slices.Sort(off)
		at := func(share float64) float64 {
			if len(off) == 0 {
				return math.NaN()
			}
			return off[min(len(off)-1, int(share*float64(len(off))))]
		}
		fmt.Fprintf(t.d.Out, "| %s | %d | %.0f %% | %.1f° | %.1f° |\n", row.name, len(list), 100*float64(len(off))/float64(len(list)), at(.5), at(.9))
	}
	return nil
}

// faults is the table of regions lit from a wrong side. What cannot be judged
// ranks below all that can.
func (t *bench) faults() error {
	sound := map[string][]float64{}
	for name, m := range map[string]maker{"solids": scenes(solids.Options{}), "emoji": emoji(t.g, 0)} {
		_, judged, err := looked(t.ctx, t.in, m, 2*t.n, rand.New(rand.NewPCG(t.d.Seed, 303)))
		if err != nil {
			return err
		}
		called := 0
		for _, f := range judged {
			sound[name] = append(sound[name], score(f))
			if f.Faulty {
				called++
			}
		}
		fmt.Fprintf(t.d.Out, "\nOf %d sound %s, lit, %.1f %% are called faulty.\n", len(judged), name, 100*float64(called)/float64(len(judged)))
	}
	fmt.Fprintln(t.d.Out, "\n| Fault | Apart | AUROC | Found | IoU |\n|---|---|---|---|---|")
	for _, f := range []struct {
		name, against string
		fault         solids.Fault
		apart         []float64
	}{
		{"a solid from another picture", "solids", solids.Pasted, []float64{60, 90, 120, 180}},
		{"a shadow on the wrong side", "solids", solids.Shadow, []float64{90, 180}},
		{"a highlight on the wrong side", "solids", solids.Highlight, []float64{90, 180}},
		{"an emoji lit from two sides", "emoji", "", []float64{60, 90, 120, 180}},
	} {
		for _, apart := range f.apart {
			m := emoji(t.g, apart)
			if f.fault != "" {
				m = scenes(solids.Options{Fault: f.fault, Apart: apart})
			}
			if err := t.fault(f.name, apart, m, sound[f.against]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *bench) fault(name string, apart float64, m maker, sound []float64) error {
	list, judged, err := looked(t.ctx, t.in, m, t.n, t.r)
	if err != nil {
		return err
	}
	var scores []float64
	found, overlap := 0., 0.
	for i, f := range judged {
		scores = append(scores, score(f))
		if f.Faulty {
			found++
		}
		if mask := list[i].fault; f.Heat != nil {
			heat := plane.New(mask.W, mask.H)
			for p := range heat.V {
				heat.V[p] = f.Heat.At(p%mask.W, p/mask.W, mask.W, mask.H)
			}
			overlap += calibrate.IoU(heat.V, mask.V, light.HeatLevel)
		}
	}
	n := float64(len(list))
	fmt.Fprintf(t.d.Out, "| %s | %.0f° | %.3f | %.0f %% | %.2f |\n", name, apart, calibrate.AUROC(sound, scores), 100*found/n, overlap/n)
	return nil
}

func score(f inspect.Finding) float64 {
	if !f.Applies {
		return -1e3
	}
	return f.Score
}

// clean is the table of real pictures, all of the split.
func (t *bench) clean() error {
	fmt.Fprintln(t.d.Out, "\n| Sound pictures | Number | Judged | Called faulty |\n|---|---|---|---|")
	for _, name := range []string{"fluent-3d", "noto", "twemoji", "fluent-emoji-flat"} {
		_, judged, err := looked(t.ctx, t.in, plain(t.g, name), 3*t.n, t.r)
		if err != nil {
			return err
		}
		applied, called := 0., 0.
		for _, f := range judged {
			if f.Applies {
				applied++
			}
			if f.Faulty {
				called++
			}
		}
		n := float64(len(judged))
		fmt.Fprintf(t.d.Out, "| %s | %.0f | %.0f %% | %.1f %% |\n", name, n, 100*applied/n, 100*called/n)
	}
	return nil
}

// shapesOf are drawn shapes of the set's test split.
func shapesOf(n int, seed uint64) (maker, error) {
	set, err := shapes.Open(picture.Source{Kind: "shapes", Seed: 9000 + seed, Count: 2 * n, Size: light.Side, Channels: 3, Split: picture.Test})
	if err != nil {
		return nil, err
	}
	at := 0
	return func(*rand.Rand) (*example, error) {
		px := make([]float32, light.Side*light.Side*3)
		if _, err := set.Item(at, px); err != nil {
			return nil, err
		}
		m := image.NewNRGBA(image.Rect(0, 0, light.Side, light.Side))
		for i := range light.Side * light.Side {
			for k := range 3 {
				m.Pix[4*i+k] = level(px[3*i+k])
			}
			m.Pix[4*i+3] = 255
		}
		at++
		return &example{m, set.Factors(at - 1).Azimuth, plane.New(light.Side, light.Side)}, nil
	}, nil
}
