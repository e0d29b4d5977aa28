package folder

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/limner-ai/limner/dataset/picture"
)

const defaultHoldout = 0.1

// choose keeps the files of the split asked for and finds the classes, which
// are those of the whole folder so that train and test number them alike.
func (s *Set) choose(files []file, src picture.Source) error {
	prefixed := hasSplitFolders(files)
	inner := func(f file) string { // the name below train/ or test/
		if prefixed {
			_, rest, _ := strings.Cut(f.name, "/")
			return rest
		}
		return f.name
	}
	s.classes = classes(files, inner)
	holdout := src.Holdout
	if holdout == 0 {
		holdout = defaultHoldout
	}
	for _, f := range files {
		test := strings.HasPrefix(f.name, string(picture.Test)+"/")
		if !prefixed {
			test = heldOut(f.name, holdout)
		}
		if src.Split != picture.All && test != (src.Split == picture.Test) {
			continue
		}
		if s.classes != nil {
			f.class = slices.Index(s.classes, className(inner(f)))
		}
		s.files = append(s.files, f)
	}
	if len(s.files) == 0 {
		return fmt.Errorf("%s: none of its %d pictures falls to the %s split: add pictures, change holdout, or set split to all", src.Path, len(files), src.Split)
	}
	if src.Count > 0 && src.Count < len(s.files) {
		s.files = s.files[:src.Count]
	}
	return nil
}

// hasSplitFolders reports whether all files lie in train/ and test/, with
// some in each.
func hasSplitFolders(files []file) bool {
	var train, test int
	for _, f := range files {
		switch first, _, _ := strings.Cut(f.name, "/"); picture.Split(first) {
		case picture.Train:
			train++
		case picture.Test:
			test++
		}
	}
	return train > 0 && test > 0 && train+test == len(files)
}

// classes returns the sorted class names, or nil if a file has none.
func classes(files []file, inner func(file) string) []string {
	seen := map[string]bool{}
	var names []string
	for _, f := range files {
		name := className(inner(f))
		if name == "" {
			return nil
		}
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// className is the outermost folder of a file; escapes such as %2F, which an
// export writes for characters that no folder name may have, are undone.
func className(name string) string {
	first, _, ok := strings.Cut(name, "/")
	if !ok {
		return ""
	}
	if text, err := url.PathUnescape(first); err == nil {
		return text
	}
	return first
}

// heldOut decides by the hash of the file's stem whether it is in the test
// split, so that adding files to a folder moves none from one to the other.
func heldOut(name string, share float64) bool {
	stem := strings.TrimSuffix(path.Base(name), path.Ext(name))
	h := sha256.Sum256([]byte(stem))
	return float64(binary.BigEndian.Uint32(h[:]))/(1<<32) < share
}
