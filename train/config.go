// Package train runs what a model family describes: it reads a run file,
// feeds pictures to the compiled steps, measures, draws samples, and saves
// checkpoints from which a run continues bit for bit.
package train

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/internal/strict"
)

// Config is a run file.
type Config struct {
	Name  string  `yaml:"name"`
	Data  Data    `yaml:"data"`
	Model Section `yaml:"model"` // family, and its keys
	Train Plan    `yaml:"train"`
	Out   string  `yaml:"out"`             // folder of the run, by default runs/NAME
	Place string  `yaml:"place,omitempty"` // where the run takes place, for the model file
	Every Every   `yaml:"every"`
	Keep  int     `yaml:"keep"` // checkpoints to keep
	Guard Guard   `yaml:"guard"`

	// Prompts are drawn while training a model that takes words; without them,
	// the captions of some pictures of the set are.
	Prompts []string `yaml:"prompts,omitempty"`
}

// Data is the set to train on, and what to do with its pictures.
type Data struct {
	picture.Source `yaml:",inline"`
	Flip           bool `yaml:"flip"` // mirror half of the pictures
	// Balance lets what has many pictures come up as often as what has few:
	// concept or class; "" takes each picture as often as any other.
	Balance string `yaml:"balance,omitempty"`
	// Evenness is how far Balance goes: with 1 every concept comes up equally
	// often, with 0 as often as it has pictures, with ½ by the root of that.
	Evenness float64 `yaml:"evenness"`
	// Emphasis lets pictures of which a word is said, in a caption or a keyword,
	// come up so many times as often: what a report finds that the model gets
	// wrong for want of pictures.
	Emphasis map[string]int `yaml:"emphasis,omitempty"`
}

// Plan is how long and how fast to learn. One of Steps, Epochs and Images
// gives the length.
type Plan struct {
	Batch    int      `yaml:"batch"`
	Steps    int      `yaml:"steps,omitempty"`  // iterations
	Epochs   float64  `yaml:"epochs,omitempty"` // passes over the set
	Images   int      `yaml:"images,omitempty"` // pictures seen
	Seed     uint64   `yaml:"seed"`
	Rate     float64  `yaml:"rate"` // learning rate at its highest; 0: 1e-3 for models with a likelihood or a score, 2e-4 for others
	Schedule Schedule `yaml:"schedule"`
	Threads  int      `yaml:"threads"` // 0: one a processor

	// From is a model of the same family, a file or the folder of a run, whose
	// weights the run begins with.
	From string `yaml:"from,omitempty"`
	// Fresh are scopes whose weights begin anew all the same, as those do that
	// have another shape here: flow/in and flow/out of a flow over the latents of
	// another autoencoder.
	Fresh []string `yaml:"fresh,omitempty"`

	// Precision of matrix products and convolutions while learning; weights,
	// moments and all else are float32, and so is what a model computes when it
	// samples or is measured.
	Precision tensor.Precision `yaml:"precision,omitempty"`
}

// Every says how many iterations lie between two of each; 0 means never,
// except for Checkpoint, where it means only at the end.
type Every struct {
	Log        int `yaml:"log"`
	Sample     int `yaml:"sample"`
	Checkpoint int `yaml:"checkpoint"`
	Validate   int `yaml:"validate"`
	Pictures   int `yaml:"pictures"` // held-out pictures that a validation looks at; 0: all
}

// Guard stops a run that diverges: a loss above Factor times its running
// median over Window iterations, for Steps iterations in a row. A factor of 0
// turns it off; a loss that is no number stops a run in any case.
type Guard struct {
	Factor float64 `yaml:"factor"`
	Window int     `yaml:"window"`
	Steps  int     `yaml:"steps"`
}

// Defaults is what an empty run file means.
func Defaults() Config {
	return Config{
		Data:  Data{Evenness: 1},
		Train: Plan{Batch: 64, Seed: 1, Schedule: Schedule{Kind: "constant"}},
		Every: Every{Log: 50, Sample: 1000, Checkpoint: 1000, Validate: 1000, Pictures: 2000},
		Keep:  2,
		Guard: Guard{Factor: 50, Window: 500, Steps: 100},
	}
}

