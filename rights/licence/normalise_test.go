package licence

import (
	"strings"
	"testing"
)

func TestNormalise(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"MIT", "MIT"},
		{"The MIT License (MIT)", "MIT"},
		{"License :: OSI Approved :: MIT License", "MIT"},
		{"MIT/X11", "MIT"},
		{"Expat", "MIT"},
		{"Apache 2.0", "Apache-2.0"},
		{"Apache License, Version 2.0", "Apache-2.0"},
		{"apache2", "Apache-2.0"},
		{"ASL 2.0", "Apache-2.0"},
		{"BSD (3 clause)", "BSD-3-Clause"},
		{"3-Clause BSD License", "BSD-3-Clause"},
		{"BSD", "LicenseRef-BSD-unversioned"},
		{"GPL", "LicenseRef-GPL-unversioned"},
		{"GPLv2", "GPL-2.0-only"},
		{"GPL2+", "GPL-2.0-or-later"},
		{"GPL-2+", "GPL-2.0-or-later"},
		{"GPL v3 only", "GPL-3.0-only"},
		{"GNU General Public License v3 or later (GPLv3+)", "GPL-3.0-or-later"},
		{"GNU GPL version 2, or (at your option) any later version", "GPL-2.0-or-later"},
		{"LGPLv2.1 or newer", "LGPL-2.1-or-later"},
		{"GNU Lesser General Public License v3 (LGPLv3)", "LGPL-3.0-only"},
		{"LGPLv3+_or_GPLv2+", "LGPL-3.0-or-later OR GPL-2.0-or-later"},
		{"AGPL-3", "AGPL-3.0-only"},
		{"MPL 2.0", "MPL-2.0"},
		{"SIL Open Font License 1.1", "OFL-1.1"},
		{"Open Font License", "LicenseRef-OFL-unversioned"},
		{"CC0", "CC0-1.0"},
		{"CC0 1.0 Universal", "CC0-1.0"},
		{"Creative Commons Zero", "CC0-1.0"},
		{"CC-BY-SA 4.0", "CC-BY-SA-4.0"},
		{"CC BY-SA 4.0", "CC-BY-SA-4.0"},
		{"cc by sa 4", "CC-BY-SA-4.0"},
		{"CC BY-NC-SA 3.0 US", "LicenseRef-CC-BY-NC-SA-3.0-US"},
		{"CC BY 3.0 DE", "CC-BY-3.0-DE"},
		{"Creative Commons Attribution-ShareAlike 4.0 International", "CC-BY-SA-4.0"},
		{"CC BY-ND 4.0 International Public License", "CC-BY-ND-4.0"},
		{"CC BY public", "LicenseRef-CC-BY-unversioned"},
		{"Creative Commons Attribution-NonCommercial-NoDerivatives 4.0 International License", "CC-BY-NC-ND-4.0"},
		{"Creative Commons Attribution Share Alike 3.0 Unported", "CC-BY-SA-3.0"},
		{"CC BY", "LicenseRef-CC-BY-unversioned"},
		{"public-domain", "LicenseRef-public-domain"},
		{"Public Domain", "LicenseRef-public-domain"},
		{"UNLICENSED", "LicenseRef-all-rights-reserved"},
		{"Unlicense", "Unlicense"},
		{"The Unlicense", "Unlicense"},
		{"All rights reserved.", "LicenseRef-all-rights-reserved"},
		{"Free Art License 1.3", "LAL-1.3"},
		{"WTFPL-2", "WTFPL"},
		{"GPL-2+ with Font exception", "GPL-2.0-or-later WITH Font-exception-2.0"},
		{"GPL-2+ with OpenSSL exception", "GPL-2.0-or-later WITH AdditionRef-openssl-exception"},
		{"MIT, GPL-2.0", "MIT AND GPL-2.0-only"},
		{"MIT/Apache-2.0", "MIT AND Apache-2.0"},
		{"MIT and/or Apache-2.0", "MIT AND Apache-2.0"},
		{"MIT | Apache 2", "MIT OR Apache-2.0"},
		{"(Apache 2.0 or MIT) and CC BY 4.0", "(Apache-2.0 OR MIT) AND CC-BY-4.0"},
		{"CC BY 4.0 https://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"},
		{"Licensed under https://creativecommons.org/licenses/by-nc/2.5/", "CC-BY-NC-2.5"},
		{"", ""},
		{"NOASSERTION", ""},
		{"n/a", ""},
	} {
		r := Normalise(c.in, Free)
		if r.Expression.String() != c.want || len(r.Unknown) > 0 || r.Written != c.in {
			t.Errorf("Normalise(%q) = %q, unknown %q; want %q", c.in, r.Expression, r.Unknown, c.want)
		}
	}
}

