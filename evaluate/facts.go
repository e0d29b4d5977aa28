package evaluate

import (
	"fmt"
	"slices"

	"github.com/limner-ai/limner/evaluate/alignment"
)

// prompted are the facts about copies and about what becomes of words and
// pictures.
func (r *Report) prompted() (facts [][2]string) {
	add := func(name, format string, args ...any) {
		facts = append(facts, [2]string{name, fmt.Sprintf(format, args...)})
	}
	if c := r.Copying; c != nil {
		by := fmt.Sprintf("%d by looks", c.Pixels)
		if c.Features != nil {
			by += fmt.Sprintf(", %d by features", *c.Features)
		}
		add("copies", "%.2f %% (%d of %d samples: %s) of %d training pictures; d1/d2 < %.3g", 100*c.Share, c.Copies, c.N, by, c.Training, c.Threshold)
		text := fmt.Sprintf("%.1f %% of %d planted copies", 100*c.Recall, c.Planted)
		if c.HeldOut > 0 {
			text += fmt.Sprintf("; %.2f %% of %d held-out pictures are taken for copies", 100*c.FalseAlarms, c.HeldOut)
		}
		if l := c.Leaving; l != nil {
			add("copies that leave", "%.2f %% (%d of %d samples), %d of them without saying so; %d replaced as they are too near, %d for which no other would do say so",
				100*l.Share, l.Copies, c.N, l.Unsaid, l.Replaced, l.Flagged)
		}
		add("copies recalled", "%s", text)
		if len(c.Worst) > 0 {
			w := c.Worst[0]
			add("closest to training", "sample %d, d1/d2 = %.2f (%s): %s", w.Sample, w.Ratio, w.Space, w.Credit())
		}
	}
	if a := r.Alignment; a != nil {
		add("words", "held against pictures by %s, %s", a.Network, short(a.Digest))
		for _, p := range []struct {
			name string
			part *alignment.Part
		}{{"of training", a.Trained}, {"of held out", a.HeldOut}} {
			s, c := p.part.Samples, p.part.Real
			add("prompts "+p.name, "R@1 of %d %.3f (real pictures %.3f, ratio %.2f), R@5 %.3f (%.3f); pictures for words R@1 %.3f (%.3f), n = %d",
				s.Pool, s.R1, c.R1, p.part.Ratio, s.R5, c.R5, s.WordsR1, c.WordsR1, s.N)
		}
		w := a.Swaps
		add("other colours", "of %d things in %d colours, the words see the colour in %.3f and the thing in %.3f; painted in it %.3f",
			w.Objects, w.Colours, w.Colour, w.Object, w.Painted)
	}
	if u := r.Understanding; u != nil {
		for _, p := range []struct {
			name  string
			found Found
		}{{"training", u.Trained}, {"held-out", u.HeldOut}} {
			few, all := p.found.Few, p.found.All
			add(p.name+" pictures found", "by words, R@1 of %d %.3f, R@5 %.3f; of all %d concepts R@1 %.3f, R@5 %.3f; pictures for words R@1 %.3f and %.3f, n = %d",
				few.Pool, few.R1, few.R5, all.Pool, all.R1, all.R5, few.WordsR1, all.WordsR1, all.N)
		}
	}
	if f := r.Factors; f != nil {
		add("combinations never trained", "right in %.1f %% of %d prompts: kind %.1f %%, colour %.1f %%, place %.1f %% (real drawings %.1f %%)",
			100*f.All, f.N, 100*f.Kind, 100*f.Colour, 100*f.Place, 100*f.Real)
	}
	if d := r.Edit; d != nil {
		middle := slices.Index(d.Strengths, 0.5)
		add("strength", "rank correlation %.3f; changes %.2g at most at 0, on average %.3f at 0.5, %.3f at 1 (unrelated pictures %.3f), n = %d",
			d.Spearman, d.AtZero, d.Distance[middle], d.Distance[len(d.Distance)-1], d.Unrelated, d.N)
		add("mask", "outside changes by %.2g at most, inside by %.3f on average", d.Outside, d.Inside)
	}
	return facts
}
