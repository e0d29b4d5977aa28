package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/internal/atomicfile"
	homes "github.com/limner-ai/limner/internal/home"
	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/rights"
	"github.com/limner-ai/limner/rights/claim"
	"github.com/limner-ai/limner/rights/ledger"
)

func newRightsClaim() *cobra.Command {
	c := group("claim", "Hold, judge and answer what rights holders claim")
	c.AddCommand(newClaimOpen(), newClaimList(), newClaimShow(), newClaimUphold(), newClaimReject(), newClaimAppeal(), newClaimReceipt())
	return c
}

func newClaimOpen() *cobra.Command {
	var s claim.Submission
	var pictures, digests []string
	var asJSON bool
	c := &cobra.Command{
		Use:   "open",
		Short: "Record a claim, and hold at once all that it names",
		Long: `Record a rights holder's claim. Works are named by pictures (the very file, and
all that look like it, turned and mirrored too), digests, addresses, creators, or
paths in which * stands for any characters. All that matches is held at once:
nothing of it is let into a data set until the claim is judged.`,
		Example: `  limner rights claim open --holder "Ann Artist" --picture apple.png
  limner rights claim open --holder "Ann Artist" --path 'emoji/noto/*apple*' --url https://example.org/ann/`,
		Args: args(0, 0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			for _, path := range pictures {
				file, err := readWhole(path)
				if err != nil {
					return err
				}
				if err := s.Names.Show(c.Context(), filepath.Base(path), file); err != nil {
					fmt.Fprintf(c.ErrOrStderr(), "%s\n", oneLine(err))
				}
			}
			for _, d := range digests {
				digest, err := ledger.ParseDigest(strings.TrimPrefix(d, "sha256:"))
				if err != nil {
					return usagef("--digest: %w", err)
				}
				s.Names.Contents = append(s.Names.Contents, digest)
			}
			l, err := openLedger()
			if err != nil {
				return err
			}
			defer l.Close()
			o, err := claim.Open(c.Context(), l, homes.Actor(), s)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), o)
			}
			printMatches(c.ErrOrStderr(), o.Matches)
			fmt.Fprintf(c.ErrOrStderr(), "%d copies are held; judge them with: limner rights claim uphold|reject %s\n", len(o.Matches), o.ID)
			fmt.Fprintln(c.OutOrStdout(), o.ID)
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&s.ID, "id", "", "identifier of the claim (default: made of the day)")
	f.StringVar(&s.Holder, "holder", "", "who holds the rights")
	f.StringVar(&s.Contact, "contact", "", "how to reach them")
	f.StringVar(&s.Words, "words", "", "what they say")
	f.StringArrayVar(&pictures, "picture", nil, "picture file that is claimed, and all that look like it")
	f.StringArrayVar(&digests, "digest", nil, "SHA-256 of a file that is claimed")
	f.StringArrayVar(&s.Names.URLs, "url", nil, "address; ending with / or *, all that begin so")
	f.StringArrayVar(&s.Names.Creators, "creator", nil, "name of the creator or holder that sources give")
	f.StringArrayVar(&s.Names.Paths, "path", nil, "SOURCE/PATH; * stands for any characters")
	f.BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

const matchesShown = 20

func printMatches(w io.Writer, ms []claim.Match) {
	for _, m := range ms[:min(len(ms), matchesShown)] {
		near := ""
		if m.Distance >= 0 {
			near = fmt.Sprintf(", %d of 256 bits differ", m.Distance)
		}
		fmt.Fprintf(w, "%s %s (%s%s)\n  %s\n", m.Source, m.Path, strings.Join(m.How, ", "), near, m.Content)
	}
	if n := len(ms) - matchesShown; n > 0 {
		fmt.Fprintf(w, "and %d more; see limner rights claim show --json\n", n)
	}
}

// claimed is a claim as list and show have it.
type claimed struct {
	ID       string            `json:"id"`
	State    string            `json:"state"`
	Standing rights.Standing   `json:"standing"`
	Holder   string            `json:"holder"`
	Names    []string          `json:"names"`
	Reasons  []string          `json:"reasons"`
	Matches  []string          `json:"matches"`
	Cleared  []string          `json:"cleared"`
	Handed   *claim.Submission `json:"submission,omitempty"`
	Affected *claim.Derived    `json:"affected,omitempty"`
}

