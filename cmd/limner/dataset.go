package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/dataset"
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/internal/atomicfile"
	"github.com/limner-ai/limner/internal/basis"
	"github.com/limner-ai/limner/internal/grid"
	"github.com/limner-ai/limner/train"
)

func newDataset() *cobra.Command {
	c := group("dataset", "Freeze, prove and look at picture sets")
	c.AddCommand(newDatasetList(), newDatasetShow(), newDatasetExport(), newDatasetFreeze(), newDatasetVerify(), newDatasetProve(), newDatasetCheckProof(), newDatasetReport())
	return c
}

func newDatasetList() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List the kinds of picture set",
		Args:  args(0, 0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			type kind struct {
				Name    string `json:"name"`
				Summary string `json:"summary"`
			}
			var kinds []kind
			for _, k := range dataset.Kinds() {
				kinds = append(kinds, kind{k.Name, k.Summary})
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), kinds)
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, k := range kinds {
				fmt.Fprintf(w, "%s\t%s\n", k.Name, k.Summary)
			}
			return w.Flush()
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

// sourceFlags adds the flags that say which set is meant, and returns what
// they say together with an argument: a folder or file of pictures, a run
// file, or the word shapes.
func sourceFlags(c *cobra.Command) func(arg string) (picture.Source, error) {
	var src picture.Source
	f := c.Flags()
	f.StringVar(&src.Kind, "kind", "", "kind of set; see limner dataset list (default: by the files)")
	f.StringVar((*string)(&src.Split), "split", "", "train, test or all (default train)")
	f.IntVar(&src.Size, "size", 0, "side of the pictures in pixels")
	f.IntVar(&src.Channels, "channels", 0, "1 (grey) or 3 (RGB)")
	f.IntVar(&src.Count, "count", 0, "number of pictures")
	f.Uint64Var(&src.Seed, "seed", 0, "seed of drawn pictures")
	return func(arg string) (picture.Source, error) {
		given := src
		if ext := filepath.Ext(arg); ext == ".yaml" || ext == ".yml" {
			cfg, err := train.ReadConfig(arg)
			if err != nil {
				return src, err
			}
			src = cfg.Data.Source
			for _, o := range []struct {
				flag string
				take func()
			}{
				{"kind", func() { src.Kind = given.Kind }}, {"split", func() { src.Split = given.Split }},
				{"size", func() { src.Size = given.Size }}, {"channels", func() { src.Channels = given.Channels }},
				{"count", func() { src.Count = given.Count }}, {"seed", func() { src.Seed = given.Seed }},
			} {
				if f.Changed(o.flag) {
					o.take()
				}
			}
			return src, nil
		}
		if src.Kind == "" {
			src.Kind = kindOf(arg)
		}
		if src.Kind != "shapes" {
			src.Path = arg
		}
		return src, nil
	}
}

// kindOf tells the kind of a set by the names of its files.
func kindOf(path string) string {
	st, err := os.Stat(path)
	switch {
	case err != nil && path == "shapes":
		return "shapes"
	case err != nil || !st.IsDir():
		return "idx"
	}
	if isFrozen(path) {
		return "frozen"
	}
	if found, _ := filepath.Glob(filepath.Join(path, "*idx3-ubyte*")); len(found) > 0 {
		return "idx"
	}
	return "folder"
}

// summary is what dataset show says.
type summary struct {
	Kind     string         `json:"kind"`
	Path     string         `json:"path,omitempty"`
	Split    picture.Split  `json:"split"`
	Pictures int            `json:"pictures"`
	Height   int            `json:"height"`
	Width    int            `json:"width"`
	Channels int            `json:"channels"`
	Captions int            `json:"captions"`
	Classes  []string       `json:"classes,omitempty"`
	PerClass map[string]int `json:"per_class,omitempty"`
	Skipped  []string       `json:"skipped,omitempty"`
	Digest   string         `json:"digest"`
	Basis    basis.Basis    `json:"basis"`
}

