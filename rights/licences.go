package rights

import (
	"fmt"
	"slices"
	"strings"

	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/rights/licence"
	"github.com/limner-ai/limner/rights/licence/prose"
	"github.com/limner-ai/limner/source"
)

// reading is a statement of a licence, and the way to take the work that the
// policy likes best of those it offers.
type reading struct {
	Statement
	expression licence.Expression
	offer      licence.Offer
}

// where names a statement for people.
func (s Statement) where() string {
	words := s.Expression
	if words == "" || s.Form != string(source.Text) {
		words = s.Written
	}
	words = strings.Join(strings.Fields(words), " ")
	if r := []rune(words); len(r) > 100 {
		words = string(r[:100]) + "…"
	}
	return fmt.Sprintf("%q (%s, source %s)", words, s.Where, s.Source)
}

// open reports whether a statement counts for a decision by licences: those of
// sources under an agreement do not.
func (j *judge) open(s Statement) bool { return !j.covered[s.Source] }

// stated lists the statements that name a licence, or try to.
func (j *judge) stated() []Statement {
	var out []Statement
	for _, s := range j.f.Statements {
		if j.open(s) && (s.Expression != "" || s.Form == string(source.Text)) {
			out = append(out, s)
		}
	}
	return out
}

// licences is step 5. All statements hold together: on the file, its groups
// and its sources.
func (j *judge) licences() {
	var readings []reading
	for _, s := range j.stated() {
		r := reading{Statement: s}
		var err error
		if s.Expression != "" {
			r.expression, err = licence.Parse(s.Expression)
		}
		if err == nil {
			err = j.choose(&r)
		}
		if err != nil {
			j.say(j.p.Licences.TrainingUnclear, LicenceUnclear, s.Evidence, "%s cannot be read: %v", s.where(), err)
			continue
		}
		readings = append(readings, r)
	}
	if len(readings) == 0 && !j.basis {
		return
	}
	for i, r := range readings {
		if !slices.ContainsFunc(readings[:i], func(o reading) bool { return o.expression.Equal(r.expression) }) {
			j.terms(r) // one of several that say the same is enough
		}
		j.understood(r)
	}
	j.collection(readings)
	j.conflicts(readings)
	if j.r.Outcome != Deny {
		j.prose("")
	}
	if len(readings) == 0 {
		return
	}
	var all []licence.Expression
	for _, r := range readings {
		j.basis = j.basis || r.offer.Train == licence.Yes
		for _, l := range r.offer.Licences {
			all = append(all, licence.Of(l))
		}
		j.r.Attribution = j.r.Attribution || r.offer.Attribution != licence.No
	}
	j.r.Licence = distinct(all).String()
	if !slices.ContainsFunc(j.r.Reasons, func(x Reason) bool { return x.Outcome == Allow }) && j.basis {
		var places []string
		var evidence []ledger.Digest
		for _, r := range readings {
			places = append(places, r.where())
			evidence = append(evidence, r.Evidence...)
		}
		j.say(Allow, Licensed, evidence, "%s", strings.Join(places, " and "))
	}
}

// distinct demands each of the licences once.
func distinct(es []licence.Expression) licence.Expression {
	var out []licence.Expression
	for _, e := range es {
		if !slices.ContainsFunc(out, e.Equal) {
			out = append(out, e)
		}
	}
	return licence.All(out...)
}

// choose takes the offer that the policy likes best; of equals, the table's.
func (j *judge) choose(r *reading) error {
	if r.expression.IsZero() {
		return nil
	}
	offers, err := licence.Default().Offers(r.expression)
	if err != nil {
		return err
	}
	r.offer = offers[0]
	for _, o := range offers[1:] {
		if worse(j.worst(o.Terms), j.worst(r.offer.Terms)) < 0 {
			r.offer = o
		}
	}
	return nil
}

// objection is what terms lead to in one question.
type objection struct {
	outcome Outcome
	code    Code
	text    string
}

