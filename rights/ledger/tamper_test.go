package ledger

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

// tamper changes the closed ledger in dir as somebody with the file could, the
// triggers out of the way.
func tamper(t *testing.T, dir string, change func(db *sql.DB)) {
	t.Helper()
	db, err := sql.Open("sqlite", address(filepath.Join(dir, databaseName), "mode=rw"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	triggers, err := readSchema(db)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range triggers {
		if o.kind == "trigger" {
			must(t, db, "PRAGMA synchronous = OFF; DROP TRIGGER "+o.name)
		}
	}
	change(db)
	for _, o := range triggers {
		if o.kind == "trigger" {
			must(t, db, o.text)
		}
	}
}

func must(t *testing.T, db *sql.DB, text string, args ...any) {
	t.Helper()
	r, err := db.Exec(text, args...)
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := r.RowsAffected(); n == 0 && (strings.HasPrefix(text, "UPDATE") || strings.HasPrefix(text, "DELETE")) {
		t.Fatalf("%s changed nothing", text)
	}
}

// toldOnce is a closed ledger with the story in it, whose files told copies.
var toldOnce struct {
	sync.Once
	receipts []Receipt
	files    map[string][]byte
}

// told gives a closed ledger of its own to spoil.
func told(t *testing.T) ([]Receipt, string) {
	toldOnce.Do(func() {
		l, dir := create(t)
		toldOnce.receipts = story(t, l)
		l.Close()
		toldOnce.files = map[string][]byte{}
		for _, name := range []string{databaseName, keyName} {
			data, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			toldOnce.files[name] = data
		}
	})
	dir := t.TempDir()
	for name, data := range toldOnce.files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return toldOnce.receipts, dir
}

// rehash makes all stored hashes fit the rows, as somebody without the key would.
func rehash(t *testing.T, db *sql.DB) {
	rows, err := db.Query("SELECT body FROM event ORDER BY seq")
	if err != nil {
		t.Fatal(err)
	}
	var bodies [][]byte
	for rows.Next() {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, b)
	}
	rows.Close()
	must(t, db, "DELETE FROM node")
	var nodes []tlog.Hash
	read := tlog.HashReaderFunc(func(ids []int64) (out []tlog.Hash, err error) {
		for _, id := range ids {
			out = append(out, nodes[id])
		}
		return out, nil
	})
	for i, b := range bodies {
		hs, err := tlog.StoredHashes(int64(i), b, read)
		if err != nil {
			t.Fatal(err)
		}
		nodes = append(nodes, hs...)
	}
	for id, h := range nodes {
		must(t, db, "INSERT INTO node (id, hash) VALUES (?, ?)", id, h[:])
	}
}

func TestVerifyNamesWhatIsWrong(t *testing.T) {
	run := func(texts ...string) func(*testing.T, *sql.DB) {
		return func(t *testing.T, db *sql.DB) {
			for _, s := range texts {
				must(t, db, s)
			}
		}
	}
	const newBody = `UPDATE event SET body = CAST(replace(CAST(body AS TEXT), '"limner test"', '"limner tesT"') AS BLOB) WHERE seq = 5`
	const flip = `CAST(substr(%, 1, 3) || x'5a' || substr(%, 5) AS BLOB)`
	flipped := func(column string) string { return strings.ReplaceAll(flip, "%", column) }
	swap := `UPDATE event SET body = (SELECT body FROM event e WHERE e.seq = 11 - event.seq) WHERE seq IN (5, 6)`
	for name, c := range map[string]struct {
		change      func(*testing.T, *sql.DB)
		flaw        Flaw
		first, last int64
		outside     bool // seen with an outside checkpoint only
	}{
		"row":                     {run(newBody), Altered, 5, 5, false},
		"last row":                {run(`UPDATE event SET body = CAST(replace(CAST(body AS TEXT), 'asked', 'Asked') AS BLOB) WHERE seq = 15`), Altered, 15, 15, false},
		"row that is no JSON":     {run(`UPDATE event SET body = x'00' WHERE seq = 0`), Altered, 0, 0, false},
		"row and its hashes":      {func(t *testing.T, db *sql.DB) { must(t, db, newBody); rehash(t, db) }, Altered, 4, 10, false},
		"hash of an entry":        {run(`UPDATE node SET hash = ` + flipped("hash") + ` WHERE id = 8`), BadHash, 5, 5, false}, // StoredHashIndex(0, 5)
		"hash further up":         {run(`UPDATE node SET hash = ` + flipped("hash") + ` WHERE id = 6`), BadHash, 3, 3, false}, // level 2, of entries 0–3
		"hash that is short":      {run(`UPDATE node SET hash = x'00' WHERE id = 0`), BadHash, 0, 0, false},
		"hash that is gone":       {run(`DELETE FROM node WHERE id = 8`), BadHash, 5, 5, false},
		"hash too many":           {run(`INSERT INTO node (id, hash) VALUES (-7, x'00')`), Truncated, 16, 16, false},
		"entry gone":              {run(`DELETE FROM event WHERE seq = 6`), Missing, 6, 6, false},
		"first entry gone":        {run(`DELETE FROM event WHERE seq = 0`), Missing, 0, 0, false},
		"entries swapped":         {run(swap), Reordered, 5, 5, false},
		"swapped with hashes":     {func(t *testing.T, db *sql.DB) { must(t, db, swap); rehash(t, db) }, Reordered, 5, 5, false},
		"entry before the first":  {run(`INSERT INTO event SELECT -1, kind, subject, time, body FROM event WHERE seq = 0`), Reordered, -1, -1, false},
		"end cut off":             {run(`DELETE FROM event WHERE seq >= 14`), Truncated, 14, 14, false},
		"end cut off with hashes": {func(t *testing.T, db *sql.DB) { must(t, db, `DELETE FROM event WHERE seq >= 14`); rehash(t, db) }, Truncated, 14, 14, false},
		"all gone":                {run(`DELETE FROM event`), Truncated, 0, 0, false},
		"cut back to a checkpoint": {func(t *testing.T, db *sql.DB) {
			must(t, db, `DELETE FROM event WHERE seq >= 11`)
			must(t, db, `DELETE FROM checkpoint WHERE size > 11`)
			must(t, db, `DELETE FROM mention WHERE seq >= 11`)
			must(t, db, `DELETE FROM cite WHERE seq >= 11`)
			must(t, db, `DELETE FROM evidence WHERE bytes IS NULL OR size = 0`)
			must(t, db, `DELETE FROM cite WHERE digest NOT IN (SELECT digest FROM evidence)`)
			rehash(t, db)
		}, BadIndex, 2, 2, false}, // the deed was erased later, so its citation cannot be made to fit
		"cut back far": {func(t *testing.T, db *sql.DB) {
			must(t, db, `DELETE FROM event WHERE seq >= 4`)
			must(t, db, `DELETE FROM checkpoint WHERE size > 4`)
			must(t, db, `DELETE FROM mention WHERE seq >= 4`)
			must(t, db, `DELETE FROM cite WHERE seq >= 4`)
			must(t, db, `DELETE FROM taking`)
			must(t, db, `UPDATE evidence SET bytes = CAST('We agree.' AS BLOB) WHERE bytes IS NULL`)
			rehash(t, db)
		}, Truncated, 4, 4, true},
		"newest checkpoint gone":    {run(`DELETE FROM checkpoint WHERE size = 16`), Unsigned, 11, 15, false},
		"entry added":               {func(t *testing.T, db *sql.DB) { addUnsigned(t, db) }, Unsigned, 16, 16, false},
		"checkpoint's signature":    {run(`UPDATE checkpoint SET note = CAST(substr(note, 1, length(note) - 9) || CASE substr(note, length(note) - 8, 1) WHEN x'41' THEN x'42' ELSE x'41' END || substr(note, length(note) - 7) AS BLOB) WHERE size = 11`), BadCheckpoint, -1, -1, false},
		"checkpoint's root":         {run(`UPDATE checkpoint SET note = CAST(replace(CAST(note AS TEXT), char(10) || '11' || char(10), char(10) || '12' || char(10)) AS BLOB) WHERE size = 11`), BadCheckpoint, -1, -1, false},
		"checkpoint at another":     {run(`UPDATE checkpoint SET size = 9 WHERE size = 11`), BadCheckpoint, -1, -1, false},
		"checkpoint that is none":   {run(`UPDATE checkpoint SET note = x'00' WHERE size = 4`), BadCheckpoint, -1, -1, false},
		"column kind":               {run(`UPDATE event SET kind = 'copy' WHERE seq = 7`), BadIndex, 7, 7, false},
		"column subject":            {run(`UPDATE event SET subject = 'copy:x' WHERE seq = 0`), BadIndex, 0, 0, false},
		"column time":               {run(`UPDATE event SET time = time + 1 WHERE seq = 15`), BadIndex, 15, 15, false},
		"mention gone":              {run(`DELETE FROM mention WHERE seq = 4 AND name LIKE 'work:%'`), BadIndex, 4, 4, false},
		"mention too many":          {run(`INSERT INTO mention VALUES ('source:x', 3)`), BadIndex, -1, -1, false},
		"citation gone":             {run(`DELETE FROM cite WHERE seq = 5`), BadIndex, 5, 5, false},
		"citation too many":         {run(`INSERT INTO cite SELECT digest, 0 FROM evidence LIMIT 1`), BadIndex, -1, -1, false},
		"taking smaller":            {run(`UPDATE taking SET bytes = 1 WHERE seq = 7`), BadIndex, 7, 7, false},
		"taking gone":               {run(`DELETE FROM taking WHERE seq = 8`), BadIndex, 8, 8, false},
		"evidence's bytes":          {run(`UPDATE evidence SET bytes = ` + flipped("bytes") + ` WHERE size = 17`), BadEvidence, 5, 5, false},
		"evidence's digest":         {run(`UPDATE evidence SET digest = ` + flipped("digest") + ` WHERE size = 17`), BadEvidence, -1, -1, false},
		"evidence's size":           {run(`UPDATE evidence SET size = 18 WHERE size = 17`), BadEvidence, 5, 5, false},
		"evidence gone":             {run(`DELETE FROM evidence WHERE size = 17`), BadEvidence, 5, 5, false},
		"evidence erased in secret": {run(`UPDATE evidence SET bytes = NULL WHERE size = 17`), BadEvidence, 5, 5, false},
	} {
		t.Run(name, func(t *testing.T) {
			receipts, dir := told(t)
			tamper(t, dir, func(db *sql.DB) { c.change(t, db) })
			ro, err := OpenReadOnly(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer ro.Close()
			trust := Trust{}
			if c.outside {
				if _, err := ro.Verify(ctx, trust); err != nil {
					t.Fatalf("without an outside checkpoint this cannot be seen, but: %v", err)
				}
				trust.Checkpoints = [][]byte{receipts[0].Checkpoint.Note, receipts[2].Checkpoint.Note}
			}
			_, err = ro.Verify(ctx, trust)
			var f *Fault
			if !errors.As(err, &f) || f.Flaw != c.flaw || f.First != c.first || f.Last != c.last {
				t.Fatalf("found %v (%+v); want %s, %d to %d", err, f, c.flaw, c.first, c.last)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("the message is no line: %q", err)
			}
		})
	}
}

// addUnsigned adds an entry that fits in all but the signature.
func addUnsigned(t *testing.T, db *sql.DB) {
	e, err := newEvent("a stranger", RightsHolder{ID: "me"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	e.Seq = 16
	if err := e.encode(); err != nil {
		t.Fatal(err)
	}
	must(t, db, "INSERT INTO event VALUES (?, ?, ?, ?, ?)", e.Seq, string(e.Kind), e.Subject, e.Time.UnixMicro(), e.Body)
	rehash(t, db)
}

// A log written anew with the ledger's own key is found by who holds a
// checkpoint of the old one, or knows the key of another.
func TestVerifyRewritten(t *testing.T) {
	l, dir := create(t)
	receipts := story(t, l)
	l.Close()
	tamper(t, dir, func(db *sql.DB) {
		for _, table := range []string{"event", "node", "checkpoint", "mention", "cite", "taking", "evidence"} {
			must(t, db, "DELETE FROM "+table)
		}
	})
	l, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	story(t, l)
	if _, err := l.Verify(ctx, Trust{}); err != nil {
		t.Fatal(err)
	}
	var f *Fault
	if _, err := l.Verify(ctx, Trust{Checkpoints: [][]byte{receipts[1].Checkpoint.Note}}); !errors.As(err, &f) || f.Flaw != Rewritten || f.Last != 10 {
		t.Errorf("with a checkpoint of the old log: %v", err)
	}
	other, _ := create(t)
	r := story(t, other)
	if _, err := l.Verify(ctx, Trust{Checkpoints: [][]byte{r[0].Checkpoint.Note}}); !errors.As(err, &f) || f.Flaw != Rewritten {
		t.Errorf("with another ledger's checkpoint: %v", err)
	}
	if _, err := l.Verify(ctx, Trust{Key: other.Key()}); !errors.As(err, &f) || f.Flaw != Rewritten {
		t.Errorf("with another ledger's key: %v", err)
	}
}

// Nothing is appended, and so signed, on top of a tip that was changed.
func TestAppendRefusesAlteredTip(t *testing.T) {
	for what, change := range map[string]string{
		"entry gone":      `DELETE FROM event WHERE seq = 15`,
		"hash changed":    `UPDATE node SET hash = zeroblob(32) WHERE id = (SELECT max(id) FROM node)`,
		"checkpoint gone": `DELETE FROM checkpoint WHERE size = 16`,
	} {
		_, dir := told(t)
		tamper(t, dir, func(db *sql.DB) { must(t, db, change) })
		l, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		b := &Batch{Actor: "t"}
		b.Add(RightsHolder{ID: "x"})
		if _, err := l.Append(ctx, b); err == nil {
			t.Errorf("%s: appended", what)
		}
		l.Close()
	}
}

func TestSchemaIsHeld(t *testing.T) {
	for _, change := range []string{`DROP TRIGGER event_kept`, `CREATE TABLE extra (x)`, `DROP INDEX event_kind`, `PRAGMA user_version = 2`, `PRAGMA application_id = 1`} {
		l, dir := create(t)
		l.Close()
		db, err := sql.Open("sqlite", address(filepath.Join(dir, databaseName), "mode=rw"))
		if err != nil {
			t.Fatal(err)
		}
		must(t, db, change)
		db.Close()
		if _, err := OpenReadOnly(dir); err == nil {
			t.Errorf("%s: opened", change)
		}
	}
}

// Whatever byte of the file is flipped: it is noticed, or all that can be read
// is as it was.
func TestFlippedBytes(t *testing.T) {
	l, dir := create(t)
	receipts := story(t, l)
	before := collect(t, l, Query{})
	l.Close()
	path := filepath.Join(dir, databaseName)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	noticed, harmless := 0, 0
	for at := 1; at < len(data); at += 397 {
		broken := append([]byte{}, data...)
		broken[at] ^= 1 << (at % 8)
		if err := os.WriteFile(path, broken, 0o600); err != nil {
			t.Fatal(err)
		}
		ro, err := OpenReadOnly(dir)
		if err != nil {
			noticed++
			continue
		}
		if _, err := ro.Verify(ctx, Trust{Checkpoints: [][]byte{receipts[2].Checkpoint.Note}}); err != nil {
			noticed++
		} else {
			harmless++
			after := collect(t, ro, Query{})
			same := len(after) == len(before)
			for i := range after {
				same = same && string(after[i].Body) == string(before[i].Body)
			}
			if !same {
				t.Errorf("byte %d: not noticed, and the events differ", at)
			}
		}
		ro.Close()
	}
	t.Logf("%d of %d flips noticed, the others in unused space", noticed, noticed+harmless)
	if noticed < 20 {
		t.Errorf("only %d flips were noticed", noticed)
	}
}
