// Package gallery is the index of the pictures that were made: whose they are,
// what they were made from, which were kept. It finds them by words, by model
// and by what they look like, and passes on to the records of usage what those
// who consented did with them.
//
// The pictures themselves lie in the studio's object store. The index takes them
// from the queue when it is asked, so that it misses none, whatever happened in
// between.
package gallery

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/internal/sqlite"
	"github.com/limner-ai/limner/source/usage"
	"github.com/limner-ai/limner/studio/jobs"
	"github.com/limner-ai/limner/studio/paint"
)

// ErrUnknown says that the owner has no such picture.
var ErrUnknown = errors.New("the gallery has no such picture")

// Mark is what an owner thinks of a picture.
type Mark string

// The marks.
const (
	Unmarked  Mark = ""
	Kept      Mark = "kept"
	Discarded Mark = "discarded"
)

// Picture is one that was made.
type Picture struct {
	Digest digest.SHA256 `json:"digest"`
	Type   string        `json:"type"` // media type
	Job    string        `json:"job"`
	Made   time.Time     `json:"made"`
	Mark   Mark          `json:"mark,omitempty"`
	Meta   paint.Meta    `json:"meta"` // what it was made with
	Spec   paint.Spec    `json:"spec"` // what was asked for
	// Likeness is to the picture that others were compared with, −1 to 1.
	Likeness float64 `json:"likeness,omitempty"`
}

// Queue tells what was made.
type Queue interface {
	List(ctx context.Context, f jobs.Filter) ([]jobs.Job, error)
}

// Models describes models by name.
type Models interface {
	Model(ctx context.Context, name string) (paint.Model, error)
}

// Options are what a gallery stands on.
type Options struct {
	Queue  Queue
	Store  *objects.Store // with the pictures
	Models Models         // nil: records of usage name no data set
	Looker Looker         // nil: similar pictures are not found
	Usage  *usage.Store   // nil: nothing is recorded, whoever consents
}

// Gallery is an open index. Its methods may be called from any goroutine.
type Gallery struct {
	o       Options
	db      *sql.DB
	taking  sync.Mutex
	looking sync.Mutex
}

// Open opens the index in the file at path, which is made if need be. The
// options' parts stay the caller's to close.
func Open(ctx context.Context, path string, o Options) (*Gallery, error) {
	db, err := sqlite.Open(path, "mode=rwc", "_txlock=immediate", "_pragma=busy_timeout(10000)",
		"_pragma=journal_mode(WAL)", "_pragma=synchronous(NORMAL)", "_pragma=secure_delete(1)", "_pragma=trusted_schema(0)")
	if err != nil {
		return nil, fmt.Errorf("gallery: %w", err)
	}
	db.SetMaxOpenConns(4)
	g := &Gallery{o: o, db: db}
	if err := g.prepare(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("gallery: %s: %w", path, err)
	}
	return g, nil
}

// Close ends the use of the index.
func (g *Gallery) Close() error { return g.db.Close() }

// prepare makes the tables if there are none.
func (g *Gallery) prepare(ctx context.Context) error {
	return g.change(ctx, func(tx *sql.Tx) error {
		var app, version, tables int
		for query, to := range map[string]*int{
			`PRAGMA application_id`: &app, `PRAGMA user_version`: &version, `SELECT count(*) FROM sqlite_schema`: &tables,
		} {
			if err := tx.QueryRow(query).Scan(to); err != nil {
				return err
			}
		}
		switch {
		case tables == 0:
			_, err := tx.Exec(fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d;", applicationID, userVersion) + schema)
			return err
		case app != applicationID:
			return errors.New("the file is the database of something else")
		case version != userVersion:
			return fmt.Errorf("the index is of version %d; this Limner reads version %d. Remove the file: it is made anew from the queue, without the marks", version, userVersion)
		}
		return nil
	})
}

// change runs f in a transaction.
func (g *Gallery) change(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := g.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}
