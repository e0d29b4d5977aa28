package rights

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/source"
)

// judge is one decision while it is made.
type judge struct {
	f       Facts
	q       Request
	p       *Policy
	purpose Purpose
	r       Ruling
	covered map[string]bool // identifiers of sources that an agreement covers
	owned   []string        // identifiers of sources whose owner says that the picture is theirs
	basis   bool            // something permits it
}

// Decide judges a copy. The order is that of docs/rights.md: the first step
// that denies ends it; whatever speaks for quarantine is collected; and a copy
// that nothing permits is denied.
func Decide(f Facts, q Request, p *Policy) Ruling {
	j := &judge{f: f, q: q, p: p, covered: map[string]bool{}}
	j.r = Ruling{Outcome: Allow, Ruleset: p.ruleset, content: f.Content, request: q}
	for _, step := range []func(){j.claims, j.access, j.agreements, j.own, j.signals, j.licences, j.exceptions, j.proof, j.database, j.doubts} {
		if step(); j.r.Outcome == Deny {
			break
		}
	}
	slices.SortStableFunc(j.r.Reasons, func(a, b Reason) int {
		return cmp.Or(worse(b.Outcome, a.Outcome), cmp.Compare(weight(a.Code), weight(b.Code)))
	})
	if j.r.Outcome != Allow {
		j.r.Licence, j.r.Attribution, j.r.Expires = "", false, time.Time{}
		j.r.Reasons = slices.DeleteFunc(j.r.Reasons, func(x Reason) bool { return x.Outcome == Allow })
	}
	return j.r
}

// say records a reason. One that allows is only kept where it is the basis.
func (j *judge) say(o Outcome, c Code, evidence []ledger.Digest, format string, args ...any) {
	if o == Allow && c != Licensed && c != Agreed && c != Own && c != Excepted {
		return
	}
	j.r.Reasons = append(j.r.Reasons, Reason{o, c, fmt.Sprintf(format, args...), evidence})
	if worse(o, j.r.Outcome) > 0 {
		j.r.Outcome = o
	}
}

// claims is step 1: what is claimed or erased is not used.
func (j *judge) claims() {
	for _, c := range j.f.Claims {
		switch c.Standing {
		case Upheld:
			j.r.Basis = append(j.r.Basis, ledger.Ref(ledger.KindClaim, c.ID))
			j.say(Deny, ClaimUpheld, nil, "the claim %s on it was upheld (event %d)", c.ID, c.Event)
		case Held:
			j.r.Basis = append(j.r.Basis, ledger.Ref(ledger.KindClaim, c.ID))
			j.say(j.p.Claims.Held, ClaimHeld, nil, "the claim %s on it is open (event %d)", c.ID, c.Event)
		}
	}
	if j.f.Erased && j.r.Outcome != Deny {
		j.say(Deny, Erased, nil, "its bytes were erased")
	}
	purpose, ok := j.p.Purposes[j.q.Purpose]
	if j.purpose = purpose; !ok {
		j.say(Deny, UnknownPurpose, nil, "the policy has no purpose %q", j.q.Purpose)
	}
}

// access is step 2: a copy needs a lawful origin. One lawful place is enough;
// what the others reserve is heard all the same.
func (j *judge) access() {
	if len(j.f.Places) == 0 {
		j.say(Deny, NotRecorded, nil, "the ledger knows no source of it; take it in by a source")
		return
	}
	var unlawful, unknown *Place
	for i := range j.f.Places {
		p := &j.f.Places[i]
		low := strings.ToLower(p.Basis)
		switch {
		case p.Basis == "" || low == "unknown":
			unknown = p
		case slices.ContainsFunc(j.p.Access.Unlawful, func(w string) bool { return w != "" && strings.Contains(low, strings.ToLower(w)) }):
			unlawful = p
		default:
			return
		}
	}
	if unlawful != nil {
		j.say(Deny, UnlawfulAccess, nil, "the source %s was accessed by %q", unlawful.Source.ID, unlawful.Basis)
		return
	}
	j.say(j.p.Access.Unknown, UnknownAccess, nil, "on what ground the source %s was accessed is not recorded", unknown.Source.ID)
}

// agreements is step 3: one that covers purpose, territory and day goes before
// preferences and licences of the sources that it covers.
func (j *judge) agreements() {
	for _, a := range j.f.Agreements {
		if ended, _ := a.ended(j.q.At); ended || !a.grants(j.purpose, j.q.Territory) {
			continue
		}
		j.basis = true
		for _, id := range a.Sources {
			j.covered[id] = true
		}
		j.r.Basis = append(j.r.Basis, ledger.Ref(ledger.KindAgreement, a.ID))
		j.say(Allow, Agreed, []ledger.Digest{a.Document}, "the agreement %s grants it", a.ID)
		if a.Until != "" {
			day, _ := time.Parse(time.DateOnly, a.Until)
			j.expire(day.AddDate(0, 0, 1))
		}
	}
}

// ended says that an agreement is not in force, and why.
func (a Agreement) ended(at time.Time) (bool, string) {
	day := at.UTC().Format(time.DateOnly)
	switch {
	case a.State == "revoked":
		return true, fmt.Sprintf("the agreement %s was revoked (event %d)", a.ID, a.Event)
	case a.From != "" && day < a.From:
		return true, fmt.Sprintf("the agreement %s begins on %s", a.ID, a.From)
	case a.Until != "" && day > a.Until:
		return true, fmt.Sprintf("the agreement %s ended on %s", a.ID, a.Until)
	}
	return false, ""
}