// objections lists what stands against terms, the weightiest question first.
func (j *judge) objections(t licence.Terms) []objection {
	l := j.p.Licences
	var out []objection
	ask := func(question string, bad bool, o Outcome, c Code, text string) {
		if bad && o != Allow && slices.Contains(j.purpose.Asks, question) {
			out = append(out, objection{o, c, text})
		}
	}
	ask("train", t.Train == licence.No, l.TrainingRefused, TrainingRefused, "refuses training")
	ask("non-commercial", t.NonCommercial == licence.Yes, l.NonCommercial, NonCommercial, "excludes commercial use")
	ask("no-derivatives", t.NoDerivatives == licence.Yes, l.NoDerivatives, NoDerivatives, "excludes sharing what is made of it")
	ask("share-alike", t.ShareAlike == licence.Yes, l.ShareAlike, ShareAlike, "binds what is made of it to the same licence")
	ask("train", t.Train == licence.Unclear, l.TrainingUnclear, LicenceUnclear, "leaves unclear whether training is permitted")
	ask("publish", t.Publish == licence.No && t.Train != licence.No && t.NoDerivatives != licence.Yes, l.PublishingRefused, Unpublishable, "refuses to let a model and its pictures be published freely")
	ask("publish", t.Publish == licence.Unclear && t.Train == licence.Yes && t.ShareAlike != licence.Yes, l.PublishingUnclear, Unpublishable,
		"leaves unclear whether a model and its pictures may be published freely")
	ask("share-alike", t.ShareAlike == licence.Unclear && t.Train == licence.Yes, l.ShareAlike, ShareAlike, "may bind what is made of it to the same licence")
	ask("non-commercial", t.NonCommercial == licence.Unclear && t.Train == licence.Yes, l.NonCommercial, NonCommercial, "may exclude commercial use")
	ask("no-derivatives", t.NoDerivatives == licence.Unclear && t.Train == licence.Yes, l.NoDerivatives, NoDerivatives, "may exclude sharing what is made of it")
	return out
}

func (j *judge) worst(t licence.Terms) Outcome {
	worst := Allow
	for _, o := range j.objections(t) {
		if worse(o.outcome, worst) > 0 {
			worst = o.outcome
		}
	}
	return worst
}

// terms records what stands against a statement's terms.
func (j *judge) terms(r reading) {
	if r.expression.IsZero() {
		return
	}
	for _, o := range j.objections(r.offer.Terms) {
		j.say(o.outcome, o.code, r.Evidence, "%s %s", r.where(), o.text)
	}
}

// understood records doubts about whether a statement says what it seems to.
func (j *judge) understood(r reading) {
	l := j.p.Licences
	switch {
	case r.Form == string(source.Text) && r.expression.IsZero():
		j.say(l.TextBelow, LicenceUnclear, r.Evidence, "no licence is recognised in the text %s", r.where())
	case r.Form == string(source.Text) && r.Coverage < l.Text:
		j.say(l.TextBelow, LicenceUnclear, r.Evidence, "only %d percent of the text %s belong to the licence", r.Coverage, r.where())
	}
	if r.claimsDomain("LicenseRef-public-domain") {
		outcome, how := l.PublicDomain.Words, "bare words"
		_, more, _ := strings.Cut(r.Written, "\n")
		switch {
		case strings.HasPrefix(r.Where, inFile):
			outcome, how = l.PublicDomain.InFile, "words in the file"
		case len(strings.Fields(more)) > 0:
			outcome, how = l.PublicDomain.Explained, "words with an explanation"
		}
		j.say(outcome, PublicDomain, r.Evidence, "that it is in the public domain is a claim: %s, %s", r.where(), how)
	}
	if r.Flag == "" {
		return
	}
	for _, d := range j.p.Doubts {
		if d.Words == "*" || strings.Contains(strings.ToLower(r.Flag), strings.ToLower(d.Words)) {
			j.say(d.Outcome, StatementDoubt, r.Evidence, "%s %s", r.where(), r.Flag)
			return
		}
	}
}

