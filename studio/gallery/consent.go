package gallery

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/limner-ai/limner/source/usage"
)

// Terms are what the studio asks its users to consent to. Other words are other
// terms, to which nobody has consented yet.
var Terms = usage.Terms{
	Words: `You let this studio remember what you do with the pictures that it makes for you: which you keep, discard, download, edit or skip, with their prompts, seeds and the model that made them.

What you keep may be used to train models, on this machine or on others that whoever runs this studio has.

It is remembered under a number instead of your name. Whoever runs this studio can tell which number is yours.

You can withdraw at any time: from then on nothing more is remembered, and what was is used no more for new models. You can have all of it given to you, or erased. A model that has learnt from it before does not unlearn it.

The studio makes pictures for you just as well without this.`,
	Purposes: []string{"train"},
}

// User is the name under which an owner's usage is recorded: it does not show
// who it is, but who knows the owners' names can find out.
func User(owner string) string {
	sum := sha256.Sum256([]byte("limner usage\x00" + owner))
	return hex.EncodeToString(sum[:8])
}

// Consent is where an owner stands.
type Consent struct {
	Available bool        `json:"available"` // this studio keeps records at all
	Terms     usage.Terms `json:"terms"`
	Given     bool        `json:"given"` // to these terms
	Since     time.Time   `json:"since,omitzero"`
	Events    int         `json:"events"` // that are kept of this owner
}

var errNoRecords = errors.New("this studio keeps no records of usage")

// Consent tells where an owner stands.
func (g *Gallery) Consent(ctx context.Context, owner string) (Consent, error) {
	c := Consent{Terms: Terms}
	if g.o.Usage == nil {
		return c, nil
	}
	c.Available = true
	var b bytes.Buffer
	if err := g.o.Usage.Export(ctx, User(owner), &b); err != nil {
		return c, err
	}
	var own usage.Own
	if err := json.Unmarshal(b.Bytes(), &own); err != nil {
		return c, err
	}
	c.Events = len(own.Events)
	for _, given := range own.Consents {
		if given.Withdrawn.IsZero() && given.Terms.ID() == Terms.ID() {
			c.Given, c.Since = true, given.Given
		}
	}
	return c, nil
}

// Agree records that an owner consents to the terms with this digest, which is
// that of the words that they were shown.
func (g *Gallery) Agree(ctx context.Context, owner, terms string) error {
	if g.o.Usage == nil {
		return errNoRecords
	}
	if terms != Terms.ID().String() {
		return &badQuery{"these are not the terms of now; read them again"}
	}
	return g.o.Usage.Consent(ctx, User(owner), Terms)
}

// Withdraw ends an owner's consent.
func (g *Gallery) Withdraw(ctx context.Context, owner string) error {
	if g.o.Usage == nil {
		return nil
	}
	return g.o.Usage.Withdraw(ctx, User(owner))
}

// Erase removes all that was recorded of an owner. The marks in the gallery
// are the owner's own, and stay.
func (g *Gallery) Erase(ctx context.Context, owner string) (usage.Erased, error) {
	if g.o.Usage == nil {
		return usage.Erased{}, nil
	}
	return g.o.Usage.Erase(ctx, User(owner))
}

// Export writes all that was recorded of an owner, as JSON.
func (g *Gallery) Export(ctx context.Context, owner string, w io.Writer) error {
	if g.o.Usage == nil {
		return errNoRecords
	}
	return g.o.Usage.Export(ctx, User(owner), w)
}
