// Package clearance asks the rights room about the pictures of frozen sets: at
// the freeze, where every decision is made anew and recorded, and again when a
// training begins, because a claim may have come between.
package clearance

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/limner-ai/limner/curate"
	"github.com/limner-ai/limner/dataset/frozen"
	"github.com/limner-ai/limner/dataset/proof"
	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/rights"
	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/source"
)

// batch is how many decisions are recorded together.
const batch = 1000

// Desk decides on the copies of a ledger. It may be used by one goroutine at a
// time.
type Desk struct {
	ledger *ledger.Ledger
	reader *rights.Reader
	policy *rights.Policy
	ask    rights.Request
	actor  string
	batch  *ledger.Batch
}

// Open sits down before a ledger. All decisions are for the time of now.
func Open(ctx context.Context, l *ledger.Ledger, p *rights.Policy, ask rights.Request, actor string) (*Desk, error) {
	r, err := rights.NewReader(ctx, l)
	if err != nil {
		return nil, err
	}
	if ask.At.IsZero() {
		ask.At = time.Now().UTC()
	}
	return &Desk{ledger: l, reader: r, policy: p, ask: ask, actor: actor, batch: &ledger.Batch{Actor: actor}}, nil
}

// rule decides on one copy, and gives the facts that it decided by.
func (d *Desk) rule(ctx context.Context, content digest.SHA256) (rights.Ruling, rights.Facts, error) {
	f, err := d.reader.Gather(ctx, ledger.Digest(content))
	if err != nil {
		return rights.Ruling{}, f, err
	}
	return rights.Decide(f, d.ask, d.policy), f, nil
}

// Decide decides on an entry and notes the decision for the ledger.
func (d *Desk) Decide(ctx context.Context, e curate.Entry) (frozen.Verdict, error) {
	r, f, err := d.rule(ctx, e.Content)
	if err != nil {
		return frozen.Verdict{}, err
	}
	d.batch.Add(r.Decision(), r.Evidence()...)
	if d.batch.Len() >= batch {
		if err := d.flush(ctx); err != nil {
			return frozen.Verdict{}, err
		}
	}
	return frozen.Verdict{
		Allowed: r.Outcome == rights.Allow, Reason: string(r.Code()), Ruleset: r.Ruleset, Licence: r.Licence,
		Holders: holders(e, f), Expires: r.Expires,
	}, nil
}

// holders are those to be named: the picture's holders, or who made it, or those
// that the notices of its source name.
func holders(e curate.Entry, f rights.Facts) []string {
	switch {
	case len(e.Holders) > 0:
		return e.Holders
	case e.Creator != "":
		return []string{e.Creator}
	}
	var out []string
	for _, s := range f.Statements {
		who := strings.Join(strings.Fields(s.Written), " ")
		if s.Form == string(source.Notice) && who != "" && !slices.Contains(out, who) {
			out = append(out, who)
		}
	}
	slices.Sort(out) // the order in which sources were taken in is no matter
	return out
}

func (d *Desk) flush(ctx context.Context) error {
	if d.batch.Len() == 0 {
		return nil
	}
	if _, err := d.ledger.Append(ctx, d.batch); err != nil {
		return err
	}
	d.batch = &ledger.Batch{Actor: d.actor}
	return nil
}

// Record enters a set into the ledger, with its manifest and contents as
// evidence, and returns the signed checkpoint and the key it is checked by.
func (d *Desk) Record(ctx context.Context, dir string, m frozen.Manifest, manifest []byte) (checkpoint, key string, err error) {
	contents, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(m.Contents.Path)))
	if err != nil {
		return "", "", err
	}
	set := ledger.Dataset{
		ID: ID(m), Root: m.Root.String(), Recipe: ledger.Digest(m.Recipe), Ruleset: m.Ruleset, Copies: int64(m.Pictures),
	}
	for id := range m.Sources {
		set.Sources = append(set.Sources, id)
	}
	slices.Sort(set.Sources)
	if m.Replaces.Size > 0 {
		if set.Replaces, err = d.find(ctx, m.Replaces); err != nil {
			return "", "", err
		}
	}
	for _, s := range m.Shards {
		set.Bytes += s.Bytes
	}
	set.Manifest = d.batch.Keep(manifest)
	d.batch.Add(set, set.Manifest, d.batch.Keep(contents))
	if err := d.flush(ctx); err != nil {
		return "", "", err
	}
	c, err := d.ledger.Checkpoint(ctx, -1)
	if err != nil {
		return "", "", err
	}
	return string(c.Note), d.ledger.Key(), nil
}

// ID is the identifier of a frozen set in the ledger: its name and the beginning
// of its root.
func ID(m frozen.Manifest) string {
	return SetID(m.Name, m.Root.Root.String())
}

// SetID is the identifier of a set with a name and a Merkle root, sha256:….
func SetID(name, root string) string {
	digits := strings.TrimPrefix(root, "sha256:")
	return name + "@" + digits[:min(16, len(digits))]
}

// find gives the identifier of the recorded set of that name.
func (d *Desk) find(ctx context.Context, n proof.Name) (string, error) {
	for e, err := range d.ledger.Events(ctx, ledger.Query{Kinds: []ledger.Kind{ledger.KindDataset}}) {
		if err != nil {
			return "", err
		}
		if s, ok := e.Fact.(ledger.Dataset); ok && s.Root == n.String() {
			return s.ID, nil
		}
	}
	return "", fmt.Errorf("the ledger knows no set %s that could be replaced", n)
}
