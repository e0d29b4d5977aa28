package npm

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// codepoints writes an emoji's code points in the way of source.Item: lower
// case, without leading zeros beyond four digits, joined by "-". The variation
// selectors FE0E and FE0F are left out: they choose between two pictures of one
// emoji, and vendors differ in where they write them (Unicode Technical Standard
// 51, section 2.5). It reads "0023-FE0F-20E3", "u1f469_200d_1f692" and "1F34E";
// for what is no sequence of code points, or has one that stands for nothing
// that all agree on (ASCII without a keycap, private use), it returns "".
func codepoints(written string) string {
	s := strings.TrimPrefix(strings.ToLower(written), "emoji_")
	var out []string
	first := rune(-1)
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == '-' || r == '_' || r == ' ' }) {
		part = strings.TrimPrefix(strings.TrimPrefix(part, "u"), "+")
		if len(part) < 2 || len(part) > 6 {
			return ""
		}
		v, err := strconv.ParseUint(part, 16, 32)
		r := rune(v)
		switch {
		case err != nil || !utf8.ValidRune(r), r >= 0xe000 && r <= 0xf8ff, r >= 0xf0000:
			return ""
		case r == 0xfe0e || r == 0xfe0f:
		default:
			if first < 0 {
				first = r
			}
			digits := strconv.FormatUint(v, 16)
			out = append(out, strings.Repeat("0", max(0, 4-len(digits)))+digits)
		}
	}
	const keycap = "-20e3"
	if all := strings.Join(out, "-"); first >= 0xa9 || strings.HasSuffix(all, keycap) {
		return all
	}
	return "" // a number, not an emoji
}
