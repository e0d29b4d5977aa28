package rights

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/rights/licence"
	"github.com/limner-ai/limner/source"
)

var (
	today = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	train = Request{Purpose: "train", At: today}
)

// says makes a statement of the source s, read as intake reads it.
func says(scope source.Scope, form source.Form, written string) Statement {
	s := Statement{Scope: scope, Licence: ledger.Licence{Source: "s", Form: string(form), Written: written, Where: string(scope) + "-place"},
		Evidence: []ledger.Digest{ledger.DigestOf([]byte(written))}}
	switch form {
	case source.Expression:
		s.Expression = licence.Normalise(written, licence.Free).Expression.String()
	case source.DebianName:
		name, _, _ := strings.Cut(written, "\n")
		s.Expression = licence.Normalise(name, licence.Debian).Expression.String()
	}
	return s
}

func flagged(s Statement, flag string) Statement { s.Flag = flag; return s }

func at(s Statement, where string) Statement { s.Where = where; return s }

func text(expression string, coverage int64) Statement {
	s := says(source.Whole, source.Text, "The text of a licence")
	s.Expression, s.Coverage = expression, coverage
	return s
}

// facts are those on a copy that one open source has.
func facts(statements ...Statement) Facts {
	s := ledger.Source{ID: "s", Type: "open", Works: 1000}
	return Facts{Content: ledger.DigestOf([]byte("x")), Statements: statements,
		Places:    []Place{{Source: s, Path: "a.png", Basis: "npm package", Recorded: today.AddDate(0, 0, -5)}},
		Databases: []Database{{Sources: []string{"s"}, About: s, Taken: ledger.Taken{Takings: 1, Copies: 10}}}}
}

// own are the facts on a picture of one's own.
func own() Facts {
	return with(facts(says(whole, source.Own, "my own drawings")), func(f *Facts) { f.Places[0].Source.Type = "internal" })
}

func with(f Facts, change func(*Facts)) Facts { change(&f); return f }

func codes(r Ruling) string {
	out := string(r.Outcome)
	for _, x := range r.Reasons {
		out += " " + string(x.Code)
	}
	return out
}

const (
	expr  = source.Expression
	deb   = source.DebianName
	words = source.Prose
	file  = source.File
	group = source.Group
	whole = source.Whole
)