// claimsDomain reports whether the statement says by one of these names that no
// rights exist.
func (r reading) claimsDomain(ids ...string) bool {
	return slices.ContainsFunc(r.offer.Licences, func(x licence.Licence) bool { return slices.Contains(ids, x.ID) })
}

// collection records that nothing but words on a whole collection says that a
// file is in the public domain: they are seldom by who made the file.
func (j *judge) collection(readings []reading) {
	var whole *reading
	for i, r := range readings {
		if r.expression.IsZero() {
			continue
		}
		if r.Scope != source.Whole || !r.claimsDomain("LicenseRef-public-domain", "CC-PDM-1.0", "CC-PDDC") {
			return // something else is a basis, or is judged as one
		}
		whole = &readings[i]
	}
	if whole != nil && !j.basis {
		j.say(j.p.Licences.PublicDomain.Whole, PublicDomain, whole.Evidence, "%s is said of the whole collection, and the file itself says nothing", whole.where())
	}
}

// inFile begins the place of a statement that the picture itself carries.
const inFile = "the file: "

// conflicts records pairs of statements that cannot both be right: both are
// definite, and differ in more than whom to name.
func (j *judge) conflicts(readings []reading) {
	var told [][2]string
	for i, a := range readings {
		for _, b := range readings[i+1:] {
			if a.expression.IsZero() || b.expression.IsZero() || a.expression.Equal(b.expression) {
				continue
			}
			questions := contradictions(a.offer.Terms, b.offer.Terms)
			pair := [2]string{a.Expression, b.Expression}
			if len(questions) == 0 || slices.Contains(told, pair) {
				continue
			}
			told = append(told, pair)
			j.say(j.p.Licences.Conflict, LicenceConflict, slices.Concat(a.Evidence, b.Evidence), "%s and %s differ in %s", a.where(), b.where(), strings.Join(questions, ", "))
		}
	}
}

// contradictions names the questions that one answers yes and the other no.
func contradictions(a, b licence.Terms) []string {
	var out []string
	for _, q := range []struct {
		name string
		a, b licence.Answer
	}{
		{"train", a.Train, b.Train}, {"publish", a.Publish, b.Publish}, {"share-alike", a.ShareAlike, b.ShareAlike},
		{"non-commercial", a.NonCommercial, b.NonCommercial}, {"no-derivatives", a.NoDerivatives, b.NoDerivatives},
	} {
		if q.a != q.b && q.a != licence.Unclear && q.b != licence.Unclear {
			out = append(out, q.name)
		}
	}
	return out
}

// prose records sentences that restrict. They stand beside a licence, so each
// leads to what the policy says; with an outcome given, to that.
func (j *judge) prose(fixed Outcome) {
	codes := map[prose.Kind]Code{prose.NoTraining: TrainingRefused, prose.NonCommercial: NonCommercial, prose.NoDerivatives: NoDerivatives,
		prose.OtherHolder: OtherHolder, prose.Reserved: RightsKept, prose.Trademark: Trademark, prose.Unclear: LicenceUnclear}
	for _, s := range j.f.Statements {
		// What others hold is not for the parties of an agreement to give.
		covered := j.covered[s.Source]
		if !speaks(s) {
			continue
		}
		for _, r := range prose.Read(s.Written) {
			outcome := j.p.Prose[r.Kind]
			if fixed != "" {
				outcome = fixed
			}
			if covered && r.Kind != prose.OtherHolder {
				continue
			}
			j.say(outcome, codes[r.Kind], s.Evidence, "%q (%s, source %s)", r.Words, s.Where, s.Source)
		}
	}
}

// speaks reports whether a statement is in words of its own: prose, and what
// was meant for a licence's name and is none.
func speaks(s Statement) bool {
	return s.Form == string(source.Prose) || s.Form == string(source.Expression) && strings.Contains(s.Expression, "LicenseRef-unknown-")
}

// restricted reports whether any sentence reserves anything: words that people
// read reserve too.
func (j *judge) restricted() bool {
	return slices.ContainsFunc(j.f.Statements, func(s Statement) bool { return speaks(s) && len(prose.Read(s.Written)) > 0 })
}
