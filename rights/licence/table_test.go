package licence

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
)

// The table's state is named by its version. When this fails, raise the
// version in table.yaml and write the new digest here.
func TestTableVersion(t *testing.T) {
	const version, digest = "2026-11-23.1", "b0c0e180475ba802"
	sum := sha256.Sum256(tableYAML)
	if got := hex.EncodeToString(sum[:8]); got != digest || Default().Version != version {
		t.Errorf("table.yaml is version %s with digest %s; recorded are %s and %s", Default().Version, got, version, digest)
	}
}

// Expectations by what the licences' own names and texts say, not by the table.
func TestTableHoldsWhatNamesSay(t *testing.T) {
	n := 0
	for id, j := range Default().Licences {
		n++
		name := strings.TrimPrefix(id, "LicenseRef-")
		if strings.HasPrefix(name, "CC-") {
			parts := strings.Split(name, "-")
			has := func(e string) bool {
				for _, p := range parts {
					if p == e {
						return true
					}
				}
				return false
			}
			for element, answer := range map[string]Answer{"NC": j.NonCommercial, "ND": j.NoDerivatives, "SA": j.ShareAlike} {
				if has(element) != (answer == Yes) {
					t.Errorf("%s: %s is answered %s", id, element, answer)
				}
			}
			if has("BY") && j.Attribution != Yes {
				t.Errorf("%s: attribution is answered %s", id, j.Attribution)
			}
		}
		if strings.Contains(id, "GPL-") && (j.ShareAlike != Yes || j.Publish == Yes) {
			t.Errorf("%s: %+v", id, j.Terms)
		}
		if j.NoDerivatives == Yes && j.Publish != No {
			t.Errorf("%s: no derivatives, and yet outputs may be published: %s", id, j.Publish)
		}
		if j.Why == "" || j.Source == "" {
			t.Errorf("%s: no reason or no source", id)
		}
	}
	if n < 180 {
		t.Errorf("only %d licences are judged", n)
	}
}

// Every name that Normalise can give must be judged, or stay unclear on
// purpose.
func TestNamesAreJudged(t *testing.T) {
	check := func(id string) {
		e, err := Parse(id)
		if err != nil {
			t.Errorf("names.yaml: %v", err)
			return
		}
		for _, l := range e.Licences() {
			if _, ok := Default().Judge(l); !ok {
				t.Errorf("names.yaml gives %s, which table.yaml does not judge", l)
			}
		}
	}
	b := book()
	for written, id := range b.Names {
		if got := strings.Join(words(written), " "); got != written {
			t.Errorf("names.yaml: %q can never be looked up, it is read as %q", written, got)
		}
		if id != "" {
			check(id)
		}
	}
	for name, f := range b.Families {
		for _, w := range f.Words {
			if got := strings.Join(words(w), " "); got != w {
				t.Errorf("names.yaml: %q can never be looked up, it is read as %q", w, got)
			}
		}
		for v, id := range f.Versions {
			if !isVersion(v) {
				t.Errorf("names.yaml: %s has a version %q", name, v)
			}
			check(id)
		}
		if !f.Sole {
			check("LicenseRef-" + name + "-unversioned")
		}
	}
	for _, id := range b.Addresses {
		check(id)
	}
	for keyword, versions := range b.Exceptions {
		for _, id := range versions {
			if exact, ok := additionID(id); !ok || exact != id {
				t.Errorf("names.yaml: the exception %q of %q is not on the SPDX list", id, keyword)
			}
		}
	}
}

func TestReadTableRefuses(t *testing.T) {
	row := "    train: yes\n    publish: yes\n    attribution: no\n    share-alike: no\n    non-commercial: no\n    no-derivatives: no\n    source: s\n    why: w\n"
	head := "version: v\nsources: {s: text}\nlicences:\n"
	if _, err := ReadTable(strings.NewReader(head + "  - ids: [MIT]\n" + row)); err != nil {
		t.Fatalf("a sound table: %v", err)
	}
	for what, text := range map[string]string{
		"no version":       strings.Replace(head, "version: v\n", "", 1) + "  - ids: [MIT]\n" + row,
		"unknown source":   head + "  - ids: [MIT]\n" + strings.Replace(row, "source: s", "source: x", 1),
		"an answer short":  head + "  - ids: [MIT]\n" + strings.Replace(row, "    publish: yes\n", "", 1),
		"no answer at all": head + "  - ids: [MIT]\n" + strings.Replace(row, "publish: yes", "publish: perhaps", 1),
		"a field too much": head + "  - ids: [MIT]\n" + row + "    extra: 1\n",
		"twice":            head + "  - ids: [MIT]\n" + row + "  - ids: [MIT]\n" + row,
		"wrong spelling":   head + "  - ids: [mit]\n" + row,
		"unknown licence":  head + "  - ids: [Nonsense-1.0]\n" + row,
		"no yaml":          "\t{{{",
		"too large":        head + "# " + strings.Repeat("x", maxTable),
	} {
		if _, err := ReadTable(strings.NewReader(text)); err == nil {
			t.Errorf("%s: accepted", what)
		}
	}
}
