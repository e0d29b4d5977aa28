package licence

// Statement is a licence stated for a work, and where it was found.
type Statement struct {
	// Where is the place in the caller's terms: "package.json", the digest of
	// the evidence, an address.
	Where string
	Reading
}

// Conflict is two statements on one work that do not say the same.
type Conflict struct {
	A, B Statement
	// Differs names the questions of [Terms] that the best offers of the two
	// answer differently. It is empty where the licences differ and the terms
	// do not: MIT against BSD-2-Clause.
	Differs []string
}

// Conflicts compares every two of the statements. Statements that say nothing
// are left out; of those that say the same, the first stands for all. Which of
// two is right is not for a table to tell.
func (t *Table) Conflicts(statements ...Statement) ([]Conflict, error) {
	var distinct []Statement
	for _, s := range statements {
		same := s.Expression.IsZero()
		for _, d := range distinct {
			same = same || s.Expression.Equal(d.Expression)
		}
		if !same {
			distinct = append(distinct, s)
		}
	}
	best := make([]Terms, len(distinct))
	for i, s := range distinct {
		offers, err := t.Offers(s.Expression)
		if err != nil {
			return nil, err
		}
		best[i] = offers[0].Terms
	}
	var found []Conflict
	for i := range distinct {
		for k := i + 1; k < len(distinct); k++ {
			found = append(found, Conflict{A: distinct[i], B: distinct[k], Differs: best[i].Differs(best[k])})
		}
	}
	return found, nil
}
