package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/rights/licence"
	"github.com/limner-ai/limner/rights/signal"
	"github.com/limner-ai/limner/rights/signal/reader"
)

func newRights() *cobra.Command {
	c := group("rights", "Decide what may be trained on, and show why")
	c.AddCommand(newRightsSignals(), newRightsLicence(), newRightsShow(), newRightsDecide(), newRightsClaim(), newRightsVerify(), newRightsCheckpoint())
	return c
}

// signalsOf is what a picture says.
type signalsOf struct {
	Path       string             `json:"path"`
	Sidecar    string             `json:"sidecar,omitempty"`
	Training   signal.Value       `json:"training"`
	Signals    []signal.Signal    `json:"signals"`
	Statements []signal.Statement `json:"statements"`
}

func newRightsSignals() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "signals PICTURE...",
		Short: "Show what picture files say about training on them",
		Long: `Show what picture files say about training on them.

Read are the data mining property of IPTC and PLUS, assertions about training of
CAWG and C2PA (whose signatures are not checked), and licences and notices, in
PNG, JPEG, WebP and SVG and in an XMP file beside (picture.png.xmp or
picture.xmp). Any denial denies, and silence permits nothing.`,
		Example: "  limner rights signals holiday.jpg\n  limner rights signals --json *.png",
		Args:    args(1, 1<<20, "the paths of pictures"),
		RunE: func(c *cobra.Command, paths []string) error {
			out := []signalsOf{}
			for _, path := range paths {
				s, err := readSignals(path)
				if err != nil {
					return err
				}
				out = append(out, s)
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), out)
			}
			for _, s := range out {
				s.print(c.OutOrStdout())
			}
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

const pictureMax = 512 << 20 // bytes of a file that is read whole

func readSignals(path string) (signalsOf, error) {
	file, err := readWhole(path)
	if err != nil {
		return signalsOf{}, err
	}
	found := reader.File(file)
	s := signalsOf{Path: path}
	for _, beside := range []string{path + ".xmp", strings.TrimSuffix(path, filepath.Ext(path)) + ".xmp"} {
		packet, err := readWhole(beside)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return s, err
		}
		more := reader.Sidecar(packet)
		found.Signals = append(found.Signals, more.Signals...)
		found.Statements = append(found.Statements, more.Statements...)
		s.Sidecar = beside
		break
	}
	s.Training = signal.Combine(found.Signals, signal.TrainGenerative).Value
	s.Signals = append([]signal.Signal{}, found.Signals...)
	s.Statements = append([]signal.Statement{}, found.Statements...)
	return s, nil
}

func readWhole(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, pictureMax+1))
	if err == nil && len(b) > pictureMax {
		err = fmt.Errorf("%s: larger than %d MiB", path, pictureMax>>20)
	}
	return b, err
}

func (s signalsOf) print(w io.Writer) {
	verdict := s.Training.String()
	if s.Training == signal.Unknown {
		verdict = "unknown: nothing permits it"
	}
	fmt.Fprintf(w, "%s: training image generators: %s\n", s.Path, verdict)
	for _, x := range s.Signals {
		fmt.Fprintf(w, "  %s\n", x)
	}
	for _, x := range s.Statements {
		fmt.Fprintf(w, "  %s: %s (%s)\n", x.Property, x.Value, x.Where)
	}
}

// termsOf is one way to take a work under a licence.
type termsOf struct {
	Licences []string `json:"licences"`
	Unknown  []string `json:"unknown,omitempty"`
	licence.Terms
	Why []string `json:"why,omitempty"`
}

func newRightsLicence() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "licence WORDS...",
		Short: "Show what a licence means for training, as written or as SPDX",
		Long: `Show what a licence means for training, as written or as SPDX.

The words are read as packages write them ("CC-BY-SA 4.0", "GPL-2+", the address
of a Creative Commons deed) and turned to an SPDX expression; what is not
recognised stays unknown. The answers are a reading by engineers, on the cautious
side, and no legal advice.`,
		Example: "  limner rights licence CC-BY-NC 4.0\n  limner rights licence \"MIT OR GPL-2.0-only\"",
		Args:    args(1, 1<<10, "a licence"),
		RunE: func(c *cobra.Command, words []string) error {
			read := licence.Normalise(strings.Join(words, " "), licence.Free)
			if read.Expression.IsZero() {
				if read.See != "" {
					return fmt.Errorf("%q names no licence: it points to the file %s", read.Written, read.See)
				}
				return fmt.Errorf("%q names no licence", read.Written)
			}
			table := licence.Default()
			offers, err := table.Offers(read.Expression)
			if err != nil {
				return err
			}
			var ways []termsOf
			for _, o := range offers {
				t := termsOf{Terms: o.Terms}
				for _, l := range o.Licences {
					t.Licences = append(t.Licences, l.String())
					if j, ok := table.Judge(l); ok {
						t.Why = append(t.Why, fmt.Sprintf("%s: %s", l, j.Why))
					}
				}
				for _, l := range o.Unknown {
					t.Unknown = append(t.Unknown, l.String())
				}
				ways = append(ways, t)
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), map[string]any{"written": read.Written, "spdx": read.Expression.String(), "table": table.Version, "ways": ways})
			}
			return printTerms(c.OutOrStdout(), read, ways)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

func printTerms(out io.Writer, read licence.Reading, ways []termsOf) error {
	fmt.Fprintf(out, "SPDX: %s\n", read.Expression)
	for _, u := range read.Unknown {
		fmt.Fprintf(out, "not recognised: %q\n", u)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "take it under\ttrain\tpublish freely\tattribution\tshare alike\tnon-commercial\tno derivatives")
	for _, t := range ways {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", strings.Join(t.Licences, " and "), t.Train, t.Publish, t.Attribution, t.ShareAlike, t.NonCommercial, t.NoDerivatives)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, t := range ways {
		for _, y := range t.Why {
			fmt.Fprintln(out, y)
		}
	}
	return nil
}