func TestNormaliseDebian(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"GPL", "GPL-1.0-only"},
		{"LGPL", "LGPL-2.0-only"},
		{"CC-BY-SA", "CC-BY-SA-1.0"},
		{"Perl", "Artistic-1.0-Perl OR GPL-1.0-or-later"},
		{"GPL-1+ or Artistic", "GPL-1.0-or-later OR Artistic-1.0"},
		{"GPL-1+ or Artistic, and Expat", "(GPL-1.0-or-later OR Artistic-1.0) AND MIT"},
		{"Expat and GPL-2 or ISC", "MIT AND GPL-2.0-only OR ISC"},
		{"Expat, and GPL-2 or ISC", "MIT AND (GPL-2.0-only OR ISC)"},
		{"GFDL-NIV-1.3+", "GFDL-1.3-no-invariants-or-later"},
		{"GPL-3+ with Autoconf exception", "GPL-3.0-or-later WITH Autoconf-exception-3.0"},
	} {
		if r := Normalise(c.in, Debian); r.Expression.String() != c.want || len(r.Unknown) > 0 {
			t.Errorf("Normalise(%q, Debian) = %q, unknown %q; want %q", c.in, r.Expression, r.Unknown, c.want)
		}
	}
}

// Each of these is unknown, as a whole or in the part named; none may come out
// as more than it says.
func TestNormaliseKeepsUnknown(t *testing.T) {
	for _, c := range []struct {
		in      string
		unknown string
	}{
		{"BSL", "BSL"}, // Boost or Business Source
		{"Creative Commons", "Creative Commons"},
		{"CC BY-SA-ND 4.0", "CC BY-SA-ND 4.0"},
		{"CC BY 5.0", "CC BY 5.0"},
		{"GPL-4", "GPL-4"},
		{"GPL (>= 2)", "GPL (>= 2)"},
		{"MIT-like", "MIT-like"},
		{"not MIT", "not MIT"},
		{"Neither MIT or GPL-2.0", "Neither MIT or GPL-2.0"},
		{"MIT, except the logos", "MIT, except the logos"},
		{"CC BY 4.0 (non-commercial use only)", "CC BY 4.0 (non-commercial use only)"},
		{"MIT (GPL-2.0)", "MIT (GPL-2.0)"},
		{"free for personal use", "free for personal use"},
		{"Redistribution and use in source and binary forms", "Redistribution and use in source and binary forms"},
		{"MIT and Custom-1", "Custom-1"},
		{"MIT or Custom-1", "Custom-1"},
		{"https://creativecommons.org.evil.example/licenses/by/4.0/", "https://creativecommons.org.evil.example/licenses/by/4.0/"},
		{"https://user@creativecommons.org/licenses/by/4.0/", "https://user@creativecommons.org/licenses/by/4.0/"},
		{"CC BY 4.0 https://creativecommons.org/licenses/by-nc/4.0/", "CC BY 4.0 https://creativecommons.org/licenses/by-nc/4.0/"},
		{strings.Repeat("MIT and ", 5000) + "MIT", strings.Repeat("MIT and ", 5000) + "MIT"},
	} {
		r := Normalise(c.in, Free)
		if len(r.Unknown) != 1 || r.Unknown[0] != c.unknown {
			t.Errorf("Normalise(%q): unknown %q; want %q", clip(c.in), r.Unknown, clip(c.unknown))
		}
		if _, err := Parse(r.Expression.String()); err != nil {
			t.Errorf("Normalise(%q) is no expression: %v", clip(c.in), err)
		}
	}
	a, b := Normalise("My licence!", Free), Normalise("My licence?", Free)
	if a.Expression.Equal(b.Expression) {
		t.Errorf("two unknown statements became one: %s", a.Expression)
	}
}

