package notice

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"LICENSE": "licence", "a/b/licence.txt": "licence", "COPYING": "licence", "NOTICE.md": "licence", "LICENSE-GRAPHICS": "licence",
		"License.CC-BY": "licence", "UNLICENSE": "licence", "license.js": "", "licensed.png": "", "noticeboard.txt": "", "licenses.json": "",
		"README.md": "readme", "readme": "readme", "Readme.de.txt": "readme", "README_EN": "readme", "readme.png": "", "readmes.txt": "",
	} {
		got := ""
		switch {
		case IsLicence(name):
			got = "licence"
		case IsReadme(name):
			got = "readme"
		}
		if got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

const text = `Pictures
========

[![license](https://img.example/licence.svg)](LICENSE) ![commercial](x.png)

Many pictures of fruit.
Use them as you like.

- The apples are ours.
- The pears, Copyright Pear Company,
  are not licensed for commercial usage.
- The figs are blue.

## Install

    npm install fruit

Terms
-----
Nothing here.

## License

Please name us.

### Plums

Thanks to everybody.

## Thanks

The cherries are owned by Cherry Studios.

[license-link]: https://example.com/license
`

func TestProse(t *testing.T) {
	var got []string
	for _, p := range Prose(strings.ReplaceAll(text, "\n", "\r\n")) {
		got = append(got, fmt.Sprintf("%d %s", p.Line, p.Text))
	}
	want := []string{
		"10 - The pears, Copyright Pear Company,\n  are not licensed for commercial usage.",
		"24 Please name us.",
		"28 Thanks to everybody.",
		"32 The cherries are owned by Cherry Studios.",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
	if got := Prose(strings.Repeat("A licence.\n\n", 1000)); len(got) != maxParagraphs {
		t.Errorf("%d paragraphs", len(got))
	}
}

func FuzzProse(f *testing.F) {
	f.Add(text)
	f.Add("License\n===\n\xff")
	f.Fuzz(func(t *testing.T, text string) {
		for _, p := range Prose(text) {
			if p.Line < 1 || p.Text == "" || len(p.Text) > maxText {
				t.Fatalf("%+v", p)
			}
		}
	})
}
