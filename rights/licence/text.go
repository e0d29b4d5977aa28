package licence

import (
	_ "embed"
	"fmt"
	"slices"
	"sync"

	"github.com/google/licensecheck"
)

// maxText is the most of a licence's text that is read, in bytes; the longest
// that anyone uses has some 50 kB.
const maxText = 1 << 20

//go:embed dedication.lre
var dedication string

// scanner knows, beside licensecheck's licences, Creative Commons' dedication
// to the public domain of 2004 (SPDX: CC-PDDC).
var scanner = sync.OnceValue(func() *licensecheck.Scanner {
	s, err := licensecheck.NewScanner(append(licensecheck.BuiltinLicenses(), licensecheck.License{ID: "CC-PDDC", LRE: dedication}))
	if err != nil {
		panic("licence: dedication.lre: " + err.Error())
	}
	return s
})

// Text is what was recognised in a licence file.
type Text struct {
	// Expression demands every licence whose text was found; zero where none was.
	Expression Expression
	// Coverage is the share of the file's words, from 0 to 1, that belongs to
	// the licences found. Below about 0.75 the file says more than they do, and
	// that may be a restriction.
	Coverage float64
}

// Recognise finds the licences whose text, or whose canonical address, the file
// holds (by google/licensecheck, which knows the SPDX list of 2020, and CC-PDDC). Texts that
// serve several versions or grants are read as the narrower: the GNU licences
// as "only". More than 1 MiB is an error.
func Recognise(text []byte) (Text, error) {
	if len(text) > maxText {
		return Text{}, fmt.Errorf("licence text of %d bytes: at most %d are read", len(text), maxText)
	}
	cov := scanner().Scan(text)
	t := Text{Coverage: min(cov.Percent/100, 1)}
	var found []Expression
	var seen []string
	for _, m := range cov.Match {
		if slices.Contains(seen, m.ID) {
			continue
		}
		seen = append(seen, m.ID)
		r := Normalise(m.ID, Free)
		found = append(found, r.Expression)
	}
	t.Expression = All(found...)
	return t, nil
}
