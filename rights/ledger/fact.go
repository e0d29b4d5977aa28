package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Kind says what sort of thing an event states.
type Kind string

const (
	KindSource       Kind = "source"
	KindAgreement    Kind = "agreement"
	KindRightsHolder Kind = "rightsholder"
	KindWork         Kind = "work"
	KindCopy         Kind = "copy"
	KindLicence      Kind = "licence"
	KindReservation  Kind = "reservation"
	KindExtraction   Kind = "extraction"
	KindDataset      Kind = "dataset"
	KindDecision     Kind = "decision"
	KindModel        Kind = "model"
	KindOutput       Kind = "output"
	KindClaim        Kind = "claim"
	KindErasure      Kind = "erasure"
)

// Fact is what an event states: a value of one of this package's types, from
// [Source] to [Erasure]. A fact on a thing that earlier facts describe replaces
// them; they stay in the log.
type Fact interface {
	// about gives the event's kind, its subject, and what else it mentions.
	about() (kind Kind, subject string, mentions []string)
	// check says what is missing or wrong.
	check() error
}

// kinds holds how each kind of fact is decoded.
var kinds = map[Kind]func(json.RawMessage) (Fact, error){
	KindSource:       decodeAs[Source],
	KindAgreement:    decodeAs[Agreement],
	KindRightsHolder: decodeAs[RightsHolder],
	KindWork:         decodeAs[Work],
	KindCopy:         decodeAs[Copy],
	KindLicence:      decodeAs[Licence],
	KindReservation:  decodeAs[Reservation],
	KindExtraction:   decodeAs[Extraction],
	KindDataset:      decodeAs[Dataset],
	KindDecision:     decodeAs[Decision],
	KindModel:        decodeAs[Model],
	KindOutput:       decodeAs[Output],
	KindClaim:        decodeAs[Claim],
	KindErasure:      decodeAs[Erasure],
}

func decodeAs[F Fact](raw json.RawMessage) (Fact, error) {
	var f F
	err := json.Unmarshal(raw, &f)
	return f, err
}

// Ref names a thing that facts are about: its kind and its identifier. Sources,
// agreements, holders, works, data sets, models, outputs and claims are named
// by identifiers of the caller's choice; copies by [CopyRef].
func Ref(kind Kind, id string) string { return string(kind) + ":" + id }

// CopyRef names the copy whose content has that digest.
func CopyRef(content Digest) string { return Ref(KindCopy, content.String()) }

// refs names several things of one kind; empty identifiers are left out.
func refs(kind Kind, ids ...string) []string {
	var out []string
	for _, id := range ids {
		if id != "" {
			out = append(out, Ref(kind, id))
		}
	}
	return out
}

// maxID is the most that an identifier or reference may have, in bytes.
const maxID = 2048

func checkID(what, id string) error {
	switch {
	case id == "":
		return fmt.Errorf("the %s is empty", what)
	case len(id) > maxID:
		return fmt.Errorf("the %s has %d bytes, at most %d are allowed", what, len(id), maxID)
	case !utf8.ValidString(id) || strings.ContainsFunc(id, func(c rune) bool { return c < ' ' }):
		return fmt.Errorf("the %s %q holds control characters or is no UTF-8", what, id)
	}
	return nil
}

// checkRefs holds that each is KIND:ID.
func checkRefs(what string, names ...string) error {
	for _, n := range names {
		kind, id, _ := strings.Cut(n, ":")
		if _, ok := kinds[Kind(kind)]; !ok || id == "" {
			return fmt.Errorf("the %s %q does not name a thing; write it as Ref does", what, n)
		}
		if err := checkID(what, n); err != nil {
			return err
		}
	}
	return nil
}

// checkDates holds that each is empty or a day, written 2026-11-23.
func checkDates(days ...string) error {
	for _, d := range days {
		if _, err := time.Parse(time.DateOnly, d); d != "" && err != nil {
			return fmt.Errorf("%q is no date; write year-month-day", d)
		}
	}
	return nil
}

// checkNumbers holds that counts can be recorded.
func checkNumbers(ns ...int64) error {
	for _, n := range ns {
		if n < 0 || n > maxNumber {
			return fmt.Errorf("the number %d is not between 0 and 2^53", n)
		}
	}
	return nil
}

// checkOneOf holds that a word is one of those known.
func checkOneOf(what, word string, known ...string) error {
	for _, k := range known {
		if word == k {
			return nil
		}
	}
	return fmt.Errorf("the %s %q is none of %s", what, word, strings.Join(known, ", "))
}

// checkDigest holds that a digest is given.
func checkDigest(what string, d Digest) error {
	if d.IsZero() {
		return errors.New("the digest of the " + what + " is missing")
	}
	return nil
}
