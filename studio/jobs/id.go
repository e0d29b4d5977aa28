package jobs

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"strings"
	"time"
)

// An id is 26 digits and small letters: 48 bits of milliseconds since 1970, 16
// of a counter within the millisecond, 64 random ones, in base 32 with the
// alphabet that keeps the order (RFC 4648, section 7). So ids sort by time, and
// nobody guesses the next.
var idForm = base32.HexEncoding.WithPadding(base32.NoPadding)

const (
	idBytes  = 16
	idLength = 26
)

// clock gives ids that always rise, though the system's clock may go back.
type clock struct{ last uint64 }

// next returns a new id.
func (c *clock) next(now time.Time) string {
	c.last = max(c.last+1, uint64(now.UnixMilli())<<16)
	var b [idBytes]byte
	binary.BigEndian.PutUint64(b[:8], c.last)
	rand.Read(b[8:])
	return strings.ToLower(idForm.EncodeToString(b[:]))
}

// after makes the clock go on behind an id that was given before.
func (c *clock) after(id string) {
	if b, ok := parseID(id); ok {
		c.last = max(c.last, binary.BigEndian.Uint64(b))
	}
}

// parseID reads an id as it comes from a client.
func parseID(id string) ([]byte, bool) {
	if len(id) != idLength || id != strings.ToLower(id) {
		return nil, false
	}
	b, err := idForm.DecodeString(strings.ToUpper(id))
	return b, err == nil && len(b) == idBytes // line ends are passed over
}
