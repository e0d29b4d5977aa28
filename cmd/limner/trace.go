package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/curate/decode"
	"github.com/limner-ai/limner/dataset/frozen"
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/evaluate"
	"github.com/limner-ai/limner/internal/atomicfile"
	homes "github.com/limner-ai/limner/internal/home"
	"github.com/limner-ai/limner/trace"
	"github.com/limner-ai/limner/trace/index"
)

func newTrace() *cobra.Command {
	var set, out string
	var nearest int
	var asJSON bool
	c := &cobra.Command{
		Use:   "trace PICTURE",
		Short: "Find where a picture came from: model, data set, and the nearest training pictures",
		Long: `Find where a picture came from: model, data set, and the nearest training pictures.

What the file says of itself is read and checked (Content Credentials, XMP, texts),
a watermark is looked for, and the picture is held against the training pictures:
of the set given by --set, else of the model that made it, else of the model that
comes with Limner. It may have been resized, compressed, cropped, recoloured a
little, or stripped of all that it said. Claims in the ledger that touch what is
found are told.

The pictures of the model that comes with Limner are not in the program; whose they
are, and small thumbs of them, are. --set has the picture held against the pictures
themselves, and shows them on the sheet (-o). An index of another set is made the
first time, and kept in LIMNER_HOME/trace.

Nothing found is not the same as nothing there.`,
		Example: `  limner trace apple.png
  limner trace apple.png --set sets/emoji-64 -o sheet.png
  limner trace apple.png --json`,
		Args: args(1, 1, "a picture"),
		RunE: func(c *cobra.Command, args []string) error {
			if nearest < 1 {
				return usagef("--nearest %d: want at least 1 picture", nearest)
			}
			file, err := readPicture(args[0])
			if err != nil {
				return err
			}
			line := &meter{w: c.ErrOrStderr(), terminal: isTerminal(c.ErrOrStderr())}
			t, done, err := openTracer(c, trace.Options{Set: set, Nearest: nearest, Progress: func(done, total int) {
				line.show(evaluate.Progress{Stage: "indexing", Done: done, Total: total})
			}})
			line.end()
			if err != nil {
				return err
			}
			defer done()
			r, err := t.Trace(c.Context(), file)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			if out != "" {
				if err := writeSheet(c, t, file, r, out); err != nil {
					return err
				}
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), r)
			}
			return printTrace(c.OutOrStdout(), args[0], r)
		},
	}
	f := c.Flags()
	f.StringVar(&set, "set", "", "frozen set to hold the picture against")
	f.IntVar(&nearest, "nearest", 5, "training pictures to name")
	f.StringVarP(&out, "output", "o", "", "PNG that shows the picture beside them")
	f.BoolVar(&asJSON, "json", false, "as JSON")
	c.AddCommand(newTraceIndex())
	return c
}

// readPicture reads a file that decoding will not refuse for its size.
func readPicture(path string) ([]byte, error) {
	st, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no file %s", path)
	case err != nil:
		return nil, err
	case st.IsDir():
		return nil, fmt.Errorf("%s is a folder: name a picture", path)
	}
	if most := decode.Default().Bytes; st.Size() > most {
		return nil, fmt.Errorf("%s has %d bytes, at most %d are read", path, st.Size(), most)
	}
	return os.ReadFile(path)
}

// traceFolder is where indexes of sets are kept.
func traceFolder() string { return filepath.Join(home(), "trace") }

// openTracer adds what the home knows.
func openTracer(c *cobra.Command, o trace.Options) (*trace.Tracer, func(), error) {
	l, err := ledgerIfAny()
	if err != nil {
		return nil, nil, err
	}
	o.Sets, o.Marks, o.Models, o.Ledger = trace.OpenIndexes(traceFolder()), homes.Find().Path("marks"), knownModels, l
	t, err := trace.Open(c.Context(), o)
	closing := func() {
		if t != nil {
			t.Close()
		}
		if l != nil {
			l.Close()
		}
	}
	if err != nil {
		closing()
		return nil, nil, err
	}
	return t, closing, nil
}

