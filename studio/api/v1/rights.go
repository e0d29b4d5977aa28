package v1

import (
	"net/http"
	"strings"
	"time"

	"github.com/limner-ai/limner/rights"
	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/studio/api"
)

// Rights opens the ledger for reading, and the policy that is decided by. A nil
// ledger stands for one that nobody has made yet; a nil Rights has none.
type Rights func() (*ledger.Ledger, *rights.Policy, error)

var errNoLedger = &api.Error{Status: http.StatusNotFound, Code: "no_ledger", Message: "this server has no ledger of rights yet"}

// open is the ledger, which the caller closes.
func (f Rights) open() (*ledger.Ledger, *rights.Policy, error) {
	if f == nil {
		return nil, nil, errNoLedger
	}
	l, p, err := f()
	if err == nil && l == nil {
		err = errNoLedger
	}
	return l, p, err
}

// Decision says whether a picture may be used, and why.
type Decision struct {
	Content     ledger.Digest   `json:"content"`
	Purpose     string          `json:"purpose"`
	Territory   string          `json:"territory,omitempty"`
	Known       bool            `json:"known"` // the ledger knows a place that it came from
	Outcome     rights.Outcome  `json:"outcome"`
	Reasons     []rights.Reason `json:"reasons"`
	Licence     string          `json:"licence,omitempty"`
	Attribution bool            `json:"attribution,omitempty"`
	Expires     time.Time       `json:"expires,omitzero"`
	Ruleset     string          `json:"ruleset"`
}

// content is the digest that a query names.
func content(r *http.Request) (ledger.Digest, error) {
	text := r.URL.Query().Get("digest")
	d, err := ledger.ParseDigest(strings.TrimPrefix(text, "sha256:"))
	if err != nil {
		return d, api.Bad("digest", "digest is sha256: and 64 hexadecimal digits: that of a picture file")
	}
	return d, nil
}

// decision judges a picture as it would be judged now; nothing is recorded.
func (a *API) decision(w http.ResponseWriter, r *http.Request) error {
	d, err := content(r)
	if err != nil {
		return err
	}
	l, p, err := a.o.Rights.open()
	if err != nil {
		return err
	}
	defer l.Close()
	q := rights.Request{Purpose: r.URL.Query().Get("purpose"), Territory: r.URL.Query().Get("territory"), At: time.Now().UTC()}
	if q.Purpose == "" {
		q.Purpose = "train"
	}
	if _, ok := p.Purposes[q.Purpose]; !ok {
		return api.Bad("purpose", "the policy has no purpose %.40q", q.Purpose)
	}
	f, err := rights.Gather(r.Context(), l, d)
	if err != nil {
		return err
	}
	ruling := rights.Decide(f, q, p)
	return reply(w, http.StatusOK, Decision{
		Content: d, Purpose: q.Purpose, Territory: q.Territory, Known: len(f.Places) > 0, Outcome: ruling.Outcome,
		Reasons: append([]rights.Reason{}, ruling.Reasons...), Licence: ruling.Licence, Attribution: ruling.Attribution, Expires: ruling.Expires, Ruleset: ruling.Ruleset,
	})
}

// Claim is what everybody who may ask may know of a claim: not who made it.
type Claim struct {
	ID       string          `json:"id"`
	State    string          `json:"state"` // received, upheld, rejected, appealed …
	Standing rights.Standing `json:"standing"`
	Matches  int             `json:"matches"` // copies that it holds
	Reasons  []string        `json:"reasons"` // of rulings
}

// claims lists those of the ledger; with a digest, those that match it.
func (a *API) claims(w http.ResponseWriter, r *http.Request) error {
	var ref string
	if r.URL.Query().Has("digest") {
		d, err := content(r)
		if err != nil {
			return err
		}
		ref = ledger.CopyRef(d)
	}
	l, _, err := a.o.Rights.open()
	if err != nil {
		return err
	}
	defer l.Close()
	cases, err := rights.Cases(r.Context(), l)
	if err != nil {
		return err
	}
	out := []Claim{}
	for _, k := range cases {
		if ref != "" && !k.Matches[ref] {
			continue
		}
		c := Claim{ID: k.ID, State: k.State, Standing: k.Standing, Reasons: append([]string{}, k.Reasons...)}
		for _, held := range k.Matches {
			if held {
				c.Matches++
			}
		}
		out = append(out, c)
	}
	return reply(w, http.StatusOK, map[string]any{"claims": out})
}