func TestNormaliseSees(t *testing.T) {
	r := Normalise("SEE LICENSE IN LICENSE.md", Free)
	if r.See != "LICENSE.md" || !r.Expression.IsZero() {
		t.Errorf("got %+v", r)
	}
}

func TestAddresses(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"http://creativecommons.org/licenses/by-sa/3.0/", "CC-BY-SA-3.0"},
		{"https://creativecommons.org/licenses/by-nc-nd/4.0/legalcode.de", "CC-BY-NC-ND-4.0"},
		{"https://creativecommons.org/licenses/by/4.0/deed.fr?ref=chooser-v1", "CC-BY-4.0"},
		{"creativecommons.org/licenses/by/2.0/uk", "LicenseRef-CC-BY-2.0-UK"},
		{"https://creativecommons.org/licenses/by-nd-nc/1.0/", "CC-BY-NC-ND-1.0"},
		{"https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"},
		{"https://creativecommons.org/publicdomain/mark/1.0/deed.en", "CC-PDM-1.0"},
		{"http://web.resource.org/cc/PublicDomain", "CC-PDDC"},
		{"http://creativecommons.org/licenses/publicdomain/", "CC-PDDC"},
		{"http://creativecommons.org/licenses/GPL/2.0/", "GPL-2.0-only"},
		{"http://www.apache.org/licenses/LICENSE-2.0.txt", "Apache-2.0"},
		{"https://www.gnu.org/licenses/gpl-3.0.en.html", "GPL-3.0-only"},
		{"https://www.gnu.org/licenses/gpl.html", "LicenseRef-GPL-unversioned"},
		{"https://opensource.org/licenses/MIT", "MIT"},
		{"<https://spdx.org/licenses/OFL-1.1.html>", "OFL-1.1"},
		{"https://unlicense.org", "Unlicense"},
	} {
		if r := Normalise(c.in, Free); r.Expression.String() != c.want || len(r.Unknown) > 0 {
			t.Errorf("Normalise(%q) = %q, unknown %q; want %q", c.in, r.Expression, r.Unknown, c.want)
		}
	}
	for _, s := range []string{
		"https://creativecommons.org/licenses/", "https://creativecommons.org/licenses/by/", "https://creativecommons.org/licenses/by/9.0/",
		"https://creativecommons.org/licenses/by/4.0/extra/path", "ftp://creativecommons.org/licenses/by/4.0/", "https://example.org/licenses/MIT",
		"https://creativecommons.org:8080/licenses/by/4.0/", "https://%zz/", "http://",
	} {
		if r := Normalise(s, Free); len(r.Unknown) != 1 {
			t.Errorf("Normalise(%q) = %q; want it unknown", s, r.Expression)
		}
	}
}

// FuzzNormalise holds that every statement gives an expression that is sound
// and can be evaluated or is refused for its size, and that the reading of an
// expression is the expression.
func FuzzNormalise(f *testing.F) {
	for _, s := range []string{"GPL-2+ or Artistic, and Expat", "CC BY-SA 4.0", "MIT/X11 | foo", "https://creativecommons.org/licenses/by/4.0/", "a,,;or(b", "GPL v2 (or later)"} {
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, s string, debian bool) {
		d := Free
		if debian {
			d = Debian
		}
		r := Normalise(s, d)
		if r.Expression.IsZero() {
			return
		}
		text := r.Expression.String()
		if e, err := Parse(text); err != nil || !e.Equal(r.Expression) {
			t.Fatalf("Normalise(%q) = %q, which reads as %q: %v", s, text, e, err)
		}
		offers, err := Default().Offers(r.Expression)
		if err == nil && len(offers) == 0 {
			t.Fatalf("Normalise(%q) = %q offers nothing", s, text)
		}
	})
}
