package debian

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

// Names and versions by Debian Policy 4.7, sections 5.6.7 and 5.6.12.
var (
	packageName    = regexp.MustCompile(`^[a-z0-9][a-z0-9+.-]+$`)
	packageVersion = regexp.MustCompile(`^(\d+:)?\d[A-Za-z0-9.+~-]*$`)
)

// fetch has apt download a package, unless the cache has it, and returns the
// path of its archive. apt compares it with the digests that the archive signs.
func fetch(ctx context.Context, name, version string, env source.Env) (string, error) {
	if env.Cache == "" {
		return "", errors.New("package: there is no folder for downloads; give a .deb by file")
	}
	which := name + "_*.deb"
	if version != "" {
		which = name + "_" + strings.ReplaceAll(version, ":", "%3a") + "_*.deb"
	}
	if path := newest(filepath.Join(env.Cache, which)); path != "" {
		return path, nil
	}
	if err := os.MkdirAll(env.Cache, 0o755); err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(env.Cache, ".apt-*")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	want := name
	if version != "" {
		want += "=" + version
	}
	if env.Tell != nil {
		env.Tell(fmt.Sprintf("downloading %s with apt-get", want))
	}
	cmd := exec.CommandContext(ctx, "apt-get", "download", "-q", want)
	cmd.Dir = dir
	var problem bytes.Buffer
	cmd.Stderr = &problem
	if err := cmd.Run(); err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return "", errors.New("package: apt-get is not there; fetch the .deb elsewhere and give it by file")
		}
		line, _, _ := strings.Cut(strings.TrimSpace(problem.String()), "\n")
		return "", fmt.Errorf("package: apt-get cannot fetch %s: %w %s", want, err, line)
	}
	got := newest(filepath.Join(dir, "*.deb"))
	if got == "" {
		return "", fmt.Errorf("package: apt-get left no archive of %s", want)
	}
	path := filepath.Join(env.Cache, filepath.Base(got))
	return path, os.Rename(got, path)
}

// newest gives the file that was written last among those of a pattern, "" for
// none.
func newest(pattern string) string {
	var last os.FileInfo
	var at string
	files, err := filepath.Glob(pattern)
	if err != nil {
		return ""
	}
	for _, f := range files {
		if info, err := os.Stat(f); err == nil && info.Mode().IsRegular() && (last == nil || info.ModTime().After(last.ModTime())) {
			last, at = info, f
		}
	}
	return at
}
