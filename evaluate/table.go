package evaluate

import (
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/limner-ai/limner/evaluate/fidelity"
)

// WriteText prints the report for people.
func (r *Report) WriteText(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, f := range r.facts() {
		fmt.Fprintf(t, "%s\t%s\n", f[0], f[1])
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if lines := r.comparison(); lines != nil {
		fmt.Fprintln(w)
		for _, l := range lines {
			fmt.Fprintf(w, "%-27s%12s%20s%9s\n", l[0], l[1], l[2], l[3])
		}
	}
	for _, n := range r.Notes {
		if _, err := fmt.Fprintf(w, "\nnote: %s\n", n); err != nil {
			return err
		}
	}
	return nil
}

// WriteMarkdown prints the report as two tables.
func (r *Report) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s | %s |\n|---|---|\n", r.Model.Name, r.Model.Family)
	for _, f := range r.facts()[1:] {
		fmt.Fprintf(&b, "| %s | %s |\n", f[0], f[1])
	}
	for i, l := range r.comparison() {
		if i == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(l[:], " | "))
		if i == 0 {
			b.WriteString("|---|---:|---:|---:|\n")
		}
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "\nNote: %s\n", n)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// facts are names and values, the model first.
func (r *Report) facts() [][2]string {
	m, d := r.Model, r.Data
	facts := [][2]string{
		{"model", fmt.Sprintf("%s (%s), %s", m.Name, m.Family, short(m.Digest))},
		{"trained for", fmt.Sprintf("%d steps, %d images", m.Iterations, m.Images)},
		{"training pictures", fmt.Sprintf("%d, %s", d.Train.Pictures, short(d.Train.Root))},
		{"rights in them", m.Basis.String()},
		{"held-out pictures", fmt.Sprintf("%d, %s", d.Test.Pictures, short(d.Test.Root))},
	}
	add := func(name, format string, args ...any) {
		facts = append(facts, [2]string{name, fmt.Sprintf(format, args...)})
	}
	if l := r.Likelihood; l != nil {
		how := ""
		if l.Binarised {
			how = ", each binarised once"
		}
		if l.Conditional {
			how += ", given their class"
		}
		add("−ELBO", "%.2f ± %.2f nats (reconstruction %.2f, KL %.2f)", -l.ELBO, l.ELBOError, -l.Rec, l.KL)
		add(fmt.Sprintf("−IWAE-%d", l.Draws), "%.2f ± %.2f nats, %.4f bits/dim", -l.IWAE, l.IWAEError, l.BitsPerDim)
		add("bounds measured on", "%d held-out pictures%s; %.0f effective draws of %d; seed %d; %s",
			l.Pictures, how, l.Effective, l.Draws, l.Seed, seconds(l.Seconds))
	}
	for _, f := range r.Reconstruction.facts() {
		add(f[0], "%s", f[1])
	}
	if a := r.Accuracy; a != nil {
		add("accuracy", "%.2f %% of %d held-out pictures", 100*a.Value, a.N)
	}
	if r.Samples > 0 {
		add("samples", "n = %d, seed %d, truncation %v", r.Samples, r.Seed, r.Truncation)
	}
	if f := r.Fidelity; f != nil {
		text := fmt.Sprintf("%s, %s, %d numbers", r.Features.Name, short(r.Features.Digest), r.Features.Dim)
		if a := r.Features.Accuracy; a > 0 {
			text += fmt.Sprintf(", accuracy %.2f %%", 100*a)
		}
		add("features", "%s; %d neighbours; KID in %d blocks, 1000 × KID ± %.2g", text,
			fidelity.Neighbours, max(fidelity.MinBlocks, f.N/fidelity.BlockSize), 1000*f.Gen.KIDError)
	}
	facts = append(facts, r.prompted()...)
	h := r.Machine
	add("measured", "%s by limner %s on %s, %d threads, %s", r.Date.Format(time.DateOnly), r.Code, h.Processor, h.Threads, h.ISA)
	add("time", "%s", seconds(r.Seconds))
	return facts
}

// comparison is the table of samples against held-out pictures: name,
// generated, floor, ratio; nil if there is none.
func (r *Report) comparison() [][4]string {
	if r.Coarse == nil {
		return nil
	}
	lines := [][4]string{{"against held-out pictures", "generated", "training (floor)", "ratio"}}
	add := func(name string, gen, floor float64, ratio fidelity.Ratio) {
		last := "–"
		if v := float64(ratio); !math.IsNaN(v) && !math.IsInf(v, 0) {
			last = fmt.Sprintf("%.3g", v)
		}
		lines = append(lines, [4]string{name, number(gen), number(floor), last})
	}
	if f := r.Fidelity; f != nil {
		g, o, q := f.Gen, f.Floor, f.Ratio
		add("Fréchet distance", g.Frechet, o.Frechet, q.Frechet)
		add("KID × 1000", 1000*g.KID, 1000*o.KID, q.KID)
		add("sliced Wasserstein", g.SlicedWasserstein, o.SlicedWasserstein, q.SlicedWasserstein)
		add("precision", g.Precision, o.Precision, q.Precision)
		add("recall", g.Recall, o.Recall, q.Recall)
		add("density", g.Density, o.Density, q.Density)
		add("coverage", g.Coverage, o.Coverage, q.Coverage)
	}
	c := r.Coarse
	add(fmt.Sprintf("Fréchet distance at %d×%d", c.Side, c.Side), c.Frechet, c.Floor, c.Ratio)
	if a := r.Agreement; a != nil {
		lines = append(lines, [4]string{"class agreement", number(a.Generated.Value), number(a.HeldOut.Value) + " (held out)",
			fmt.Sprintf("%.3g", a.Generated.Value/a.HeldOut.Value)})
	}
	return lines
}

func number(v float64) string { return fmt.Sprintf("%.4g", v) }

// short is enough of a digest to tell it from others.
func short(digest string) string { return digest[:min(len(digest), len("sha256:")+16)] }

func seconds(s float64) string {
	d := time.Duration(s * float64(time.Second))
	if d < 10*time.Second {
		return d.Round(10 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}
