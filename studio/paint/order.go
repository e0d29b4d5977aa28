package paint

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"sync"
	"time"

	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/release"
	"github.com/limner-ai/limner/studio/jobs"
)

// How often watchers are told.
const (
	perGlimpse  = 400 * time.Millisecond // of each picture
	perProgress = 100 * time.Millisecond
)

// order is a task that is being painted.
type order struct {
	*ask
	task    jobs.Task
	store   *objects.Store
	leaving Leaving
	begun   time.Time

	mu    sync.Mutex
	parts []float64 // of each picture, how much is done
	files []*file   // by number, until they are handed over
	given int       // how many were, those held back among them
	held  int       // how many were held back
	ended bool
	told  time.Time
	seen  []time.Time // by picture: the last glimpse
}

// file is a finished picture, or says that it is held back.
type file struct {
	Left
	meta Meta
	held error
}

func newOrder(w *Worker, t jobs.Task, a *ask) *order {
	now := time.Now()
	o := &order{ask: a, task: t, store: w.store, leaving: w.leaving, begun: now, parts: make([]float64, a.N), files: make([]*file, a.N), seen: make([]time.Time, a.N)}
	for i := range o.seen {
		o.seen[i] = now
	}
	return o
}

// wanted reports whether the order still wants its pictures.
func (o *order) wanted() bool {
	if err := o.task.Context().Err(); err != nil {
		o.fail(err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.ended
}

// fail ends the order.
func (o *order) fail(err error) {
	if ended := context.Cause(o.task.Context()); ended != nil {
		err = ended
	}
	o.mu.Lock()
	first := !o.ended
	o.ended = true
	o.mu.Unlock()
	if first {
		o.task.Finish(err)
	}
}

// step takes note of a step of a piece that begins at picture first, and stops
// it if the task was cancelled.
func (o *order) step(first int, s generate.Step) error {
	if err := o.task.Context().Err(); err != nil {
		return err
	}
	at, now := first+s.Picture, time.Now()
	o.progress(at, float64(s.Step)/float64(s.Of+1), map[string]float64{"step": float64(s.Step), "steps": float64(s.Of)})
	o.mu.Lock()
	due := s.Step < s.Of && now.Sub(o.seen[at]) >= perGlimpse
	o.mu.Unlock()
	if !due || !o.task.Watched() {
		return nil
	}
	o.mu.Lock()
	o.seen[at] = now
	o.mu.Unlock()
	clean, err := s.Clean()
	if err != nil {
		return err
	}
	img, err := generate.Look{Background: o.ground}.Image(clean)
	if err != nil {
		return err
	}
	data, err := glimpse(img)
	if err != nil {
		return err
	}
	o.task.Preview(jobs.Preview{Number: at, Type: "image/png", Data: data})
	return nil
}

// progress tells how far the order is when picture at is done to a part.
func (o *order) progress(at int, part float64, values map[string]float64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.parts[at] = max(o.parts[at], part)
	now := time.Now()
	if o.ended || part < 1 && now.Sub(o.told) < perProgress {
		return
	}
	o.told = now
	p := jobs.Progress{Stage: "painting", Total: float64(o.N), Values: values}
	for _, part := range o.parts {
		p.Done += part
	}
	if spent := now.Sub(o.begun).Seconds(); spent > 0 && p.Done > 0 {
		p.Rate = p.Done / spent
		p.ETA = (p.Total - p.Done) / p.Rate
	}
	o.task.Progress(p)
}

// done takes picture k of those that were made as number at of the order. In
// the place of one that is too near to a training picture another is painted; if
// that is so of all and such are held back, the order has a picture less.
func (o *order) done(g *generate.Generator, made *generate.Pictures, k, at int) {
	p, k, near, err := o.leaving.press().Choose(o.task.Context(), &g.Manifest, made, k, func(try int) (*generate.Pictures, error) {
		piece := o.piece(at, at+1)
		piece.Request.First += try * o.N // numbers that the order does not have
		piece.Request.Guidance = release.Less(made.Request.Guidance, try)
		m := g.MakeTogether(o.task.Context(), []generate.Piece{piece})[0]
		return m.Pictures, m.Err
	})
	var f *file
	if err == nil {
		f, err = o.file(g, p, k, at, near)
	}
	if errors.Is(err, release.ErrWithheld) {
		f, err = &file{held: err}, nil
	}
	if err != nil {
		o.fail(err)
		return
	}
	o.progress(at, 1, nil)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended {
		return
	}
	// Results are kept in the order of their numbers.
	for o.files[at] = f; o.given < o.N && o.files[o.given] != nil; o.given++ {
		if err = o.hand(o.files[o.given]); err != nil {
			break
		}
	}
	if err == nil && o.held == o.N {
		err = f.held
	} else if o.given == o.N && o.held > 0 {
		o.task.Progress(jobs.Progress{
			Stage: fmt.Sprintf("%d of %d held back: too near to training pictures, however often they were painted", o.held, o.N),
			Done:  float64(o.N), Total: float64(o.N),
		})
	}
	if err != nil || o.given == o.N {
		o.ended = true
		o.task.Finish(err)
	}
}

// hand gives a file to the task; o.mu is held.
func (o *order) hand(f *file) error {
	if f.held != nil {
		o.held++
		return nil
	}
	if f.Original != nil {
		if err := o.leaving.Originals.Put(sha256.Sum256(f.File), f.Original); err != nil {
			return err
		}
	}
	if err := o.task.Result(f.File, f.Type, f.meta); err != nil {
		return err
	}
	f.File, f.Original = nil, nil
	return nil
}

// file makes the file of a picture.
func (o *order) file(g *generate.Generator, p *generate.Pictures, k, at int, near release.Near) (*file, error) {
	img, err := p.Image(k, generate.Look{Background: o.ground})
	if err != nil {
		return nil, err
	}
	made := straight(img)
	m, err := resized(made, o.size, o.ground)
	if err != nil {
		return nil, err
	}
	item := p.Items[k]
	origin := g.Origin(p.Request, p.Items[k:k+1])
	origin.Width, origin.Height = o.size.X, o.size.Y
	pic := release.Picture{
		Image: m, Made: []*image.NRGBA{made}, Seen: []release.Near{near}, Origin: origin, Edited: o.Image != none,
		// What a mask keeps, and a picture that nothing was done to, stays to the bit.
		Still: o.Mask != none || o.Image != none && o.Style == none && p.Request.Shift == nil && p.Request.Strength == 0,
	}
	if pic.Given, err = o.leaving.Ingredients(o.store, o.Image, o.Style, endImage(o.From), endImage(o.To)); err != nil {
		return nil, err
	}
	left, err := o.leaving.Leave(o.task.Context(), g, o.Format, pic)
	if err != nil {
		return nil, err
	}
	origin = left.Origin // with its ID, and how near it lies
	f := &file{Left: left}
	f.meta = Meta{
		Number: at, Seed: item.Seed, Index: item.Index, Prompt: origin.Prompt, Negative: origin.Negative, Class: origin.Class,
		How: origin.How, Steps: origin.Steps, Sampler: origin.Sampler, Guidance: origin.Guidance, Truncation: origin.Truncation,
		Strength: origin.Strength, Share: item.Share, Width: origin.Width, Height: origin.Height, Model: origin.Model,
		Family: origin.Family, ModelDigest: origin.Digest, Rights: origin.Rights, Parameters: origin.Parameters(),
		ID: origin.ID, Near: origin.Near,
	}
	return f, nil
}
