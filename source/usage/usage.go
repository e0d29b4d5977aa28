// Package usage keeps what people did with generated pictures, as a music
// service keeps what was listened to: which they kept, edited, downloaded,
// skipped or threw away. Nothing is recorded of people who did not consent; what
// they consented to is kept in its words; they may withdraw at any time, take
// their data with them, and have it erased. What those who consented kept is a
// source of pictures, and which they preferred ranks them.
//
// Users are known by a name of the caller's choice, which need not, and should
// not, tell who they are.
package usage

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/internal/sqlite"
)

// Errors that callers may want to tell apart.
var (
	ErrNoConsent = errors.New("the user has not consented; ask before recording")
	ErrNoStore   = errors.New("there are no records of usage")
)

// Store is a folder that holds usage.db, an SQLite database, and the pictures
// that events are about. Several goroutines and processes may use one.
type Store struct {
	db       *sql.DB
	pictures *objects.Store
	now      func() time.Time
}

// Terms are what a user consents to.
type Terms struct {
	Words string `json:"words"` // as they were shown, whole
	// Purposes are what the words permit: train, output, sublicense, as in an
	// agreement.
	Purposes []string `json:"purposes"`
}

// purposes are what terms may permit.
var purposes = []string{"train", "output", "sublicense"}

// ID is the digest that the terms are known by.
func (t Terms) ID() digest.SHA256 {
	t.Purposes = slices.Clone(t.Purposes)
	slices.Sort(t.Purposes)
	text, err := json.Marshal(t)
	if err != nil {
		panic(err) // strings always have a JSON form
	}
	return sha256.Sum256(text)
}

func (t Terms) check() error {
	if t.Words == "" {
		return errors.New("a consent needs the words that were consented to")
	}
	for _, p := range t.Purposes {
		if !slices.Contains(purposes, p) {
			return fmt.Errorf("purposes: %q is none of train, output, sublicense", p)
		}
	}
	if len(t.Purposes) == 0 {
		return errors.New("purposes: write what the words permit, of train, output, sublicense")
	}
	return nil
}

const (
	applicationID = 0x4c6d7553 // "LmuS", SQLite's mark of a file's kind
	userVersion   = 1
)

// stamp is how times are written: UTC, of one length, so that they sort.
const stamp = "2006-01-02T15:04:05.000000Z"

// Open opens the store in dir, which is made if need be.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("usage: %w", err)
	}
	return connect(dir)
}

// openExisting opens the store in dir, and makes none.
func openExisting(dir string) (*Store, error) {
	if _, err := os.Stat(filepath.Join(dir, "usage.db")); err != nil {
		return nil, fmt.Errorf("%w in %s", ErrNoStore, dir)
	}
	return connect(dir)
}

func connect(dir string) (*Store, error) {
	s := &Store{pictures: objects.Open(filepath.Join(dir, "pictures")), now: time.Now}
	var err error
	// Deleted data is overwritten; no write-ahead log, in which it would linger.
	s.db, err = sqlite.Open(filepath.Join(dir, "usage.db"), "mode=rwc", "_txlock=immediate", "_pragma=busy_timeout(10000)",
		"_pragma=journal_mode(DELETE)", "_pragma=synchronous(FULL)", "_pragma=secure_delete(1)",
		"_pragma=foreign_keys(1)", "_pragma=trusted_schema(0)")
	if err != nil {
		return nil, fmt.Errorf("usage: %w", err)
	}
	s.db.SetMaxOpenConns(1)
	if err := s.prepare(); err != nil {
		s.db.Close()
		return nil, fmt.Errorf("usage: %s: %w", dir, err)
	}
	return s, nil
}

// prepare makes the tables if there are none, and ends an erasure that a kill
// interrupted.
func (s *Store) prepare() error {
	if err := s.change(context.Background(), func(tx *sql.Tx) error {
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
			return errors.New("usage.db is the database of something else")
		case version != userVersion:
			return fmt.Errorf("usage.db is of version %d; this Limner reads version %d", version, userVersion)
		}
		return nil
	}); err != nil {
		return err
	}
	return s.clean(context.Background())
}

// change runs f in a transaction.
func (s *Store) change(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// Close ends the use of the store.
func (s *Store) Close() error { return s.db.Close() }
