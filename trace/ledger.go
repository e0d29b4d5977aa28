package trace

import (
	"context"
	"fmt"
	"image"
	"maps"
	"slices"
	"strings"

	"github.com/limner-ai/limner/curate/fingerprint"
	"github.com/limner-ai/limner/mark/xmp"
	"github.com/limner-ai/limner/rights"
	"github.com/limner-ai/limner/rights/claim"
	"github.com/limner-ai/limner/rights/ledger"
)

func (r *Report) xmp() *xmp.Properties {
	if r.Marks == nil {
		return nil
	}
	return r.Marks.XMP
}

// recorded looks for the picture among those that the ledger says were made here:
// by the ID that its credentials name, by its bytes, by the number in its
// watermark.
func (t *Tracer) recorded(ctx context.Context, r *Report) error {
	if t.o.Ledger == nil {
		return nil
	}
	if o, _ := r.credentials(); o != nil && o.ID != "" {
		for e, err := range t.o.Ledger.Events(ctx, ledger.Query{Subject: ledger.Ref(ledger.KindOutput, o.ID), Newest: true, Limit: 1}) {
			if err != nil {
				return err
			}
			if made, ok := e.Fact.(ledger.Output); ok {
				r.Output = &made
				return nil
			}
		}
	}
	for e, err := range t.o.Ledger.Events(ctx, ledger.Query{Kinds: []ledger.Kind{ledger.KindOutput}}) {
		if err != nil {
			return err
		}
		made, ok := e.Fact.(ledger.Output)
		if !ok {
			continue
		}
		if made.Content == r.File.SHA256 {
			r.Output = &made
			return nil
		}
		if r.Watermark != nil && r.Watermark.ID != "" && made.Watermark == r.Watermark.ID {
			r.Output = &made
		}
	}
	return nil
}

// mostTouched is how many near pictures are asked for in the ledger.
const mostTouched = 10

// claims finds the open and upheld claims that touch the picture: that name it or
// a training picture near to it, that show a picture it looks like, or that are
// about other pictures of the set or the model.
func (t *Tracer) claims(ctx context.Context, r *Report, m *image.NRGBA) error {
	if t.o.Ledger == nil {
		return nil
	}
	cases, err := rights.Cases(ctx, t.o.Ledger)
	if err != nil {
		return err
	}
	hash, quality := fingerprint.PDQ(m)
	for _, c := range cases {
		if c.Standing == rights.Released {
			continue
		}
		touches := touched(c, r)
		if quality >= fingerprint.Sharp && looksLike(c, hash) {
			touches = append(touches, "it looks like a picture that the holder showed")
		}
		derived, err := t.derived(ctx, c, r)
		if err != nil {
			return err
		}
		if touches = append(touches, derived...); len(touches) == 0 {
			continue
		}
		holder, err := t.holder(ctx, c)
		if err != nil {
			return err
		}
		r.Claims = append(r.Claims, Claim{ID: c.ID, Standing: c.Standing, State: c.State, Holder: holder, Touches: touches})
	}
	return nil
}

// touched says which pictures of a report a claim names.
func touched(c *rights.Case, r *Report) (out []string) {
	if c.Matches[ledger.CopyRef(r.File.SHA256)] {
		out = append(out, "it names this very file")
	}
	if r.Nearest == nil {
		return out
	}
	for i, m := range r.Nearest.Nearest[:min(len(r.Nearest.Nearest), mostTouched)] {
		if c.Matches[ledger.CopyRef(ledger.Digest(m.Picture.Content))] {
			out = append(out, fmt.Sprintf("it names the picture number %d of the nearest, %s/%s", i+1, m.Picture.Source, m.Picture.Path))
		}
	}
	return out
}

func looksLike(c *rights.Case, hash fingerprint.Hash) bool {
	return slices.ContainsFunc(c.Looks, func(text string) bool {
		var h fingerprint.Hash
		return h.UnmarshalText([]byte(text)) == nil && fingerprint.Distance(h, hash) <= fingerprint.Near
	})
}

// derived says whether the set or the model holds what is claimed.
func (t *Tracer) derived(ctx context.Context, c *rights.Case, r *Report) (out []string, err error) {
	if r.Data == nil && r.Model == nil {
		return nil, nil
	}
	if !slices.Contains(slices.Collect(maps.Values(c.Matches)), true) {
		return nil, nil
	}
	contents, err := claim.Matched(c)
	if err != nil {
		return nil, err
	}
	d, err := claim.Affected(ctx, t.o.Ledger, contents)
	if err != nil {
		return nil, err
	}
	for _, set := range d.Datasets {
		if root, _, _ := strings.Cut(set.Root, "/"); r.Data != nil && root == r.Data.Root || slices.Contains(r.roots, root) {
			out = append(out, fmt.Sprintf("the set %s holds %d pictures that it names", set.ID, set.Copies))
		}
	}
	if r.Model != nil && slices.ContainsFunc(d.Models, r.Model.called) {
		out = append(out, fmt.Sprintf("the model %s was trained on pictures that it names", r.Model.Name))
	}
	return out, nil
}

// called reports whether the ledger's identifier of a model is this one's: its name
// and the beginning of its digest.
func (m *Model) called(id string) bool {
	_, digits, ok := strings.Cut(id, "@")
	return ok && digits != "" && strings.HasPrefix(m.Digest, "sha256:"+digits)
}

// holder gives the name of who claims; the identifier if there is none.
func (t *Tracer) holder(ctx context.Context, c *rights.Case) (string, error) {
	if c.Holder == "" {
		return "", nil
	}
	for e, err := range t.o.Ledger.Events(ctx, ledger.Query{Subject: ledger.Ref(ledger.KindRightsHolder, c.Holder), Newest: true, Limit: 1}) {
		if err != nil {
			return "", err
		}
		if h, ok := e.Fact.(ledger.RightsHolder); ok && h.Name != "" {
			return h.Name, nil
		}
	}
	return c.Holder, nil
}
