package server

import (
	"context"
	"errors"
	"fmt"
	"image"
	"net/http"
	"path/filepath"
	"sync/atomic"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/home"
	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/model/family"
	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/source/usage"
	"github.com/limner-ai/limner/studio/api"
	"github.com/limner-ai/limner/studio/explore"
	"github.com/limner-ai/limner/studio/gallery"
	"github.com/limner-ai/limner/studio/gate"
	"github.com/limner-ai/limner/studio/inspection"
	"github.com/limner-ai/limner/studio/jobs"
	"github.com/limner-ai/limner/studio/page"
	"github.com/limner-ai/limner/studio/paint"
	"github.com/limner-ai/limner/studio/station"
	"github.com/limner-ai/limner/studio/tracing"
	"github.com/limner-ai/limner/studio/work/curate"
	"github.com/limner-ai/limner/studio/work/data"
	"github.com/limner-ai/limner/studio/work/diagnose"
	"github.com/limner-ai/limner/studio/work/place"
	"github.com/limner-ai/limner/studio/work/refresh"
	"github.com/limner-ai/limner/studio/work/runs"
	"github.com/limner-ai/limner/studio/work/train"
	"github.com/limner-ai/limner/trace"
)

// room is a part of the studio that has addresses of its own.
type room interface{ Routes(mux *http.ServeMux) }

// studio is what is behind the gate.
type studio struct {
	o       Options
	store   *objects.Store
	shelf   *paint.Shelf
	painted *painted
	leaving paint.Leaving
	library *place.Library
	uploads *api.Uploads
	queue   *jobs.Queue
	api     *api.Studio
	rooms   []room
	// pinned is set when the gallery is open, which is after the queue.
	pinned atomic.Pointer[func(digest.SHA256) bool]
	// closers are what was opened, in that order.
	closers []func() error
	tidied  chan struct{} // closed when nothing is swept any more
	untidy  context.CancelFunc
}

// open opens the rooms.
func open(ctx context.Context, o Options, purse *gate.Purse) (s *studio, err error) {
	at := func(name string) string { return o.Places.Home.Path("studio", name) }
	s = &studio{o: o, store: objects.Open(at("objects")), tidied: make(chan struct{})}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.uploads, err = api.OpenUploads(at("uploads"), s.store); err != nil {
		return s, err
	}
	s.shelf = paint.NewShelf(paint.ShelfOptions{Folders: o.Models, Threads: o.Threads})
	s.closers = append(s.closers, func() error { s.shelf.Close(); return nil })
	s.leaving = paint.Leaving{Press: o.Press, Originals: paint.OpenOriginals(at("originals")), Sent: paint.OpenOriginals(at("sent"))}
	s.painted = newPainted(paint.NewWorker(s.shelf, s.store, s.leaving))
	s.library = place.NewLibrary(o.Places)
	workers := []jobs.Worker{
		s.painted,
		train.New(train.Options{Places: o.Places, Families: family.All(), Threads: o.Threads, Painting: s.painted.busy}),
		curate.New(o.Places, s.painted.busy),
		refresh.New(o.Places.Home, "", s.painted.busy),
		diagnose.New(diagnose.Options{Shelf: s.shelf, Library: s.library, Cache: o.Places.Home.Path("inspected"), Painting: s.painted.busy}),
	}
	s.queue, err = jobs.Open(ctx, at("jobs"), s.store, workers, jobs.Options{
		Pinned: s.keeps,
		Broken: func(kind string, cause any, stack []byte) {
			o.Log.Error("a worker panicked", "kind", kind, "panic", fmt.Sprint(cause), "stack", string(stack))
		},
	})
	if err != nil {
		return s, err
	}
	s.closers = append(s.closers, func() error { // where stop did not end it in peace
		now, cancel := context.WithCancel(context.Background())
		cancel()
		return s.queue.Close(now)
	})
	s.api = &api.Studio{
		Queue: s.queue, Models: s.shelf, Store: s.store, Uploads: s.uploads, Brought: s.leaving.Brought,
		Fault: func(ctx context.Context, err error) {
			o.Log.Error("a request failed", "request", gate.RequestID(ctx), "error", err)
		},
	}
	s.closers = append(s.closers, purse.Close)
	if err := s.furnish(ctx, at, purse); err != nil {
		return s, err
	}
	if err := s.tidyObjects(ctx, at("objects")); err != nil {
		return s, err
	}
	s.tidy()
	return s, nil
}

