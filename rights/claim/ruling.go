package claim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/rights"
	"github.com/limner-ai/limner/rights/ledger"
)

// Ruling is what a person decided on a claim.
type Ruling struct {
	By      string // who decided
	Reasons []string
	// Cleared are matches that are not the holder's after all.
	Cleared []ledger.Digest
}

// Account is what was done about an upheld claim.
type Account struct {
	Claim    string          `json:"claim"`
	Holder   string          `json:"holder"`
	By       string          `json:"by"`
	Time     time.Time       `json:"time"`
	Reasons  []string        `json:"reasons"`
	Erased   []ledger.Digest `json:"erased"`  // contents that are denied and whose bytes are gone
	Cleared  []ledger.Digest `json:"cleared"` // contents that were matched and are not the holder's
	Affected Derived         `json:"affected"`
}

// Receipt proves to a holder what was done: the ledger's event on the claim
// cites the account by its digest, and stands in the log that a signed
// checkpoint covers.
type Receipt struct {
	Account Account          `json:"account"`
	Proof   ledger.Inclusion `json:"proof"`
}

// Uphold denies all that matches the claim, erases the bytes and gives a
// receipt. Hashes, records and evidence stay. When it was interrupted, calling
// it again completes it.
func Uphold(ctx context.Context, l *ledger.Ledger, store *objects.Store, id string, r Ruling) (Receipt, error) {
	c, err := ruled(ctx, l, id, r)
	if err != nil {
		return Receipt{}, err
	}
	c.Standing = rights.Upheld
	fresh, err := more(ctx, l, c)
	if err != nil {
		return Receipt{}, err
	}
	first := ledger.Claim{ID: id, State: "upheld", Holder: c.Holder, Reasons: r.Reasons, Cleared: refs(r.Cleared)}
	b := &ledger.Batch{Actor: r.By}
	b.Add(first)
	for _, m := range chunks(fresh) {
		if len(m) > 0 {
			b.Add(ledger.Claim{ID: id, State: "upheld", Holder: c.Holder, Matches: m})
		}
	}
	if _, err := l.Append(ctx, b); err != nil { // from here on all of it is denied
		return Receipt{}, err
	}
	if c, err = Find(ctx, l, id); err != nil {
		return Receipt{}, err
	}
	contents, err := Matched(c)
	if err != nil {
		return Receipt{}, err
	}
	for part := range slices.Chunk(contents, chunk) {
		if err := erase(ctx, l, store, r.By, part); err != nil {
			return Receipt{}, err
		}
	}
	a := Account{Claim: id, By: r.By, Time: time.Now().UTC().Truncate(time.Second), Reasons: c.Reasons,
		Erased: contents, Cleared: []ledger.Digest{}}
	if a.Erased == nil {
		a.Erased = []ledger.Digest{}
	}
	for _, ref := range sortedFalse(c.Matches) {
		d, err := ledger.ParseDigest(ref[len(ledger.Ref(ledger.KindCopy, "")):])
		if err != nil {
			return Receipt{}, err
		}
		a.Cleared = append(a.Cleared, d)
	}
	if a.Holder, err = holderName(ctx, l, c.Holder); err != nil {
		return Receipt{}, err
	}
	if a.Affected, err = Affected(ctx, l, contents); err != nil {
		return Receipt{}, err
	}
	return receipt(ctx, l, c, a)
}

// ruled checks that a ruling can be made and gives the claim.
func ruled(ctx context.Context, l *ledger.Ledger, id string, r Ruling) (*rights.Case, error) {
	if r.By == "" || len(r.Reasons) == 0 {
		return nil, errors.New("a ruling says who made it, and why")
	}
	c, err := Find(ctx, l, id)
	if err != nil {
		return nil, err
	}
	for _, d := range r.Cleared {
		if _, ok := c.Matches[ledger.CopyRef(d)]; !ok {
			return nil, fmt.Errorf("%s is no match of the claim %s, so it cannot be cleared", d, id)
		}
	}
	return c, nil
}

func refs(ds []ledger.Digest) []string {
	var out []string
	for _, d := range ds {
		out = append(out, ledger.CopyRef(d))
	}
	return out
}

func sortedFalse(m map[string]bool) []string {
	var out []string
	for ref, is := range m {
		if !is {
			out = append(out, ref)
		}
	}
	slices.Sort(out)
	return out
}

