package licence

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Dialect is the convention that a statement follows.
type Dialect int

const (
	// Free is what people and packages write when nothing checks it.
	Free Dialect = iota
	// Debian is the License field of Debian's machine-readable copyright file
	// (copyright-format 1.0, section 7): a short name without a version means
	// the lowest, and ", and" binds looser than "or".
	Debian
)

// Reading is what a written statement comes to.
type Reading struct {
	Written string
	// Expression is the statement in SPDX terms. It is zero where the statement
	// says nothing ("", "NOASSERTION") or points elsewhere.
	Expression Expression
	// Unknown lists, as written, the parts that were not recognised. Each is a
	// licence LicenseRef-unknown-… of the expression.
	Unknown []string
	// See is the file that the statement points to instead of naming a licence
	// (npm: "SEE LICENSE IN file"); it is as untrusted as any path in a package.
	See string
}

var seeFile = regexp.MustCompile(`(?i)^see\s+licen[sc]e\s+in\s+<?([^<>]+?)>?$`)

// Normalise reads a statement as a package has it. What is not recognised
// stays, under a name made of its words and their digest, an unknown licence;
// a list without a stated choice ("MIT, GPL-2") demands all that it names; and
// a statement that reads as prose is unknown as a whole.
func Normalise(written string, d Dialect) Reading {
	r := Reading{Written: written}
	s := strings.ToValidUTF8(strings.TrimSpace(written), "\uFFFD")
	if s == "" {
		return r
	}
	if m := seeFile.FindStringSubmatch(s); m != nil {
		r.See = m[1]
		return r
	}
	if e, err := Parse(s); err == nil {
		r.Expression = e
		return r
	}
	if len(s) <= maxStatement {
		l := loose{dialect: d}
		if n, err := l.statement(s); err == nil {
			r.Expression, r.Unknown = Expression{n}, l.unknown
			return r
		}
	}
	r.Expression, r.Unknown = Of(unknownLicence(s)), []string{s}
	return r
}

// errProse says that a statement is no list of names.
var errProse = errors.New("the statement is prose")

// loose reads names joined by and, or, commas and the like.
type loose struct {
	dialect Dialect
	unknown []string
	known   bool // a name was recognised
}

var looseOperators = map[string]operator{"and": and, "&": and, "or": or, "|": or, "||": or,
	",and": lateAnd, ",or": lateOr}

var looseWords = []struct {
	form *regexp.Regexp
	is   string
}{
	// "or later" is no choice between licences.
	{regexp.MustCompile(`(?i)[\s,_-]*\(?\b(?:or|and)[\s_-]+\(?(?:at\s+your\s+option\)?,?\s+)?(?:any[\s_-]+)?(?:later|newer|greater|higher|above)(?:[\s_-]+versions?)?\b(?:,?\s+\(?at\s+your\s+option\)?)?\)?`), "+ "},
	{regexp.MustCompile(`(?i)\s*\band\s*/\s*or\b`), " and "},
	{regexp.MustCompile(`(?i)\s*[,;]\s*(?:and\s+)?(or)?\b`), " ,$1 "},
	{regexp.MustCompile(`_+`), " "},
}

func (l *loose) statement(s string) (*node, error) {
	if e, ok := nameOf(s, l.dialect); ok { // names that hold "and" or "/"
		return e.root, nil
	}
	for _, w := range looseWords {
		if strings.Contains(s, "://") && w.is == " " {
			continue // an address may hold underscores
		}
		s = w.form.ReplaceAllString(s, w.is)
	}
	var tokens []string
	for _, t := range scan(s) {
		switch lower := strings.ToLower(t); {
		case lower == ",":
			t = ",and"
		case looseOperators[lower] != leaf:
			t = lower
		}
		tokens = append(tokens, t)
	}
	p := &parser{tokens: tokens, operators: looseOperators, leaf: l.operand, gloss: true}
	n, err := p.whole()
	if err == nil && !l.known {
		err = errProse
	}
	return n, err
}

// prose are words that turn what they stand beside into something else.
var prose = []string{"not", "no", "neither", "nor", "except", "excluding", "but", "unless", "without", "never", "some", "other", "others", "various", "mixed"}

// operand makes a node of the words between two operators.
func (l *loose) operand(words []string) (*node, error) {
	s := strings.Join(words, " ")
	if e, ok := nameOf(s, l.dialect); ok && e.root != nil {
		l.known = true
		return e.root, nil
	}
	if n, ok := l.slashed(s); ok {
		return n, nil
	}
	if len(words) > 3 || slices.ContainsFunc(words, func(w string) bool { return slices.Contains(prose, strings.ToLower(w)) }) {
		return nil, errProse
	}
	l.unknown = append(l.unknown, s)
	return &node{licence: unknownLicence(s)}, nil
}

// slashed reads "MIT/Apache-2.0": whether that offers or demands both is not
// said, so it demands them.
func (l *loose) slashed(s string) (*node, bool) {
	parts := strings.Split(s, "/")
	if len(parts) < 2 || len(parts) > 8 || strings.Contains(s, "://") {
		return nil, false
	}
	var all []*node
	for _, p := range parts {
		e, ok := nameOf(p, l.dialect)
		if !ok || e.root == nil {
			return nil, false
		}
		all = append(all, e.root)
	}
	l.known = true
	return join(and, all), true
}

// unknownLicence names what was not recognised: some of its words for people,
// and a digest so that two statements never become one.
func unknownLicence(s string) Licence {
	s = strings.Join(strings.Fields(s), " ")
	var slug strings.Builder
	for _, c := range s {
		if slug.Len() >= 32 {
			break
		}
		if c < 0x80 && (isIDString(string(c)) && c != '-') {
			slug.WriteRune(c)
		} else if t := slug.String(); t != "" && !strings.HasSuffix(t, "-") {
			slug.WriteByte('-')
		}
	}
	sum := sha256.Sum256([]byte(s))
	parts := []string{"LicenseRef-unknown"}
	if t := strings.Trim(slug.String(), "-"); t != "" {
		parts = append(parts, t)
	}
	return Licence{ID: strings.Join(append(parts, hex.EncodeToString(sum[:4])), "-")}
}

// IsUnknown reports whether l stands for something that [Normalise] did not
// recognise.
func (l Licence) IsUnknown() bool { return strings.HasPrefix(l.ID, "LicenseRef-unknown-") }

// String says what the statement came to, for a report.
func (r Reading) String() string {
	switch {
	case r.See != "":
		return fmt.Sprintf("see %s", r.See)
	case r.Expression.IsZero():
		return "says nothing"
	}
	return r.Expression.String()
}
