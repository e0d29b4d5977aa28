package npm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/limner-ai/limner/source"
)

var (
	packageName  = regexp.MustCompile(`^(@[a-z0-9~][a-z0-9._~-]*/)?[a-zA-Z0-9~][a-zA-Z0-9._~-]*$`)
	exactVersion = regexp.MustCompile(`^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)
)

// fetch has npm download a package, unless the cache has it, and returns the
// path of its archive. npm compares it with the digest that the registry gives.
func fetch(ctx context.Context, name, version string, env source.Env) (string, error) {
	if env.Cache == "" {
		return "", errors.New("package: there is no folder for downloads; give a .tgz by file")
	}
	file := strings.NewReplacer("@", "", "/", "-").Replace(name) + "-" + version + ".tgz"
	path := filepath.Join(env.Cache, file)
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		return path, nil
	}
	if err := os.MkdirAll(env.Cache, 0o755); err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(env.Cache, ".npm-*")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	if env.Tell != nil {
		env.Tell(fmt.Sprintf("downloading %s@%s with npm", name, version))
	}
	cmd := exec.CommandContext(ctx, "npm", "pack", "--ignore-scripts", "--silent", "--pack-destination", dir, name+"@"+version)
	cmd.Dir = dir
	var problem bytes.Buffer
	cmd.Stderr = &problem
	if err := cmd.Run(); err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return "", errors.New("package: npm is not installed; install it, or give a .tgz by file")
		}
		line, _, _ := strings.Cut(strings.TrimSpace(problem.String()), "\n")
		return "", fmt.Errorf("package: npm cannot fetch %s@%s: %w %s", name, version, err, line)
	}
	got, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(got) != 1 {
		return "", fmt.Errorf("package: npm left %d archives of %s@%s instead of one", len(got), name, version)
	}
	return path, os.Rename(got[0], path)
}
