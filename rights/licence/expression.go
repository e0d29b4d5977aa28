// Package licence reads statements of licences and says what they mean for
// training a generative model.
//
// [Parse] takes SPDX licence expressions; [Normalise] takes what packages
// really write ("GPLv2+", "CC BY-SA 4.0", a deed's address) and gives an
// expression in which all that is not recognised stays unknown, by name;
// [Recognise] takes a licence's text. A [Table] turns an expression into the
// terms on which a work may be taken: [Table.Offers]. [Table.Conflicts] finds
// statements on one work that do not agree.
//
// Nothing here guesses towards more permission: a name without its version, a
// list without a stated "or", or prose around a known name never gives more
// than the strictest reading.
package licence

import (
	"slices"
	"strings"
)

// Licence is one licence within an expression.
type Licence struct {
	// ID is an identifier of the SPDX License List in its own spelling, or a
	// reference: LicenseRef-…, DocumentRef-…:LicenseRef-….
	ID string
	// OrLater says that a later version may be chosen instead: the expression's
	// "+". The GNU licences say it in the ID (GPL-2.0-or-later).
	OrLater bool
	// Addition is what follows WITH: an identifier of the SPDX list of
	// exceptions, or AdditionRef-…; empty without one.
	Addition string
}

// String gives the licence as an SPDX simple expression.
func (l Licence) String() string {
	s := l.ID
	if l.OrLater {
		s += "+"
	}
	if l.Addition != "" {
		s += " WITH " + l.Addition
	}
	return s
}

// IsRef reports whether the licence is a reference rather than an identifier
// of the SPDX License List.
func (l Licence) IsRef() bool {
	return strings.HasPrefix(l.ID, "LicenseRef-") || strings.HasPrefix(l.ID, "DocumentRef-")
}

// Expression is an SPDX licence expression (SPDX 3.0.1, annex "SPDX license
// expressions"). The zero value says nothing at all: no licence is stated.
type Expression struct{ root *node }

// operator joins the parts of a node; leaf has no parts.
type operator byte

const (
	leaf operator = iota
	and
	or
	lateAnd // and, or: while parsing only
	lateOr
)

type node struct {
	op      operator
	licence Licence
	parts   []*node // two or more, none of them of the same operator
}

// Of returns the expression that is l alone.
func Of(l Licence) Expression { return Expression{&node{licence: l}} }

// All returns the expression that demands all of es at once: AND. Expressions
// that say nothing are left out.
func All(es ...Expression) Expression {
	var nodes []*node
	for _, e := range es {
		if e.root != nil {
			nodes = append(nodes, e.root)
		}
	}
	return Expression{join(and, nodes)}
}

// IsZero reports whether the expression says nothing.
func (e Expression) IsZero() bool { return e.root == nil }

// String gives the expression in canonical spelling, with the fewest
// parentheses; "" for the zero value.
func (e Expression) String() string {
	if e.root == nil {
		return ""
	}
	return e.root.text(or)
}

// Licences lists the licences that the expression names, each once, in order.
func (e Expression) Licences() []Licence {
	var found []Licence
	if e.root != nil {
		e.root.walk(func(l Licence) {
			if !slices.Contains(found, l) {
				found = append(found, l)
			}
		})
	}
	return found
}

// Equal reports whether both expressions offer the same choices, in any order
// and however they are nested: "A AND (B OR C)" equals "(C AND A) OR (A AND B)".
// Expressions with more than [MaxOffers] choices are equal only as text.
func (e Expression) Equal(f Expression) bool {
	if e.String() == f.String() {
		return true
	}
	a, errA := e.alternatives()
	b, errB := f.alternatives()
	if errA != nil || errB != nil {
		return false
	}
	key := func(ls []Licence) string { return names(ls, " AND ") }
	less := func(a, b []Licence) int { return strings.Compare(key(a), key(b)) }
	slices.SortFunc(a, less)
	slices.SortFunc(b, less)
	return slices.EqualFunc(a, b, func(x, y []Licence) bool { return key(x) == key(y) })
}

// text writes the node; within an AND, an OR needs parentheses.
func (n *node) text(outer operator) string {
	if n.op == leaf {
		return n.licence.String()
	}
	words := map[operator]string{and: " AND ", or: " OR "}
	parts := make([]string, len(n.parts))
	for i, p := range n.parts {
		parts[i] = p.text(n.op)
	}
	s := strings.Join(parts, words[n.op])
	if outer == and && n.op == or {
		s = "(" + s + ")"
	}
	return s
}

func (n *node) walk(visit func(Licence)) {
	if n.op == leaf {
		visit(n.licence)
	}
	for _, p := range n.parts {
		p.walk(visit)
	}
}

// join makes one node of several, merging nested uses of the same operator and
// dropping what is repeated.
func join(op operator, nodes []*node) *node {
	var parts []*node
	add := func(n *node) {
		text := n.text(or)
		if !slices.ContainsFunc(parts, func(p *node) bool { return p.text(or) == text }) {
			parts = append(parts, n)
		}
	}
	for _, n := range nodes {
		if n.op == op {
			for _, p := range n.parts {
				add(p)
			}
		} else {
			add(n)
		}
	}
	switch len(parts) {
	case 0:
		return nil
	case 1:
		return parts[0]
	}
	return &node{op: op, parts: parts}
}

// names joins the licences' texts.
func names(ls []Licence, with string) string {
	texts := make([]string, len(ls))
	for i, l := range ls {
		texts[i] = l.String()
	}
	return strings.Join(texts, with)
}
