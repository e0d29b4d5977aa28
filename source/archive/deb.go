package archive

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// A Debian package (deb(5)) is an ar archive of three members: debian-binary,
// control.tar and data.tar, the latter two compressed.
const (
	arMagic       = "!<arch>\n"
	arHeader      = 60
	maxMembers    = 64
	dataMember    = "data.tar"
	controlMember = "control.tar"
)

// deb walks the tar archive in a Debian package whose name begins with member.
func (w *walk) deb(f io.ReaderAt, size int64, member string) error {
	at := int64(len(arMagic))
	for range maxMembers {
		var h [arHeader]byte
		if n, err := f.ReadAt(h[:], at); n < len(h) {
			if err != io.EOF {
				return err
			}
			if n == 0 {
				return fmt.Errorf("%w: no member %s", ErrTruncated, member)
			}
			return ErrTruncated
		}
		length, err := strconv.ParseInt(strings.TrimSpace(string(h[48:58])), 10, 64)
		if err != nil || length < 0 || string(h[58:]) != "`\n" {
			return fmt.Errorf("damaged ar: no member's header at byte %d", at)
		}
		at += arHeader
		name := strings.TrimSuffix(strings.TrimRight(string(h[:16]), " "), "/")
		if name == member || strings.HasPrefix(name, member+".") {
			if length > size-at {
				length = size - at // cut off: give what is there
			}
			return w.packed(io.NewSectionReader(f, at, length))
		}
		if length > size-at {
			return ErrTruncated
		}
		at += length + length%2
	}
	return fmt.Errorf("%w: more than %d members", ErrLimit, maxMembers)
}
