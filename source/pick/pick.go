// Package pick chooses which files of a source are taken.
package pick

import (
	"fmt"
	"path"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// Rule is the part of a source's configuration that chooses files. Patterns are
// those of doublestar: "*" within a folder, "**" across folders, "{a,b}".
type Rule struct {
	// Include lists patterns of which one must match; none takes every picture.
	Include []string `yaml:"include"`
	// Exclude lists patterns of which none may match.
	Exclude []string `yaml:"exclude"`
}

// Check returns an error that names the key of the first pattern that is none.
func (r Rule) Check() error {
	for key, list := range map[string][]string{"include": r.Include, "exclude": r.Exclude} {
		for _, p := range list {
			if !doublestar.ValidatePattern(p) {
				return fmt.Errorf("%s: %q is no pattern; write one such as \"img/**/*.png\"", key, p)
			}
		}
	}
	return nil
}

// Takes reports whether the file at that path is to be taken: it is a picture by
// its name, and the patterns admit it.
func (r Rule) Takes(path string) bool {
	return Picture(path) && (len(r.Include) == 0 || match(r.Include, path)) && !match(r.Exclude, path)
}

func match(patterns []string, path string) bool {
	for _, p := range patterns {
		if ok, err := doublestar.Match(p, path); ok && err == nil {
			return true
		}
	}
	return false
}

// Picture reports whether a file's name is that of a picture that Limner
// decodes: PNG, JPEG, WebP, GIF or SVG. What a file holds is told by its bytes.
func Picture(name string) bool {
	if strings.HasPrefix(path.Base(name), "._") || strings.HasPrefix(name, "__MACOSX/") {
		return false // what macOS keeps beside the files of others
	}
	switch strings.ToLower(path.Ext(name)) {
	case ".png", ".jpg", ".jpeg", ".webp", ".gif", ".svg":
		return true
	}
	return false
}
