package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/limner-ai/limner/internal/basis"
	"github.com/limner-ai/limner/mark/c2pa"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/trace"
)

// readModel reads what a model says of itself.
func readModel(path string) (trained.Manifest, string, error) { return trained.ReadManifest(path) }

// modelsHere are the paths of the models in the model folders.
func modelsHere() []string {
	var out []string
	for _, dir := range modelFolders() {
		out = append(out, modelsIn(dir)...)
	}
	return out
}

// printTrace prints a report for people.
func printTrace(out io.Writer, name string, r trace.Report) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	row := func(key, format string, args ...any) { fmt.Fprintf(w, "%s\t%s\n", key, fmt.Sprintf(format, args...)) }
	row("picture", "%s, %s %d×%d, sha256:%s", name, r.File.Format, r.File.Width, r.File.Height, r.File.SHA256)
	row("credentials", "%s", credentials(r))
	if r.Marks != nil && r.Marks.XMP != nil {
		x := r.Marks.XMP
		row("XMP", "%s", cmp.Or(strings.Join(said(x.CreatorTool, x.Model, x.SourceType), ", "), "says nothing of where it came from"))
	}
	if r.Said != nil {
		row("says", "%s (a text, which anybody can write)", strings.Join(said(r.Said.Prompt, r.Said.Model, r.Said.Version), ", "))
	}
	row("watermark", "%s", watermarkLine(r))
	if m := r.Model; m != nil {
		here := "not here"
		if m.Path != "" {
			here = m.Path
		}
		row("model", "%s, %s (by %s; %s)", m.Name, m.Digest, m.By, here)
	} else {
		row("model", "nothing says which")
	}
	if d := r.Data; d != nil {
		row("data set", "%s (by %s)", strings.Join(said(d.Name, d.Root), ", "), d.By)
		if len(d.Licences) > 0 {
			row("licences", "%s", basis.Basis{Licences: d.Licences}.Mix())
		} else if d.Rights != "" {
			row("rights", "%s", d.Rights)
		}
		if d.Checkpoint != "" {
			row("ledger", "checkpoint %s", strings.Join(strings.Fields(d.Checkpoint)[:min(3, len(strings.Fields(d.Checkpoint)))], " "))
		}
	}
	if r.Output != nil {
		row("made here", "the ledger records it as %s", r.Output.ID)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	printNearest(out, r)
	for _, c := range r.Claims {
		fmt.Fprintf(out, "\nThe claim %s%s is %s (%s):\n", c.ID, of(c.Holder), c.Standing, c.State)
		for _, t := range c.Touches {
			fmt.Fprintf(out, "  %s\n", t)
		}
	}
	for _, p := range r.Problems {
		fmt.Fprintf(out, "\nnot looked into: %s\n", p)
	}
	return nil
}

func printNearest(out io.Writer, r trace.Report) {
	n := r.Nearest
	if n == nil {
		return
	}
	how := "the pictures themselves"
	if n.Thumbs {
		how = "thumbs, since the pictures are not at hand"
	}
	fmt.Fprintf(out, "\n%s\n", n.Copy.Sentence)
	for _, p := range n.Parts {
		fmt.Fprintln(out, p.Sentence)
	}
	fmt.Fprintf(out, "\nNearest of the %d pictures of %s, by %s:\n\n", n.Set.Pictures, n.Set.Name, how)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "DISTANCE\tPICTURE\tSHOWS\tHOLDER\tLICENCE\t")
	for _, m := range n.Nearest {
		note := ""
		switch {
		case !m.Picture.Trained:
			note = "held out, not trained on"
		case m.Alike:
			note = "near-duplicate of the first"
		}
		if m.Mirrored {
			note = strings.TrimPrefix(note+", mirrored", ", ")
		}
		if m.Turned > 0 {
			note = strings.TrimPrefix(fmt.Sprintf("%s, turned by %d°", note, m.Turned), ", ")
		}
		fmt.Fprintf(w, "%.3f\t%s/%s\t%s\t%s\t%s\t%s\n", m.Distance, m.Picture.Source, m.Picture.Path, m.Picture.Caption,
			cmp.Or(m.Picture.Holders, "not named"), cmp.Or(m.Picture.Licence, "not stated"), note)
	}
	w.Flush()
}

// credentials is a line on what the Content Credentials are worth.
func credentials(r trace.Report) string {
	if r.Marks == nil || r.Marks.Credentials == nil {
		return "none"
	}
	c := r.Marks.Credentials
	active := c.Active()
	who := ""
	if active != nil {
		who = strings.Join(said(active.Signer.Name, active.Generator), ", with ")
	}
	switch c.State {
	case c2pa.Trusted:
		return "valid and trusted: signed by " + who
	case c2pa.Valid:
		return "valid, but the signer is not trusted here: " + who
	}
	var why []string
	for _, s := range c.Failures() {
		why = append(why, strings.Trim(s.Code+" "+s.Explanation, " "))
	}
	return "invalid, so nothing in them counts: " + cmp.Or(strings.Join(why, "; "), "they cannot be read")
}

func watermarkLine(r trace.Report) string {
	switch m := r.Watermark; {
	case m == nil:
		return "not looked for"
	case !m.Found:
		return "none of this computer's keys"
	case m.ID == "":
		return fmt.Sprintf("found (chance of error %.0e), but its number cannot be read", m.P)
	default:
		return fmt.Sprintf("%s (chance of error %.0e)", m.ID, m.P)
	}
}

// said are the texts that are not empty.
func said(texts ...string) []string {
	var out []string
	for _, t := range texts {
		if t != "" {
			out = append(out, t)
		}
	}
	return out
}

func of(holder string) string {
	if holder == "" {
		return ""
	}
	return " of " + holder
}
