package archive

import (
	"crypto/sha256"
	"errors"
	"path"
	"strings"
	"unicode/utf8"
)

// maxName is the longest path, in bytes; what systems accept is less.
const maxName = 4096

// Clean returns a name from an archive, a manifest or a configuration as a path
// that stays within its folder on every system: slashes, no "." and "..", no
// slash at either end. Anything else is an error that says why.
func Clean(name string) (string, error) {
	switch {
	case name == "":
		return "", errors.New("it has no name")
	case len(name) > maxName:
		return "", errors.New("its name is too long")
	case strings.ContainsRune(name, 0):
		return "", errors.New("its name has a NUL")
	case !utf8.ValidString(name):
		return "", errors.New("its name is not UTF-8")
	case strings.ContainsRune(name, '\\'):
		return "", errors.New("its name has a backslash, which separates folders on some systems")
	case path.IsAbs(name), len(name) >= 2 && name[1] == ':' && letter(name[0]):
		return "", errors.New("its name is absolute")
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == ".." {
			return "", errors.New("its name leads out of its folder")
		}
	}
	return path.Clean(name), nil
}

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// printable makes a refused name fit to be shown and stored.
func printable(name string) string {
	name = strings.ReplaceAll(strings.ToValidUTF8(name, "\uFFFD"), "\x00", "\uFFFD")
	if len(name) > 200 {
		name = strings.ToValidUTF8(name[:200], "") + "…"
	}
	return name
}

// key stands for a path in few bytes.
type key [16]byte

func keyOf(path string) key {
	d := sha256.Sum256([]byte(path))
	return key(d[:16])
}
