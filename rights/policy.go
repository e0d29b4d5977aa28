package rights

import (
	"crypto/sha256"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/limner-ai/limner/internal/strict"
	"github.com/limner-ai/limner/rights/licence"
	"github.com/limner-ai/limner/rights/licence/prose"
)

//go:embed policy.yaml
var policyYAML []byte

// DefaultPolicy is the policy that Limner carries, policy.yaml beside this file.
var DefaultPolicy = sync.OnceValue(func() *Policy {
	p, err := ReadPolicy(policyYAML)
	if err != nil {
		panic("rights: policy.yaml: " + err.Error())
	}
	return p
})

// DefaultPolicyText is the default policy as written, to be copied and changed.
func DefaultPolicyText() []byte { return slices.Clone(policyYAML) }

// Policy says what the facts lead to. policy.yaml explains its keys.
type Policy struct {
	Version  string             `yaml:"version"`
	Purposes map[string]Purpose `yaml:"purposes"`
	Access   struct {
		Unknown  Outcome  `yaml:"unknown"`
		Unlawful []string `yaml:"unlawful"`
	} `yaml:"access"`
	Signals struct {
		Denies       Outcome `yaml:"denies"`
		NeedsLicence Outcome `yaml:"needs-licence"`
		Unreadable   Outcome `yaml:"unreadable"`
		OnOwn        Outcome `yaml:"on-own"`
	} `yaml:"signals"`
	Licences   LicenceRules           `yaml:"licences"`
	Doubts     []Doubt                `yaml:"doubts"`
	Prose      map[prose.Kind]Outcome `yaml:"prose"`
	Claims     ClaimRules             `yaml:"claims"`
	Seen       SeenRules              `yaml:"seen"`
	Database   DatabaseRules          `yaml:"database"`
	Exceptions []Exception            `yaml:"exceptions"`
	Evidence   struct {
		Days  map[string]int `yaml:"days"` // by type of source
		Stale Outcome        `yaml:"stale"`
	} `yaml:"evidence"`

	ruleset string
}

// Purpose is a use that may be asked for.
type Purpose struct {
	Asks      []string `yaml:"asks"`
	Agreement []string `yaml:"agreement"`
}

// LicenceRules say what a licence's terms lead to.
type LicenceRules struct {
	TrainingRefused   Outcome `yaml:"training-refused"`
	TrainingUnclear   Outcome `yaml:"training-unclear"`
	PublishingRefused Outcome `yaml:"publishing-refused"`
	PublishingUnclear Outcome `yaml:"publishing-unclear"`
	ShareAlike        Outcome `yaml:"share-alike"`
	NonCommercial     Outcome `yaml:"non-commercial"`
	NoDerivatives     Outcome `yaml:"no-derivatives"`
	Conflict          Outcome `yaml:"conflict"`
	Text              int64   `yaml:"text"` // percent
	TextBelow         Outcome `yaml:"text-below"`
	PublicDomain      struct {
		Words     Outcome `yaml:"words"`
		Explained Outcome `yaml:"explained"`
		InFile    Outcome `yaml:"in-file"`
		Whole     Outcome `yaml:"whole"`
	} `yaml:"public-domain"`
}

// Doubt says what a statement's flag leads to.
type Doubt struct {
	Words   string  `yaml:"words"`
	Outcome Outcome `yaml:"outcome"`
}

// ClaimRules say what open claims lead to.
type ClaimRules struct {
	Held     Outcome `yaml:"held"`
	Near     Outcome `yaml:"near"`
	Distance int     `yaml:"distance"` // bits
	Quality  int64   `yaml:"quality"`  // 0 to 100
}

// SeenRules say what eyes' findings lead to.
type SeenRules struct {
	Watermark Outcome `yaml:"watermark"`
	Person    Outcome `yaml:"person"`
}

// DatabaseRules are the limits of the database meter.
type DatabaseRules struct {
	Share   float64  `yaml:"share"`
	Copies  int64    `yaml:"copies"`
	Years   int      `yaml:"years"`
	Exempt  []string `yaml:"exempt"` // types of source
	Outcome Outcome  `yaml:"outcome"`
}

// Exception is a statutory exception that may be relied on.
type Exception struct {
	Name        string   `yaml:"name"`
	Purposes    []string `yaml:"purposes"`
	Territories []string `yaml:"territories"` // ISO 3166 codes
	Sources     []string `yaml:"sources"`     // types of source
}

// ReadPolicy reads a policy; every key must be there. Errors name the line or
// the key.
func ReadPolicy(text []byte) (*Policy, error) {
	p := &Policy{}
	if err := strict.YAML(text, p); err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	p.ruleset = fmt.Sprintf("policy %s %x, licences %s", p.Version, sha256.Sum256(text), licence.Default().Version)
	return p, nil
}

