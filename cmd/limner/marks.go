package main

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/internal/atomicfile"
	"github.com/limner-ai/limner/mark"
	"github.com/limner-ai/limner/model/trained"
)

func newMarks() *cobra.Command {
	c := group("marks", "See and change the keys by which pictures are marked")
	c.Long = `See and change the keys by which pictures are marked.

Pictures leave Limner with a watermark in their pixels, XMP, and Content
Credentials, which are signed. The keys lie in LIMNER_HOME/marks and are made
when first needed. LIMNER_SIGN_CERT and LIMNER_SIGN_KEY name a certificate chain
and its key, in PEM files, to sign with instead.`
	c.AddCommand(newMarksShow(), newMarksExport(), newMarksImport(), newMarksTrust())
	return c
}

// markFolder is where the keys of marks lie.
func markFolder() string { return filepath.Join(home(), "marks") }

// markOptions are those of every marker: the keys of the home, unless the
// environment names others.
func markOptions() mark.Options {
	return mark.Options{Dir: markFolder(), Version: trained.CodeVersion(),
		Certificates: os.Getenv("LIMNER_SIGN_CERT"), Key: os.Getenv("LIMNER_SIGN_KEY")}
}

// marksShown is what limner marks show prints.
type marksShown struct {
	Folder      string    `json:"folder"`
	Certificate string    `json:"certificate"` // whose it is
	Issuer      string    `json:"issuer"`
	Fingerprint string    `json:"fingerprint"` // SHA-256 of the certificate
	Root        string    `json:"root"`        // SHA-256 of the last one of the chain
	Expires     time.Time `json:"expires"`
	Own         bool      `json:"own"` // made here, and on no public list
	Watermark   string    `json:"watermark"`
}

func newMarksShow() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "show",
		Short: "Show the certificate and the keys, which are made if there are none",
		Args:  args(0, 0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			o := markOptions()
			m, err := mark.Open(o)
			if err != nil {
				return err
			}
			chain := m.Chain()
			leaf, root := chain[0], chain[len(chain)-1]
			s := marksShown{markFolder(), leaf.Subject.String(), leaf.Issuer.String(), mark.Fingerprint(leaf), mark.Fingerprint(root),
				leaf.NotAfter, mark.OwnRoot(root), m.WatermarkKey()}
			if asJSON {
				return writeJSON(c.OutOrStdout(), s)
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintf(w, "keys in\t%s\n", s.Folder)
			if o.Certificates != "" {
				fmt.Fprintf(w, "signs with\t%s\n", o.Certificates)
			}
			fmt.Fprintf(w, "certificate\t%s\nissued by\t%s\nfingerprint\t%s\nroot\t%s\nexpires\t%s\nwatermark key\t%s\n",
				s.Certificate, s.Issuer, s.Fingerprint, s.Root, s.Expires.Format(time.DateOnly), s.Watermark)
			if err := w.Flush(); err != nil {
				return err
			}
			if s.Own {
				fmt.Fprintln(c.ErrOrStderr(), "the root was made here and is on no public list: give it to whoever is to trust your pictures (limner marks export)")
			}
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

func newMarksExport() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "export",
		Short: "Write the root's certificate, by which others can check your pictures",
		Args:  args(0, 0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			o := markOptions()
			o.NoWatermark = true
			m, err := mark.Open(o)
			if err != nil {
				return err
			}
			chain := m.Chain()
			b := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: chain[len(chain)-1].Raw})
			if out == "" {
				_, err = c.OutOrStdout().Write(b)
				return err
			}
			return atomicfile.Write(out, 0o644, func(w io.Writer) error {
				_, err := w.Write(b)
				return err
			})
		},
	}
	c.Flags().StringVarP(&out, "output", "o", "", "PEM file (default: standard output)")
	return c
}

func newMarksImport() *cobra.Command {
	var certificates, key, watermark string
	c := &cobra.Command{
		Use:   "import",
		Short: "Sign with another certificate, or mark with another computer's watermark key",
		Long: `Sign with another certificate from now on, or mark with another computer's
watermark key. Both are copied into LIMNER_HOME/marks; what was there before is
kept beside, and what it signed stays trusted here.`,
		Example: `  limner marks import --cert chain.pem --key key.pem
  limner marks import --watermark-key /media/stick/watermark.key`,
		Args: args(0, 0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			if (certificates == "") != (key == "") || certificates == "" && watermark == "" {
				return usagef("give --cert and --key, or --watermark-key")
			}
			if certificates != "" {
				if err := mark.Import(markFolder(), certificates, key); err != nil {
					return err
				}
			}
			if watermark != "" {
				return mark.ImportWatermarkKey(markFolder(), watermark)
			}
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&certificates, "cert", "", "PEM file: the signer's certificate, then those up to the root")
	f.StringVar(&key, "key", "", "PEM file with the certificate's key, not encrypted")
	f.StringVar(&watermark, "watermark-key", "", "file with 64 hexadecimal digits")
	return c
}

func newMarksTrust() *cobra.Command {
	return &cobra.Command{
		Use:   "trust FILE",
		Short: "Trust the roots in a PEM file: somebody else's, or a public list's",
		Long: `Trust the certificates in a PEM file as roots. Content Credentials count as
trusted here if one of them vouches for who signed.`,
		Args: args(1, 1, "a PEM file"),
		RunE: func(c *cobra.Command, files []string) error {
			fresh, err := mark.AddTrust(markFolder(), files[0])
			if errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("there is no file %s", files[0])
			}
			if err != nil {
				return err
			}
			return printTrusted(c.OutOrStdout(), fresh)
		},
	}
}

func printTrusted(w io.Writer, fresh []*x509.Certificate) error {
	for _, c := range fresh {
		if _, err := fmt.Fprintf(w, "%s  %s\n", mark.Fingerprint(c), c.Subject); err != nil {
			return err
		}
	}
	return nil
}