func newDatasetShow() *cobra.Command {
	var asJSON bool
	var drawing string
	c := &cobra.Command{
		Use:   "show SET",
		Short: "Count and check the pictures of a set",
		Long: `Count and check the pictures of a set: a folder of pictures, the folder of IDX
files or of a frozen set, a run file, or the word "shapes" for the drawn set.`,
		Example: "  limner dataset show ~/pictures --size 64\n  limner dataset show shapes --grid shapes.png",
		Args:    args(1, 1, "a set: a folder, a run file, or shapes"),
	}
	source := sourceFlags(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		src, err := source(args[0])
		if err != nil {
			return err
		}
		set, err := open(src)
		if err != nil {
			return err
		}
		s, err := summarise(c.Context(), src, set)
		if err != nil {
			return err
		}
		if drawing != "" {
			if err := drawSet(drawing, set); err != nil {
				return err
			}
		}
		if asJSON {
			return writeJSON(c.OutOrStdout(), s)
		}
		w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
		fmt.Fprintf(w, "kind\t%s\nsplit\t%s\npictures\t%d of %d×%d×%d\n", s.Kind, s.Split, s.Pictures, s.Height, s.Width, s.Channels)
		if len(s.Classes) > 0 {
			var each []string
			for _, name := range s.Classes {
				each = append(each, fmt.Sprintf("%s %d", name, s.PerClass[name]))
			}
			fmt.Fprintf(w, "classes\t%s\n", strings.Join(each, ", "))
		}
		if s.Captions > 0 {
			fmt.Fprintf(w, "captions\t%d\n", s.Captions)
		}
		fmt.Fprintf(w, "left out\t%d\n", len(s.Skipped))
		for _, why := range s.Skipped[:min(len(s.Skipped), 10)] {
			fmt.Fprintf(w, "\t%s\n", why)
		}
		fmt.Fprintf(w, "digest\t%s\nrights\t%s\n", s.Digest, s.Basis)
		if s.Basis.Root != "" {
			fmt.Fprintf(w, "name\t%s/%d\n", s.Basis.Root, s.Basis.Digests)
		}
		return w.Flush()
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	c.Flags().StringVar(&drawing, "grid", "", "PNG to draw the first 64 pictures into")
	return c
}

func open(src picture.Source) (picture.Set, error) {
	if src.Path != "" {
		if _, err := os.Stat(src.Path); err != nil {
			return nil, fmt.Errorf("data set: %s: %w", src.Path, reason(err))
		}
	}
	return dataset.Open(src)
}

// reason is an error of the file system without the path and the call.
func reason(err error) error {
	if e, ok := err.(*fs.PathError); ok {
		return e.Err
	}
	return err
}

func summarise(ctx context.Context, src picture.Source, set picture.Set) (summary, error) {
	src, err := src.Check()
	if err != nil {
		return summary{}, err
	}
	s := summary{Kind: src.Kind, Path: src.Path, Split: src.Split, Pictures: set.Len(), Classes: set.Classes()}
	s.Height, s.Width, s.Channels = set.Shape()
	if len(s.Classes) > 0 {
		s.PerClass = map[string]int{}
	}
	for i := range set.Len() {
		l, err := set.Item(i, nil)
		if err != nil && !picture.IsSkip(err) {
			return s, err
		}
		if err == nil && l.Class >= 0 {
			s.PerClass[s.Classes[l.Class]]++
		}
		if l.Caption != "" {
			s.Captions++
		}
	}
	for _, k := range picture.Skipped(set) {
		s.Skipped = append(s.Skipped, k.Error())
	}
	if s.Basis, err = basis.Of(set); err != nil {
		return s, err
	}
	root, err := picture.Digest(ctx, set)
	s.Digest = root.String()
	return s, err
}

// drawSet draws the first pictures of a set.
func drawSet(path string, set picture.Set) error {
	h, w, c := set.Shape()
	t := tensor.New(min(64, set.Len()), h, w, c)
	for i := range t.Shape[0] {
		if _, err := set.Item(i, t.Row(i)); err != nil && !picture.IsSkip(err) {
			return err
		}
	}
	return atomicfile.Write(path, 0o644, func(w io.Writer) error {
		return grid.Encode(w, t, grid.Options{Scale: max(1, 64/h)})
	})
}

func newDatasetExport() *cobra.Command {
	c := &cobra.Command{
		Use:   "export SET FOLDER",
		Short: "Write a set as a folder of PNG files",
		Args:  args(2, 2, "a set and a new folder"),
	}
	source := sourceFlags(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		src, err := source(args[0])
		if err != nil {
			return err
		}
		set, err := open(src)
		if err != nil {
			return err
		}
		ctx, stop := interruptible(c.Context(), func() {})
		defer stop()
		skipped, err := dataset.Export(ctx, set, args[1])
		if err != nil {
			return err
		}
		skipped = append(picture.Skipped(set), skipped...)
		for i := range skipped {
			fmt.Fprintf(c.ErrOrStderr(), "left out: %v\n", &skipped[i])
		}
		fmt.Fprintln(c.OutOrStdout(), args[1])
		return nil
	}
	return c
}
