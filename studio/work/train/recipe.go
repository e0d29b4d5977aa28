package train

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/internal/nearest"
	"github.com/limner-ai/limner/model/box"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/studio/work/place"
	trainer "github.com/limner-ai/limner/train"
)

// The recipes are run files without name and set. Their first line says to
// people what they make.
//
//go:embed recipe/*.yaml
var recipeFiles embed.FS

// Recipe is a way to train that a form offers.
type Recipe struct {
	Name    string   `json:"name"`
	Title   string   `json:"title"`
	Summary string   `json:"summary"`
	Family  string   `json:"family"`
	Batch   int      `json:"batch"`
	Images  int      `json:"images"`
	Rate    float64  `json:"rate"`
	Parts   []string `json:"parts,omitempty"` // runs that it needs: autoencoder, words
}

// order is that in which people should meet them.
var order = []string{"vae", "gan", "tune", "autoencoder", "words", "flow"}

// parts are the runs that a recipe is built on, as a spec names them.
var parts = map[string][]string{"flow": {"autoencoder", "words"}}

// Recipes lists the recipes.
func Recipes() ([]Recipe, error) {
	var out []Recipe
	for _, name := range order {
		text, cfg, err := readRecipe(name)
		if err != nil {
			return nil, err
		}
		family, err := cfg.Model.Name("family")
		if err != nil {
			return nil, err
		}
		first, _, _ := strings.Cut(strings.TrimPrefix(string(text), "# "), "\n")
		title, summary, _ := strings.Cut(first, ": ")
		out = append(out, Recipe{
			Name: name, Title: title, Summary: summary, Family: family,
			Batch: cfg.Train.Batch, Images: cfg.Train.Images, Rate: cfg.Train.Rate, Parts: parts[name],
		})
	}
	return out, nil
}

func readRecipe(name string) ([]byte, trainer.Config, error) {
	if !slices.Contains(order, name) {
		return nil, trainer.Config{}, fmt.Errorf("recipe: there is no %q%s", name, nearest.Hint(name, order))
	}
	text, err := recipeFiles.ReadFile("recipe/" + name + ".yaml")
	if err != nil {
		return nil, trainer.Config{}, err
	}
	cfg, err := trainer.ParseConfig(text)
	return text, cfg, err
}

// fill makes a run file of a recipe and what a form says.
func (s Spec) fill() (trainer.Config, error) {
	_, cfg, err := readRecipe(s.Recipe)
	if err != nil {
		return cfg, err
	}
	cfg.Name = s.Run
	cfg.Data.Source = picture.Source{Path: s.Set, Size: cmp.Or(s.Size, cfg.Data.Size), Channels: cfg.Data.Channels}
	cfg.Train.Batch = cmp.Or(s.Batch, cfg.Train.Batch)
	cfg.Train.Rate = cmp.Or(s.Rate, cfg.Train.Rate)
	cfg.Train.Images = cmp.Or(s.Images, cfg.Train.Images)
	cfg.Train.Seed = cmp.Or(s.Seed, cfg.Train.Seed)
	values, err := cfg.Model.Values()
	if err != nil {
		return cfg, err
	}
	delete(values, "family")
	given := map[string]string{"autoencoder": s.Autoencoder, "words": s.Words}
	for _, part := range parts[s.Recipe] {
		if given[part] == "" && part == "autoencoder" {
			return cfg, errors.New("autoencoder: name the run whose latents are to be painted; train one with the recipe autoencoder first")
		}
		if given[part] != "" {
			values[part] = map[string]any{"from": given[part]}
		}
	}
	if given["words"] == "" {
		delete(values, "freeze_words")
	}
	family, err := cfg.Model.Name("family")
	if err != nil {
		return cfg, err
	}
	cfg.Model, err = trainer.NewSection("family", family, values)
	return cfg, err
}

// named writes into a run file where the set and the runs that it names lie.
// Nothing that it says is used as a path: all of it must be in the listings.
func named(cfg trainer.Config, p place.Places) (trainer.Config, error) {
	name := cmp.Or(cfg.Data.Path, cfg.Data.Kind)
	set, err := p.FindSet(name)
	if err != nil {
		return cfg, fmt.Errorf("data: %w", err)
	}
	if cfg.Data.Kind != "" && cfg.Data.Kind != set.Kind {
		return cfg, fmt.Errorf("data.kind: the set %s is of the kind %s, not %q", set.Name, set.Kind, cfg.Data.Kind)
	}
	cfg.Data.Kind, cfg.Data.Path = set.Kind, set.Path
	if from := cfg.Train.From; from != "" {
		if cfg.Train.From, err = findModel(from, p); err != nil {
			return cfg, fmt.Errorf("train.from: %w", err)
		}
	}
	values, err := cfg.Model.Values()
	if err != nil {
		return cfg, err
	}
	family, err := cfg.Model.Name("family")
	if err != nil {
		return cfg, fmt.Errorf("model: %w", err)
	}
	delete(values, "family")
	if err := namedParts(values, p); err != nil {
		return cfg, fmt.Errorf("model: %w", err)
	}
	cfg.Model, err = trainer.NewSection("family", family, values)
	return cfg, err
}

// findModel gives the folder of a run that has left a model, or the name of the
// model that comes with Limner, where no run has it.
func findModel(name string, p place.Places) (string, error) {
	path, err := p.FindRun(name)
	if err != nil && name == box.Name {
		return name, nil
	}
	return path, err
}

// open opens what findModel gives.
func (w *Worker) open(path string) (*trained.Model, error) {
	if path == box.Name {
		return box.Open(w.o.Families, nil)
	}
	return trained.Open(path, w.o.Families, nil)
}

// namedParts replaces the names of the runs that parts come from.
func namedParts(values map[string]any, p place.Places) error {
	for key, v := range values {
		switch v := v.(type) {
		case map[string]any:
			if err := namedParts(v, p); err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
		case string:
			if key != "from" {
				continue
			}
			path, err := findModel(v, p)
			if err != nil {
				return fmt.Errorf("from: %w", err)
			}
			values[key] = path
		}
	}
	return nil
}
