package idx

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/limner-ai/limner/dataset/picture"
)

// part is a file of pictures and the file of their labels, if there is one.
type part struct {
	name           string // train, test, or the name of the file
	images, labels string
}

// prefixes are the names by which a split is known in a folder.
var prefixes = map[picture.Split][]string{
	picture.Train: {"train"},
	picture.Test:  {"t10k", "test"},
}

// find returns the parts that make up a split.
func find(path string, split picture.Split) ([]part, error) {
	if path == "" {
		return nil, errors.New("no path: give the folder that holds train-images-idx3-ubyte and its companions")
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return findBeside(path, split)
	}
	splits := []picture.Split{split}
	if split == picture.All {
		splits = []picture.Split{picture.Train, picture.Test}
	}
	var parts []part
	for _, s := range splits {
		p, err := findIn(path, s)
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// findIn looks for one split in a folder.
func findIn(dir string, split picture.Split) (part, error) {
	for _, prefix := range prefixes[split] {
		for _, dot := range []string{"-", "."} {
			images, err := firstOf(filepath.Join(dir, prefix+"-images"+dot+"idx3-ubyte"))
			if err != nil {
				return part{}, err
			}
			if images == "" {
				continue
			}
			labels, err := labelsOf(images)
			return part{string(split), images, labels}, err
		}
	}
	return part{}, fmt.Errorf("%s: no %s-images-idx3-ubyte or .gz in it", dir, prefixes[split][0])
}

// findBeside takes a named file of pictures as the training split; its test
// split is the file beside it that MNIST's naming leads to. A file named as a
// test split serves as nothing else, so that no one trains on it unawares.
func findBeside(path string, split picture.Split) ([]part, error) {
	dir, base := filepath.Split(path)
	labels, err := labelsOf(path)
	if err != nil {
		return nil, err
	}
	named := part{name: base, images: path, labels: labels}
	for _, prefix := range prefixes[picture.Test] {
		if strings.HasPrefix(base, prefix+"-") {
			if split == picture.Train {
				return nil, fmt.Errorf("%s is named as a test split: set split to test", path)
			}
			return []part{named}, nil
		}
	}
	if split == picture.Train {
		return []part{named}, nil
	}
	test, err := findIn(filepath.Clean(dir), picture.Test)
	switch {
	case err != nil && split == picture.All:
		return []part{named}, nil
	case err != nil:
		return nil, fmt.Errorf("no test split beside %s: %w", path, err)
	case split == picture.All:
		return []part{named, test}, nil
	}
	return []part{test}, nil
}

// labelsOf returns the file of labels that belongs to a file of pictures, or
// "" if there is none.
func labelsOf(images string) (string, error) {
	dir, base := filepath.Split(strings.TrimSuffix(images, ".gz"))
	name := strings.Replace(strings.Replace(base, "images", "labels", 1), "idx3", "idx1", 1)
	if name == base {
		return "", nil
	}
	return firstOf(filepath.Join(dir, name))
}

// firstOf returns path or path.gz, whichever exists, or "".
func firstOf(path string) (string, error) {
	for _, p := range []string{path, path + ".gz"} {
		_, err := os.Stat(p)
		if err == nil {
			return p, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	return "", nil
}

// suggestsFashion reports whether the path names Fashion-MNIST.
func suggestsFashion(path string) bool {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path += real
	}
	return strings.Contains(strings.ToLower(path), "fashion")
}
