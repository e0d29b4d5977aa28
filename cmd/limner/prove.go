package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/dataset/frozen"
	"github.com/limner-ai/limner/dataset/proof"
	"github.com/limner-ai/limner/internal/atomicfile"
	"github.com/limner-ai/limner/internal/digest"
)

// asked is the picture that a proof is about: a file or a digest.
type asked struct{ file, digest string }

func (a *asked) flags(c *cobra.Command) {
	c.Flags().StringVar(&a.file, "file", "", "picture, as it came from its source or as it is in the set")
	c.Flags().StringVar(&a.digest, "digest", "", "or its digest: sha256:…")
	c.MarkFlagsMutuallyExclusive("file", "digest")
}

func (a *asked) read() (d digest.SHA256, given bool, err error) {
	switch {
	case a.file != "":
		f, err := os.Open(a.file)
		if err != nil {
			return d, true, err
		}
		defer f.Close()
		h := sha256.New()
		if _, err := io.Copy(h, f); err != nil {
			return d, true, err
		}
		return digest.SHA256(h.Sum(nil)), true, nil
	case a.digest != "":
		err = d.UnmarshalText([]byte(a.digest))
		return d, true, err
	}
	return d, false, nil
}

func newDatasetProve() *cobra.Command {
	var what asked
	var out string
	c := &cobra.Command{
		Use:   "prove SET --file PICTURE",
		Short: "Prove that a picture is in a frozen set, or that it is not",
		Long: `Prove that a picture is in a frozen set, or that it is not.

The proof is a few hundred bytes of JSON. Anybody checks it with limner dataset
check-proof and the set's published name (limner dataset show SET).`,
		Example: "  limner dataset prove sets/emoji --file apple.svg -o proof.json",
		Args:    args(1, 1, "the folder of a frozen set"),
		RunE: func(c *cobra.Command, args []string) error {
			d, given, err := what.read()
			if err != nil {
				return err
			}
			if !given {
				return usagef("name the picture: --file or --digest")
			}
			m, err := frozen.ReadManifest(args[0])
			if err != nil {
				return err
			}
			tree, err := frozen.Tree(args[0], m)
			if err != nil {
				return err
			}
			p, err := tree.Prove(d)
			if err != nil {
				return err
			}
			in, err := proof.Check(m.Root, p)
			if err != nil {
				return err
			}
			text, err := json.Marshal(p)
			if err != nil {
				return err
			}
			text = append(text, '\n')
			if out == "" {
				_, err = c.OutOrStdout().Write(text)
			} else {
				err = atomicfile.Write(out, 0o644, func(w io.Writer) error {
					_, err := w.Write(text)
					return err
				})
			}
			fmt.Fprintf(c.ErrOrStderr(), "%s is %s %s\n", d, inOrNot(in), m.Root)
			return err
		},
	}
	what.flags(c)
	c.Flags().StringVarP(&out, "output", "o", "", "file for the proof (default: standard output)")
	return c
}

func inOrNot(in bool) string {
	if in {
		return "in"
	}
	return "not in"
}

// checked is what check-proof says.
type checked struct {
	Digest   digest.SHA256 `json:"digest"`
	Set      string        `json:"set"`
	Included bool          `json:"included"`
}

func newDatasetCheckProof() *cobra.Command {
	var what asked
	var root string
	var asJSON bool
	c := &cobra.Command{
		Use:   "check-proof PROOF --root NAME",
		Short: "Check a proof with nothing but a set's published name",
		Long: `Check a proof that a picture is in a frozen set, or that it is not, with nothing
but the set's published name: sha256:…/SIZE.

With --file or --digest the proof must be about that picture. A proof that does
not hold ends with status 1.`,
		Example: "  limner dataset check-proof proof.json --root sha256:…/28400 --file apple.svg",
		Args:    args(1, 1, "a proof"),
		RunE: func(c *cobra.Command, args []string) error {
			if root == "" {
				return usagef("--root is missing: the set's published name, sha256:…/SIZE")
			}
			name, err := proof.ParseName(root)
			if err != nil {
				return usagef("--root: %v", err)
			}
			text, err := readWhole(args[0])
			if err != nil {
				return err
			}
			p, err := proof.Parse(text)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			d, given, err := what.read()
			if err != nil {
				return err
			}
			if given && d != p.Digest {
				return fmt.Errorf("%s is about another picture: %s, not %s", args[0], p.Digest, d)
			}
			in, err := proof.Check(name, p)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), checked{p.Digest, name.String(), in})
			}
			fmt.Fprintf(c.OutOrStdout(), "%s is %s %s\n", p.Digest, inOrNot(in), name)
			return nil
		},
	}
	what.flags(c)
	c.Flags().StringVar(&root, "root", "", "the set's published name: sha256:…/SIZE")
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

func newDatasetVerify() *cobra.Command {
	c := &cobra.Command{
		Use:   "verify SET",
		Short: "Read all of a frozen set and hold it against its root",
		Args:  args(1, 1, "the folder of a frozen set"),
		RunE: func(c *cobra.Command, args []string) error {
			ctx, stop := interruptible(c.Context(), func() {})
			defer stop()
			m, err := frozen.Verify(ctx, args[0], stageLine(c.ErrOrStderr(), isTerminal(c.ErrOrStderr())))
			if err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "%s: %d pictures, %s: sound\n", m.Name, m.Pictures, m.Root)
			return nil
		},
	}
	return c
}

// isFrozen reports whether a path is a frozen set.
func isFrozen(path string) bool {
	_, err := os.Stat(filepath.Join(path, frozen.ManifestFile))
	return err == nil
}