// knownModels are the model that comes with Limner and those in the model
// folders; damaged ones are left out.
func knownModels() []trace.Known {
	var out []trace.Known
	if path, m, digest, err := inTheBox(); err == nil {
		out = append(out, trace.Known{Path: path, Digest: digest, Manifest: m})
	}
	for _, path := range modelsHere() {
		if m, digest, err := readModel(path); err == nil {
			out = append(out, trace.Known{Path: path, Digest: digest, Manifest: m})
		}
	}
	return out
}

func writeSheet(c *cobra.Command, t *trace.Tracer, file []byte, r trace.Report, out string) error {
	p, err := decode.Bytes(c.Context(), file, decode.Default())
	if err != nil {
		return err
	}
	return atomicfile.Write(out, 0o644, func(w io.Writer) error { return t.Sheet(w, p.Image, r) })
}

func newTraceIndex() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "index SET",
		Short: "Make the index of a frozen set, by which its pictures are found again",
		Long: `Make the index of a frozen set, by which its pictures are found again: one file
with small thumbs and what is known of each picture, without the pictures.`,
		Example: "  limner trace index sets/emoji-64 -o emoji.trace",
		Args:    args(1, 1, "a frozen set"),
		RunE: func(c *cobra.Command, args []string) error {
			line := &meter{w: c.ErrOrStderr(), terminal: isTerminal(c.ErrOrStderr())}
			x, err := trace.Build(c.Context(), args[0], func(done, total int) {
				line.show(evaluate.Progress{Stage: "indexing", Done: done, Total: total})
			})
			line.end()
			if err != nil {
				return err
			}
			if out == "" {
				out = x.Set().Name + ".trace"
			}
			if err := x.Write(out); err != nil {
				return err
			}
			fmt.Fprintln(c.OutOrStdout(), out)
			return nil
		},
	}
	c.Flags().StringVarP(&out, "output", "o", "", "file (default NAME.trace here)")
	c.AddCommand(newTraceMeasure())
	return c
}

func newTraceMeasure() *cobra.Command {
	var n int
	var seed uint64
	var thumbs, asJSON bool
	c := &cobra.Command{
		Use:   "measure SET",
		Short: "Plant copies of training pictures and count those that are found",
		Args:  args(1, 1, "a frozen set"),
		RunE: func(c *cobra.Command, args []string) error {
			x, err := trace.OpenIndexes(traceFolder()).Of(c.Context(), args[0], nil)
			if err != nil {
				return err
			}
			set, err := frozen.Open(picture.Source{Path: args[0], Split: picture.All, Channels: 4})
			if err != nil {
				return err
			}
			defer set.Close()
			w := c.OutOrStdout()
			if !asJSON {
				fmt.Fprintln(w, "| Copies | n | first | it or alike first | in the first five | judged a copy | ms |\n|---|---|---|---|---|---|---|")
			}
			err = index.Measure(c.Context(), x, set, n, seed, !thumbs, func(m index.Measured) {
				if asJSON {
					writeJSON(w, m)
					return
				}
				fmt.Fprintf(w, "| %s | %d | %.1f %% | %.1f %% | %.1f %% | %.1f %% | %.0f |\n", m.Kind, m.N, 100*m.First, 100*m.Alike, 100*m.Five, 100*m.Copies, 1000*m.Seconds)
			})
			if err != nil {
				return err
			}
			held, err := index.MeasureAlarms(c.Context(), x, set, n, !thumbs)
			if asJSON || err != nil {
				if err != nil {
					return err
				}
				return writeJSON(w, held)
			}
			_, err = fmt.Fprintf(w, "\nOf %d pictures held out, %d are called copies, and tiles of %d others: %.0f ms each.\n", held.N, held.Copies, held.Parts, 1000*held.Seconds)
			return err
		},
	}
	c.Flags().IntVarP(&n, "n", "n", 500, "copies of each kind")
	c.Flags().Uint64Var(&seed, "seed", 1, "seed of which pictures, and of what is done to them")
	c.Flags().BoolVar(&thumbs, "thumbs", false, "search as where the set is not at hand")
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return c
}