// Ruleset names the policy, with the digest of its text, and the licence table.
func (p *Policy) Ruleset() string { return p.ruleset }

var proseKinds = []prose.Kind{prose.NoTraining, prose.NonCommercial, prose.NoDerivatives, prose.OtherHolder, prose.Reserved, prose.Trademark, prose.Unclear}

var questions = []string{"train", "publish", "share-alike", "non-commercial", "no-derivatives"}

func (p *Policy) check() error {
	if p.Version == "" {
		return fmt.Errorf("version is missing")
	}
	if len(p.Purposes) == 0 {
		return fmt.Errorf("purposes is empty")
	}
	for _, name := range slices.Sorted(maps.Keys(p.Purposes)) {
		u := p.Purposes[name]
		if !slices.Contains(u.Asks, "train") {
			return fmt.Errorf("purposes.%s.asks must hold train", name)
		}
		for _, q := range u.Asks {
			if !slices.Contains(questions, q) {
				return fmt.Errorf("purposes.%s.asks: %q is none of %s", name, q, strings.Join(questions, ", "))
			}
		}
		if len(u.Agreement) == 0 {
			return fmt.Errorf("purposes.%s.agreement is empty: name what an agreement must grant", name)
		}
	}
	if err := p.checkOutcomes(); err != nil {
		return err
	}
	if n := len(p.Doubts); n == 0 || p.Doubts[n-1].Words != "*" {
		return fmt.Errorf(`doubts must end with the words "*"`)
	}
	if d := p.Claims.Distance; d < 0 || d > 31 {
		return fmt.Errorf("claims.distance is %d bits, want 0 to 31", d)
	}
	if s := p.Database.Share; !(s > 0 && s <= 1) {
		return fmt.Errorf("database.share is %v, want a number above 0 and at most 1", s)
	}
	for _, x := range p.Exceptions {
		if x.Name == "" || len(x.Purposes) == 0 || len(x.Territories) == 0 || len(x.Sources) == 0 {
			return fmt.Errorf("exceptions: each needs a name, purposes, territories and sources")
		}
		if strings.HasPrefix(x.Name, "uk-s29a") && slices.Contains(x.Purposes, "train") {
			return fmt.Errorf("exceptions: %s never supports a published model: it is for research alone, and its copies must not be passed on", x.Name)
		}
	}
	return nil
}

func (p *Policy) checkOutcomes() error {
	l := p.Licences
	outcomes := map[string]Outcome{
		"access.unknown": p.Access.Unknown, "signals.denies": p.Signals.Denies, "signals.needs-licence": p.Signals.NeedsLicence,
		"signals.unreadable": p.Signals.Unreadable, "signals.on-own": p.Signals.OnOwn, "licences.training-refused": l.TrainingRefused,
		"licences.training-unclear": l.TrainingUnclear, "licences.publishing-refused": l.PublishingRefused,
		"licences.publishing-unclear": l.PublishingUnclear, "licences.share-alike": l.ShareAlike,
		"licences.non-commercial": l.NonCommercial, "licences.no-derivatives": l.NoDerivatives, "licences.conflict": l.Conflict,
		"licences.text-below": l.TextBelow, "licences.public-domain.words": l.PublicDomain.Words,
		"licences.public-domain.explained": l.PublicDomain.Explained, "licences.public-domain.in-file": l.PublicDomain.InFile,
		"licences.public-domain.whole": l.PublicDomain.Whole,
		"claims.held":                  p.Claims.Held, "claims.near": p.Claims.Near, "seen.watermark": p.Seen.Watermark, "seen.person": p.Seen.Person,
		"database.outcome": p.Database.Outcome, "evidence.stale": p.Evidence.Stale,
	}
	for _, k := range proseKinds {
		outcomes["prose."+string(k)] = p.Prose[k]
	}
	for k := range p.Prose {
		if !slices.Contains(proseKinds, k) {
			return fmt.Errorf("prose: unknown key %q", k)
		}
	}
	for i, d := range p.Doubts {
		outcomes[fmt.Sprintf("doubts[%d].outcome", i)] = d.Outcome
	}
	for _, name := range slices.Sorted(maps.Keys(outcomes)) {
		if rank(outcomes[name]) < 0 {
			return fmt.Errorf("%s is %q, want allow, quarantine or deny", name, outcomes[name])
		}
	}
	switch {
	case p.Claims.Held == Allow:
		return fmt.Errorf("claims.held cannot allow: what a holder claims is held until it is judged")
	case p.Signals.Denies == Allow:
		return fmt.Errorf("signals.denies cannot allow: a refusal is no permission")
	case p.Access.Unknown == Allow:
		return fmt.Errorf("access.unknown cannot allow: copies need a lawful origin")
	}
	return nil
}
