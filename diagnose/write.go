package diagnose

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"image"
	"image/png"
	"io"
	"path/filepath"
	"strings"

	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/overlay"
)

// Format is a way to write a report.
type Format string

// The formats.
const (
	Markdown Format = "markdown"
	HTML     Format = "html" // one page, with the examples in it
	JSON     Format = "json"
)

// FormatOf is the format that a file's name asks for; Markdown for any other.
func FormatOf(path string) Format {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".html", ".htm":
		return HTML
	case ".json":
		return JSON
	}
	return Markdown
}

// Write writes the report.
func (r *Report) Write(w io.Writer, f Format) error {
	switch f {
	case JSON:
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(r)
	case HTML:
		if err := page.Execute(w, r); err != nil {
			return fmt.Errorf("diagnose: %w", err)
		}
		return nil
	}
	var b bytes.Buffer
	r.markdown(&b)
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("diagnose: %w", err)
	}
	return nil
}

func percent(a, b int) string {
	if b == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(a)/float64(b))
}

// cell keeps a text from breaking a Markdown table, or a terminal.
func cell(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '|' || r == '`' || r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}

func (r *Report) markdown(b *bytes.Buffer) {
	p := func(format string, args ...any) { fmt.Fprintf(b, format+"\n", args...) }
	p("# What goes wrong with %s, and why\n", cell(r.Model))
	p("%d pictures, seed %d, model %s, Limner %s. %.1f %% have a fault.\n", r.N, r.Seed, r.Digest, r.Code, 100*r.Faulty)
	if r.Training > 0 {
		p("Training set: %d pictures, root %s; %d of them inspected.\n", r.Training, r.Root, r.Looked)
	}
	for _, n := range r.Notes {
		p("%s\n", n)
	}
	p("## What to do\n")
	for _, a := range r.Advice {
		p("- %s", cell(a))
	}
	p("\n## Faults\n\n| Inspector | Judged | Faulty | Of training pictures |\n|---|---|---|---|")
	for _, in := range r.Inspectors {
		p("| %s | %d | %s | %s |", in.Name, in.Judged, percent(in.Faulty, in.Judged), percent(in.TrainingFaulty, in.TrainingJudged))
	}
	for _, in := range r.Inspectors {
		for _, f := range in.Faults {
			p("\n### %s: %s, %d\n", in.Name, f.Name, f.N)
			for _, e := range f.Examples {
				p("- %q (%.2f): %s", cell(e.Prompt), e.Probability, cell(e.Sentence))
			}
		}
	}
	p("\n## What the training set has\n")
	p("By the words of captions and keywords, not by looking.\n")
	for _, in := range r.Inspectors {
		p("### %s\n\n| Subject | Training pictures | Share | Worth having | Samples that ask for it | Faulty |\n|---|---|---|---|---|---|", in.Name)
		for _, s := range in.Subjects {
			p("| %s | %d | %.1f %% | %.0f %% | %d | %s |", s.Name, s.Pictures, 100*s.Share, 100*s.Enough, s.Prompts, percent(s.Faulty, s.Prompts))
		}
		p("")
	}
	if len(r.Familiar) > 0 {
		p("## By how well the model knows what is asked for\n\n| Training pictures of the concept | Prompts | Faulty |\n|---|---|---|")
		for _, f := range r.Familiar {
			p("| %s | %d | %s |", f.Name, f.Prompts, percent(f.Faulty, f.Prompts))
		}
	}
}

//go:embed page.html
var pageText string

var page = template.Must(template.New("diagnosis").Funcs(template.FuncMap{
	"percent": percent,
	"share":   func(v float64) string { return fmt.Sprintf("%.1f %%", 100*v) },
}).Parse(pageText))

// Picture is the example with what was found in it, as an address that holds the
// picture itself.
func (e Example) Picture() template.URL {
	if e.picture == nil {
		return ""
	}
	return address(overlay.Draw(e.picture, []inspect.Finding{e.finding}))
}

func address(m image.Image) template.URL {
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		return ""
	}
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes()))
}
