package text

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// form begins every tokeniser that is written down. Another way to split or to
// normalise would be another form.
const form = "bpe1:"

// MarshalText writes a tokeniser as one short text: the pairs that were joined,
// in their order, as base64 of two big-endian 16-bit numbers a pair.
func (t *Tokeniser) MarshalText() ([]byte, error) {
	raw := make([]byte, 0, 4*len(t.merges))
	for _, m := range t.merges {
		raw = binary.BigEndian.AppendUint16(raw, uint16(m[0]))
		raw = binary.BigEndian.AppendUint16(raw, uint16(m[1]))
	}
	return base64.RawStdEncoding.AppendEncode([]byte(form), raw), nil
}

// UnmarshalText reads what MarshalText wrote and checks that it is a tokeniser.
func (t *Tokeniser) UnmarshalText(text []byte) error {
	body, ok := strings.CutPrefix(string(text), form)
	if !ok {
		return errors.New("a tokeniser begins with " + form + "; train the model again if this one is older")
	}
	if len(body) > base64.RawStdEncoding.EncodedLen(4*(Most-firstMerge)) {
		return fmt.Errorf("a tokeniser has at most %d pieces, and this one more", Most)
	}
	raw, err := base64.RawStdEncoding.Strict().DecodeString(body)
	if err != nil || len(raw)%4 != 0 || strings.ContainsAny(body, "\r\n") {
		return errors.New("the tokeniser is damaged: it is not base64 of pairs")
	}
	read := Bytes()
	for i := 0; i < len(raw); i += 4 {
		pair := [2]int{int(binary.BigEndian.Uint16(raw[i:])), int(binary.BigEndian.Uint16(raw[i+2:]))}
		n := len(read.pieces)
		_, twice := read.rank[pair]
		if min(pair[0], pair[1]) < firstByte || max(pair[0], pair[1]) >= n || twice ||
			len(read.pieces[pair[0]])+len(read.pieces[pair[1]]) > longest {
			return fmt.Errorf("the tokeniser is damaged: piece %d cannot be made of %d and %d", n, pair[0], pair[1])
		}
		read.merge(pair)
	}
	*t = *read
	return nil
}
