// Package api is what the studio's APIs share: taking in pictures, asking the
// queue for new ones, waiting for them, and what can go wrong on the way.
package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/studio/gate"
	"github.com/limner-ai/limner/studio/jobs"
	"github.com/limner-ai/limner/studio/paint"
)

// Queue is what the APIs need of jobs.Queue.
type Queue interface {
	Submit(ctx context.Context, s jobs.Submission) (jobs.Job, error)
	Job(ctx context.Context, owner, id string) (jobs.Job, error)
	List(ctx context.Context, f jobs.Filter) ([]jobs.Job, error)
	Cancel(ctx context.Context, owner, id string) (jobs.Job, error)
	Watch(ctx context.Context, owner, id string) (<-chan jobs.Event, error)
	Find(ctx context.Context, owner string, d digest.SHA256) (jobs.Job, jobs.Result, error)
}

// Models is what the APIs need of paint.Shelf.
type Models interface {
	Models(ctx context.Context) ([]paint.Model, error)
	Model(ctx context.Context, name string) (paint.Model, error)
	File(name string) (*os.File, error)
}

// Studio is what the APIs stand on. All methods act for the owner of their
// context, gate.Owner.
type Studio struct {
	Queue   Queue
	Models  Models
	Store   *objects.Store
	Uploads *Uploads
	// Brought is told of the file of each upload; nil: nobody is.
	Brought func(d digest.SHA256, file []byte) error
	// Fault is told of what is nobody's fault but the server's; nil: nobody is.
	Fault func(ctx context.Context, err error)
}

// Submit asks for work. A picture that the specification names must be the
// owner's.
func (s *Studio) Submit(ctx context.Context, kind string, priority int, spec json.RawMessage) (jobs.Job, error) {
	if !gate.May(ctx, leaveFor(kind)) {
		return jobs.Job{}, &Error{Status: 403, Message: fmt.Sprintf("this key may not ask for the work %q; the owner of this server gives leave with limner keys add NAME --work", kind)}
	}
	pictures := 0
	if kind == paint.Kind {
		var p paint.Spec
		if err := json.Unmarshal(spec, &p); err != nil {
			return jobs.Job{}, &Error{Status: 400, Message: "spec: " + plain(err)}
		}
		if err := s.owned(ctx, &p); err != nil {
			return jobs.Job{}, err
		}
		pictures = max(1, p.N)
	}
	if err := gate.Spend(ctx, pictures); err != nil {
		return jobs.Job{}, err
	}
	j, err := s.Queue.Submit(ctx, jobs.Submission{Kind: kind, Owner: gate.Owner(ctx), Priority: priority, Spec: spec})
	if err != nil {
		gate.Refund(ctx, pictures)
	}
	return j, err
}

// leaveFor is the kind of work that keys must be for to ask for a kind: to
// diagnose a model is a part of training one.
func leaveFor(kind string) string {
	if kind == "diagnose" {
		return "train"
	}
	return kind
}

// Paint asks for pictures.
func (s *Studio) Paint(ctx context.Context, spec paint.Spec) (jobs.Job, error) {
	text, err := json.Marshal(spec)
	if err != nil {
		return jobs.Job{}, err // NaN and infinity cannot be in requests
	}
	return s.Submit(ctx, paint.Kind, 0, text)
}

// owned refuses pictures that are not the owner's, as if they were not there.
func (s *Studio) owned(ctx context.Context, p *paint.Spec) error {
	named := map[string]digest.SHA256{"image": p.Image, "mask": p.Mask, "style": p.Style}
	if p.From != nil {
		named["from.image"] = p.From.Image
	}
	if p.To != nil {
		named["to.image"] = p.To.Image
	}
	for name, d := range named {
		if d == (digest.SHA256{}) {
			continue
		}
		ok, err := s.Owns(ctx, d)
		if err != nil {
			return err
		}
		if !ok {
			return &Error{Status: 400, Param: name, Message: fmt.Sprintf("there is no picture %s: upload it first", d)}
		}
	}
	return nil
}

// Owns reports whether the owner uploaded an object, or has a job that made it.
func (s *Studio) Owns(ctx context.Context, d digest.SHA256) (bool, error) {
	owner := gate.Owner(ctx)
	if s.Uploads.Has(owner, d) {
		return true, nil
	}
	_, _, err := s.Queue.Find(ctx, owner, d)
	if errors.Is(err, jobs.ErrUnknown) {
		return false, nil
	}
	return err == nil, err
}

// Keep stores what was made of a result as if the owner had uploaded it.
func (s *Studio) Keep(ctx context.Context, data []byte) (digest.SHA256, error) {
	d, err := s.Store.Put(data)
	if err != nil {
		return d, err
	}
	return d, s.Uploads.add(gate.Owner(ctx), d, len(data))
}

// Upload takes in a picture for the owner.
func (s *Studio) Upload(ctx context.Context, data []byte) (paint.Uploaded, error) {
	owner := gate.Owner(ctx)
	if err := s.Uploads.room(owner, len(data)); err != nil {
		return paint.Uploaded{}, err
	}
	up, err := paint.Upload(ctx, s.Store, data)
	if err != nil {
		return up, &Error{Status: 400, Message: plain(err), Err: err}
	}
	if s.Brought != nil {
		if err := s.Brought(up.Digest, data); err != nil {
			return up, err
		}
	}
	return up, s.Uploads.add(owner, up.Digest, len(data))
}
