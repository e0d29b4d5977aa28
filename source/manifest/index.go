package manifest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/sqlite"
	"github.com/limner-ai/limner/source"
)

// Index is a manifest in which files are looked up. It lies on the disk, in an
// SQLite database of some hundred bytes an entry, and takes some 8 MiB of
// memory however long the manifest is.
type Index struct {
	db           *sql.DB
	path, digest *sql.Stmt
	rows         int64
	remove       string // a folder to be removed in the end
}

const schema = `
CREATE TABLE entry (row INTEGER PRIMARY KEY, line INTEGER NOT NULL, path TEXT, digest BLOB, about TEXT, why TEXT, fault TEXT);`

const lookups = `
CREATE INDEX entry_path ON entry (path) WHERE path IS NOT NULL;
CREATE INDEX entry_digest ON entry (digest) WHERE path IS NULL AND digest IS NOT NULL;`

const sqlInsert = `INSERT INTO entry (row, line, path, digest, about, why, fault) VALUES (?, ?, ?, ?, ?, ?, ?)`

const columns = `SELECT row, line, coalesce(path, ''), about, why, fault FROM entry `

// building is how a database is called until it is whole.
const building = ".building-*"

// form is the version of the database's layout and of what Read makes of lines.
const form = "1"

// NewIndex puts the entries into an index, faults included. The index stays in
// dir under a name made of key, which must tell all that the entries follow
// from; if it is there already the entries are not read again, and those of
// other keys are removed. With an empty dir it lasts until Close.
func NewIndex(ctx context.Context, dir, key string, entries iter.Seq2[Entry, error]) (*Index, error) {
	x := &Index{}
	if dir == "" {
		passing, err := os.MkdirTemp("", "limner-manifest-")
		if err != nil {
			return nil, err
		}
		dir, x.remove = passing, passing
	}
	if err := x.make(ctx, dir, key, entries); err != nil {
		x.Close()
		return nil, err
	}
	return x, nil
}

func (x *Index) make(ctx context.Context, dir, key string, entries iter.Seq2[Entry, error]) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(form + "\x00" + key))
	place := filepath.Join(dir, "manifest-"+hex.EncodeToString(sum[:12])+".db")
	_, err := os.Stat(place)
	if errors.Is(err, fs.ErrNotExist) {
		err = build(ctx, place, entries)
		if err == nil {
			tidy(dir, place)
		}
	}
	if err != nil {
		return err
	}
	return x.open(ctx, place)
}

// tidy removes the indices of earlier manifests, and what killed runs left.
func tidy(dir, keep string) {
	others, _ := filepath.Glob(filepath.Join(dir, "manifest-*.db"))
	for _, other := range others {
		if other != keep {
			os.Remove(other) // on some systems it fails while another process reads it
		}
	}
	parts, _ := filepath.Glob(filepath.Join(dir, building))
	for _, part := range parts {
		if info, err := os.Stat(part); err == nil && time.Since(info.ModTime()) > 24*time.Hour {
			os.Remove(part)
		}
	}
}

func (x *Index) open(ctx context.Context, place string) (err error) {
	if x.db, err = sqlite.Open(place, "mode=ro", "immutable=1", "_pragma=cache_size(-8192)", "_pragma=trusted_schema(0)"); err != nil {
		return err
	}
	x.db.SetMaxOpenConns(2) // one lists, one looks up
	if x.path, err = x.db.PrepareContext(ctx, columns+`WHERE path = ? ORDER BY row`); err != nil {
		return err
	}
	if x.digest, err = x.db.PrepareContext(ctx, columns+`WHERE path IS NULL AND digest = ? ORDER BY row`); err != nil {
		return err
	}
	return x.db.QueryRowContext(ctx, `SELECT count(*) FROM entry`).Scan(&x.rows)
}

// build writes the database under another name and gives it its own when it is
// whole.
func build(ctx context.Context, place string, entries iter.Seq2[Entry, error]) (err error) {
	f, err := os.CreateTemp(filepath.Dir(place), building)
	if err != nil {
		return err
	}
	part := f.Name()
	f.Close()
	defer os.Remove(part)
	db, err := sqlite.Open(part, "mode=rwc", "_pragma=journal_mode(OFF)", "_pragma=synchronous(OFF)", "_pragma=cache_size(-8192)")
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	err = fill(ctx, db, entries)
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	return os.Rename(part, place)
}

func fill(ctx context.Context, db *sql.DB, entries iter.Seq2[Entry, error]) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, schema); err != nil {
		return err
	}
	insert, err := tx.PrepareContext(ctx, sqlInsert)
	if err != nil {
		return err
	}
	row := int64(0)
	for e, err := range entries {
		var fault *Fault
		if err != nil && !errors.As(err, &fault) {
			return err
		}
		if fault != nil {
			_, err = insert.Exec(row, fault.Line, nil, nil, nil, string(fault.Why), fault.Err.Error())
		} else {
			err = put(insert, row, e)
		}
		if err != nil {
			return err
		}
		row++
	}
	if _, err := tx.ExecContext(ctx, lookups); err != nil {
		return err
	}
	return tx.Commit()
}

func put(insert *sql.Stmt, row int64, e Entry) error {
	about, err := json.Marshal(e)
	if err != nil {
		return err
	}
	var path, content any
	if e.Path != "" {
		path = norm.NFC.String(e.Path)
	}
	if e.SHA256 != nil {
		content = e.SHA256[:]
	}
	_, err = insert.Exec(row, e.Line, path, content, string(about), nil, nil)
	return err
}

// Len is the number of entries and faults.
func (x *Index) Len() int64 { return x.rows }

// Path gives the entries of that path, in the manifest's order. Paths that
// differ only in how Unicode composes their letters are the same.
func (x *Index) Path(ctx context.Context, path string) ([]Entry, error) {
	return find(ctx, x.path, norm.NFC.String(path))
}

// Content gives the entries of that digest that have no path.
func (x *Index) Content(ctx context.Context, d digest.SHA256) ([]Entry, error) {
	return find(ctx, x.digest, d[:])
}

func find(ctx context.Context, query *sql.Stmt, key any) (found []Entry, err error) {
	rows, err := query.QueryContext(ctx, key)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() && len(found) < 100 {
		e, err := scan(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, e)
	}
	return found, rows.Err()
}

// All gives every entry in the manifest's order, with errors that wrap *Fault in
// their places.
func (x *Index) All(ctx context.Context) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		rows, err := x.db.QueryContext(ctx, columns+`ORDER BY row`)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		defer rows.Close()
		for rows.Next() {
			e, err := scan(rows)
			var fault *Fault
			if !yield(e, err) || err != nil && !errors.As(err, &fault) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(Entry{}, err)
		}
	}
}

func scan(rows *sql.Rows) (Entry, error) {
	var e Entry
	var about, why, fault sql.NullString
	if err := rows.Scan(&e.Row, &e.Line, &e.Path, &about, &why, &fault); err != nil {
		return Entry{}, err
	}
	if fault.Valid {
		return e, &Fault{e.Line, source.Why(why.String), errors.New(fault.String)}
	}
	if err := json.Unmarshal([]byte(about.String), &e); err != nil {
		return Entry{}, fmt.Errorf("the manifest's index is damaged; remove it: %w", err)
	}
	return e, nil
}

// Close ends the use of the index.
func (x *Index) Close() error {
	var err error
	if x.db != nil {
		err = x.db.Close()
	}
	if x.remove != "" {
		err = errors.Join(err, os.RemoveAll(x.remove))
	}
	return err
}