func summed(ctx context.Context, l *ledger.Ledger, k *rights.Case) (claimed, error) {
	s, err := claim.Submitted(ctx, l, k)
	x := claimed{ID: k.ID, State: k.State, Standing: k.Standing, Holder: s.Holder, Names: k.Names, Reasons: k.Reasons, Matches: []string{}, Cleared: []string{}}
	for _, ref := range sorted(k.Matches) {
		if k.Matches[ref] {
			x.Matches = append(x.Matches, ref)
		} else {
			x.Cleared = append(x.Cleared, ref)
		}
	}
	x.Handed = &s
	return x, err
}

func newClaimList() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List the claims",
		Args:  args(0, 0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			l, err := readLedger()
			if err != nil {
				return err
			}
			defer l.Close()
			cases, err := rights.Cases(c.Context(), l)
			if err != nil {
				return err
			}
			out := []claimed{}
			for _, k := range cases {
				x, err := summed(c.Context(), l, k)
				if err != nil {
					return err
				}
				x.Handed = nil
				out = append(out, x)
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), out)
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "claim\tstate\tcopies\tholder")
			for _, x := range out {
				fmt.Fprintf(w, "%s\t%s\t%d\t%s\n", x.ID, x.State, len(x.Matches), x.Holder)
			}
			return w.Flush()
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

func newClaimShow() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "show CLAIM",
		Short: "Show a claim, what it matches, and what was made with that",
		Args:  args(1, 1, "the identifier of a claim"),
		RunE: func(c *cobra.Command, ids []string) error {
			l, err := readLedger()
			if err != nil {
				return err
			}
			defer l.Close()
			k, err := claim.Find(c.Context(), l, ids[0])
			if err != nil {
				return err
			}
			x, err := summed(c.Context(), l, k)
			if err != nil {
				return err
			}
			contents, err := claim.Matched(k)
			if err != nil {
				return err
			}
			affected, err := claim.Affected(c.Context(), l, contents)
			if err != nil {
				return err
			}
			x.Affected = &affected
			if asJSON {
				return writeJSON(c.OutOrStdout(), x)
			}
			w := c.OutOrStdout()
			fmt.Fprintf(w, "%s: %s, by %s\n", x.ID, x.State, x.Holder)
			for _, n := range x.Names {
				fmt.Fprintf(w, "  names %s\n", n)
			}
			for _, r := range x.Reasons {
				fmt.Fprintf(w, "  reason: %s\n", r)
			}
			fmt.Fprintf(w, "  %d copies match, %d were cleared\n", len(x.Matches), len(x.Cleared))
			for _, m := range contents[:min(len(contents), matchesShown)] {
				f, err := rights.Gather(c.Context(), l, m)
				if err != nil {
					return err
				}
				fmt.Fprintf(w, "  %s %s\n    %s\n", f.Copy.Source, f.Copy.Path, m)
			}
			printAffected(w, affected)
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

// fewOutputs is how many pictures are named to people.
const fewOutputs = 10

func printAffected(w io.Writer, d claim.Derived) {
	for _, s := range d.Datasets {
		fmt.Fprintf(w, "  data set %s holds %d of them; freeze it anew with --replaces\n", s.ID, s.Copies)
	}
	for _, m := range d.Models {
		fmt.Fprintf(w, "  model %s was trained on them\n", m)
	}
	for _, o := range d.Outputs[:min(len(d.Outputs), fewOutputs)] {
		fmt.Fprintf(w, "  picture %s was made by such a model\n", o)
	}
	if more := len(d.Outputs) - fewOutputs; more > 0 {
		fmt.Fprintf(w, "  and %d pictures more, which --json lists\n", more)
	}
}

// rulingFlags are those of who judges.
type rulingFlags struct {
	by      string
	reasons []string
}

func (r *rulingFlags) flags(c *cobra.Command) {
	c.Flags().StringVar(&r.by, "by", "", "who decides")
	c.Flags().StringArrayVar(&r.reasons, "reason", nil, "why")
}

func (r *rulingFlags) ruling() (claim.Ruling, error) {
	if r.by == "" || len(r.reasons) == 0 {
		return claim.Ruling{}, usagef("a ruling wants --by and --reason: it is recorded who decided, and why")
	}
	return claim.Ruling{By: r.by, Reasons: r.reasons}, nil
}

func newClaimUphold() *cobra.Command {
	var flags rulingFlags
	var except []string
	var out string
	var asJSON bool
	c := &cobra.Command{
		Use:   "uphold CLAIM",
		Short: "Deny what a claim matches, erase it, and give a signed receipt",
		Long: `Deny for good what a claim matches, and erase the bytes. Digests and perceptual
hashes stay, so that it does not come back. Data sets that hold any of it are
named; freeze them anew with --replaces. The receipt proves to the holder what
was done. If it is interrupted, run it again.`,
		Example: `  limner rights claim uphold c-20261124-5f3a9b10 --by "R. Officer" --reason "title proven" --receipt receipt.json`,
		Args:    args(1, 1, "the identifier of a claim"),
		RunE: func(c *cobra.Command, ids []string) error {
			r, err := flags.ruling()
			if err != nil {
				return err
			}
			for _, e := range except {
				d, err := contentOf(e)
				if err != nil {
					return err
				}
				r.Cleared = append(r.Cleared, d)
			}
			l, err := openLedger()
			if err != nil {
				return err
			}
			defer l.Close()
			receipt, err := claim.Uphold(c.Context(), l, objects.Open(filepath.Join(home(), "objects")), ids[0], r)
			if err != nil {
				return err
			}
			if out != "" {
				if err := atomicfile.Write(out, 0o644, func(w io.Writer) error { return writeJSON(w, receipt) }); err != nil {
					return err
				}
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), receipt)
			}
			w := c.OutOrStdout()
			fmt.Fprintf(w, "upheld: %d copies are denied and erased, %d were cleared\n", len(receipt.Account.Erased), len(receipt.Account.Cleared))
			printAffected(w, receipt.Account.Affected)
			return nil
		},
	}
	flags.flags(c)
	c.Flags().StringArrayVar(&except, "except", nil, "file or digest of a match that is not the holder's")
	c.Flags().StringVar(&out, "receipt", "", "file to write the receipt into")
	c.Flags().BoolVar(&asJSON, "json", false, "print the receipt as JSON")
	return c
}

