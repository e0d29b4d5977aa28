package licence

import (
	"errors"
	"fmt"
	"strings"

	"github.com/github/go-spdx/v2/spdxexp/spdxlicenses"
)

// Limits of what is parsed: far above what any package states, and low enough
// that a hostile statement costs nothing.
const (
	maxStatement = 16 << 10 // bytes
	maxLicences  = 200      // licences in one expression
	maxNesting   = 50       // parentheses within parentheses
)

// Parse reads an SPDX licence expression. Identifiers may be written in any
// case, operators all in upper or all in lower case; AND binds tighter than OR,
// and WITH and "+" tighter than both. Identifiers that SPDX has deprecated in
// favour of others are given as those: GPL-2.0 as GPL-2.0-only.
//
// An identifier that the SPDX lists do not hold is an error; [Normalise] keeps
// it as an unknown licence instead.
func Parse(s string) (Expression, error) {
	if len(s) > maxStatement {
		return Expression{}, fmt.Errorf("licence expression of %d bytes: at most %d are read", len(s), maxStatement)
	}
	p := &parser{tokens: scan(s), leaf: strictLicence, operators: strictOperators}
	n, err := p.whole()
	if err != nil {
		return Expression{}, fmt.Errorf("licence expression %q: %w", clip(s), err)
	}
	return Expression{n}, nil
}

// strictOperators are the spellings that SPDX 3.0 allows.
var strictOperators = map[string]operator{"AND": and, "and": and, "OR": or, "or": or}

// scan splits at white space and parentheses, which are tokens themselves.
func scan(s string) []string {
	s = strings.NewReplacer("(", " ( ", ")", " ) ").Replace(s)
	return strings.Fields(s)
}

// parser reads expressions by recursive descent. What stands between operators
// and parentheses is handed to leaf, which makes a node of it.
type parser struct {
	tokens    []string
	operators map[string]operator
	leaf      func(words []string) (*node, error)
	gloss     bool // a licence may be followed by the same one in parentheses
	licences  int
	depth     int
}

func (p *parser) whole() (*node, error) {
	n, err := p.expression()
	if err == nil && len(p.tokens) > 0 {
		err = fmt.Errorf("%q stands where the expression should end", p.tokens[0])
	}
	return n, err
}

// levels are the operators from the loosest to the tightest. The late ones are
// those after a comma, which only [Normalise] knows.
var levels = []operator{lateOr, lateAnd, or, and}

func (p *parser) expression() (*node, error) { return p.chain(levels) }

// chain reads one or more parts joined by the first of ops.
func (p *parser) chain(ops []operator) (*node, error) {
	if len(ops) == 0 {
		return p.operand()
	}
	var parts []*node
	for {
		n, err := p.chain(ops[1:])
		if err != nil {
			return nil, err
		}
		parts = append(parts, n)
		if len(p.tokens) == 0 || p.operators[p.tokens[0]] != ops[0] {
			return join(map[operator]operator{lateOr: or, lateAnd: and, or: or, and: and}[ops[0]], parts), nil
		}
		p.tokens = p.tokens[1:]
	}
}

func (p *parser) operand() (*node, error) {
	if len(p.tokens) == 0 {
		return nil, errors.New("it ends where a licence should stand")
	}
	if p.tokens[0] == "(" {
		return p.group()
	}
	n := 0
	for n < len(p.tokens) && p.tokens[n] != "(" && p.tokens[n] != ")" && p.operators[p.tokens[n]] == leaf {
		n++
	}
	if n == 0 {
		return nil, fmt.Errorf("%q stands where a licence should", p.tokens[0])
	}
	words := p.tokens[:n]
	p.tokens = p.tokens[n:]
	if p.licences++; p.licences > maxLicences {
		return nil, fmt.Errorf("more than %d licences", maxLicences)
	}
	l, err := p.leaf(words)
	if err != nil || !p.gloss || len(p.tokens) == 0 || p.tokens[0] != "(" {
		return l, err
	}
	switch g, err := p.group(); {
	case err != nil:
		return nil, err
	case g.text(or) != l.text(or):
		return nil, fmt.Errorf("%q is said to be %q, which differs", l.text(or), g.text(or))
	}
	return l, nil
}

// group reads an expression in parentheses.
func (p *parser) group() (*node, error) {
	if p.depth++; p.depth > maxNesting {
		return nil, fmt.Errorf("more than %d parentheses deep", maxNesting)
	}
	defer func() { p.depth-- }()
	p.tokens = p.tokens[1:]
	n, err := p.expression()
	if err != nil {
		return nil, err
	}
	if len(p.tokens) == 0 || p.tokens[0] != ")" {
		return nil, errors.New("a parenthesis is not closed")
	}
	p.tokens = p.tokens[1:]
	return n, nil
}

