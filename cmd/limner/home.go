package main

import (
	"os"
	"path/filepath"

	homes "github.com/limner-ai/limner/internal/home"
)

// home is where Limner keeps what belongs to no project.
func home() string { return string(homes.Find()) }

// modelFolders are where models are looked for by name.
func modelFolders() []string { return []string{"runs", filepath.Join(home(), "models")} }

// findModel turns what the user calls a model into a path: a file, the folder
// of a run, or a name in one of the model folders.
func findModel(name string) string {
	if _, err := os.Stat(name); err == nil {
		return name
	}
	for _, dir := range modelFolders() {
		for _, path := range []string{filepath.Join(dir, name), filepath.Join(dir, name+".safetensors")} {
			if _, err := os.Stat(path); err == nil {
				return path
			}
		}
	}
	return name
}
