package generate

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io"
	"math"
	"unicode/utf8"
)

// ErrNoOrigin says that a picture does not tell how it was made.
var ErrNoOrigin = errors.New("the picture does not say how it was made")

// Limits of what is read from a file of a stranger.
const (
	maxText   = 256 << 10 // bytes of a text, after decompression
	maxTexts  = 64        // texts that are looked at
	maxString = 4096      // characters of a prompt or a name
)

// ReadOrigin reads from the bytes of a PNG how it was made: Limner's own text
// if there is one, else the parameters as AUTOMATIC1111's web interface and many
// tools write them. A text that is damaged, too long or nonsense counts as not
// there, and so does a number that no request could have. The error is
// ErrNoOrigin.
func ReadOrigin(png []byte) (Origin, error) {
	texts := textsOf(png)
	if own, ok := texts[originKey]; ok {
		var o Origin
		if json.Unmarshal([]byte(own), &o) == nil && o.Version != "" {
			return o.sane(), nil
		}
	}
	if text, ok := texts[parametersKey]; ok {
		if o, ok := parseParameters(text); ok {
			return o.sane(), nil
		}
	}
	return Origin{}, ErrNoOrigin
}

const signature = "\x89PNG\r\n\x1a\n"

// textsOf are the texts of a PNG under the keywords of origins: PNG (third
// edition), sections 5.3 and 11.3.3. The first of a keyword counts.
func textsOf(png []byte) map[string]string {
	out := map[string]string{}
	rest, ok := bytes.CutPrefix(png, []byte(signature))
	for seen := 0; ok && len(rest) >= 12 && seen < maxTexts; {
		n := uint64(binary.BigEndian.Uint32(rest))
		if n > uint64(len(rest)-12) {
			break // cut off
		}
		kind, data := string(rest[4:8]), rest[8:8+n]
		sum := binary.BigEndian.Uint32(rest[8+n:])
		sound := kind == "IEND" || crc32.ChecksumIEEE(rest[4:8+n]) == sum
		rest = rest[12+n:]
		switch kind {
		case "IEND":
			return out
		case "tEXt", "zTXt", "iTXt":
			seen++
			key, text, good := readText(kind, data)
			if _, twice := out[key]; sound && good && !twice {
				out[key] = text
			}
		}
	}
	return out
}

// readText reads a chunk, if its keyword is one of those of origins.
func readText(kind string, data []byte) (key, text string, ok bool) {
	name, rest, found := bytes.Cut(data, []byte{0})
	key = string(name)
	if !found || key != parametersKey && key != originKey {
		return key, "", false
	}
	packed := kind == "zTXt"
	if kind != "tEXt" {
		least := 1 // method
		if kind == "iTXt" {
			least = 2 // flag, method
		}
		if len(rest) < least || rest[least-1] != 0 {
			return key, "", false
		}
		packed = packed || rest[0] == 1
		rest = rest[least:]
	}
	if kind == "iTXt" {
		for range 2 { // language and translated keyword
			if _, rest, found = bytes.Cut(rest, []byte{0}); !found {
				return key, "", false
			}
		}
	}
	if packed {
		if rest, ok = inflated(rest); !ok {
			return key, "", false
		}
	}
	if len(rest) > maxText {
		return key, "", false
	}
	if kind == "iTXt" || utf8.Valid(rest) && kind == "tEXt" { // many write UTF-8 where Latin-1 is asked for
		return key, string(rest), utf8.Valid(rest)
	}
	letters := make([]rune, len(rest))
	for i, b := range rest {
		letters[i] = rune(b)
	}
	return key, string(letters), true
}

// inflated is what zlib packed, if it is not too much.
func inflated(packed []byte) ([]byte, bool) {
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, false
	}
	b, err := io.ReadAll(io.LimitReader(z, maxText+1))
	return b, err == nil && len(b) <= maxText
}

// sane is an Origin without what no request could have said.
func (o Origin) sane() Origin {
	for _, s := range []*string{
		&o.Prompt, &o.Negative, &o.Class, &o.How, &o.Sampler, &o.Shift, &o.Model, &o.Family, &o.Digest, &o.Rights, &o.Version, &o.ID, &o.Near,
	} {
		*s = short(*s)
	}
	if len(o.Ends) > 2 {
		o.Ends = nil
	}
	for i := range o.Ends {
		o.Ends[i] = short(o.Ends[i])
	}
	for _, n := range []*int{&o.First, &o.Pictures, &o.Steps, &o.Width, &o.Height} {
		if *n < 0 || *n > math.MaxInt32 {
			*n = 0
		}
	}
	for _, x := range []*float64{&o.Guidance, &o.Truncation} {
		if !(*x >= 0) || !finite(*x) {
			*x = 0
		}
	}
	if !finite(o.Amount) {
		o.Amount = 0
	}
	if o.Strength != nil && outside(*o.Strength) {
		o.Strength = nil
	}
	return o
}

// short is a text on one line, cut where nobody reads on.
func short(s string) string {
	s = printable(s)
	n := 0
	for i := range s {
		if n++; n > maxString {
			return s[:i]
		}
	}
	return s
}