// strictLicence reads "ID", "ID+", and either followed by "WITH ADDITION".
func strictLicence(words []string) (*node, error) {
	l, err := simple(words[0])
	if err != nil {
		return nil, err
	}
	switch {
	case len(words) == 1:
		return &node{licence: l}, nil
	case len(words) == 3 && (words[1] == "WITH" || words[1] == "with"):
		addition, ok := additionID(words[2])
		if !ok {
			return nil, fmt.Errorf("%q is no exception of the SPDX list", clip(words[2]))
		}
		if l.Addition != "" {
			return nil, fmt.Errorf("%q already carries an exception", clip(words[0]))
		}
		l.Addition = addition
		return &node{licence: l}, nil
	}
	return nil, fmt.Errorf("%q stands where AND, OR or WITH should", clip(words[1]))
}

// simple reads a licence identifier or reference, with or without "+".
func simple(word string) (Licence, error) {
	if isRef(word, "LicenseRef-") {
		return Licence{ID: word}, nil
	}
	id, later := strings.CutSuffix(word, "+")
	if l, ok := listed(id, later); ok {
		return l, nil
	}
	return Licence{}, fmt.Errorf("%q is not on the SPDX License List (a licence of one's own is written LicenseRef-NAME)", clip(word))
}

// listed finds an identifier of the SPDX License List and gives it in its
// present spelling.
func listed(id string, later bool) (Licence, bool) {
	if ok, exact := spdxlicenses.IsActiveLicense(id); ok {
		if gnu(exact) { // "+" after -only or -or-later
			if later && strings.HasSuffix(exact, "-only") {
				return Licence{}, false
			}
			later = false
		}
		return Licence{ID: exact, OrLater: later}, true
	}
	ok, exact := spdxlicenses.IsDeprecatedLicense(id)
	if !ok {
		return Licence{}, false
	}
	if l, ok := renamed[exact]; ok {
		l.OrLater = false
		if later {
			l.ID = strings.TrimSuffix(l.ID, "-only") + "-or-later"
		}
		return l, true
	}
	if gnu(exact) {
		suffix := "-only"
		if later {
			suffix = "-or-later"
		}
		return Licence{ID: exact + suffix}, true
	}
	return Licence{ID: exact, OrLater: later}, true
}

// gnu reports whether "or later" is part of the licence's identifier.
func gnu(id string) bool {
	family, _, _ := strings.Cut(id, "-")
	switch family {
	case "GPL", "LGPL", "AGPL", "GFDL":
		return true
	}
	return false
}

// renamed are the deprecated identifiers that hold a licence and its exception
// in one (SPDX License List, "Deprecated License Identifiers").
var renamed = map[string]Licence{
	"GPL-2.0-with-autoconf-exception":  {ID: "GPL-2.0-only", Addition: "Autoconf-exception-2.0"},
	"GPL-2.0-with-bison-exception":     {ID: "GPL-2.0-only", Addition: "Bison-exception-2.2"},
	"GPL-2.0-with-classpath-exception": {ID: "GPL-2.0-only", Addition: "Classpath-exception-2.0"},
	"GPL-2.0-with-font-exception":      {ID: "GPL-2.0-only", Addition: "Font-exception-2.0"},
	"GPL-2.0-with-GCC-exception":       {ID: "GPL-2.0-only", Addition: "GCC-exception-2.0"},
	"GPL-3.0-with-autoconf-exception":  {ID: "GPL-3.0-only", Addition: "Autoconf-exception-3.0"},
	"GPL-3.0-with-GCC-exception":       {ID: "GPL-3.0-only", Addition: "GCC-exception-3.1"},
}

// additionID finds an exception, or a reference to one, in its own spelling.
func additionID(word string) (string, bool) {
	if isRef(word, "AdditionRef-") {
		return word, true
	}
	ok, exact := spdxlicenses.IsException(word)
	return exact, ok
}

// isRef reports whether word is a reference of that kind, alone or within
// another document: [DocumentRef-ID:]PREFIX-ID.
func isRef(word, prefix string) bool {
	if doc, rest, ok := strings.Cut(word, ":"); ok {
		id, found := strings.CutPrefix(doc, "DocumentRef-")
		if !found || !isIDString(id) {
			return false
		}
		word = rest
	}
	id, found := strings.CutPrefix(word, prefix)
	return found && isIDString(id)
}

// isIDString is the grammar's idstring: letters, digits, "-" and ".".
func isIDString(s string) bool {
	for _, c := range []byte(s) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.') {
			return false
		}
	}
	return s != ""
}

// clip shortens s for a message.
func clip(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
