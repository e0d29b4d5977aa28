// Package shard writes and reads the files of a frozen data set: tar archives
// as WebDataset lays them out, in which the files of a sample follow each other
// and share a name up to the first dot, its key.
//
// A shard's bytes depend on its samples alone: every entry is a plain file of
// mode 0644 without owner and of the time 0, so that the same samples give the
// same digest on any machine.
package shard

import (
	"fmt"
	"path"
	"strings"
)

// Sample is one entry of a data set: a picture and what belongs to it.
type Sample struct {
	Key   string // such as "000017"; may have folders, "a/000017"
	Files []File
}

// File is a part of a sample, named key.ext in the shard.
type File struct {
	Ext  string // such as "png", "txt" or "json"; may have dots
	Data []byte
}

// maxName is the longest name of an entry that every tar holds without an
// extension of the format (POSIX.1-2017, pax, ustar interchange format).
const maxName = 100

// name returns the entry's name, or an error if it would not be read back as
// the same key and extension on every system.
func name(key, ext string) (string, error) {
	switch n := key + "." + ext; {
	case !clean(n):
		return "", fmt.Errorf("%.120q is not a name of letters, digits and - _ + = . in folders of such", n)
	case strings.Contains(path.Base(key), "."):
		return "", fmt.Errorf("key %q has a dot, after which readers look for the extension", key)
	case ext == "" || strings.Contains(ext, "/"):
		return "", fmt.Errorf("%q is not an extension", ext)
	case len(n) > maxName:
		return "", fmt.Errorf("name %q is longer than %d bytes", n, maxName)
	default:
		return n, nil
	}
}

// clean reports whether s is a relative path that stays below where it begins,
// of characters that all file systems take.
func clean(s string) bool {
	for _, r := range s {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_+=./", r)) {
			return false
		}
	}
	for part := range strings.SplitSeq(s, "/") {
		if part == "" || part == "." || part == ".." {
			return false
		}
	}
	return true
}

// cut parts an entry's name into key and extension.
func cut(n string) (key, ext string) {
	folder, base := path.Split(n)
	base, ext, _ = strings.Cut(base, ".")
	return folder + base, ext
}