// ReadConfig reads and checks a run file. Its name is the default for the
// run's name, and all errors begin with it.
func ReadConfig(path string) (Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Config{}, fmt.Errorf("cannot read the run file: %w", err)
	}
	c, err := ParseConfig(text)
	if err != nil {
		return Config{}, fmt.Errorf("%s: %w", path, err)
	}
	if c.Name == "" {
		c.Name = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	}
	if err := c.Check(); err != nil {
		return Config{}, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// ParseConfig reads a run file over the defaults without checking it.
func ParseConfig(text []byte) (Config, error) {
	c := Defaults()
	err := strict.YAML(text, &c)
	return c, err
}

// YAML is the run file with everything filled in.
func (c Config) YAML() ([]byte, error) {
	return yaml.MarshalWithOptions(c, yaml.Indent(2), yaml.IndentSequence(true))
}

// Check fills what follows from other keys and says what is wrong.
func (c *Config) Check() error {
	bad := func(key, format string, args ...any) error {
		return fmt.Errorf("%s: %s", key, fmt.Sprintf(format, args...))
	}
	p := &c.Train
	lengths := 0
	for _, given := range []bool{p.Steps != 0, p.Epochs != 0, p.Images != 0} {
		if given {
			lengths++
		}
	}
	switch {
	case c.Name == "":
		return bad("name", "give the run a name")
	case strings.ContainsAny(c.Name, `/\`) || strings.HasPrefix(c.Name, "."):
		return bad("name", "%q cannot name a folder", c.Name)
	case c.Data.Kind == "":
		return bad("data.kind", "say what to train on: folder, idx or shapes")
	case c.Data.Split == picture.Test:
		return bad("data.split", "the test split is for measuring, not for training")
	case c.Data.Balance != "" && c.Data.Balance != byConcept && c.Data.Balance != byClass:
		return bad("data.balance", "want concept or class, not %q", c.Data.Balance)
	case !(c.Data.Evenness >= 0 && c.Data.Evenness <= 1):
		return bad("data.evenness", "want a number from 0 to 1, not %v", c.Data.Evenness)
	case c.Data.Evenness > 0 && c.Data.Evenness < 1 && c.Data.Balance == "":
		return bad("data.evenness", "%v of what? say data.balance: concept or class", c.Data.Evenness)
	case c.Data.unsoundEmphasis() != "":
		return bad("data.emphasis", "%s: want words, each with a whole number of times from 1 to %d", c.Data.unsoundEmphasis(), mostEmphasis)
	case p.Batch < 1:
		return bad("train.batch", "want at least 1, not %d", p.Batch)
	case lengths == 0:
		return bad("train.steps", "say how long to train: steps, epochs or images")
	case lengths > 1:
		return bad("train.steps", "give only one of steps, epochs and images")
	case p.Steps < 0 || p.Images < 0 || !(p.Epochs >= 0) || math.IsInf(p.Epochs, 0):
		return bad("train.steps", "the length of a run is positive")
	case !(p.Rate >= 0) || math.IsInf(p.Rate, 0):
		return bad("train.rate", "want a positive number, not %v", p.Rate)
	case len(p.Fresh) > 0 && p.From == "":
		return bad("train.fresh", "all weights begin anew without train.from")
	case slices.Contains(p.Fresh, ""):
		return bad("train.fresh", "want names of scopes, as in [flow/in, flow/out]")
	case p.Threads < 0:
		return bad("train.threads", "want 0 (one a processor) or more, not %d", p.Threads)
	case min(c.Every.Log, c.Every.Sample, c.Every.Checkpoint, c.Every.Validate, c.Every.Pictures) < 0:
		return bad("every", "want 0 or more")
	case c.Keep < 1:
		return bad("keep", "want at least 1, not %d", c.Keep)
	case !(c.Guard.Factor == 0 || c.Guard.Factor > 1) || c.Guard.Steps < 1 || c.Guard.Window < 2*c.Guard.Steps:
		return bad("guard", "want a factor above 1 (or 0: off), steps of at least 1, and a window of at least twice the steps")
	}
	if err := p.Schedule.check(); err != nil {
		return err
	}
	c.Out = cmp.Or(c.Out, filepath.Join("runs", c.Name))
	return nil
}

// Iterations is the length of the run on a set of so many pictures.
func (p Plan) Iterations(pictures int) int {
	switch {
	case p.Epochs > 0:
		return max(1, int(math.Ceil(p.Epochs*float64(pictures)/float64(p.Batch))))
	case p.Images > 0:
		return (p.Images + p.Batch - 1) / p.Batch
	}
	return p.Steps
}