func TestDecide(t *testing.T) {
	mit := says(whole, expr, "MIT")
	deny := Reservation{Reservation: ledger.Reservation{Source: "s", Path: "a.png", Protocol: "plus", Value: "deny", Where: "XMP"}}
	signed := Agreement{Agreement: ledger.Agreement{ID: "A", State: "signed", Sources: []string{"s"}, Purposes: []string{"train"}, From: "2026-01-01", Until: "2026-12-31"}}
	agreed := func(change func(*Agreement)) Facts {
		a := signed
		change(&a)
		return with(facts(), func(f *Facts) { f.Agreements = []Agreement{a} })
	}
	same := func(*Agreement) {}
	for name, c := range map[string]struct {
		facts Facts
		want  string
	}{
		// Licences, and what the rights corpus holds.
		"nothing":                           {facts(), "deny NO_PROOF"},
		"MIT":                               {facts(mit), "allow LICENSED"},
		"noto: package MIT, set Apache":     {facts(mit, says(group, expr, "Apache 2.0")), "allow LICENSED"},
		"twemoji: package MIT, set CC-BY":   {facts(mit, says(group, expr, "CC BY 4.0")), "allow LICENSED"},
		"cbi: package MIT, set NC-SA":       {facts(mit, says(group, expr, "CC BY-NC-SA 4.0")), "quarantine NON_COMMERCIAL LICENCE_CONFLICT SHARE_ALIKE"},
		"ps: package MIT, set NC":           {facts(mit, says(group, expr, "CC BY-NC 4.0")), "quarantine NON_COMMERCIAL LICENCE_CONFLICT"},
		"share-alike alone":                 {facts(says(whole, expr, "CC-BY-SA-4.0")), "quarantine SHARE_ALIKE"},
		"no derivatives":                    {facts(says(whole, expr, "CC-BY-ND-4.0")), "quarantine NO_DERIVATIVES"},
		"a choice takes the better":         {facts(says(whole, expr, "GPL-3.0-only OR MIT")), "allow LICENSED"},
		"both at once":                      {facts(says(whole, expr, "GPL-3.0-only AND MIT")), "quarantine SHARE_ALIKE"},
		"frobnicate":                        {facts(says(whole, expr, "frobnicate")), "quarantine LICENCE_UNCLEAR"},
		"MIT beside frobnicate":             {facts(mit, says(file, expr, "frobnicate")), "quarantine LICENCE_UNCLEAR"},
		"openclipart: domain, file GPL":     {facts(says(group, deb, "public-domain\n dedicated by its authors"), at(says(file, expr, "GPL-2.0"), "the file: cc:license")), "quarantine LICENCE_CONFLICT SHARE_ALIKE"},
		"public domain, explained":          {facts(says(group, deb, "public-domain\n dedicated by its authors")), "allow LICENSED"},
		"public domain, bare":               {facts(says(group, deb, "public-domain")), "quarantine PUBLIC_DOMAIN_CLAIM"},
		"openclipart: nothing in the file":  {facts(text("CC-PDDC", 86)), "quarantine PUBLIC_DOMAIN_CLAIM"},
		"openclipart: the file says so too": {facts(text("CC-PDDC", 86), at(says(file, expr, "Public Domain"), "the file: cc:license")), "allow LICENSED"},
		"openclipart: the file says GPL":    {facts(text("CC-PDDC", 86), at(says(file, expr, "GPL-2.0"), "the file: cc:license")), "quarantine LICENCE_CONFLICT SHARE_ALIKE"},
		"CC0":                               {facts(says(whole, expr, "CC0-1.0")), "allow LICENSED"},
		"all rights reserved":               {facts(says(whole, expr, "LicenseRef-all-rights-reserved")), "deny TRAINING_REFUSED"},
		"gcompris: changed extension":       {facts(flagged(says(group, deb, "Expat"), "matches only after its extension changed from .png to .webp")), "quarantine STATEMENT_DOUBT"},
		"gcompris: only Files: *":           {facts(flagged(says(group, deb, "Expat"), "matches only Files: *")), "allow LICENSED"},
		"another doubt":                     {facts(flagged(says(group, deb, "Expat"), "perhaps")), "quarantine STATEMENT_DOUBT"},
		"stellarium: GPL, info.ini NC":      {facts(says(group, deb, "GPL-2+"), says(file, expr, "CC BY-NC-ND 4.0")), "quarantine NON_COMMERCIAL NO_DERIVATIVES LICENCE_CONFLICT SHARE_ALIKE"},
		"licence text":                      {facts(text("Apache-2.0", 98)), "allow LICENSED"},
		"licence text with more words":      {facts(mit, text("MIT", 60)), "quarantine LICENCE_UNCLEAR"},
		"licence text of none":              {facts(mit, text("", 0)), "quarantine LICENCE_UNCLEAR"},
		"apple: MIT, README NC":             {facts(mit, says(whole, words, "Apple images are not licensed for commercial usage.")), "quarantine NON_COMMERCIAL"},
		"minecraft: GPL, README other":      {facts(says(whole, expr, "GPL-3.0"), says(whole, words, "The icons are owned by Mojang Studios.")), "quarantine OTHER_HOLDER SHARE_ALIKE"},
		"mnist: ISC, not mine":              {facts(says(whole, expr, "ISC"), says(whole, words, "The data does not belong to me.")), "quarantine OTHER_HOLDER"},
		"prose never permits":               {facts(says(whole, words, "You may use these for anything at all.")), "deny NO_PROOF"},
		"prose refuses training":            {facts(mit, says(whole, words, "You may not train AI models on them.")), "deny TRAINING_REFUSED"},
		"a notice is none":                  {facts(mit, says(file, source.Notice, "© 2020 Jane. All rights reserved.")), "allow LICENSED"},
		"words for a name":                  {facts(says(file, expr, "Free for personal use only, ask me first")), "quarantine NON_COMMERCIAL LICENCE_UNCLEAR"},
		"the licence points elsewhere":      {facts(says(whole, expr, "SEE LICENSE IN LICENSE.txt")), "deny NO_PROOF"},
		"two of one kind differ in naming":  {facts(says(whole, expr, "CC0-1.0"), says(file, expr, "CC-BY-4.0")), "allow LICENSED"},

		// Signals, access, agreements.
		"a signal denies":        {with(facts(mit), func(f *Facts) { f.Reservations = []Reservation{deny} }), "deny RESERVED"},
		"a licence is wanted":    {with(facts(mit), func(f *Facts) { d := deny; d.Value = "needs-licence"; f.Reservations = []Reservation{d} }), "deny RESERVED"},
		"a signal is broken":     {with(facts(mit), func(f *Facts) { d := deny; d.Value, d.Defect = "unknown", "cut off"; f.Reservations = []Reservation{d} }), "quarantine SIGNAL_UNREADABLE"},
		"a signal says nothing":  {with(facts(mit), func(f *Facts) { d := deny; d.Value = "unknown"; f.Reservations = []Reservation{d} }), "allow LICENSED"},
		"a signal never permits": {with(facts(), func(f *Facts) { d := deny; d.Value = "allow"; f.Reservations = []Reservation{d} }), "deny NO_PROOF"},
		"no place":               {with(facts(mit), func(f *Facts) { f.Places = nil }), "deny NOT_RECORDED"},
		"no basis of access":     {with(facts(mit), func(f *Facts) { f.Places[0].Basis = "unknown" }), "deny UNKNOWN_ACCESS"},
		"unlawful access":        {with(facts(mit), func(f *Facts) { f.Places[0].Basis = "paywall circumvented" }), "deny UNLAWFUL_ACCESS"},
		"one lawful place": {with(facts(mit), func(f *Facts) {
			f.Places = append(f.Places, Place{Source: ledger.Source{ID: "t", Type: "crawl"}, Basis: "pirated"})
			f.Places[1].Recorded = today
		}), "allow LICENSED"},
		"agreement":                     {agreed(same), "allow AGREED"},
		"agreement over a signal":       {with(agreed(same), func(f *Facts) { f.Reservations = []Reservation{deny} }), "allow AGREED"},
		"another source's signal stays": {with(agreed(same), func(f *Facts) { d := deny; d.Source = "t"; f.Reservations = []Reservation{d} }), "deny RESERVED"},
		"agreement, others' works": {with(agreed(same), func(f *Facts) {
			f.Statements = []Statement{says(whole, words, "All pictures are property of their respective owners.")}
		}), "quarantine OTHER_HOLDER"},
		"agreement revoked":     {agreed(func(a *Agreement) { a.State = "revoked" }), "deny NO_PROOF AGREEMENT_ENDED"},
		"agreement over":        {agreed(func(a *Agreement) { a.Until = "2026-11-23" }), "deny NO_PROOF AGREEMENT_ENDED"},
		"agreement's last day":  {agreed(func(a *Agreement) { a.Until = "2026-11-24" }), "allow AGREED"},
		"agreement to come":     {agreed(func(a *Agreement) { a.From = "2026-11-25" }), "deny NO_PROOF AGREEMENT_ENDED"},
		"agreement for output":  {agreed(func(a *Agreement) { a.Purposes = []string{"output"} }), "deny NO_PROOF AGREEMENT_NARROW"},
		"agreement for Germany": {agreed(func(a *Agreement) { a.Territory = []string{"DE"} }), "deny NO_PROOF AGREEMENT_NARROW"},
		"lapsed, but licensed":  {with(agreed(func(a *Agreement) { a.State = "revoked" }), func(f *Facts) { f.Statements = []Statement{mit} }), "allow LICENSED"},

		// One's own.
		"own":                       {own(), "allow OWN"},
		"own, of another type":      {with(own(), func(f *Facts) { f.Places[0].Source.Type = "open" }), "deny NO_PROOF"},
		"own, but reserved":         {with(own(), func(f *Facts) { f.Reservations = []Reservation{deny} }), "quarantine RESERVED"},
		"own, reserved by others":   {with(own(), func(f *Facts) { d := deny; d.Source = "t"; f.Reservations = []Reservation{d} }), "deny RESERVED"},
		"own, but the file says NC": {with(own(), func(f *Facts) { f.Statements = append(f.Statements, says(file, expr, "CC BY-NC 4.0")) }), "quarantine NON_COMMERCIAL"},
		"own, and licensed":         {with(own(), func(f *Facts) { f.Statements = append(f.Statements, says(file, expr, "CC BY 4.0")) }), "allow OWN"},

		// Claims, looks, eyes.
		"upheld":          {with(facts(mit), func(f *Facts) { f.Claims = []Claim{{"c", Upheld, 7}} }), "deny CLAIM_UPHELD"},
		"held":            {with(facts(mit), func(f *Facts) { f.Claims = []Claim{{"c", Held, 7}} }), "quarantine CLAIM_HELD"},
		"released":        {with(facts(mit), func(f *Facts) { f.Claims = []Claim{{"c", Released, 7}} }), "allow LICENSED"},
		"held, agreed":    {with(agreed(same), func(f *Facts) { f.Claims = []Claim{{"c", Held, 7}} }), "quarantine CLAIM_HELD"},
		"held and denied": {with(facts(), func(f *Facts) { f.Claims = []Claim{{"c", Held, 7}} }), "deny NO_PROOF CLAIM_HELD"},
		"erased":          {with(facts(mit), func(f *Facts) { f.Erased = true }), "deny ERASED"},
		"near":            {with(facts(mit), func(f *Facts) { f.Near = []Near{{Claim{"c", Upheld, 7}, 31, 90}} }), "quarantine NEAR_CLAIMED"},
		"near, but flat":  {with(facts(mit), func(f *Facts) { f.Near = []Near{{Claim{"c", Upheld, 7}, 3, 10}} }), "allow LICENSED"},
		"watermark":       {with(facts(mit), func(f *Facts) { f.Seen = []Code{Watermark} }), "quarantine WATERMARK"},

		// The meter.
		"much, permitted":      {with(facts(mit), func(f *Facts) { f.Databases[0].Taken.Copies = 900 }), "allow LICENSED"},
		"much, single works":   {with(facts(says(file, expr, "CC0-1.0")), func(f *Facts) { f.Databases[0].Taken.Copies = 101 }), "deny DATABASE_EXTRACTION"},
		"at the limit":         {with(facts(says(file, expr, "CC0-1.0")), func(f *Facts) { f.Databases[0].Taken.Copies = 100 }), "allow LICENSED"},
		"much by bytes":        {with(facts(says(file, expr, "CC0-1.0")), func(f *Facts) { f.Databases[0].About.Bytes = 100; f.Databases[0].Taken.Bytes = 11 }), "deny DATABASE_EXTRACTION"},
		"size unknown":         {with(facts(says(file, expr, "CC0-1.0")), func(f *Facts) { f.Databases[0].About.Works = 0; f.Databases[0].Taken.Copies = 10001 }), "deny DATABASE_EXTRACTION"},
		"much, by agreement":   {with(agreed(same), func(f *Facts) { f.Databases[0].Taken.Copies = 1000 }), "allow AGREED"},
		"much, of one's own":   {with(facts(says(file, expr, "CC0-1.0")), func(f *Facts) { f.Databases[0].About.Type = "internal"; f.Databases[0].Taken.Copies = 1000 }), "allow LICENSED"},
		"much, the right over": {with(facts(says(file, expr, "CC0-1.0")), func(f *Facts) { f.Databases[0].About.Completed = "2010-05-01"; f.Databases[0].Taken.Copies = 1000 }), "allow LICENSED"},
		"much, renewed": {with(facts(says(file, expr, "CC0-1.0")), func(f *Facts) {
			f.Databases[0].About.Completed, f.Databases[0].About.Renewed = "2001-05-01", "2011-01-01"
			f.Databases[0].Taken.Copies = 1000
		}), "deny DATABASE_EXTRACTION"},

		// Time.
		"an old crawl": {with(facts(mit), func(f *Facts) { f.Places[0].Source.Type = "crawl"; f.Places[0].Recorded = today.AddDate(0, 0, -31) }), "quarantine STALE_EVIDENCE"},
		"an old crawl, seen again": {with(facts(mit), func(f *Facts) {
			f.Places[0].Source.Type = "crawl"
			f.Places[0].Recorded = today.AddDate(0, 0, -31)
			f.Reservations = []Reservation{{Reservation: ledger.Reservation{Source: "s", Path: "a.png", Protocol: "robots", Value: "allow", Observed: today.AddDate(0, 0, -2)}}}
		}), "allow LICENSED"},
	} {
		r := Decide(c.facts, train, DefaultPolicy())
		if got := codes(r); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s\n%+v", name, got, c.want, r.Reasons)
		}
		b := &ledger.Batch{Actor: "test"}
		b.Add(r.Decision())
		if d := r.Decision(); len(d.Reasons) == 0 || d.Ruleset == "" || d.Outcome != string(r.Outcome) {
			t.Errorf("%s: %+v", name, d)
		}
	}
}

