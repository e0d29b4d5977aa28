package main

import (
	"os"
	"path/filepath"
)

// home is where Limner keeps what belongs to no project: LIMNER_HOME, or
// limner in the XDG data folder.
func home() string {
	if dir := os.Getenv("LIMNER_HOME"); dir != "" {
		return dir
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) { // as the XDG specification asks
		return filepath.Join(dir, "limner")
	}
	if user, err := os.UserHomeDir(); err == nil {
		return filepath.Join(user, ".local", "share", "limner")
	}
	return ".limner"
}

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
