package place

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/limner-ai/limner/curate"
	"github.com/limner-ai/limner/internal/nearest"
)

// Recipe is a recipe of curation in one of the folders for them.
type Recipe struct {
	Name    string   `json:"name"` // of its file
	Sources []string `json:"sources"`
	Size    int      `json:"size"`

	Path string `json:"-"`
}

// maxRecipe is the most bytes of a file that is looked at.
const maxRecipe = 1 << 20

// AllRecipes lists the recipes by name. Other YAML files, such as run files,
// lie in the same folders and are passed over.
func (p Places) AllRecipes() []Recipe {
	out := []Recipe{} // a list in JSON too where there is none
	known := map[string]bool{}
	for _, dir := range p.Recipes {
		files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
		if err != nil {
			continue
		}
		for _, path := range files {
			name := strings.TrimSuffix(filepath.Base(path), ".yaml")
			if info, err := os.Stat(path); CheckName(name) != nil || known[name] || err != nil || info.Size() > maxRecipe {
				continue
			}
			r, err := curate.ReadRecipe(path)
			if err != nil {
				continue
			}
			x := Recipe{Name: name, Size: r.Size, Path: path}
			for _, s := range r.Sources {
				x.Sources = append(x.Sources, s.ID)
			}
			known[name] = true
			out = append(out, x)
		}
	}
	slices.SortFunc(out, func(a, b Recipe) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// FindRecipe gives the recipe of that name.
func (p Places) FindRecipe(name string) (Recipe, error) {
	var names []string
	for _, r := range p.AllRecipes() {
		if r.Name == name {
			return r, nil
		}
		names = append(names, r.Name)
	}
	return Recipe{}, fmt.Errorf("there is no recipe %q%s", short(name), nearest.Hint(name, names))
}