func TestDecisionsDetails(t *testing.T) {
	mit, set := says(whole, expr, "MIT"), says(group, expr, "CC BY 4.0")
	r := Decide(facts(mit, set), train, DefaultPolicy())
	if r.Licence != "MIT AND CC-BY-4.0" || !r.Attribution || len(r.Evidence()) != 2 || !r.Expires.IsZero() {
		t.Errorf("%+v", r)
	}
	if r := Decide(facts(says(whole, expr, "CC0-1.0")), train, DefaultPolicy()); r.Attribution || r.Licence != "CC0-1.0" {
		t.Errorf("%+v", r)
	}
	r = Decide(facts(mit, says(group, expr, "CC BY-NC 4.0")), train, DefaultPolicy())
	if r.Licence != "" || len(r.Evidence()) != 2 {
		t.Errorf("%+v", r)
	}
	conflict := r.Reasons[1].Text
	for _, part := range []string{`"MIT" (whole-place, source s)`, `"CC BY-NC 4.0" (group-place, source s)`, "non-commercial"} {
		if !strings.Contains(conflict, part) {
			t.Errorf("%q lacks %q", conflict, part)
		}
	}
	// An evaluation publishes nothing.
	if got := codes(Decide(facts(says(whole, expr, "GPL-3.0-only")), Request{"evaluate", "", today}, DefaultPolicy())); got != "allow LICENSED" {
		t.Error(got)
	}
	if got := codes(Decide(facts(mit), Request{"sell", "", today}, DefaultPolicy())); got != "deny UNKNOWN_PURPOSE" {
		t.Error(got)
	}
	f := facts()
	f.Agreements = []Agreement{{Agreement: ledger.Agreement{ID: "A", State: "signed", Sources: []string{"s"}, Purposes: []string{"train"}, Territory: []string{"DE"}, Until: "2026-12-31"}}}
	r = Decide(f, Request{"train", "de", today}, DefaultPolicy())
	if want := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC); r.Outcome != Allow || !r.Expires.Equal(want) || fmt.Sprint(r.Basis) != "[agreement:A]" {
		t.Errorf("%+v", r)
	}
}

func TestExceptions(t *testing.T) {
	text := strings.Replace(string(DefaultPolicyText()), "exceptions: []", "exceptions:\n  - {name: eu-dsm-4, purposes: [train], territories: [DE], sources: [open]}", 1)
	p, err := ReadPolicy([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	in := Request{"train", "DE", today}
	for name, c := range map[string]struct {
		f    Facts
		q    Request
		want string
	}{
		"in Germany":            {facts(), in, "allow EXCEPTION"},
		"elsewhere":             {facts(), train, "deny NO_PROOF"},
		"words reserve too":     {facts(says(whole, words, "All rights reserved.")), in, "deny NO_PROOF RIGHTS_RESERVED"},
		"a licence goes before": {facts(says(whole, expr, "CC-BY-NC-4.0")), in, "quarantine NON_COMMERCIAL"},
		"from a crawl":          {with(facts(), func(f *Facts) { f.Places[0].Source.Type = "crawl" }), in, "deny NO_PROOF"},
	} {
		if got := codes(Decide(c.f, c.q, p)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
