package station

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/sqlite"
)

// state is where a picture of the stream stands.
type state string

const (
	planned state = "planned" // a job makes it
	ready   state = "ready"   // it can be shown
	shown   state = "shown"   // it is before the person
	kept    state = "kept"
	skipped state = "skipped"
	failed  state = "failed" // it could not be made
)

// item is one picture of somebody's stream.
type item struct {
	Number  int
	State   state
	Prompt  Prompt
	Seed    uint64
	Why     Why
	Looks   []Attribute
	Job     string
	Picture digest.SHA256 // zero until it is there
	Changed time.Time
}

// attributes are those of its prompt and of the picture.
func (x *item) attributes() []Attribute {
	return append(x.Prompt.Attributes(), x.Looks...)
}

// person is what is kept of an owner beside the stream.
type person struct {
	Seed    uint64
	Explore float64
}

const form = 1

const schema = `
CREATE TABLE person (owner TEXT PRIMARY KEY, seed TEXT NOT NULL, explore REAL NOT NULL) STRICT;
CREATE TABLE item (
	owner TEXT NOT NULL, number INTEGER NOT NULL, state TEXT NOT NULL, prompt TEXT NOT NULL, seed TEXT NOT NULL,
	why TEXT NOT NULL, looks TEXT NOT NULL, job TEXT NOT NULL, picture BLOB, changed INTEGER NOT NULL,
	PRIMARY KEY (owner, number)) STRICT;
CREATE INDEX item_state ON item (owner, state);
CREATE TABLE forgotten (owner TEXT NOT NULL, attribute TEXT NOT NULL, before INTEGER NOT NULL, PRIMARY KEY (owner, attribute)) STRICT;
`

// store keeps streams. What is deleted is overwritten, so that forgetting is.
type store struct{ db *sql.DB }

func openStore(ctx context.Context, path string) (*store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("cannot make the station's folder: %w", err)
	}
	db, err := sqlite.Open(path, "mode=rwc", "_txlock=immediate", "_pragma=busy_timeout(10000)", "_pragma=journal_mode(WAL)",
		"_pragma=synchronous(NORMAL)", "_pragma=secure_delete(1)", "_pragma=trusted_schema(0)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	s := &store{db}
	if err := s.prepare(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("cannot open the station's database %s: %w", path, err)
	}
	return s, nil
}

func (s *store) prepare(ctx context.Context) error {
	return s.change(ctx, func(tx *sql.Tx) error {
		var version int
		if err := tx.QueryRow("PRAGMA user_version").Scan(&version); err != nil {
			return err
		}
		switch version {
		case form:
			return nil
		case 0:
			_, err := tx.Exec(schema + fmt.Sprintf("PRAGMA user_version = %d", form))
			return err
		}
		return fmt.Errorf("its form is %d, this Limner knows form %d; use a newer one", version, form)
	})
}

// change does several things or none.
func (s *store) change(ctx context.Context, f func(*sql.Tx) error) error {
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

// person reads an owner, or makes one.
func (s *store) person(ctx context.Context, owner string, fresh person) (p person, err error) {
	var seed string
	err = s.db.QueryRowContext(ctx, "SELECT seed, explore FROM person WHERE owner = ?", owner).Scan(&seed, &p.Explore)
	if errors.Is(err, sql.ErrNoRows) {
		return fresh, s.setPerson(ctx, owner, fresh)
	}
	if err == nil {
		_, err = fmt.Sscan(seed, &p.Seed)
	}
	return p, err
}

func (s *store) setPerson(ctx context.Context, owner string, p person) error {
	_, err := s.db.ExecContext(ctx, "INSERT INTO person VALUES (?, ?, ?) ON CONFLICT (owner) DO UPDATE SET seed = excluded.seed, explore = excluded.explore",
		owner, fmt.Sprint(p.Seed), p.Explore)
	return err
}

// put writes an item.
func (s *store) put(ctx context.Context, owner string, x item) error {
	prompt, err := json.Marshal(x.Prompt)
	if err != nil {
		return err
	}
	why, err := json.Marshal(x.Why)
	if err != nil {
		return err
	}
	looks, err := json.Marshal(x.Looks)
	if err != nil {
		return err
	}
	var picture []byte
	if x.Picture != (digest.SHA256{}) {
		picture = x.Picture[:]
	}
	_, err = s.db.ExecContext(ctx, "INSERT OR REPLACE INTO item VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		owner, x.Number, string(x.State), string(prompt), fmt.Sprint(x.Seed), string(why), string(looks), x.Job, picture, x.Changed.UnixMicro())
	return err
}

const itemColumns = "number, state, prompt, seed, why, looks, job, picture, changed"

// items reads items by a condition on them.
func (s *store) items(ctx context.Context, owner, where string, args ...any) (out []item, err error) {
	rows, err := s.db.QueryContext(ctx, "SELECT "+itemColumns+" FROM item WHERE owner = ? AND "+where, append([]any{owner}, args...)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var x item
		var prompt, seed, why, looks string
		var picture []byte
		var changed int64
		if err := rows.Scan(&x.Number, &x.State, &prompt, &seed, &why, &looks, &x.Job, &picture, &changed); err != nil {
			return nil, err
		}
		_, serr := fmt.Sscan(seed, &x.Seed)
		err := errors.Join(serr, json.Unmarshal([]byte(prompt), &x.Prompt), json.Unmarshal([]byte(why), &x.Why), json.Unmarshal([]byte(looks), &x.Looks))
		if err != nil {
			return nil, fmt.Errorf("picture %d of the stream: %w", x.Number, err)
		}
		copy(x.Picture[:], picture)
		x.Changed = time.UnixMicro(changed).UTC()
		out = append(out, x)
	}
	return out, rows.Err()
}

// forgotten gives the attributes that are to count only from a number on.
func (s *store) forgotten(ctx context.Context, owner string) (map[Attribute]int, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT attribute, before FROM forgotten WHERE owner = ?", owner)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[Attribute]int{}
	for rows.Next() {
		var a string
		var before int
		if err := rows.Scan(&a, &before); err != nil {
			return nil, err
		}
		out[Attribute(a)] = before
	}
	return out, rows.Err()
}

// forget makes an attribute count from now on alone.
func (s *store) forget(ctx context.Context, owner string, a Attribute) error {
	_, err := s.db.ExecContext(ctx, `INSERT OR REPLACE INTO forgotten
		SELECT ?, ?, coalesce(max(number), 0) + 1 FROM item WHERE owner = ? AND state IN ('kept', 'skipped')`, owner, string(a), owner)
	return err
}

// erase removes all that is known of an owner, and leaves another seed.
func (s *store) erase(ctx context.Context, owner string, fresh person) error {
	err := s.change(ctx, func(tx *sql.Tx) error {
		for _, table := range []string{"item", "forgotten", "person"} {
			if _, err := tx.Exec("DELETE FROM "+table+" WHERE owner = ?", owner); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	// What the journal still holds goes too.
	if _, err := s.db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return err
	}
	return s.setPerson(ctx, owner, fresh)
}
