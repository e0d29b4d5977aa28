// Package ledger keeps what is known of rights: an append-only log of events on
// sources, agreements, works, copies, decisions, data sets, models and claims,
// each citing its evidence by digest.
//
// The events are leaves of a Merkle tree (RFC 6962), and every append ends with
// a checkpoint of the tree, signed with the ledger's Ed25519 key. So nothing
// can be altered, dropped or moved within the log without [Ledger.Verify]
// naming it; that the log was not cut short or written anew as a whole is
// proven against a checkpoint that somebody else holds.
//
// A ledger is a folder: ledger.db, an SQLite database with events and
// evidence, and key, the private key, for its owner alone. Several processes
// may use one ledger; appends take turns.
package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	databaseName = "ledger.db"
	keyName      = "key"
)

// lockWait is how long an append waits for another process's.
var lockWait = 10 * time.Second

var (
	// ErrBusy says that another process held the ledger too long.
	ErrBusy = errors.New("another process is writing to the ledger; try again when it is done")
	// ErrNotFound says that the ledger does not hold what was asked for.
	ErrNotFound = errors.New("the ledger does not hold it")
	// ErrErased says that an evidence's bytes were erased; its event says why.
	ErrErased = errors.New("the evidence was erased")
)

// Ledger is an open ledger. Its methods may be used by several goroutines.
type Ledger struct {
	origin string
	key    string
	read   *sql.DB
	write  *sql.DB     // nil when open for reading
	signer note.Signer // likewise
	now    func() time.Time
}

// Create makes a new, empty ledger in the folder dir, which is made too if need
// be, and opens it. A folder that holds a ledger already is an error.
func Create(dir string) (*Ledger, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("cannot make the ledger's folder: %w", err)
	}
	path := filepath.Join(dir, databaseName)
	if _, err := os.Lstat(path); err == nil {
		return nil, fmt.Errorf("%s exists: there is a ledger already; open it instead", path)
	}
	signer, public, err := newKey(filepath.Join(dir, keyName))
	if err != nil {
		return nil, err
	}
	// The database gets its name when it is whole, so that a kill leaves none.
	part := path + ".new"
	if err := errors.Join(removeIfThere(part), removeIfThere(part+"-journal")); err != nil {
		return nil, err
	}
	if err := initialise(part, signer.Name(), public); err != nil {
		return nil, fmt.Errorf("cannot make the ledger %s: %w", path, err)
	}
	if err := os.Rename(part, path); err != nil {
		return nil, fmt.Errorf("cannot make the ledger: %w", err)
	}
	return Open(dir)
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func initialise(path, origin, public string) (err error) {
	db, err := sql.Open("sqlite", address(path, "mode=rwc", "_pragma=synchronous(FULL)"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	marks := fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d;", applicationID, userVersion)
	if _, err := tx.Exec(marks + schema); err != nil {
		return err
	}
	if _, err := tx.Exec(sqlSetIdentity, origin, public); err != nil {
		return err
	}
	return tx.Commit()
}

// Open opens the ledger in dir for reading and appending.
func Open(dir string) (*Ledger, error) { return open(dir, true) }

// OpenReadOnly opens the ledger in dir for reading; the key is not needed.
func OpenReadOnly(dir string) (*Ledger, error) { return open(dir, false) }

func open(dir string, writable bool) (*Ledger, error) {
	path := filepath.Join(dir, databaseName)
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("there is no ledger in %s: %w", dir, err)
	}
	l := &Ledger{now: time.Now}
	var err error
	if l.read, err = openReader(path, writable); err != nil {
		return nil, fmt.Errorf("cannot open the ledger %s: %w", path, explain(err))
	}
	if writable {
		err = l.openWriter(path, filepath.Join(dir, keyName))
	} else {
		err = l.identify(l.read)
	}
	if err != nil {
		l.Close()
		return nil, fmt.Errorf("cannot open the ledger %s: %w", path, explain(err))
	}
	return l, nil
}

func (l *Ledger) openWriter(path, key string) (err error) {
	l.write, err = sql.Open("sqlite", address(path, "mode=rw", "_txlock=immediate",
		fmt.Sprintf("_pragma=busy_timeout(%d)", lockWait.Milliseconds()),
		"_pragma=journal_mode(WAL)", "_pragma=synchronous(FULL)", "_pragma=secure_delete(1)", "_pragma=trusted_schema(0)"))
	if err != nil {
		return err
	}
	l.write.SetMaxOpenConns(1)
	if err := l.identify(l.write); err != nil {
		return err
	}
	l.signer, err = readKey(key, l.key)
	return err
}

// openReader opens for reading. A database on a medium that cannot be written
// to, where SQLite cannot keep its shared index, is read as one that nobody
// changes, if no journal says that somebody did.
func openReader(path string, writable bool) (*sql.DB, error) {
	mode := "mode=ro"
	if writable {
		mode = "mode=rw" // may recover what a killed process left
	}
	pragmas := []string{fmt.Sprintf("_pragma=busy_timeout(%d)", lockWait.Milliseconds()),
		"_pragma=query_only(1)", "_pragma=trusted_schema(0)", "_pragma=cell_size_check(1)"}
	db, err := sql.Open("sqlite", address(path, append(pragmas, mode)...))
	if err != nil {
		return nil, err
	}
	err = db.QueryRow(sqlUserVersion).Scan(new(int))
	if _, walErr := os.Lstat(path + "-wal"); err != nil && !writable && errors.Is(walErr, fs.ErrNotExist) {
		db.Close()
		return sql.Open("sqlite", address(path, append(pragmas, mode, "immutable=1")...))
	}
	return db, err
}

// address writes the database's URI (SQLite, "Uniform Resource Identifiers").
func address(path string, parameters ...string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/…
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: strings.Join(parameters, "&")}).String()
}

// identify holds that the database is a ledger of this form, and reads whose.
func (l *Ledger) identify(db *sql.DB) error {
	var app, version int64
	if err := db.QueryRow(sqlApplicationID).Scan(&app); err != nil {
		return err
	}
	if err := db.QueryRow(sqlUserVersion).Scan(&version); err != nil {
		return err
	}
	switch {
	case app != applicationID:
		return errors.New("it is no ledger of Limner")
	case version != userVersion:
		return fmt.Errorf("its form is %d, this Limner knows form %d; use a newer one", version, userVersion)
	}
	if err := checkSchema(db); err != nil {
		return err
	}
	if err := db.QueryRow(sqlIdentity).Scan(&l.origin, &l.key); err != nil {
		return fmt.Errorf("its name and key cannot be read: %w", err)
	}
	return nil
}

// Close ends the use of the ledger.
func (l *Ledger) Close() error {
	var errs []error
	for _, db := range []*sql.DB{l.read, l.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// Key gives the ledger's public key, by which its checkpoints and proofs are
// checked. It should be published where the ledger's owner cannot silently
// change it.
func (l *Ledger) Key() string { return l.key }

// Size gives the number of events.
func (l *Ledger) Size(ctx context.Context) (int64, error) {
	var n int64
	err := l.read.QueryRowContext(ctx, sqlSize).Scan(&n)
	return n, explain(err)
}

// explain puts SQLite's two most likely complaints into words.
func explain(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("%w (%w)", ErrBusy, err)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("the database file is damaged; restore it from a copy that verifies: %w", err)
	}
	return err
}

// damaged reports whether err says that the database file itself is broken.
func damaged(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	code := e.Code() & 0xff
	return code == sqlite3.SQLITE_CORRUPT || code == sqlite3.SQLITE_NOTADB
}
