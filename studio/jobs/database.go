package jobs

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"github.com/limner-ai/limner/internal/sqlite"
)

const (
	applicationID = 0x4c696d71 // "Limq"
	userVersion   = 1
)

// Times are microseconds since 1970, 0 for none. What is final is never
// changed again, but by pinned. Objects in table unneeded are to be erased
// unless something names them.
const schema = `
CREATE TABLE job (
	id       TEXT PRIMARY KEY NOT NULL,
	kind     TEXT NOT NULL,
	owner    TEXT NOT NULL,
	priority INTEGER NOT NULL,
	spec     BLOB NOT NULL,
	state    TEXT NOT NULL,
	progress BLOB NOT NULL DEFAULT x'7b7d',
	error    TEXT NOT NULL DEFAULT '',
	created  INTEGER NOT NULL,
	started  INTEGER NOT NULL DEFAULT 0,
	ended    INTEGER NOT NULL DEFAULT 0,
	tries    INTEGER NOT NULL DEFAULT 0,
	deaths   INTEGER NOT NULL DEFAULT 0,
	cancel   INTEGER NOT NULL DEFAULT 0,
	pinned   INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX job_owner ON job (owner, id);
CREATE INDEX job_state ON job (kind, state);
CREATE TABLE result (
	job    TEXT NOT NULL REFERENCES job (id) ON DELETE CASCADE,
	number INTEGER NOT NULL,
	digest BLOB NOT NULL,
	type   TEXT NOT NULL,
	meta   BLOB,
	PRIMARY KEY (job, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX result_digest ON result (digest);
CREATE TABLE unneeded (digest BLOB PRIMARY KEY NOT NULL) STRICT, WITHOUT ROWID;
`

// openFiles takes the folder and opens the database in it.
func (q *Queue) openFiles(ctx context.Context, dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	lock := flock.New(filepath.Join(dir, "queue.lock"))
	mine, err := lock.TryLock()
	if err != nil {
		return fmt.Errorf("cannot lock it: %w", err)
	}
	if !mine {
		return ErrInUse
	}
	q.lock = lock
	path := filepath.Join(dir, "queue.db")
	q.write, err = sqlite.Open(path, "mode=rwc", "_txlock=immediate", "_pragma=busy_timeout(5000)",
		"_pragma=journal_mode(WAL)", "_pragma=synchronous(FULL)", "_pragma=foreign_keys(1)",
		"_pragma=journal_size_limit(16777216)", "_pragma=trusted_schema(0)")
	if err != nil {
		return err
	}
	q.write.SetMaxOpenConns(1)
	if err := q.prepare(ctx); err != nil {
		return err
	}
	q.read, err = sqlite.Open(path, "mode=rw", "_pragma=busy_timeout(5000)", "_pragma=query_only(1)", "_pragma=trusted_schema(0)")
	if err != nil {
		return err
	}
	q.read.SetMaxOpenConns(4)
	return nil
}

// prepare makes the tables if there are none, takes back what a dead process
// left, and reads what is to be done.
func (q *Queue) prepare(ctx context.Context) error {
	tx, err := q.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := identify(tx); err != nil {
		return err
	}
	if err := recoverDead(tx, q.o.Tries); err != nil {
		return err
	}
	if err := q.load(tx); err != nil {
		return err
	}
	return tx.Commit()
}

func identify(tx *sql.Tx) error {
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
		return errors.New("queue.db is the database of something else; move it away")
	case version != userVersion:
		return fmt.Errorf("queue.db is of version %d, this Limner reads version %d; use the newer one", version, userVersion)
	}
	var found string
	if err := tx.QueryRow(`PRAGMA quick_check(1)`).Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		return fmt.Errorf("the database file is damaged (%s); restore it from a copy, or move it away to begin with an empty queue", line(errors.New(found)))
	}
	return nil
}

// recoverDead settles what was under way when the last process died.
func recoverDead(tx *sql.Tx, tries int) error {
	now := time.Now().UnixMicro()
	if _, err := tx.Exec(`UPDATE job SET state = ?, ended = ? WHERE state = ? AND cancel = 1`, Cancelled, now, Running); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE job SET state = ?, ended = ?, deaths = deaths + 1, error = ? WHERE state = ? AND deaths + 1 >= ?`,
		Failed, now, tooOften(tries), Running, tries); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE job SET state = ?, started = 0, deaths = deaths + 1, progress = x'7b7d' WHERE state = ?`, Queued, Running)
	return err
}

func tooOften(tries int) string {
	return fmt.Sprintf("it was given up: the process died or the worker broke %d times while doing it", tries)
}

// load reads the queued jobs, and who was served last.
func (q *Queue) load(tx *sql.Tx) error {
	rows, err := tx.Query(`SELECT `+columns+`, deaths FROM job WHERE state = ? ORDER BY id`, Queued)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		e := &entry{}
		if err := scan(rows, &e.job, &e.deaths); err != nil {
			return err
		}
		q.enter(e)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	var last sql.NullString
	if err := tx.QueryRow(`SELECT max(id) FROM job`).Scan(&last); err != nil {
		return err
	}
	q.clock.after(last.String)
	return q.loadOwners(tx)
}

// loadOwners reads how many finished jobs each owner has, and gives the turns
// of the last process back by the time of each owner's last start.
func (q *Queue) loadOwners(tx *sql.Tx) error {
	if _, err := tx.Exec(`UPDATE job SET pinned = 0 WHERE pinned = 1`); err != nil {
		return err
	}
	rows, err := tx.Query(`SELECT kind, owner, max(started), sum(state NOT IN ('queued', 'running')) FROM job GROUP BY kind, owner ORDER BY 3`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name, owner string
		var started int64
		var ended int
		if err := rows.Scan(&name, &owner, &started, &ended); err != nil {
			return err
		}
		q.ended[owner] += ended
		if k := q.workers[name]; k != nil && started > 0 {
			k.lines.turn++
			k.lines.of(owner).served = k.lines.turn
		}
	}
	return rows.Err()
}

// columns are those of a Job, in the order of scan.
const columns = `id, kind, owner, priority, spec, state, progress, error, created, started, ended, tries`

// scan reads a row of columns, and of more after them.
func scan(row interface{ Scan(...any) error }, j *Job, more ...any) error {
	var spec, progress []byte
	var created, started, ended int64
	to := []any{&j.ID, &j.Kind, &j.Owner, &j.Priority, &spec, &j.State, &progress, &j.Error, &created, &started, &ended, &j.Tries}
	if err := row.Scan(append(to, more...)...); err != nil {
		return err
	}
	j.Spec = spec
	j.Created, j.Started, j.Ended = moment(created), moment(started), moment(ended)
	if err := json.Unmarshal(progress, &j.Progress); err != nil {
		return fmt.Errorf("the progress of job %s: %w", j.ID, err)
	}
	return nil
}

func moment(micro int64) time.Time {
	if micro == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micro).UTC()
}

// now is the time with the precision of the database.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

func micro(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}
