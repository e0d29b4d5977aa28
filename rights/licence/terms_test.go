package licence

import (
	"slices"
	"strings"
	"testing"
)

func offersOf(t *testing.T, s string) []Offer {
	t.Helper()
	e, err := Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	offers, err := Default().Offers(e)
	if err != nil {
		t.Fatal(err)
	}
	return offers
}

func TestOffers(t *testing.T) {
	for _, c := range []struct {
		expression string
		licences   string // of the best offer
		terms      Terms
		unknown    int
		count      int
	}{
		{"MIT", "MIT", Terms{Yes, Yes, Yes, No, No, No}, 0, 1},
		{"CC0-1.0", "CC0-1.0", Terms{Yes, Yes, No, No, No, No}, 0, 1},
		{"MIT OR CC0-1.0", "CC0-1.0", Terms{Yes, Yes, No, No, No, No}, 0, 2},
		{"MIT AND CC0-1.0", "CC0-1.0, MIT", Terms{Yes, Yes, Yes, No, No, No}, 0, 1},
		{"GPL-2.0-only OR MIT", "MIT", Terms{Yes, Yes, Yes, No, No, No}, 0, 2},
		{"CC-BY-4.0 AND CC-BY-NC-4.0", "CC-BY-4.0, CC-BY-NC-4.0", Terms{Yes, Yes, Yes, No, Yes, No}, 0, 1},
		{"CC-BY-SA-4.0 AND CC-BY-ND-4.0", "CC-BY-ND-4.0, CC-BY-SA-4.0", Terms{Yes, No, Yes, Yes, No, Yes}, 0, 1},
		{"CC-BY-NC-4.0 OR CC-BY-SA-4.0", "CC-BY-SA-4.0", Terms{Yes, Unclear, Yes, Yes, No, No}, 0, 2},
		{"MIT AND LicenseRef-mine", "LicenseRef-mine, MIT", Terms{Unclear, Unclear, Yes, Unclear, Unclear, Unclear}, 1, 1},
		{"MIT AND LicenseRef-all-rights-reserved", "LicenseRef-all-rights-reserved, MIT", Terms{No, No, Yes, Unclear, Unclear, Unclear}, 0, 1},
		{"MIT OR LicenseRef-mine", "MIT", Terms{Yes, Yes, Yes, No, No, No}, 0, 2},
		{"LicenseRef-all-rights-reserved OR LicenseRef-mine", "LicenseRef-mine", Terms{}, 1, 2},
		{"GPL-2.0-only WITH Font-exception-2.0", "GPL-2.0-only WITH Font-exception-2.0", Terms{Yes, Unclear, Yes, Yes, No, No}, 0, 1},
		{"MIT WITH AdditionRef-but-not-robots", "MIT WITH AdditionRef-but-not-robots", Terms{}, 1, 1},
		{"LicenseRef-CC-BY-ND-2.5-SE", "LicenseRef-CC-BY-ND-2.5-SE", Terms{Unclear, No, Yes, No, No, Yes}, 0, 1},
		{"LicenseRef-CC-BY-9.0-SE", "LicenseRef-CC-BY-9.0-SE", Terms{}, 1, 1},
		{"(MIT OR GPL-2.0-only) AND (ISC OR GPL-2.0-only)", "ISC, MIT", Terms{Yes, Yes, Yes, No, No, No}, 0, 4},
	} {
		offers := offersOf(t, c.expression)
		best := offers[0]
		if got := names(best.Licences, ", "); got != c.licences || best.Terms != c.terms || len(best.Unknown) != c.unknown || len(offers) != c.count {
			t.Errorf("%s: best of %d is %s with %+v, unknown %v; want %s of %d with %+v", c.expression, len(offers), got, best.Terms, best.Unknown, c.licences, c.count, c.terms)
		}
	}
}

func TestOffersLimits(t *testing.T) {
	if offers, err := Default().Offers(Expression{}); err != nil || len(offers) > 0 {
		t.Errorf("saying nothing offers %v, %v", offers, err)
	}
	e, err := Parse("(MIT OR ISC OR Zlib) AND (GPL-2.0-only OR MPL-2.0 OR X11 OR EPL-2.0) AND " +
		"(AFL-1.1 OR AFL-1.2 OR AFL-2.0 OR AFL-2.1 OR AFL-3.0) AND (W3C OR NTP OR HPND OR ICU OR IJG)")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Default().Offers(e); err == nil {
		t.Error("3·4·5·5 = 300 choices are accepted")
	}
}

func TestConflicts(t *testing.T) {
	say := func(where, what string) Statement { return Statement{Where: where, Reading: Normalise(what, Free)} }
	type found struct{ a, b, differs string }
	for what, c := range map[string]struct {
		statements []Statement
		want       []found
	}{
		"agree":         {[]Statement{say("package.json", "MIT"), say("LICENSE", "The MIT License"), say("README", "")}, nil},
		"same terms":    {[]Statement{say("a", "MIT"), say("b", "ISC")}, []found{{"a", "b", ""}}},
		"icon set":      {[]Statement{say("package.json", "MIT"), say("collections.json", "CC-BY-NC-SA-4.0")}, []found{{"package.json", "collections.json", "publish share-alike non-commercial"}}},
		"wallpapers":    {[]Statement{say("copyright", "GPL-2+"), say("metadata", "CC-BY-SA-4.0"), say("metadata2", "LGPL-3")}, []found{{"copyright", "metadata", ""}, {"copyright", "metadata2", ""}, {"metadata", "metadata2", ""}}},
		"prose":         {[]Statement{say("package.json", "MIT"), say("README", "not licensed for commercial usage")}, []found{{"package.json", "README", "train publish attribution share-alike non-commercial no-derivatives"}}},
		"order is none": {[]Statement{say("a", "MIT or ISC"), say("b", "ISC or MIT")}, nil},
	} {
		conflicts, err := Default().Conflicts(c.statements...)
		if err != nil {
			t.Fatal(err)
		}
		var got []found
		for _, k := range conflicts {
			got = append(got, found{k.A.Where, k.B.Where, strings.Join(k.Differs, " ")})
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v; want %v", what, got, c.want)
		}
	}
}