// grants reports whether the agreement is for the purpose and place. No
// territory asked for is everywhere.
func (a Agreement) grants(p Purpose, territory string) bool {
	for _, needed := range p.Agreement {
		if !slices.Contains(a.Purposes, needed) {
			return false
		}
	}
	return len(a.Territory) == 0 ||
		slices.ContainsFunc(a.Territory, func(t string) bool { return territory != "" && strings.EqualFold(t, territory) })
}

// own is the other half of step 3: the word of who runs an internal source that
// a picture is theirs. It permits, but settles no doubt about that.
func (j *judge) own() {
	for _, s := range j.f.Statements {
		if s.Form == string(source.Own) && j.internal(s.Source) {
			j.basis = true
			j.owned = append(j.owned, s.Source)
			j.say(Allow, Own, s.Evidence, "%q (%s, source %s)", s.Written, s.Where, s.Source)
		}
	}
}

func (j *judge) internal(id string) bool {
	return slices.ContainsFunc(j.f.Places, func(p Place) bool { return p.Source.ID == id && p.Source.Type == string(source.Internal) })
}

// signals is step 4: any refusal that a machine can read.
func (j *judge) signals() {
	for _, s := range j.f.Reservations {
		if j.covered[s.Source] {
			continue
		}
		words := s.Raw
		if words == "" {
			words = s.Value
		}
		where := fmt.Sprintf("%s %q (%s, source %s)", s.Protocol, words, s.Where, s.Source)
		switch {
		case s.Value != "allow" && s.Value != "unknown" && slices.Contains(j.owned, s.Source):
			j.say(j.p.Signals.OnOwn, SignalDenies, s.Evidence, "%s refuses, though who takes it in says that it is theirs", where)
		case s.Value == "deny":
			j.say(j.p.Signals.Denies, SignalDenies, s.Evidence, "%s refuses", where)
		case s.Value == "needs-licence":
			j.say(j.p.Signals.NeedsLicence, SignalDenies, s.Evidence, "%s wants a licence, and there is none", where)
		case s.Defect != "":
			j.say(j.p.Signals.Unreadable, SignalBroken, s.Evidence, "%s cannot be read: %s", where, s.Defect)
		}
	}
}

// exceptions is step 6: what the policy lists, where nothing else permits.
func (j *judge) exceptions() {
	if j.basis || len(j.stated()) > 0 {
		return
	}
	for _, x := range j.p.Exceptions {
		in := slices.ContainsFunc(x.Territories, func(t string) bool { return strings.EqualFold(t, j.q.Territory) })
		from := true
		for _, p := range j.f.Places {
			from = from && slices.Contains(x.Sources, p.Source.Type)
		}
		if !in || !from || !slices.Contains(x.Purposes, j.q.Purpose) || j.restricted() {
			continue
		}
		j.basis = true
		j.say(Allow, Excepted, nil, "the policy relies on the exception %s in %s: access was lawful and nothing is reserved", x.Name, j.q.Territory)
		return
	}
}

// proof is step 7: without a basis, nothing.
func (j *judge) proof() {
	if j.basis || j.r.Outcome != Allow && len(j.stated()) > 0 {
		return // what is stated has been judged
	}
	j.say(Deny, NoProof, nil, "nothing that is stated permits it, and no agreement covers it")
	for _, a := range j.f.Agreements {
		if ended, why := a.ended(j.q.At); ended {
			j.say(Deny, AgreementEnded, []ledger.Digest{a.Document}, "%s", why)
		} else {
			j.say(Deny, AgreementNarrow, []ledger.Digest{a.Document}, "the agreement %s does not cover %s in %s", a.ID, j.q.Purpose, territoryName(j.q.Territory))
		}
	}
	j.prose(Deny)
}

func territoryName(t string) string {
	if t == "" {
		return "every territory"
	}
	return t
}

// doubts is step 8, beside the meter: what wants a person's eyes.
func (j *judge) doubts() {
	for _, n := range j.f.Near {
		if n.Claim.Standing == Released || n.Distance > j.p.Claims.Distance || n.Quality < j.p.Claims.Quality {
			continue
		}
		j.say(j.p.Claims.Near, NearClaimed, nil, "it looks like a picture of the claim %s, which is %s (%d of 256 bits differ)", n.Claim.ID, n.Claim.Standing, n.Distance)
	}
	for _, s := range j.f.Seen {
		switch s {
		case Watermark:
			j.say(j.p.Seen.Watermark, Watermark, nil, "it seems to carry a visible watermark")
		case Person:
			j.say(j.p.Seen.Person, Person, nil, "it seems to show a person")
		}
	}
	for _, p := range j.f.Places {
		days := j.p.Evidence.Days[p.Source.Type]
		if days <= 0 || j.covered[p.Source.ID] {
			continue
		}
		end := j.observed(p).AddDate(0, 0, days)
		if j.q.At.After(end) {
			j.say(j.p.Evidence.Stale, Stale, nil, "what the source %s says was last seen %d days before: refresh it", p.Source.ID, int(j.q.At.Sub(j.observed(p)).Hours()/24))
		}
		j.expire(end)
	}
}

// observed is when a place was last looked at.
func (j *judge) observed(p Place) time.Time {
	at := p.Recorded
	for _, s := range j.f.Reservations {
		if s.Source == p.Source.ID && s.Path == p.Path && s.Observed.After(at) {
			at = s.Observed
		}
	}
	return at
}

// expire makes the ruling end at a time, if it does not end before.
func (j *judge) expire(at time.Time) {
	if j.r.Expires.IsZero() || at.Before(j.r.Expires) {
		j.r.Expires = at.UTC()
	}
}