// furnish opens what stands on the queue.
func (s *studio) furnish(ctx context.Context, at func(string) string, purse *gate.Purse) error {
	records, err := usage.Open(at("usage"))
	if err != nil {
		return err
	}
	s.closers = append(s.closers, records.Close)
	pictures, err := gallery.Open(ctx, filepath.Join(at("gallery.db")), gallery.Options{
		Queue: s.queue, Store: s.store, Models: s.shelf, Looker: gallery.Latents{Shelf: s.shelf}, Usage: records,
	})
	if err != nil {
		return err
	}
	s.closers = append(s.closers, pictures.Close)
	pinned := pictures.Pinned
	s.pinned.Store(&pinned)
	asking := deputy{s.queue, s.api, purse}
	stream, err := station.Open(ctx, at("station.db"), station.Options{Queue: asking, Pictures: s.store, Keeper: keeper{pictures}})
	if err != nil {
		return err
	}
	s.closers = append(s.closers, stream.Close)
	pages, err := page.New(page.Options{Studio: s.api, Jobs: s.queue, Models: s.shelf})
	if err != nil {
		return err
	}
	looking := inspection.New(inspection.Options{Threads: s.o.Threads, Owns: s.api.Owns, Picture: func(ctx context.Context, d digest.SHA256) (*image.NRGBA, error) {
		return s.leaving.Picture(ctx, s.store, d)
	}})
	s.closers = append(s.closers, looking.Close)
	s.rooms = []room{
		pages, pictures, stream,
		explore.New(explore.Options{Shelf: s.shelf, Store: s.store, Owns: s.api.Owns, Sets: s.library, Leaving: s.leaving}),
		looking,
		tracing.New(tracing.Options{
			Store: s.store, Models: s.shelf, Sets: trace.OpenIndexes(s.o.Places.Home.Path("trace")), Marks: s.o.Places.Home.Path("marks"),
			Ledger: s.ledger, Owns: s.api.Owns,
		}),
		runs.New(s.o.Places),
		leave{data.New(s.o.Places), curate.Kind},
	}
	return nil
}

// ledger opens the ledger of the home folder, nil if there is none.
func (s *studio) ledger() (*ledger.Ledger, error) {
	l, err := s.o.Places.Home.ReadLedger()
	if errors.Is(err, home.ErrNoLedger) {
		return nil, nil
	}
	return l, err
}

// keeps reports whether an object must stay though no job has it: an upload for
// its days, a picture in a gallery.
func (s *studio) keeps(d digest.SHA256) bool {
	if s.uploads.Has("", d) {
		return true
	}
	pinned := s.pinned.Load()
	return pinned == nil || (*pinned)(d) // what cannot be told yet is not thrown away
}

// deputy is the queue for rooms that ask for work: what a key may ask for, and
// how much, holds there too, whether a request of that key is answered or the
// room works ahead of it.
type deputy struct {
	*jobs.Queue
	studio *api.Studio
	purse  *gate.Purse
}

// Submit asks for work in the name of the submission's owner.
func (d deputy) Submit(ctx context.Context, s jobs.Submission) (jobs.Job, error) {
	if s.Owner != gate.Owner(ctx) {
		ctx = d.purse.As(ctx, s.Owner)
	}
	return d.studio.Submit(ctx, s.Kind, s.Priority, s.Spec)
}

// keeper tells the gallery of what was kept in a stream.
type keeper struct{ *gallery.Gallery }

// Keep marks a picture, or takes the mark back.
func (k keeper) Keep(ctx context.Context, owner string, picture digest.SHA256, keep bool) error {
	action := ""
	if keep {
		action = string(usage.Kept)
	}
	_, err := k.Act(ctx, owner, picture, action)
	if errors.Is(err, gallery.ErrUnknown) { // deleted since
		return nil
	}
	return err
}
