package main

import (
	"context"
	"errors"
	"fmt"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/diagnose"
	"github.com/limner-ai/limner/generate/canvas"
	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/all"
	"github.com/limner-ai/limner/inspect/overlay"
	"github.com/limner-ai/limner/internal/atomicfile"
)

// inspectFlags are those of the command line.
type inspectFlags struct {
	only           []string
	out            string
	asJSON, strict bool
	threads        int
	diagnoseFlags
}

func newInspect() *cobra.Command {
	var o inspectFlags
	c := &cobra.Command{
		Use:   "inspect PICTURE… | --model MODEL",
		Short: "Say what is wrong with pictures and where, or with a model and why",
		Long: `Say what is wrong with pictures and where, or with a model and why.

Inspectors look at pixels alone: ` + strings.Join(all.Names(), ", ") + `. Each says how
probable its fault is, on pictures half of which have it, and calls few sound
pictures faulty. With --output the findings are drawn over the picture; of
several pictures into a folder.

With --model, pictures are made from the words of the model's training set and
inspected: which faults, how often, what the training set has of that which
shows them, and what to add.`,
		Example: `  limner inspect hand.png
  limner inspect *.png --only blur,jumble --json
  limner inspect hand.png -o overlay.png
  limner inspect --model emoji -n 200 -o report.html`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, pictures []string) error {
			o.changed = c.Flags().Changed
			if err := o.check(pictures); err != nil {
				return err
			}
			panel, err := all.Open(inspect.Env{Threads: o.threads}, o.only...)
			if errors.Is(err, inspect.ErrUnknown) {
				return usagef("%w", err)
			}
			if err != nil {
				return err
			}
			if o.changed("model") {
				err = o.diagnose(c, panel)
			} else {
				err = o.inspect(c, panel, pictures)
			}
			return errors.Join(err, panel.Close())
		},
	}
	f := c.Flags()
	f.StringSliceVar(&o.only, "only", nil, "inspectors to ask (default all: "+strings.Join(all.Names(), ", ")+")")
	f.StringVarP(&o.out, "output", "o", "", "PNG with what was found; a folder for several pictures; with --model a report, .html, .md or .json")
	f.BoolVar(&o.asJSON, "json", false, "as JSON")
	f.BoolVar(&o.strict, "strict", false, "exit with 1 if any picture is faulty")
	f.IntVar(&o.threads, "threads", 0, "threads to use; 0: one a processor")
	o.diagnoseFlags.register(f)
	return c
}

func (o *inspectFlags) check(pictures []string) error {
	switch {
	case o.threads < 0:
		return usagef("--threads is not negative")
	case o.changed("model") && len(pictures) > 0:
		return usagef("--model inspects what the model makes: leave out the pictures")
	case !o.changed("model") && len(pictures) == 0:
		return usagef("say what to inspect: pictures, or a model with --model; see limner inspect --help")
	}
	return o.diagnoseFlags.check(o.changed, o.out)
}

// inspected is what --json prints of a picture.
type inspected struct {
	Picture  string            `json:"picture"`
	Width    int               `json:"width,omitempty"`
	Height   int               `json:"height,omitempty"`
	Findings []inspect.Finding `json:"findings,omitempty"`
	Overlay  string            `json:"overlay,omitempty"`
	Error    string            `json:"error,omitempty"`
}

func (p *inspected) faulty() bool {
	for _, f := range p.Findings {
		if f.Faulty {
			return true
		}
	}
	return false
}

// inspect inspects pictures one after another. One that cannot be read does not
// keep the others from it.
func (o *inspectFlags) inspect(c *cobra.Command, panel *all.Panel, pictures []string) error {
	ctx, stop := interruptible(c.Context(), func() { fmt.Fprintln(c.ErrOrStderr(), "stopping") })
	defer stop()
	if o.out != "" && len(pictures) > 1 {
		if err := os.MkdirAll(o.out, 0o755); err != nil {
			return err
		}
	}
	list := []inspected{}
	bad, faulty := 0, 0
	for i, path := range pictures {
		p, err := o.one(ctx, panel, path, i, len(pictures))
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			if len(pictures) == 1 {
				return err
			}
			bad++
			p.Error = oneLine(err)
			fmt.Fprintf(c.ErrOrStderr(), "limner: %s\n", oneLine(err))
		}
		if p.faulty() {
			faulty++
		}
		if list = append(list, p); !o.asJSON && err == nil {
			if err := p.write(c.OutOrStdout()); err != nil {
				return err
			}
		}
	}
	if o.asJSON {
		if err := writeJSON(c.OutOrStdout(), list); err != nil {
			return err
		}
	}
	switch {
	case bad > 0:
		return fmt.Errorf("%d of %d pictures could not be inspected", bad, len(pictures))
	case o.strict && faulty > 0:
		return fmt.Errorf("%d of %d pictures are faulty", faulty, len(pictures))
	}
	return nil
}

func (o *inspectFlags) one(ctx context.Context, panel *all.Panel, path string, i, of int) (inspected, error) {
	p := inspected{Picture: path}
	m, err := canvas.Read(ctx, path)
	if err != nil {
		return p, err
	}
	p.Width, p.Height = m.Rect.Dx(), m.Rect.Dy()
	if p.Findings, err = panel.Inspect(ctx, m); err != nil {
		return p, fmt.Errorf("%s: %w", path, err)
	}
	if o.out == "" {
		return p, nil
	}
	to := o.out
	if of > 1 {
		name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
		to = filepath.Join(o.out, fmt.Sprintf("%03d-%s.png", i+1, name))
	}
	drawn := overlay.Draw(m, p.Findings)
	if err := atomicfile.Write(to, 0o644, func(w io.Writer) error { return png.Encode(w, drawn) }); err != nil {
		return p, err
	}
	p.Overlay = to
	return p, nil
}

// write prints what was found in a picture.
func (p *inspected) write(out io.Writer) error {
	fmt.Fprintf(out, "%s, %d × %d\n", p.Picture, p.Width, p.Height)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, f := range p.Findings {
		verdict, chance := "not judged", ""
		switch {
		case f.Faulty:
			verdict = strings.ToUpper(f.Fault)
		case f.Applies:
			verdict = "sound"
		}
		if f.Applies {
			chance = fmt.Sprintf("%.2f", f.Probability)
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", f.Inspector, verdict, chance, f.Sentence)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if p.Overlay != "" {
		fmt.Fprintln(out, p.Overlay)
	}
	return nil
}

// diagnose inspects what a model makes.
func (o *inspectFlags) diagnose(c *cobra.Command, panel *all.Panel) error {
	r, err := o.diagnoseFlags.run(c, panel, o.threads)
	if err != nil {
		return err
	}
	switch {
	case o.out != "":
		if err := atomicfile.Write(o.out, 0o644, func(w io.Writer) error { return r.Write(w, diagnose.FormatOf(o.out)) }); err != nil {
			return err
		}
		fmt.Fprintln(c.OutOrStdout(), o.out)
		return nil
	case o.asJSON:
		return r.Write(c.OutOrStdout(), diagnose.JSON)
	}
	return r.Write(c.OutOrStdout(), diagnose.Markdown)
}
