package ledger

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/gowebpki/jcs"
)

// Event is one entry of the log.
type Event struct {
	Seq      int64     // its place, from 0
	Time     time.Time // when it was recorded, by the recording machine's clock; UTC, microseconds
	Actor    string    // who recorded it: a person, or a program and its version
	Kind     Kind
	Subject  string   // what it is about, as [Ref] writes it
	Mentions []string // what else it names, likewise
	Evidence []Digest // what proves it
	// Fact is what the event states, as a value of this package's types; nil if
	// a later version of Limner wrote a kind that this one does not know.
	Fact Fact
	// Body is the event as it is hashed: JSON in the canonical form of RFC 8785.
	// SHA-256 over a zero byte and Body is its leaf of the Merkle tree (RFC
	// 6962, section 2.1).
	Body []byte
}

// envelope is the form of an event's body.
type envelope struct {
	V        int             `json:"v"`
	Seq      int64           `json:"seq"`
	Time     string          `json:"time"`
	Actor    string          `json:"actor"`
	Kind     Kind            `json:"kind"`
	Subject  string          `json:"subject"`
	Mentions []string        `json:"mentions,omitempty"`
	Evidence []Digest        `json:"evidence,omitempty"`
	Fact     json.RawMessage `json:"fact"`
}

const (
	envelopeVersion = 1
	timeForm        = "2006-01-02T15:04:05.000000Z"
	maxBody         = 1 << 20   // bytes of one event
	maxNumber       = 1<<53 - 1 // the largest integer that RFC 8785 keeps exactly
)

// encode gives the event's body; e.Fact must hold, e.Body is set.
func (e *Event) encode() error {
	fact, err := json.Marshal(e.Fact)
	if err != nil {
		return fmt.Errorf("cannot encode %s: %w", e.Subject, err)
	}
	plain, err := json.Marshal(envelope{
		V: envelopeVersion, Seq: e.Seq, Time: e.Time.Format(timeForm), Actor: e.Actor, Kind: e.Kind,
		Subject: e.Subject, Mentions: e.Mentions, Evidence: e.Evidence, Fact: fact,
	})
	if err != nil {
		return fmt.Errorf("cannot encode %s: %w", e.Subject, err)
	}
	if e.Body, err = jcs.Transform(plain); err != nil {
		return fmt.Errorf("cannot encode %s: %w", e.Subject, err)
	}
	if len(e.Body) > maxBody {
		return fmt.Errorf("the event on %s has %d bytes, at most %d are recorded; keep the larger part as evidence", e.Subject, len(e.Body), maxBody)
	}
	return nil
}

// decodeEvent reads a body. What it accepts is canonical: encoding it again
// gives the same bytes.
func decodeEvent(body []byte) (Event, error) {
	if len(body) > maxBody {
		return Event{}, fmt.Errorf("an event of %d bytes: at most %d are read", len(body), maxBody)
	}
	var env envelope
	if err := json.Unmarshal(body, &env); err != nil {
		return Event{}, fmt.Errorf("cannot read an event: %w", err)
	}
	if env.V != envelopeVersion {
		return Event{}, fmt.Errorf("event %d has form %d, this Limner reads form %d; use a newer one", env.Seq, env.V, envelopeVersion)
	}
	if canonical, err := jcs.Transform(body); err != nil || string(canonical) != string(body) {
		return Event{}, fmt.Errorf("event %d is not in canonical form", env.Seq)
	}
	at, err := time.Parse(timeForm, env.Time)
	if err != nil {
		return Event{}, fmt.Errorf("event %d: %w", env.Seq, err)
	}
	e := Event{Seq: env.Seq, Time: at, Actor: env.Actor, Kind: env.Kind, Subject: env.Subject,
		Mentions: env.Mentions, Evidence: env.Evidence, Body: body}
	if decode, ok := kinds[env.Kind]; ok {
		if e.Fact, err = decode(env.Fact); err != nil {
			return Event{}, fmt.Errorf("event %d, %s: %w", env.Seq, env.Kind, err)
		}
	}
	return e, nil
}

// newEvent makes an event of a fact, checking it; place and time come later.
func newEvent(actor string, f Fact, evidence []Digest) (Event, error) {
	kind, subject, mentions := f.about()
	if err := f.check(); err != nil {
		return Event{}, fmt.Errorf("cannot record the %s %q: %w", kind, subject, err)
	}
	slices.Sort(mentions)
	mentions = slices.DeleteFunc(slices.Compact(mentions), func(m string) bool { return m == subject })
	evidence = slices.Clone(evidence)
	slices.SortFunc(evidence, Digest.compare)
	return Event{Actor: actor, Kind: kind, Subject: subject, Mentions: mentions, Evidence: slices.Compact(evidence), Fact: f}, nil
}
