package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/internal/basis"
	"github.com/limner-ai/limner/model/trained"
)

func newModel() *cobra.Command {
	c := group("model", "Look at trained models, export and import them")
	c.AddCommand(newModelList(), newModelShow(), newModelExport(), newModelImport(), newModelBlend())
	return c
}

// listed is a model in a list.
type listed struct {
	Path       string    `json:"path"`
	Name       string    `json:"name"`
	Family     string    `json:"family"`
	Height     int       `json:"height"`
	Width      int       `json:"width"`
	Channels   int       `json:"channels"`
	Classes    int       `json:"classes"`
	Iterations int       `json:"iterations"`
	Finished   time.Time `json:"finished"`
	Digest     string    `json:"digest"`
	Rights     string    `json:"rights"` // recorded, drawn or unknown
	Error      string    `json:"error,omitempty"`
}

func newModelList() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "list [FOLDER...]",
		Short: "List the models in folders, by default runs and LIMNER_HOME/models",
		RunE: func(c *cobra.Command, folders []string) error {
			if len(folders) == 0 {
				folders = modelFolders()
			}
			models := []listed{}
			for _, dir := range folders {
				for _, path := range modelsIn(dir) {
					models = append(models, list(path))
				}
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), models)
			}
			if len(models) == 0 {
				fmt.Fprintf(c.ErrOrStderr(), "no models in %s\n", strings.Join(folders, ", "))
				return nil
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "MODEL\tFAMILY\tPICTURES\tCLASSES\tSTEPS\tFINISHED\tRIGHTS\tPATH")
			for _, m := range models {
				if m.Error != "" {
					fmt.Fprintf(w, "damaged\t\t\t\t\t\t\t%s: %s\n", m.Path, m.Error)
					continue
				}
				fmt.Fprintf(w, "%s\t%s\t%d×%d×%d\t%d\t%d\t%s\t%s\t%s\n", m.Name, m.Family, m.Height, m.Width, m.Channels,
					m.Classes, m.Iterations, m.Finished.Format(time.DateTime), m.Rights, m.Path)
			}
			return w.Flush()
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

// modelsIn finds model files in a folder and in the runs right below it.
func modelsIn(dir string) []string {
	var found []string
	for _, pattern := range []string{"*.safetensors", filepath.Join("*", trained.FileName)} {
		paths, _ := filepath.Glob(filepath.Join(dir, pattern)) // the pattern is sound
		found = append(found, paths...)
	}
	return found
}

func list(path string) listed {
	m, digest, err := trained.ReadManifest(path)
	if err != nil {
		return listed{Path: path, Error: strings.TrimPrefix(oneLine(err), path+": ")}
	}
	p := m.Pictures
	return listed{path, m.Name, m.Family, p.Height, p.Width, p.Channels, len(p.Classes), m.Made.Iterations, m.Made.Finished, digest, string(cmp.Or(m.Data.Basis.Status, basis.Unknown)), ""}
}

func newModelShow() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "show MODEL",
		Short: "Verify a model file and print what it says about itself",
		Args:  args(1, 1, "a model file, the folder of a run, or the name of a model"),
		RunE: func(c *cobra.Command, args []string) error {
			path := findModel(args[0])
			m, digest, err := trained.ReadManifest(path)
			if boxed(args[0]) {
				path, m, digest, err = inTheBox()
			}
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), struct {
					Path   string `json:"path"`
					Digest string `json:"digest"`
					trained.Manifest
				}{path, digest, m})
			}
			if st, err := os.Stat(path); err == nil && st.IsDir() {
				path = filepath.Join(path, trained.FileName)
			}
			return printManifest(c, path, digest, m)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

// beganWith lists the models whose weights a run began with, the last first.
func beganWith(from *trained.Origin) string {
	var links []string
	for ; from != nil; from = from.From {
		links = append(links, fmt.Sprintf("%s (%d images, %.19s…)", from.Name, from.Made.Images, from.Digest))
	}
	return strings.Join(links, " ← ")
}

// blendedWith says between which models the weights lie.
func blendedWith(b *trained.Blended) string {
	if b == nil {
		return ""
	}
	return fmt.Sprintf("%.3g of the way from %.19s… to %.19s…", b.Share, b.With, b.Of)
}

func printManifest(c *cobra.Command, path, digest string, m trained.Manifest) error {
	w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
	p := m.Pictures
	took := time.Duration(m.Made.Seconds * float64(time.Second)).Round(time.Second)
	for _, row := range [][2]string{
		{"model", m.Name},
		{"path", path},
		{"digest", digest},
		{"family", m.Family},
		{"config", brief(m.Config)},
		{"pictures", fmt.Sprintf("%d×%d×%d", p.Height, p.Width, p.Channels)},
		{"classes", strings.Join(p.Classes, ", ")},
		{"trained on", fmt.Sprintf("%d pictures, %s", m.Data.Pictures, m.Data.Root)},
		{"source", string(m.Data.Source)},
		{"rights", m.Data.Basis.String()},
		{"began with", beganWith(m.From)},
		{"blended", blendedWith(m.Blended)},
		{"trained for", fmt.Sprintf("%d steps, %d images, %s", m.Made.Iterations, m.Made.Images, took)},
		{"finished", m.Made.Finished.Format(time.RFC3339)},
		{"place", m.Made.Place},
		{"machine", m.Made.Machine},
		{"code", m.Made.Code},
		{"seed", fmt.Sprint(m.Made.Seed)},
	} {
		if row[1] != "" {
			fmt.Fprintf(w, "%s\t%s\n", row[0], row[1])
		}
	}
	for _, name := range sorted(m.Metrics) {
		fmt.Fprintf(w, "%s\t%.5g\n", name, m.Metrics[name])
	}
	return w.Flush()
}

// brief is a configuration with long texts in it, such as a tokeniser, cut
// short; --json has all of it.
func brief(config json.RawMessage) string {
	const most = 60
	var v any
	if err := json.Unmarshal(config, &v); err != nil {
		return string(config)
	}
	var cut func(v any) any
	cut = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			for k, w := range v {
				v[k] = cut(w)
			}
		case []any:
			for i, w := range v {
				v[i] = cut(w)
			}
		case string:
			if len(v) > most && !strings.HasPrefix(v, "sha256:") {
				return fmt.Sprintf("%s… (%d bytes)", strings.ToValidUTF8(v[:most/2], ""), len(v))
			}
		}
		return v
	}
	text, err := json.Marshal(cut(v))
	if err != nil {
		return string(config)
	}
	return string(text)
}
