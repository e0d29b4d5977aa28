package curate

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/limner-ai/limner/curate/fingerprint"
	"github.com/limner-ai/limner/curate/resize"
	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/strict"
)

// Recipe says what a curated set is made of, and how.
type Recipe struct {
	Name       string     `yaml:"name" json:"name"`
	Sources    []From     `yaml:"sources" json:"sources"`
	Purpose    string     `yaml:"purpose" json:"purpose"`     // what the pictures are for, as the rights policy names it
	Territory  string     `yaml:"territory" json:"territory"` // ISO 3166 code of where; empty: as the policy has it
	Size       int        `yaml:"size" json:"size"`           // side of the prepared pictures, pixels
	Fit        resize.Fit `yaml:"fit" json:"fit"`
	Background string     `yaml:"background" json:"background"` // transparent, or #rrggbb
	Limits     Limits     `yaml:"limits" json:"limits"`
	Quality    Quality    `yaml:"quality" json:"quality"`
	Duplicates Duplicates `yaml:"duplicates" json:"duplicates"`
	Captions   Captions   `yaml:"captions" json:"captions"`
	Split      Split      `yaml:"split" json:"split"`
}

// From is a source and which of its pictures are wanted. Patterns are matched
// with paths within the source; * does not cross a slash, ** does.
type From struct {
	ID      string   `yaml:"id" json:"id"`
	Include []string `yaml:"include" json:"include,omitempty"` // none: all
	Exclude []string `yaml:"exclude" json:"exclude,omitempty"`
	// EmojiNames says that files without code points are named as emoji are.
	EmojiNames bool `yaml:"emoji_names" json:"emoji_names,omitempty"`
}

// Limits bound what one file may cost; see decode.Limits.
type Limits struct {
	Bytes   int64   `yaml:"bytes" json:"bytes"`
	Pixels  int64   `yaml:"pixels" json:"pixels"`
	Ratio   float64 `yaml:"ratio" json:"ratio"`
	Memory  int64   `yaml:"memory" json:"memory"`   // bytes
	Seconds float64 `yaml:"seconds" json:"seconds"` // what is slower is left out on this machine, and tried again
	Vector  int     `yaml:"vector" json:"vector"`   // longer side that SVG is drawn with, before it is scaled; 0: four times the size
}

// Quality leaves out pictures by their measures; see quality.Measures. Zero
// asks for nothing.
type Quality struct {
	MinSide      int     `yaml:"min_side" json:"min_side"` // pixels of the shorter side of the file's picture
	MinSharpness float64 `yaml:"min_sharpness" json:"min_sharpness"`
	MaxEdgeWidth float64 `yaml:"max_edge_width" json:"max_edge_width"` // pixels
	MinEntropy   float64 `yaml:"min_entropy" json:"min_entropy"`       // bits
	MinCoverage  float64 `yaml:"min_coverage" json:"min_coverage"`     // mean alpha, 0 to 1
	MaxOverlay   float64 `yaml:"max_overlay" json:"max_overlay"`       // share of the width that looks like writing
}

// Duplicates says what becomes of pictures that look the same. Of files with
// the same bytes the first is kept in any case.
type Duplicates struct {
	Radius int  `yaml:"radius" json:"radius"` // bits of PDQ, at most fingerprint.Near
	Near   Near `yaml:"near" json:"near"`
}

// Near says what becomes of near duplicates.
type Near string

const (
	Keep   Near = "keep"   // they stay, on one side of the split
	Drop   Near = "drop"   // the first stays
	Ignore Near = "ignore" // they are not looked for
)

// Captions says in which languages captions are wanted and where words are
// found: the npm packages emojibase-data and emojilib, as a folder or archive,
// by a path relative to the recipe.
type Captions struct {
	Languages []string `yaml:"languages" json:"languages"` // that of titles and file names first
	Emojibase string   `yaml:"emojibase" json:"emojibase,omitempty"`
	Emojilib  string   `yaml:"emojilib" json:"emojilib,omitempty"`
	// Styles holds the words for styles that end a caption; empty for none.
	// A style that is not there is named as its source does.
	Styles map[string]string `yaml:"styles" json:"styles,omitempty"`
}

// Split holds out a share of all concepts, with everything that looks like
// them. Another salt draws others.
type Split struct {
	Share float64 `yaml:"share" json:"share"`
	Salt  string  `yaml:"salt" json:"salt,omitempty"`
}

// Defaults is what an empty recipe means.
func Defaults() Recipe {
	return Recipe{
		Purpose:    "train",
		Size:       64,
		Fit:        resize.Pad,
		Background: transparent,
		Limits:     Limits{Bytes: 64 << 20, Pixels: 64 << 20, Ratio: 20, Memory: 1 << 30, Seconds: 30},
		Duplicates: Duplicates{Radius: fingerprint.Near, Near: Keep},
		Captions:   Captions{Languages: []string{"en"}},
		Split:      Split{Share: 0.1},
	}
}

// ReadRecipe reads and checks a recipe. Its file's name is the default for its
// name, and all errors begin with it.
func ReadRecipe(path string) (Recipe, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Recipe{}, fmt.Errorf("cannot read the recipe: %w", err)
	}
	r, err := ParseRecipe(text, strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)))
	if err != nil {
		return Recipe{}, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// ParseRecipe reads a recipe over the defaults and checks it.
func ParseRecipe(text []byte, name string) (Recipe, error) {
	r := Defaults()
	r.Name = name
	if err := strict.YAML(text, &r); err != nil {
		return r, err
	}
	return r, r.Check()
}

// Digest names the recipe: what it says, not how.
func (r Recipe) Digest() digest.SHA256 {
	b, err := json.Marshal(r)
	if err != nil {
		panic(err) // it holds no value that JSON has no form for, once checked
	}
	return sha256.Sum256(append([]byte("limner recipe v1\n"), b...))
}
