package licence

import (
	"bytes"
	"strings"
	"testing"
)

const isc = `Permission to use, copy, modify, and/or distribute this software for any
purpose with or without fee is hereby granted, provided that the above
copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH
REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND
FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT,
INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM
LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR
OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR
PERFORMANCE OF THIS SOFTWARE.
`

// Packages carry Creative Commons' dedication in two wordings, that of the deed
// and an earlier one.
func TestDedication(t *testing.T) {
	wording := func(n int) string {
		var b strings.Builder
		for part := range strings.SplitSeq(dedication, "((") {
			choice, rest, ok := strings.Cut(part, "))")
			if !ok {
				b.WriteString(part)
				continue
			}
			b.WriteString(strings.Split(choice, "||")[n] + rest)
		}
		return b.String()
	}
	for n := range 2 {
		got, err := Recognise([]byte("This package was made by somebody, and holds clip art.\n\n" + wording(n)))
		if err != nil || got.Expression.String() != "CC-PDDC" || got.Coverage < 0.9 {
			t.Errorf("wording %d: %v, %.2f, %v", n, got.Expression, got.Coverage, err)
		}
	}
}

func TestRecognise(t *testing.T) {
	long := bytes.Repeat([]byte("The pictures in this folder belong to somebody else, who has not been asked. "), 40)
	for what, c := range map[string]struct {
		text     []byte
		want     string
		min, max float64
	}{
		"a text":           {[]byte("Copyright 2020 A. Person\n\n" + isc), "ISC", 0.9, 1},
		"with other words": {append([]byte(isc), long...), "ISC", 0.05, 0.4},
		"two":              {[]byte(isc + "\nIcons: https://creativecommons.org/licenses/by-nc/4.0/\n"), "ISC AND CC-BY-NC-4.0", 0.8, 1},
		"none":             {long, "", 0, 0},
		"empty":            {nil, "", 0, 0},
		"no text":          {bytes.Repeat([]byte{0xFF, 0, 0xC3}, 1000), "", 0, 0},
	} {
		got, err := Recognise(c.text)
		if err != nil || got.Expression.String() != c.want || got.Coverage < c.min || got.Coverage > c.max {
			t.Errorf("%s: %q, coverage %.2f, %v; want %q in [%v, %v]", what, got.Expression, got.Coverage, err, c.want, c.min, c.max)
		}
	}
	if _, err := Recognise(make([]byte, maxText+1)); err == nil {
		t.Error("a text of more than 1 MiB is read")
	}
}