func newClaimReject() *cobra.Command {
	return ruled("reject CLAIM", "Release what a claim holds", "released", claim.Reject)
}

func newClaimAppeal() *cobra.Command {
	return ruled("appeal CLAIM", "Record an appeal against the ruling on a claim", "the appeal is recorded", claim.Appeal)
}

func ruled(use, short, done string, rule func(context.Context, *ledger.Ledger, string, claim.Ruling) error) *cobra.Command {
	var flags rulingFlags
	c := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  args(1, 1, "the identifier of a claim"),
		RunE: func(c *cobra.Command, ids []string) error {
			r, err := flags.ruling()
			if err != nil {
				return err
			}
			l, err := openLedger()
			if err != nil {
				return err
			}
			defer l.Close()
			if err := rule(c.Context(), l, ids[0], r); err != nil {
				return err
			}
			fmt.Fprintln(c.OutOrStdout(), done)
			return nil
		},
	}
	flags.flags(c)
	return c
}

func newClaimReceipt() *cobra.Command {
	var key, file string
	c := &cobra.Command{
		Use:     "receipt FILE",
		Short:   "Check a receipt, with nothing but the ledger's public key",
		Example: "  limner rights claim receipt receipt.json --key-file ledger.pub",
		Args:    args(1, 1, "the file of a receipt"),
		RunE: func(c *cobra.Command, files []string) error {
			text, err := readWhole(files[0])
			if err != nil {
				return err
			}
			if file != "" {
				b, err := readWhole(file)
				if err != nil {
					return err
				}
				key = strings.TrimSpace(string(b))
			}
			if key == "" {
				return usagef("the ledger's public key is missing: its owner prints it with limner rights checkpoint --key")
			}
			a, err := claim.CheckReceipt(text, key)
			if err != nil {
				return fmt.Errorf("%s: %w", files[0], err)
			}
			fmt.Fprintf(c.OutOrStdout(), "it holds: the claim %s of %s was upheld, and %d copies were denied and erased\n", a.Claim, a.Holder, len(a.Erased))
			return nil
		},
	}
	c.Flags().StringVar(&key, "key", "", "the ledger's public key")
	c.Flags().StringVar(&file, "key-file", "", "file of the ledger's public key")
	return c
}
