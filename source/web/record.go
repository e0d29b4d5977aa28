package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/source"
)

// blob is evidence or a body, kept in the object store.
type blob struct {
	Name   string `json:",omitempty"`
	Digest digest.SHA256
	Time   time.Time `json:",omitzero"`
}

// reservation and statement are those of the contract with their evidence kept
// apart.
type reservation struct {
	source.Reservation
	Kept *blob `json:",omitempty"`
}

type statement struct {
	source.Statement
	Kept *blob `json:",omitempty"`
}

// record tells how an entry ended.
type record struct {
	Why   source.Why `json:",omitempty"` // of a refusal
	Error string     `json:",omitempty"`
	To    string     `json:",omitempty"` // where a redirect leads

	Content *blob     `json:",omitempty"` // of a picture
	Taken   time.Time `json:",omitzero"`

	Reservations []reservation `json:",omitempty"`
	Statements   []statement   `json:",omitempty"`
}

// mention is what one page says of a picture.
type mention struct {
	Title      string           `json:",omitempty"`
	Creator    string           `json:",omitempty"`
	Captions   []source.Caption `json:",omitempty"`
	Statements []statement      `json:",omitempty"`

	Denied       bool          `json:",omitempty"`
	Why          string        `json:",omitempty"`
	Reservations []reservation `json:",omitempty"`
}

// put keeps evidence; the same evidence is written once for all that share it
// in seen.
func (s *state) put(e *source.Evidence, seen map[*source.Evidence]*blob) (*blob, error) {
	if e == nil {
		return nil, nil
	}
	if b, ok := seen[e]; ok {
		return b, nil
	}
	d, err := s.objects.Put(e.Data)
	if err != nil {
		return nil, err
	}
	b := &blob{e.Name, d, e.Time}
	seen[e] = b
	return b, nil
}

func (s *state) reservations(list []source.Reservation) ([]reservation, error) {
	var out []reservation
	seen := map[*source.Evidence]*blob{}
	for _, r := range list {
		b, err := s.put(r.Evidence, seen)
		if err != nil {
			return nil, err
		}
		r.Evidence = nil
		out = append(out, reservation{r, b})
	}
	return out, nil
}

func (s *state) statements(list []source.Statement) ([]statement, error) {
	var out []statement
	seen := map[*source.Evidence]*blob{}
	for _, t := range list {
		b, err := s.put(t.Evidence, seen)
		if err != nil {
			return nil, err
		}
		t.Evidence = nil
		out = append(out, statement{t, b})
	}
	return out, nil
}

// loader brings kept evidence back. It remembers a few, so that the pictures
// of a page share its bytes.
type loader struct {
	state *state
	known map[blobKey]*source.Evidence
	order []blobKey
}

type blobKey struct {
	name   string
	digest digest.SHA256
	time   int64
}

// maxShared is how many pieces of evidence are remembered.
const maxShared = 16

func (l *loader) evidence(b *blob) (*source.Evidence, error) {
	if b == nil {
		return nil, nil
	}
	key := blobKey{b.Name, b.Digest, b.Time.UnixNano()}
	if e, ok := l.known[key]; ok {
		return e, nil
	}
	data, err := l.state.objects.Get(b.Digest)
	if err != nil {
		return nil, fmt.Errorf("web: evidence %s: %w", b.Name, err)
	}
	e := &source.Evidence{Name: b.Name, Data: data, Time: b.Time}
	if l.known == nil {
		l.known = map[blobKey]*source.Evidence{}
	}
	if len(l.order) == maxShared {
		delete(l.known, l.order[0])
		l.order = l.order[1:]
	}
	l.known[key], l.order = e, append(l.order, key)
	return e, nil
}

func (l *loader) reservations(list []reservation) ([]source.Reservation, error) {
	var out []source.Reservation
	for _, r := range list {
		e, err := l.evidence(r.Kept)
		if err != nil {
			return nil, err
		}
		r.Evidence = e
		out = append(out, r.Reservation)
	}
	return out, nil
}

func (l *loader) statements(list []statement) ([]source.Statement, error) {
	var out []source.Statement
	for _, t := range list {
		e, err := l.evidence(t.Kept)
		if err != nil {
			return nil, err
		}
		t.Evidence = e
		out = append(out, t.Statement)
	}
	return out, nil
}

// mentions returns what pages say of a picture: those that reserve it first,
// then in the order of the pages' addresses; and the first page that a sitemap
// says shows it but that was not read, so that nobody knows what it reserves.
func (s *state) mentions(picture string) (list []mention, unread string, err error) {
	rows, err := s.db.Query(`SELECT via, record FROM shown WHERE picture = ? ORDER BY denied DESC, page, via LIMIT ?`, picture, maxMentions)
	if err != nil {
		return nil, "", err
	}
	defer rows.Close()
	var vias []string
	for rows.Next() {
		var m mention
		var via, text string
		if err := rows.Scan(&via, &text); err != nil {
			return nil, "", err
		}
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			return nil, "", err
		}
		list = append(list, m)
		if via != "" {
			vias = append(vias, via)
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, "", err
	}
	for _, via := range vias {
		end, err := s.end(entry{Kind: pageKind, URL: via})
		if err != nil {
			return nil, "", err
		}
		if end.State != done {
			return list, via, nil
		}
	}
	return list, "", nil
}

// maxMentions is how many pages are asked about a picture that they show.
const maxMentions = 64

// end follows redirects from an entry to where they lead so far.
func (s *state) end(e entry) (entry, error) {
	for range 2 * maxHops {
		got, ok, err := s.get(e.Kind, e.URL)
		if err != nil || !ok {
			return e, err
		}
		if e = got; e.State != moved {
			return e, nil
		}
		r, err := e.result()
		if err != nil {
			return e, err
		}
		e.URL, e.State = r.To, waiting
	}
	return e, nil
}

// result reads how an entry ended.
func (e entry) result() (record, error) {
	var r record
	if e.record.Valid {
		if err := json.Unmarshal([]byte(e.record.String), &r); err != nil {
			return r, fmt.Errorf("web: the crawl's state of %s: %w", e.URL, err)
		}
	}
	return r, nil
}
