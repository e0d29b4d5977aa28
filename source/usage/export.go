package usage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"time"
)

// Own is all that a store knows of one user.
type Own struct {
	User     string       `json:"user"`
	Consents []OwnConsent `json:"consents"`
	Events   []Event      `json:"events"`
}

// OwnConsent is a consent with its times.
type OwnConsent struct {
	Terms
	Given     time.Time `json:"given"`
	Withdrawn time.Time `json:"withdrawn,omitzero"`
}

// Export writes all that the store knows of a user as JSON, an [Own].
func (s *Store) Export(ctx context.Context, user string, w io.Writer) error {
	own := Own{User: user, Consents: []OwnConsent{}, Events: []Event{}}
	err := s.change(ctx, func(tx *sql.Tx) error {
		return errors.Join(own.readConsents(tx), own.readEvents(tx))
	})
	if err != nil {
		return wrap(err)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(own)
}

func (o *Own) readConsents(tx *sql.Tx) error {
	rows, err := tx.Query(`SELECT words, purposes, given, coalesce(withdrawn, '') FROM consent c JOIN terms t ON t.id = c.terms WHERE user = ? ORDER BY c.id`, o.User)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var c OwnConsent
		var list, given, withdrawn string
		if err := rows.Scan(&c.Words, &list, &given, &withdrawn); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(list), &c.Purposes); err != nil {
			return err
		}
		if c.Given, err = time.Parse(stamp, given); err != nil {
			return err
		}
		if withdrawn != "" {
			if c.Withdrawn, err = time.Parse(stamp, withdrawn); err != nil {
				return err
			}
		}
		o.Consents = append(o.Consents, c)
	}
	return rows.Err()
}

func (o *Own) readEvents(tx *sql.Tx) error {
	rows, err := tx.Query(`SELECT action, picture, result, prompt, seed, model, weights, root, time
FROM event e JOIN consent c ON c.id = e.consent JOIN picture p ON p.id = e.picture WHERE user = ? ORDER BY seq`, o.User)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var e Event
		var picture, result, weights []byte
		var seed int64
		var at string
		if err := rows.Scan(&e.Action, &picture, &result, &e.Prompt, &seed, &e.Model.Name, &weights, &e.Model.Root, &at); err != nil {
			return err
		}
		e.Picture, e.Result, e.Model.Weights, e.Seed = digestOf(picture), digestOf(result), digestOf(weights), uint64(seed)
		if e.Time, err = time.Parse(stamp, at); err != nil {
			return err
		}
		o.Events = append(o.Events, e)
	}
	return rows.Err()
}
