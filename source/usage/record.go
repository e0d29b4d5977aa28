package usage

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/limner-ai/limner/internal/digest"
)

// Action is what a user did with a picture.
type Action string

// The actions.
const (
	Kept       Action = "kept"
	Edited     Action = "edited"
	Discarded  Action = "discarded"
	Skipped    Action = "skipped" // went on without a choice
	Downloaded Action = "downloaded"
)

// Model is what generated a picture.
type Model struct {
	Name    string        `json:"name"`
	Weights digest.SHA256 `json:"weights"` // of the model's file
	Root    string        `json:"root"`    // of the data set that it was trained on; empty if unknown
}

// Event is one thing that a user did.
type Event struct {
	User    string        `json:"-"`
	Action  Action        `json:"action"`
	Picture digest.SHA256 `json:"picture"`         // SHA-256 of the generated file
	Result  digest.SHA256 `json:"result,omitzero"` // of the file that editing made
	Prompt  string        `json:"prompt"`
	Seed    uint64        `json:"seed"`
	Model   Model         `json:"model"`
	Time    time.Time     `json:"time"` // the present, if zero
}

const (
	maxPicture = 64 << 20 // bytes
	maxText    = 64 << 10 // bytes of a prompt or name
)

// Consent records that a user consents to the terms from now on. An earlier
// consent to others ends.
func (s *Store) Consent(ctx context.Context, user string, t Terms) error {
	if err := errors.Join(text("user", user, false), t.check()); err != nil {
		return fmt.Errorf("usage: %w", err)
	}
	id, now := t.ID(), s.now().UTC().Format(stamp)
	list, err := json.Marshal(t.Purposes)
	if err != nil {
		return err
	}
	return wrap(s.change(ctx, func(tx *sql.Tx) error {
		var was []byte
		err := tx.QueryRow(sqlCurrent, user).Scan(new(int64), &was, new(string))
		if err == nil && string(was) == string(id[:]) {
			return nil
		}
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if _, err := tx.Exec(sqlEnd, now, user); err != nil {
			return err
		}
		if _, err := tx.Exec(sqlTerms, id[:], t.Words, string(list)); err != nil {
			return err
		}
		_, err = tx.Exec(sqlConsent, user, id[:], now)
		return err
	}))
}

// Withdraw ends a user's consent. What was recorded under it is no longer used;
// Erase removes it. It is no error to withdraw twice.
func (s *Store) Withdraw(ctx context.Context, user string) error {
	return wrap(s.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec(sqlEnd, s.now().UTC().Format(stamp), user)
		return err
	}))
}

// Record keeps an event of a user who has consented; ErrNoConsent otherwise.
// Picture, if not nil, is the generated file, which is kept with it: only
// pictures that were kept can be learnt from.
func (s *Store) Record(ctx context.Context, e Event, picture []byte) error {
	if err := e.check(picture); err != nil {
		return fmt.Errorf("usage: %w", err)
	}
	if e.Time.IsZero() {
		e.Time = s.now()
	}
	err := s.change(ctx, func(tx *sql.Tx) error {
		var consent int64
		var given string
		err := tx.QueryRow(sqlCurrent, e.User).Scan(&consent, new([]byte), &given)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNoConsent
		}
		if err != nil {
			return err
		}
		at := e.Time.UTC().Format(stamp)
		if at < given {
			return fmt.Errorf("%w (the event is from before the consent)", ErrNoConsent)
		}
		m := e.Model
		facts := []any{e.Prompt, int64(e.Seed), m.Name, m.Weights[:], m.Root}
		if _, err := tx.Exec(sqlPicture, append([]any{e.Picture[:]}, facts...)...); err != nil {
			return err
		}
		var same bool
		if err := tx.QueryRow(sqlSame, append(facts, e.Picture[:])...).Scan(&same); err != nil {
			return err
		}
		if !same {
			return fmt.Errorf("the picture %s was recorded with another prompt, seed or model", e.Picture)
		}
		var result any
		if e.Result != (digest.SHA256{}) {
			result = e.Result[:]
		}
		if _, err := tx.Exec(sqlEvent, consent, string(e.Action), e.Picture[:], result, at); err != nil || picture == nil {
			return err
		}
		if _, err := s.pictures.Put(picture); err != nil {
			return err
		}
		if _, err := tx.Exec(sqlKeep, e.Picture[:]); err != nil {
			return err
		}
		_, err = tx.Exec(sqlSpare, e.Picture[:])
		return err
	})
	return wrap(err)
}

func (e Event) check(picture []byte) error {
	if !slices.Contains([]Action{Kept, Edited, Discarded, Skipped, Downloaded}, e.Action) {
		return fmt.Errorf("%q is no action; it is one of kept, edited, discarded, skipped, downloaded", e.Action)
	}
	switch {
	case e.Picture == digest.SHA256{}:
		return errors.New("an event needs the picture's digest")
	case e.Result != digest.SHA256{} && e.Action != Edited:
		return errors.New("only editing has a result")
	case len(picture) > maxPicture:
		return fmt.Errorf("a picture of more than %d bytes is not kept", maxPicture)
	case picture != nil && sha256.Sum256(picture) != e.Picture:
		return errors.New("the picture is not that of the digest")
	}
	return errors.Join(text("user", e.User, false), text("prompt", e.Prompt, true),
		text("the model's name", e.Model.Name, false), text("the data set's root", e.Model.Root, true))
}

func text(what, s string, mayBeEmpty bool) error {
	switch {
	case s == "" && !mayBeEmpty:
		return fmt.Errorf("%s is empty", what)
	case len(s) > maxText:
		return fmt.Errorf("%s has more than %d bytes", what, maxText)
	case !utf8.ValidString(s):
		return fmt.Errorf("%s is not UTF-8", what)
	}
	return nil
}

func wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("usage: %w", err)
}
