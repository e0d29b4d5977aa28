package web

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver

	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/source/web/page"
)

// Kinds of what is asked for.
const (
	pageKind    = 0 // pages and sitemaps
	pictureKind = 1
)

// States of an entry of the frontier.
const (
	waiting = 0
	done    = 1
	refused = 2
	moved   = 3 // a redirect, whose target is an entry of its own
)

// schema is the crawl's memory. Everything but answer is of one crawl; answer
// outlives them, for conditional requests.
const schema = `
CREATE TABLE IF NOT EXISTS crawl (
	config   TEXT NOT NULL,
	phase    INTEGER NOT NULL, -- 0 pages, 1 pictures, 2 done
	round    INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS frontier (
	kind   INTEGER NOT NULL,
	url    TEXT NOT NULL,
	host   TEXT NOT NULL,
	round  INTEGER NOT NULL,
	depth  INTEGER NOT NULL,
	hops   INTEGER NOT NULL,
	state  INTEGER NOT NULL,
	record TEXT,
	PRIMARY KEY (kind, url)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS frontier_order ON frontier (kind, round, url);
CREATE INDEX IF NOT EXISTS frontier_host ON frontier (kind, state, host, round, url);
CREATE TABLE IF NOT EXISTS shown (
	picture TEXT NOT NULL,
	page    TEXT NOT NULL,
	via     TEXT NOT NULL,
	denied  INTEGER NOT NULL,
	record  TEXT NOT NULL,
	PRIMARY KEY (picture, page, via)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS host (
	host  TEXT PRIMARY KEY,
	bytes INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answer (
	url    TEXT PRIMARY KEY,
	body   TEXT NOT NULL, -- its digest
	record TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS answer_body ON answer (body);
`

// state is what a crawl knows, on the disk.
type state struct {
	db      *sql.DB
	objects *objects.Store
}

// openState opens the state in a folder, which one crawl may use at a time.
func openState(dir string) (_ *state, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("web: the crawl's state in %s: %w", dir, err)
		}
	}()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	path, err := filepath.Abs(filepath.Join(dir, "crawl.db"))
	if err != nil {
		return nil, err
	}
	if path = filepath.ToSlash(path); !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	uri := url.URL{Scheme: "file", Path: path, RawQuery: "_pragma=locking_mode(EXCLUSIVE)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_txlock=immediate"}
	db, err := sql.Open("sqlite", uri.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(schema); err != nil {
		db.Close()
		return nil, fmt.Errorf("%w; another crawl may be using it, else delete it", err)
	}
	return &state{db, objects.Open(filepath.Join(dir, "objects"))}, nil
}

func (s *state) close() error { return errors.Join(s.objects.Flush(), s.db.Close()) }

// within runs statements as one.
func (s *state) within(do func(tx *sql.Tx) error) error {
	tx, err := s.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// begin goes on with an unfinished crawl of the same configuration, or begins
// one with the seeds. It returns the phase and round that are to be done.
func (s *state) begin(config string, seeds []string) (phase, round int, err error) {
	var before string
	err = s.db.QueryRow(`SELECT config, phase, round FROM crawl`).Scan(&before, &phase, &round)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, 0, err
	}
	if err == nil && before == config && phase < 2 {
		return phase, round, nil
	}
	return 0, 0, s.within(func(tx *sql.Tx) error {
		if _, err := tx.Exec(`DELETE FROM crawl; DELETE FROM frontier; DELETE FROM shown; DELETE FROM host`); err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO crawl VALUES (?, 0, 0)`, config); err != nil {
			return err
		}
		for _, seed := range seeds {
			e := entry{Kind: pageKind, URL: seed}
			if page.IsPicture(seed) {
				e.Kind = pictureKind
			}
			if err := add(tx, e); err != nil {
				return err
			}
		}
		return nil
	})
}

// at notes which phase and round come next.
func (s *state) at(phase, round int) error {
	_, err := s.db.Exec(`UPDATE crawl SET phase = ?, round = ?`, phase, round)
	return err
}

// answerRecord is an answer as it is kept.
type answerRecord struct {
	Status  int
	Header  map[string][]string `json:",omitempty"`
	Body    *blob               `json:",omitempty"`
	Time    time.Time
	Failing time.Time `json:",omitzero"` // since when there has been no good answer
	Error   string    `json:",omitempty"`
	Unsafe  bool      `json:",omitempty"` // the error is one of safety
}
