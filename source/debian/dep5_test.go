package debian

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/source"
)

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"*", "a/b/c", true}, {"*", "", true}, {"", "", true}, {"", "a", false},
		{"a/*", "a/b/c.png", true}, {"a/*", "a/", true}, {"a/*", "ab", false}, {"*.png", "a/b.png", true}, {"a*c*e", "abcde", true}, {"a*c*e", "abcdf", false},
		{"a?c", "abc", true}, {"a?c", "ac", false}, {"a?c", "aéc", true}, {"a/?/c", "a///c", true}, {"*a*b", "aaab", true}, {"*ab", "aab", true},
		{`a\*b`, "a*b", true}, {`a\*b`, "axb", false}, {`a\?b`, "a?b", true}, {`a\\b`, `a\b`, true}, {`a\b`, "ab", true}, {`a\`, "a", false},
		{"a[b]", "a[b]", true}, {"a[b]", "ab", false}, {"a{b,c}", "ab", false},
	} {
		if got := glob(c.pattern, c.name); got != c.want {
			t.Errorf("%q matches %q: %v", c.pattern, c.name, got)
		}
		if name, plain := literal(c.pattern); plain && (name == c.name) != glob(c.pattern, c.name) && !strings.HasSuffix(c.pattern, `\`) {
			t.Errorf("%q stands for %q", c.pattern, name)
		}
	}
	if glob(strings.Repeat("*a", 50)+"b", strings.Repeat("a", 5000)) {
		t.Error("a pattern of many wildcards matches")
	}
}

func parse(t testing.TB, text string) *copyright {
	t.Helper()
	c, err := parseDEP5(&source.Evidence{Name: "copyright", Data: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const format = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"

func TestParse(t *testing.T) {
	c := parse(t, "\ufeff"+strings.ReplaceAll(format+`Copyright: 2020 All of us
License: MIT
Disclaimer: Not part of Debian.
# a remark

Files: a/*
 ./b/c
	/d
license: GPL-2+ and Special
Copyright:
 2001 Ann
 2002 Bob
License: ignored
Nonsense

License: GPL-2+
 First text.

License: special
 Second
 .
 text.
`, "\n", "\r\n"))
	if len(c.stanzas) != 1 {
		t.Fatalf("%d stanzas", len(c.stanzas))
	}
	s := c.stanzas[0]
	if !slices.Equal(s.patterns, []string{"a/*", "b/c", "d"}) || s.line != 7 {
		t.Errorf("patterns %q at line %d", s.patterns, s.line)
	}
	var got []string
	for _, x := range append(c.statements(&c.header, source.Whole, ""), c.statements(&s.fields, source.Group, "odd")...) {
		got = append(got, fmt.Sprintf("%s %s %q %s %s", x.Scope, x.Form, x.Written, x.Where, x.Flag))
	}
	want := []string{
		`whole debian "MIT" debian/copyright line 3 License `, `whole notice "2020 All of us" debian/copyright line 2 Copyright `,
		`whole prose "Not part of Debian." debian/copyright line 4 Disclaimer `,
		`group debian "GPL-2+ and Special\nFirst text.\nSecond\n\ntext." debian/copyright line 10 License odd`,
		`group notice "2001 Ann\n2002 Bob" debian/copyright line 11 Copyright odd`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
	if got := holders(s.copyright.text); !slices.Equal(got, []string{"Ann", "Bob"}) {
		t.Errorf("holders %q", got)
	}
}

func TestParseOdd(t *testing.T) {
	for _, text := range []string{"", "\n\n", "Just words.", "Files: *\nLicense: MIT\n", " continued\n"} {
		if _, err := parseDEP5(&source.Evidence{Data: []byte(text)}); !errors.Is(err, errNotDEP5) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if c := parse(t, format+"Files: *\nLicense: MIT\n"); len(c.stanzas) != 1 || len(c.statements(&c.header, source.Whole, "")) > 0 {
		t.Errorf("without an empty line after the header: %+v", c)
	}
	if _, err := parseDEP5(&source.Evidence{Data: []byte(format + strings.Repeat("\nFiles: a\n", maxStanzas+2))}); err == nil || errors.Is(err, errNotDEP5) {
		t.Errorf("too many stanzas: %v", err)
	}
}

func TestHolders(t *testing.T) {
	got := holders("© 2005-2018 Edgar <e@x.example>\n  2010, 2011 by Alessandro\nCopyright (C) 1999–present, The Team\n(c) 2001 Ann\n2020\nnone\nAnn")
	if want := []string{"Edgar <e@x.example>", "Alessandro", "The Team", "Ann"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestMatch(t *testing.T) {
	stanzas := func(lists ...string) *matcher {
		text := format
		for _, l := range lists {
			text += "\nFiles: " + l + "\nLicense: x\n"
		}
		return newMatcher(parse(t, text))
	}
	usual := []string{"*", "./dat/gfx/* debian/*", "dat/gfx/ship.png", "dat/gfx/photo.jpg images/*.png", "dat/map?.png"}
	paths := []string{"usr/share/game/dat/gfx/ship.png", "usr/share/game/dat/gfx/a/b.png", "usr/share/game/dat/map1.png", "usr/share/game/dat/other.png"}
	for _, c := range []struct {
		lists []string
		learn []string
		name  string
		want  int
		flag  string
	}{
		{usual, paths, "usr/share/game/dat/gfx/ship.png", 2, ""},
		{usual, paths, "usr/share/game/dat/gfx/a/b.png", 1, ""},
		{usual, paths, "usr/share/game/dat/map1.png", 4, ""},
		{usual, paths, "usr/share/game/dat/map12.png", 0, "matches only Files: *"},
		{usual, paths, "usr/share/game/x/images/a.png", 0, "matches only Files: *"}, // not the source's images
		{usual[2:], append(paths, "usr/share/game/dat/gfx/photo.webp"), "usr/share/game/dat/gfx/photo.webp", 1, "matches only after its extension changed from .jpg to .webp"},
		{usual[2:], paths, "usr/share/game/dat/gfx/photo.svg", -1, ""},
		{[]string{"*"}, nil, "usr/share/game/a.png", 0, ""},
		{[]string{"*", "debian/*"}, nil, "usr/share/game/a.png", 0, ""},
		{[]string{"*", "*.png"}, nil, "usr/share/game/a.png", 1, ""},
		{[]string{"a.png", "*"}, []string{"usr/share/game/a.png"}, "usr/share/game/a.png", 1, "matches Files: *, which follows the stanza that names it"},
		{[]string{"*", "src/pics/a.png"}, nil, "usr/share/game/pics/a.png", 1, "matches only the end of a path"},
		{[]string{"*", "src/pics/a.png", "old/pics/a.png"}, nil, "usr/share/game/pics/a.png", 2, "matches only the end of paths in 2 stanzas"},
		{[]string{"*", "src/pics/a.png"}, nil, "usr/share/game/other/a.png", 0, "matches only Files: *"},
		{[]string{"b/*"}, nil, "usr/share/game/a.png", -1, ""},
	} {
		m := stanzas(c.lists...)
		for _, p := range c.learn {
			m.learn(installed{name: p})
		}
		if got := m.find(installed{name: c.name}); got != (found{c.want, c.flag}) {
			t.Errorf("%q: %s is of stanza %d, %q; want %d, %q", c.lists, c.name, got.stanza, got.flag, c.want, c.flag)
		}
	}
	// Archives that lie beside each other show the same root.
	m := stanzas("*", "src/a/one.png", "src/b/two.png", "images/*.png")
	files := []installed{inside("usr/a.rcc", "game/src/a/one.png"), inside("usr/b.rcc", "game/src/b/two.png"), inside("usr/c.rcc", "game/src/c/images/x.png")}
	for _, f := range files {
		m.learn(f)
	}
	for i, want := range []found{{1, ""}, {2, ""}, {0, "matches only Files: *"}} {
		if got := m.find(files[i]); got != want {
			t.Errorf("%s: %+v, want %+v", files[i].name, got, want)
		}
	}
	m = stanzas("Ann/*", "Bob/*")
	lib := inside("usr/share/Bob.sh3f", "x/y.png")
	m.learn(lib)
	if got := m.find(lib); got != (found{1, ""}) {
		t.Errorf("an archive that stands for a folder: %+v", got)
	}
}

func FuzzDEP5(f *testing.F) {
	f.Add(machine, "usr/share/fruit/art/pears/green.png")
	f.Add(format+"\nFiles: a\\*?*\n .\nLicense: x, and y\n\nLicense: y\n z\n", "b/a*?")
	f.Fuzz(func(t *testing.T, text, name string) {
		c, err := parseDEP5(&source.Evidence{Name: "copyright", Data: []byte(text)})
		if err != nil {
			return
		}
		m := newMatcher(c)
		m.learn(installed{name: name})
		if got := m.find(installed{name: name}); got.stanza >= 0 {
			c.statements(&c.stanzas[got.stanza].fields, source.Group, got.flag)
			holders(c.stanzas[got.stanza].copyright.text)
		}
	})
}