// erase records that copies are erased, and then erases them.
func erase(ctx context.Context, l *ledger.Ledger, store *objects.Store, by string, contents []ledger.Digest) error {
	b := &ledger.Batch{Actor: by}
	for _, d := range contents {
		state, err := stateOf(ctx, l, d)
		if err != nil {
			return err
		}
		if state != "erased" {
			b.Add(ledger.Copy{Content: d, State: "erased"})
		}
	}
	if b.Len() > 0 {
		if _, err := l.Append(ctx, b); err != nil {
			return err
		}
	}
	for _, d := range contents {
		if err := store.Erase(digest.SHA256(d)); err != nil {
			return err
		}
	}
	return nil
}

func stateOf(ctx context.Context, l *ledger.Ledger, d ledger.Digest) (string, error) {
	q := ledger.Query{Subject: ledger.CopyRef(d), Kinds: []ledger.Kind{ledger.KindCopy}, Newest: true, Limit: 1}
	for e, err := range l.Events(ctx, q) {
		if err != nil {
			return "", err
		}
		if c, ok := e.Fact.(ledger.Copy); ok {
			return c.State, nil
		}
	}
	return "", nil
}

func holderName(ctx context.Context, l *ledger.Ledger, id string) (string, error) {
	q := ledger.Query{Subject: ledger.Ref(ledger.KindRightsHolder, id), Newest: true, Limit: 1}
	for e, err := range l.Events(ctx, q) {
		if err != nil {
			return "", err
		}
		if h, ok := e.Fact.(ledger.RightsHolder); ok {
			return h.Name, nil
		}
	}
	return id, nil
}

// receipt records the account and proves it.
func receipt(ctx context.Context, l *ledger.Ledger, c *rights.Case, a Account) (Receipt, error) {
	text, err := canonical(a)
	if err != nil {
		return Receipt{}, err
	}
	b := &ledger.Batch{Actor: a.By}
	b.Add(ledger.Claim{ID: c.ID, State: "upheld", Holder: c.Holder}, b.Keep(text))
	done, err := l.Append(ctx, b)
	if err != nil {
		return Receipt{}, err
	}
	proof, err := l.ProveInclusion(ctx, done.First, done.Checkpoint.Size)
	return Receipt{a, proof}, err
}

// CheckReceipt holds a receipt against the ledger's public key, and gives what
// it accounts for.
func CheckReceipt(text []byte, key string) (Account, error) {
	var r Receipt
	if err := json.Unmarshal(text, &r); err != nil {
		return Account{}, fmt.Errorf("this is no receipt: %w", err)
	}
	e, err := r.Proof.Check(key)
	if err != nil {
		return Account{}, fmt.Errorf("the receipt does not hold: %w", err)
	}
	said, err := canonical(r.Account)
	if err != nil {
		return Account{}, err
	}
	f, ok := e.Fact.(ledger.Claim)
	if !ok || f.ID != r.Account.Claim || f.State != "upheld" || !slices.Contains(e.Evidence, ledger.DigestOf(said)) {
		return Account{}, errors.New("the receipt does not hold: the ledger's event is not about this account")
	}
	return r.Account, nil
}

// Reject releases what a claim held. What an earlier ruling erased may be taken
// in again, unless another upheld claim denies it.
func Reject(ctx context.Context, l *ledger.Ledger, id string, r Ruling) error {
	c, err := ruled(ctx, l, id, r)
	if err != nil {
		return err
	}
	contents, err := Matched(c)
	if err != nil {
		return err
	}
	cases, err := rights.Cases(ctx, l)
	if err != nil {
		return err
	}
	b := &ledger.Batch{Actor: r.By}
	b.Add(ledger.Claim{ID: id, State: "rejected", Holder: c.Holder, Reasons: r.Reasons})
	for _, d := range contents {
		denied := slices.ContainsFunc(cases, func(o *rights.Case) bool {
			return o.ID != id && o.Standing == rights.Upheld && o.Matches[ledger.CopyRef(d)]
		})
		state, err := stateOf(ctx, l, d)
		if err != nil {
			return err
		}
		if state == "erased" && !denied {
			b.Add(ledger.Copy{Content: d, State: "kept"})
		}
	}
	_, err = l.Append(ctx, b)
	return err
}

// Appeal records an appeal against the ruling on a claim. It holds again what a
// rejection released; what was denied stays so until the appeal is decided.
func Appeal(ctx context.Context, l *ledger.Ledger, id string, r Ruling) error {
	c, err := ruled(ctx, l, id, r)
	if err != nil {
		return err
	}
	if c.State != "upheld" && c.State != "rejected" {
		return fmt.Errorf("the claim %s is %s: only a ruling can be appealed", id, c.State)
	}
	b := &ledger.Batch{Actor: r.By}
	b.Add(ledger.Claim{ID: id, State: "appealed", Holder: c.Holder, Reasons: r.Reasons})
	_, err = l.Append(ctx, b)
	return err
}
