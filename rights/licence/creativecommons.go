package licence

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// elements are the words for the four elements of Creative Commons' licences;
// "" continues the word before ("share alike").
var elements = map[string]string{
	"by": "BY", "attribution": "BY",
	"nc": "NC", "noncommercial": "NC",
	"nd": "ND", "noderivatives": "ND", "noderivs": "ND",
	"sa": "SA", "sharealike": "SA",
	"ccby": "BY", "ccbysa": "BY SA", "ccbync": "BY NC", "ccbynd": "BY ND", "ccbyncsa": "BY NC SA", "ccbyncnd": "BY NC ND",
}

var twoWords = strings.NewReplacer("share alike", "sharealike", "non commercial", "noncommercial",
	"no derivative works", "noderivatives", "no derivatives", "noderivatives", "no derivs", "noderivs", "creative commons", "cc")

var portCode = regexp.MustCompile(`^[a-z]{2}$|^igo$|^scotland$`)

// creativeCommons reads the words of a licence of Creative Commons: "cc by sa
// 4.0", "creative commons attribution 3.0 us".
func creativeCommons(ws []string, d Dialect) (Licence, bool) {
	ws = strings.Fields(twoWords.Replace(strings.Join(ws, " ")))
	if len(ws) == 0 || !strings.HasPrefix(ws[0], "cc") {
		return Licence{}, false
	}
	if ws[0] == "cc" {
		ws = ws[1:]
	}
	if n := len(ws); n > 1 && ws[n-1] == "public" { // "… Public License", as their titles end
		ws = ws[:n-1]
	}
	if n := len(ws); n > 1 && slices.Contains([]string{"international", "unported", "generic"}, ws[n-1]) {
		ws = ws[:n-1] // the unported licence, as deeds call it
	}
	var found []string
	for len(ws) > 0 && elements[ws[0]] != "" {
		found = append(found, strings.Fields(elements[ws[0]])...)
		ws = ws[1:]
	}
	version, port := "", ""
	if len(ws) > 0 && isVersion(ws[0]) {
		version, ws = ws[0], ws[1:]
	}
	if len(ws) > 0 && version != "" && portCode.MatchString(ws[0]) {
		port, ws = ws[0], ws[1:]
	}
	if len(ws) > 0 {
		return Licence{}, false
	}
	if version == "" && d == Debian {
		version = "1.0"
	}
	return ccLicence(found, version, port)
}

// ccVersions are the versions of the licences, 2.1 for a few countries only.
var ccVersions = []string{"1.0", "2.0", "2.1", "2.5", "3.0", "4.0"}

// ccLicence builds the identifier. A port that the SPDX list lacks is a
// reference of the same form, and so is a licence without its version.
func ccLicence(found []string, version, port string) (Licence, bool) {
	id := "CC"
	for _, e := range []string{"BY", "NC", "ND", "SA"} {
		if slices.Contains(found, e) {
			id += "-" + e
		}
	}
	distinct := slices.Compact(slices.Sorted(slices.Values(found)))
	if len(distinct) != len(found) || !slices.Contains(found, "BY") ||
		slices.Contains(found, "ND") && slices.Contains(found, "SA") {
		return Licence{}, false
	}
	if version == "" {
		return Licence{ID: "LicenseRef-" + id + "-unversioned"}, true
	}
	if !slices.Contains(ccVersions, version) || port != "" && version == "4.0" {
		return Licence{}, false
	}
	id += "-" + version
	if port != "" {
		id += "-" + strings.ToUpper(port)
	}
	if l, ok := listed(id, false); ok {
		return l, true
	}
	if port == "" && version == "2.1" {
		return Licence{}, false
	}
	return Licence{ID: "LicenseRef-" + id}, true
}

// ccPort matches a reference to a national port, whose licence is the first
// group.
var ccPort = regexp.MustCompile(`^LicenseRef-(CC-BY(?:-NC)?(?:-ND|-SA)?-[0-9]\.[0-9])-(?:[A-Z]{2}|SCOTLAND)$`)

// ccAddress reads the address of a deed or of a licence's text:
// creativecommons.org/licenses/ELEMENTS/VERSION[/PORT][/deed…|/legalcode…] and
// creativecommons.org/publicdomain/{zero,mark}/1.0.
func ccAddress(u *url.URL) (Licence, bool) {
	parts := strings.Split(strings.ToLower(strings.Trim(u.Path, "/")), "/")
	last := parts[len(parts)-1]
	if strings.HasPrefix(last, "deed") || strings.HasPrefix(last, "legalcode") || last == "rdf" {
		parts = parts[:len(parts)-1]
	}
	switch {
	case slices.Equal(parts, []string{"publicdomain", "zero", "1.0"}):
		return Licence{ID: "CC0-1.0"}, true
	case slices.Equal(parts, []string{"publicdomain", "mark", "1.0"}):
		return Licence{ID: "CC-PDM-1.0"}, true
	case len(parts) < 3 || len(parts) > 4 || parts[0] != "licenses":
		return Licence{}, false
	}
	var found []string
	for _, e := range strings.Split(parts[1], "-") {
		if elements[e] == "" {
			return Licence{}, false
		}
		found = append(found, elements[e])
	}
	port := ""
	if len(parts) == 4 {
		port = parts[3]
		if !portCode.MatchString(port) {
			return Licence{}, false
		}
	}
	return ccLicence(found, parts[2], port)
}
