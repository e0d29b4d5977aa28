package bench

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Table is rows of text under a heading.
type Table struct {
	Head []string
	Rows [][]string
}

// Text aligns the columns with spaces.
func (t Table) Text(w io.Writer) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range append([][]string{t.Head}, t.Rows...) {
		fmt.Fprintln(out, strings.Join(r, "\t"))
	}
	return out.Flush()
}

// Markdown is the table for a document.
func (t Table) Markdown(w io.Writer) error {
	var b strings.Builder
	line := func(cells []string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	line(t.Head)
	rule := make([]string, len(t.Head))
	for i := range rule {
		rule[i] = "---:"
	}
	rule[0] = "---"
	line(rule)
	for _, r := range t.Rows {
		line(r)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Results lists what cases cost.
func Results(results []Result) Table {
	t := Table{Head: []string{"case", "ms", "rate", "roof", "allocs", "MiB"}}
	for _, r := range results {
		t.Rows = append(t.Rows, []string{r.Name, milli(r.Seconds), rate(r.GFLOPS, r.GBS), percent(r.Share),
			fmt.Sprint(r.Allocations), mebi(r.Memory)})
	}
	return t
}

// Comparisons lists cases beside PyTorch.
func Comparisons(rows []Comparison) Table {
	t := Table{Head: []string{"case", "Limner ms", "PyTorch ms", "ratio", "rate", "roof", "Limner MiB", "PyTorch MiB", "PyTorch's best"}}
	for _, r := range rows {
		rss := ""
		if r.RSS > 0 {
			rss = fmt.Sprintf("%.0f", r.RSS)
		}
		t.Rows = append(t.Rows, []string{r.Name, milli(r.Limner), milli(r.PyTorch), fmt.Sprintf("%.2f", r.Ratio),
			rate(r.GFLOPS, r.GBS), percent(r.Share), mebi(r.Memory), rss, r.Torch + " " + r.Variant})
	}
	return t
}

// Pauses lists how long the collector waited.
func Pauses(rows []Stop) Table {
	t := Table{Head: []string{"collector's wait for threads", "p50 µs", "p99 µs", "max µs", "stops"}}
	micro := func(s float64) string { return fmt.Sprintf("%.0f", 1e6*s) }
	for _, r := range rows {
		t.Rows = append(t.Rows, []string{r.Name, micro(r.P50), micro(r.P99), micro(r.Longest), fmt.Sprint(r.Count)})
	}
	return t
}

// Scalings lists what more threads give.
func Scalings(rows []Scaling) Table {
	t := Table{Head: []string{"threads over one", "1 thread ms", "threads", "ms", "ratio"}}
	for _, r := range rows {
		t.Rows = append(t.Rows, []string{r.Name, milli(r.One), fmt.Sprint(r.Threads), milli(r.Several), fmt.Sprintf("%.2f", r.Ratio)})
	}
	return t
}

func milli(s float64) string   { return fmt.Sprintf("%.3f", 1e3*s) }
func mebi(n int64) string      { return fmt.Sprintf("%.0f", float64(n)/(1<<20)) }
func percent(x float64) string { return fmt.Sprintf("%.0f%%", 100*x) }

func rate(gflops, gbs float64) string {
	if gflops == 0 {
		return fmt.Sprintf("%.1f GB/s", gbs)
	}
	return fmt.Sprintf("%.1f GFLOP/s", gflops)
}
