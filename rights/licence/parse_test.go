package licence

import (
	"strings"
	"testing"

	"github.com/github/go-spdx/v2/spdxexp"
)

func TestParse(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"MIT", "MIT"},
		{"mit", "MIT"},
		{"(MIT)", "MIT"},
		{"MIT OR Apache-2.0", "MIT OR Apache-2.0"},
		{"MIT or apache-2.0 and isc", "MIT OR Apache-2.0 AND ISC"},
		{"(MIT OR Apache-2.0) AND ISC", "(MIT OR Apache-2.0) AND ISC"},
		{"((MIT)AND(ISC))OR Zlib", "MIT AND ISC OR Zlib"},
		{"MIT AND (ISC AND Zlib)", "MIT AND ISC AND Zlib"},
		{"MIT OR MIT", "MIT"},
		{"GPL-2.0", "GPL-2.0-only"},
		{"GPL-2.0+", "GPL-2.0-or-later"},
		{"GFDL-1.3+", "GFDL-1.3-or-later"},
		{"GPL-2.0-or-later+", "GPL-2.0-or-later"},
		{"Apache-1.1+", "Apache-1.1+"},
		{"GPL-2.0-with-font-exception", "GPL-2.0-only WITH Font-exception-2.0"},
		{"GPL-2.0-or-later WITH classpath-exception-2.0", "GPL-2.0-or-later WITH Classpath-exception-2.0"},
		{"Apache-2.0 with llvm-exception OR mit", "Apache-2.0 WITH LLVM-exception OR MIT"},
		{"LicenseRef-mine.1", "LicenseRef-mine.1"},
		{"DocumentRef-a:LicenseRef-b AND MIT", "DocumentRef-a:LicenseRef-b AND MIT"},
		{"MIT WITH AdditionRef-x", "MIT WITH AdditionRef-x"},
	} {
		e, err := Parse(c.in)
		if err != nil || e.String() != c.want {
			t.Errorf("Parse(%q) = %q, %v; want %q", c.in, e, err, c.want)
		}
		if again, err := Parse(e.String()); err != nil || again.String() != e.String() {
			t.Errorf("Parse(%q) read again: %q, %v", c.in, again, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, s := range []string{
		"", " ", "()", "MIT OR", "OR MIT", "MIT ISC", "MIT AND OR ISC", "(MIT", "MIT)", "MIT Or ISC", "MIT WITH",
		"MIT WITH MIT", "Classpath-exception-2.0", "GPL-2.0-only+", "MIT/ISC", "Nonsense-1.0", "licenseref-a",
		"LicenseRef-", "LicenseRef-a_b", "DocumentRef-:LicenseRef-a", "LicenseRef-a+", "MIT\x00",
		"GPL-2.0-with-font-exception WITH Classpath-exception-2.0", "(MIT OR ISC) WITH LLVM-exception",
		strings.Repeat("(", 51) + "MIT" + strings.Repeat(")", 51),
		strings.Repeat("MIT OR ", 200) + "ISC",
		strings.Repeat(" ", maxStatement) + "MIT",
	} {
		if e, err := Parse(s); err == nil {
			t.Errorf("Parse(%q) = %q; want an error", clip(s), e)
		} else if strings.Contains(err.Error(), "\n") || len(err.Error()) > 400 {
			t.Errorf("Parse(%q): the error is no short line: %v", clip(s), err)
		}
	}
}

func TestEqual(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"MIT AND (ISC OR Zlib)", "(Zlib AND MIT) OR (MIT AND ISC)", true},
		{"MIT OR ISC", "ISC OR MIT", true},
		{"MIT OR ISC", "ISC AND MIT", false},
		{"MIT", "MIT OR ISC", false},
		{"GPL-2.0-only", "GPL-2.0-or-later", false},
		{"MIT", "MIT WITH LLVM-exception", false},
	} {
		a, _ := Parse(c.a)
		b, _ := Parse(c.b)
		if a.Equal(b) != c.want || b.Equal(a) != c.want {
			t.Errorf("%q equal to %q: want %v", c.a, c.b, c.want)
		}
	}
	if (Expression{}).Equal(Of(Licence{ID: "MIT"})) {
		t.Error("saying nothing equals MIT")
	}
}

// FuzzParse holds that what is accepted is written in a form that an
// independent parser of SPDX expressions accepts, and that reads as the same.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"MIT OR (Apache-2.0 AND GPL-2.0+)", "GPL-2.0 WITH Font-exception-2.0", "((MIT", "LicenseRef-a AND DocumentRef-b:LicenseRef-c", "MIT MIT)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, err := Parse(s)
		if err != nil {
			return
		}
		text := e.String()
		again, err := Parse(text)
		if err != nil || again.String() != text {
			t.Fatalf("%q became %q, which reads as %q: %v", s, text, again, err)
		}
		if strings.Contains(text, "AdditionRef-") { // SPDX 3, which the other does not know
			return
		}
		if ok, bad := spdxexp.ValidateLicenses([]string{text}); !ok {
			t.Fatalf("%q became %q, of which another parser refuses %q", s, text, bad)
		}
	})
}
