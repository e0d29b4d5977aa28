package jobs

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

var (
	// ErrUnknown says that there is no such job, or that it is somebody else's.
	ErrUnknown = errors.New("there is no such job")
	// ErrClosed says that the queue takes nothing any more.
	ErrClosed = errors.New("the queue is closed; try again when the studio runs again")
	// ErrInUse says that another process serves the queue.
	ErrInUse = errors.New("another process serves this queue; stop it, or give this one a folder of its own")
)

// RefusedError says why a submission cannot be done, in a line for people.
type RefusedError struct {
	Kind string
	Err  error
}

func (e *RefusedError) Error() string { return e.Err.Error() }

// Unwrap returns what the worker said.
func (e *RefusedError) Unwrap() error { return e.Err }

// FullError says that the queue takes no more for now.
type FullError struct {
	Limit      int           // of unfinished jobs
	Own        bool          // the owner's limit, not that of all
	RetryAfter time.Duration // when a place is likely to be free; whole seconds, at least one
}

func (e *FullError) Error() string {
	if e.Own {
		return fmt.Sprintf("you have %d unfinished jobs, which is the most; try again in %v", e.Limit, e.RetryAfter)
	}
	return fmt.Sprintf("the queue is full (%d jobs); try again in %v", e.Limit, e.RetryAfter)
}

// The causes that a task's context ends with.
var (
	errCancelled = errors.New("the job was cancelled")
	errStopping  = errors.New("the queue stops")
)

// line makes one line for people of an error.
func line(err error) string {
	const most = 500
	s := strings.Join(strings.Fields(strings.ToValidUTF8(err.Error(), "?")), " ")
	if s == "" {
		s = "it failed, and the worker did not say why"
	}
	if len(s) <= most {
		return s
	}
	n := most
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + " …"
}

// explain puts SQLite's most likely complaints into words.
func explain(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("the database file is damaged; restore it from a copy, or move it away to begin with an empty queue: %w", err)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("the disk is full; make room: %w", err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return fmt.Errorf("the database cannot be written; look at the permissions of the folder: %w", err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("another program holds the database; close it: %w", err)
	}
	return err
}
