package web

import (
	"database/sql"
	"encoding/json"
	"errors"
	"time"
)

// entry is an address that the crawl knows.
type entry struct {
	Kind  int
	URL   string
	Round int // pages in the breadth-first order; pictures that of their page
	Depth int // links from a seed
	Hops  int // redirects that led here
	State int
	// record tells how it ended, as JSON.
	record sql.NullString
}

// hopRound puts the targets of pictures' redirects behind all other pictures.
const hopRound = 1 << 20

type executor interface {
	Exec(query string, args ...any) (sql.Result, error)
}

// add notes an address. One that is known and waits keeps its round, and the
// shortest way to it, whoever finds it first.
func add(tx executor, e entry) error {
	_, err := tx.Exec(`INSERT INTO frontier (kind, url, host, round, depth, hops, state) VALUES (?, ?, ?, ?, ?, ?, 0)
		ON CONFLICT DO UPDATE SET depth = min(depth, excluded.depth), hops = min(hops, excluded.hops) WHERE state = 0`,
		e.Kind, e.URL, hostOf(e.URL), e.Round, e.Depth, e.Hops)
	return err
}

const columns = `SELECT kind, url, round, depth, hops, state, record FROM frontier `

func (s *state) one(query string, args ...any) (entry, bool, error) {
	var e entry
	err := s.db.QueryRow(columns+query, args...).Scan(&e.Kind, &e.URL, &e.Round, &e.Depth, &e.Hops, &e.State, &e.record)
	if errors.Is(err, sql.ErrNoRows) {
		return e, false, nil
	}
	return e, err == nil, err
}

// next returns the first entry of a host that waits, not behind the last.
func (s *state) next(host string, last entry) (entry, bool, error) {
	return s.one(`WHERE kind = ? AND state = 0 AND host = ? AND (round, url) <= (?, ?) ORDER BY round, url LIMIT 1`,
		last.Kind, host, last.Round, last.URL)
}

// after returns the entry that follows another one.
func (s *state) after(e entry) (entry, bool, error) {
	return s.one(`WHERE kind = ? AND (round, url) > (?, ?) ORDER BY round, url LIMIT 1`, e.Kind, e.Round, e.URL)
}

// ahead returns the entry that is n behind another one, or the last.
func (s *state) ahead(e entry, n int) (entry, bool, error) {
	got, ok, err := s.one(`WHERE kind = ? AND (round, url) > (?, ?) ORDER BY round, url LIMIT 1 OFFSET ?`, e.Kind, e.Round, e.URL, n-1)
	if ok || err != nil {
		return got, ok, err
	}
	return s.one(`WHERE kind = ? AND (round, url) > (?, ?) ORDER BY round DESC, url DESC LIMIT 1`, e.Kind, e.Round, e.URL)
}

func (s *state) get(kind int, address string) (entry, bool, error) {
	return s.one(`WHERE kind = ? AND url = ?`, kind, address)
}

// hosts lists those that have entries waiting, not behind the last.
func (s *state) hosts(last entry) ([]string, error) {
	rows, err := s.db.Query(`SELECT DISTINCT host FROM frontier WHERE kind = ? AND state = 0 AND (round, url) <= (?, ?) ORDER BY host`,
		last.Kind, last.Round, last.URL)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var hosts []string
	for rows.Next() {
		var h string
		if err := rows.Scan(&h); err != nil {
			return nil, err
		}
		hosts = append(hosts, h)
	}
	return hosts, rows.Err()
}

// finish notes how an entry ended, together with what it led to.
func (s *state) finish(e entry, to int, r record, found func(tx *sql.Tx) error) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return s.within(func(tx *sql.Tx) error {
		if found != nil {
			if err := found(tx); err != nil {
				return err
			}
		}
		_, err := tx.Exec(`UPDATE frontier SET state = ?, record = ? WHERE kind = ? AND url = ?`, to, string(text), e.Kind, e.URL)
		return err
	})
}

// prune drops of what waits the addresses beyond the limits: of too many hosts
// those that were found last, and of a host those that come last.
func (s *state) prune(kind, maxHosts, perHost int) (dropped int64, err error) {
	err = s.within(func(tx *sql.Tx) error {
		done, err := tx.Exec(`DELETE FROM frontier WHERE kind = ?1 AND state = 0 AND host NOT IN
			(SELECT host FROM frontier GROUP BY host ORDER BY min(round), host LIMIT ?2)`, kind, maxHosts)
		if err != nil {
			return err
		}
		dropped, err = done.RowsAffected()
		if err != nil || perHost == 0 {
			return err
		}
		done, err = tx.Exec(`DELETE FROM frontier WHERE kind = ?1 AND state = 0 AND url IN
			(SELECT url FROM (SELECT url, row_number() OVER (PARTITION BY host ORDER BY round, url) AS n FROM frontier WHERE kind = ?1) WHERE n > ?2)`, kind, perHost)
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		dropped += n
		return err
	})
	return dropped, err
}

// spent adds to the bytes that were received of a host and returns their sum.
func (s *state) spent(host string, n int64) (int64, error) {
	_, err := s.db.Exec(`INSERT INTO host VALUES (?, ?) ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes`, host, n)
	if err != nil {
		return 0, err
	}
	var sum int64
	err = s.db.QueryRow(`SELECT bytes FROM host WHERE host = ?`, host).Scan(&sum)
	return sum, err
}

// answer returns what is kept of the last answer for an address.
func (s *state) answer(address string) (answerRecord, bool, error) {
	var a answerRecord
	var text []byte
	err := s.db.QueryRow(`SELECT record FROM answer WHERE url = ?`, address).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return a, false, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &a)
	}
	return a, err == nil, err
}

func (s *state) keep(address string, a answerRecord) error {
	text, err := json.Marshal(a)
	if err != nil {
		return err
	}
	body := ""
	if a.Body != nil {
		body = a.Body.Digest.String()
	}
	_, err = s.db.Exec(`INSERT OR REPLACE INTO answer VALUES (?, ?, ?)`, address, body, string(text))
	return err
}

// forget drops an answer, and the picture that came with it if no other answer
// has the same.
func (s *state) forget(address string) error {
	a, ok, err := s.answer(address)
	if !ok || err != nil {
		return err
	}
	if _, err := s.db.Exec(`DELETE FROM answer WHERE url = ?`, address); err != nil || a.Body == nil {
		return err
	}
	var others int
	err = s.db.QueryRow(`SELECT count(*) FROM answer WHERE body = ?`, a.Body.Digest.String()).Scan(&others)
	if err != nil || others > 0 {
		return err
	}
	return s.objects.Erase(a.Body.Digest)
}

// fresh reports whether an answer may be used without asking again.
func (a answerRecord) fresh(now time.Time, age time.Duration) bool {
	return !now.Before(a.Time) && now.Sub(a.Time) < age
}
