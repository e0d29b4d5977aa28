package rights

import (
	"strings"
	"testing"

	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/source"
)

func TestReadPolicy(t *testing.T) {
	good := string(DefaultPolicyText())
	for _, c := range []struct{ old, new, want string }{
		{"share: 0.1 ", "share: 1.5 ", "database.share"},
		{"share: 0.1 ", "share: .nan ", "database.share"},
		{"  share-alike: quarantine\n", "  share-alike: maybe\n", `licences.share-alike is "maybe"`},
		{"  share-alike: quarantine\n", "", `licences.share-alike is ""`},
		{"  share-alike: quarantine\n", "  share-alik: quarantine\n", `did you mean "share-alike"`},
		{"  no-training: deny\n", "", `prose.no-training is ""`},
		{"  no-training: deny\n", "  no-training: deny\n  nonsense: deny\n", `unknown key "nonsense"`},
		{"held: quarantine", "held: allow", "cannot allow"},
		{"denies: deny", "denies: allow", "cannot allow"},
		{"distance: 31", "distance: 64", "claims.distance"},
		{"asks: [train, non-commercial]", "asks: [non-commercial]", "purposes.evaluate.asks must hold train"},
		{"asks: [train, non-commercial]", "asks: [train, art]", `"art" is none of`},
		{`  - {words: "*", outcome: quarantine}` + "\n", "", "must end with"},
		{"exceptions: []", "exceptions:\n  - {name: uk-s29a, purposes: [train], territories: [GB], sources: [crawl]}", "never supports"},
		{"exceptions: []", "exceptions:\n  - {name: eu-dsm-4}", "each needs"},
		{`version: "2026-11-23.1"`, "", "version is missing"},
		{good, "", "empty"},
		{good, "][", "line 1"},
	} {
		if !strings.Contains(good, c.old) {
			t.Fatalf("the policy lacks %q", c.old)
		}
		_, err := ReadPolicy([]byte(strings.Replace(good, c.old, c.new, 1)))
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q instead of %q: %v; want %q", c.new, c.old, err, c.want)
		}
	}
	a := DefaultPolicy().Ruleset()
	b, err := ReadPolicy([]byte(good + "# changed\n"))
	if err != nil || a == b.Ruleset() || !strings.HasPrefix(a, "policy 2026-11-23.1 ") {
		t.Errorf("%q, %q, %v", a, b.Ruleset(), err)
	}
}

func FuzzReadPolicy(f *testing.F) {
	f.Add(string(DefaultPolicyText()))
	f.Add("version: 1\npurposes: {train: {asks: [train], agreement: [train]}}\n")
	f.Add("doubts: [{words: '*', outcome: allow}]")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ReadPolicy([]byte(text))
		if err != nil {
			return
		}
		// Whatever a policy says, nothing is let in that nothing permits, and no
		// upheld claim or refusal is passed over.
		for name := range p.Purposes {
			q := Request{Purpose: name, At: today}
			if r := Decide(facts(), q, p); r.Outcome == Allow && r.Code() != Excepted {
				t.Errorf("allowed without a basis: %+v", r)
			}
			mit := facts(says(source.Whole, source.Expression, "MIT"))
			mit.Claims = []Claim{{"c", Upheld, 1}}
			if r := Decide(mit, q, p); r.Outcome != Deny {
				t.Errorf("an upheld claim: %+v", r)
			}
		}
	})
}

// What restricts never makes an outcome better, in whatever company.
func FuzzDecide(f *testing.F) {
	f.Add("MIT", "CC-BY-NC-4.0", "All rights reserved.", uint8(0))
	f.Add("public-domain", "GPL-2+", "free", uint8(3))
	f.Add("MIT OR GPL-3.0", "frobnicate", "may not be used to train AI", uint8(9))
	f.Fuzz(func(t *testing.T, a, b, prose string, n uint8) {
		base := facts(says(whole, expr, a))
		if n&1 != 0 {
			base.Statements = append(base.Statements, says(group, deb, a))
		}
		if n&2 != 0 {
			base.Reservations = []Reservation{{Reservation: ledger.Reservation{Source: "s", Protocol: "plus", Value: "unknown", Defect: "x"}}}
		}
		before := Decide(base, train, DefaultPolicy())
		more := func(what string, change func(*Facts)) {
			if after := Decide(with(base, change), train, DefaultPolicy()); worse(after.Outcome, before.Outcome) < 0 {
				t.Errorf("%s made %s of %s", what, codes(after), codes(before))
			}
		}
		more("prose", func(f *Facts) {
			f.Statements = append(f.Statements[:len(f.Statements):len(f.Statements)], says(file, words, prose))
		})
		more("a refusal", func(f *Facts) {
			f.Reservations = append(f.Reservations[:len(f.Reservations):len(f.Reservations)], Reservation{Reservation: ledger.Reservation{Source: "s", Protocol: "plus", Value: "deny"}})
		})
		more("a claim", func(f *Facts) { f.Claims = []Claim{{"c", Held, 1}} })
		if before.Outcome == Allow { // another licence may add duties, and a basis only where there was none
			more("a licence", func(f *Facts) {
				f.Statements = append(f.Statements[:len(f.Statements):len(f.Statements)], says(file, expr, b))
			})
		}
	})
}
