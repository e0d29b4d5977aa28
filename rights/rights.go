// Package rights decides whether a copy of a picture may be used to train.
//
// Gather reads from the ledger what is known of a copy: where it came from and
// how, what is stated about its licence, what was reserved, what was agreed and
// what is claimed. Decide judges that by a policy, and depends on nothing else.
// Without a positive, recorded basis nothing is let in. docs/rights.md has the
// order of the decision and the meaning of each code.
package rights

import (
	"cmp"
	"slices"
	"time"

	"github.com/limner-ai/limner/rights/ledger"
)

// Outcome is what becomes of a copy.
type Outcome string

const (
	Allow      Outcome = "allow"
	Quarantine Outcome = "quarantine" // not used until a person has looked
	Deny       Outcome = "deny"
)

// worse orders outcomes from allow to deny.
func worse(a, b Outcome) int { return cmp.Compare(rank(a), rank(b)) }

func rank(o Outcome) int { return slices.Index([]Outcome{Allow, Quarantine, Deny}, o) }

// Code names a reason. Codes are stable: reports and scripts rely on them.
type Code string

const (
	ClaimUpheld     Code = "CLAIM_UPHELD"     // a rights holder's claim on it was upheld
	ClaimHeld       Code = "CLAIM_HELD"       // a claim on it is open
	NearClaimed     Code = "NEAR_CLAIMED"     // it looks like a picture that is claimed
	Erased          Code = "ERASED"           // its bytes were erased
	NotRecorded     Code = "NOT_RECORDED"     // the ledger knows no source of it
	UnknownAccess   Code = "UNKNOWN_ACCESS"   // on what ground it was acquired is not known
	UnlawfulAccess  Code = "UNLAWFUL_ACCESS"  // it was not acquired lawfully
	UnknownPurpose  Code = "UNKNOWN_PURPOSE"  // the policy has no such purpose
	AgreementEnded  Code = "AGREEMENT_ENDED"  // not begun, over or revoked
	AgreementNarrow Code = "AGREEMENT_NARROW" // for other purposes or territories
	SignalDenies    Code = "RESERVED"         // a machine-readable signal refuses
	SignalBroken    Code = "SIGNAL_UNREADABLE"
	NoProof         Code = "NO_PROOF" // nothing permits it
	TrainingRefused Code = "TRAINING_REFUSED"
	NonCommercial   Code = "NON_COMMERCIAL"
	NoDerivatives   Code = "NO_DERIVATIVES"
	LicenceConflict Code = "LICENCE_CONFLICT" // two statements that cannot both be right
	ShareAlike      Code = "SHARE_ALIKE"
	Unpublishable   Code = "PUBLISHING"      // a model and its pictures may not, or perhaps not, be published freely
	LicenceUnclear  Code = "LICENCE_UNCLEAR" // a statement that is not understood
	PublicDomain    Code = "PUBLIC_DOMAIN_CLAIM"
	StatementDoubt  Code = "STATEMENT_DOUBT" // whether a statement is about the file at all
	OtherHolder     Code = "OTHER_HOLDER"    // its source says that others hold rights
	RightsKept      Code = "RIGHTS_RESERVED" // in words, beside a licence
	Trademark       Code = "TRADEMARK"
	DatabaseTaken   Code = "DATABASE_EXTRACTION" // too much of somebody's collection
	Stale           Code = "STALE_EVIDENCE"
	Watermark       Code = "WATERMARK"
	Person          Code = "PERSON"
	Licensed        Code = "LICENSED"  // allowed by a licence
	Agreed          Code = "AGREED"    // allowed by an agreement
	Own             Code = "OWN"       // allowed because its owner takes it in
	Excepted        Code = "EXCEPTION" // allowed by a statutory exception that the policy enables
)

// weights orders reasons with one outcome: what a person should see first.
var weights = []Code{ClaimUpheld, ClaimHeld, Erased, NoProof, TrainingRefused, NonCommercial, NoDerivatives, LicenceConflict,
	OtherHolder, RightsKept, ShareAlike, Unpublishable, LicenceUnclear}

func weight(c Code) int {
	if i := slices.Index(weights, c); i >= 0 {
		return i
	}
	return len(weights)
}

// Request is what a copy is to be used for.
type Request struct {
	Purpose   string    // a purpose of the policy: "train"
	Territory string    // ISO 3166 code of the place of use; empty means everywhere
	At        time.Time // when
}

// Reason is one thing that speaks for or against a copy.
type Reason struct {
	Outcome  Outcome         `json:"outcome"`
	Code     Code            `json:"code"`
	Text     string          `json:"text"` // a sentence that says what is stated where
	Evidence []ledger.Digest `json:"evidence,omitempty"`
}

// Ruling is a decision with all that it rests on.
type Ruling struct {
	Outcome Outcome `json:"outcome"`
	// Reasons are in the order of their weight: those for the outcome first.
	Reasons []Reason `json:"reasons"`
	// Licence is the SPDX expression by which the copy is let in; empty for
	// one that is not, or by agreement. Attribution says that somebody must be
	// named.
	Licence     string    `json:"licence,omitempty"`
	Attribution bool      `json:"attribution,omitempty"`
	Basis       []string  `json:"basis,omitempty"` // references to agreements and claims
	Expires     time.Time `json:"expires,omitzero"`
	Ruleset     string    `json:"ruleset"` // version of the policy and the licence table

	content ledger.Digest
	request Request
}

// Decision is the ruling as the ledger keeps it; it is to cite Evidence.
func (r Ruling) Decision() ledger.Decision {
	d := ledger.Decision{Copy: r.content, Purpose: r.request.Purpose, Territory: r.request.Territory, Outcome: string(r.Outcome),
		Basis: r.Basis, Ruleset: r.Ruleset, Expires: r.Expires}
	for _, x := range r.Reasons {
		d.Reasons = append(d.Reasons, string(x.Code)+": "+x.Text)
	}
	return d
}

// Evidence lists the digests of what the ruling rests on, each once.
func (r Ruling) Evidence() []ledger.Digest {
	var out []ledger.Digest
	for _, x := range r.Reasons {
		for _, d := range x.Evidence {
			if !slices.Contains(out, d) {
				out = append(out, d)
			}
		}
	}
	return out
}

// Code is that of the first reason.
func (r Ruling) Code() Code {
	if len(r.Reasons) == 0 {
		return ""
	}
	return r.Reasons[0].Code
}
