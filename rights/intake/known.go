package intake

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/limner-ai/limner/rights/ledger"
)

// recalled is what the ledger holds about some content.
type recalled struct {
	erased  bool          // an upheld claim erased the bytes
	any     *ledger.Copy  // a copy from anywhere
	here    *ledger.Event // the newest copy from this path of this source
	current statements    // about this path of this source
}

func recall(ctx context.Context, l *ledger.Ledger, content ledger.Digest, id, path string) (recalled, error) {
	r := recalled{current: statements{}}
	q := ledger.Query{Subject: ledger.CopyRef(content), Kinds: []ledger.Kind{ledger.KindCopy, ledger.KindLicence, ledger.KindReservation}}
	for e, err := range l.Events(ctx, q) {
		if err != nil {
			return r, err
		}
		switch f := e.Fact.(type) {
		case ledger.Copy:
			r.erased = f.State == "erased"
			if f.MediaType != "" {
				r.any = &f
			}
			if f.Source == id && f.Path == path {
				r.here = &e
			}
		case ledger.Licence:
			if f.Source == id && f.Path == path {
				r.current.note(f)
			}
		case ledger.Reservation:
			if f.Source == id && f.Path == path {
				r.current.note(f)
			}
		}
	}
	return r, nil
}

// statements are those that hold now, by what tells them apart.
type statements map[string]ledger.Fact

// key tells statements on one thing apart: the same words at the same place
// are the same statement.
func key(f ledger.Fact) string {
	switch f := f.(type) {
	case ledger.Licence:
		return strings.Join([]string{"l", f.Form, f.Where, f.Flag, f.Written}, "\x00")
	case ledger.Reservation:
		return strings.Join([]string{"r", f.Protocol, f.Where, f.Raw}, "\x00")
	}
	return ""
}

func (s statements) note(f ledger.Fact) {
	gone := false
	switch f := f.(type) {
	case ledger.Licence:
		gone = f.Withdrawn
	case ledger.Reservation:
		gone = f.Withdrawn
	}
	if gone {
		delete(s, key(f))
	} else {
		s[key(f)] = f
	}
}

// differences gives what has to be recorded so that now is what holds: what is
// new or other than before, and the withdrawal of what is gone.
func (s statements) differences(now []stated) []stated {
	var out []stated
	seen := map[string]bool{}
	for _, n := range now {
		k := key(n.fact)
		if seen[k] {
			continue
		}
		seen[k] = true
		if was, ok := s[k]; !ok || !same(was, n.fact) {
			out = append(out, n)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(s)) {
		if !seen[k] {
			out = append(out, stated{fact: withdrawn(s[k])})
		}
	}
	return out
}

// same reports whether a statement needs not be recorded again. One that was
// only observed anew needs to be when the earlier observation has run out.
func same(was, now ledger.Fact) bool {
	w, ok := was.(ledger.Reservation)
	n, ok2 := now.(ledger.Reservation)
	if !ok || !ok2 {
		return was == now
	}
	if !w.Expires.IsZero() && n.Observed.Before(w.Expires) || w.Expires.IsZero() && n.Expires.IsZero() {
		w.Observed, w.Expires = n.Observed, n.Expires
	}
	return w == n
}

func withdrawn(f ledger.Fact) ledger.Fact {
	switch f := f.(type) {
	case ledger.Licence:
		f.Withdrawn = true
		return f
	case ledger.Reservation:
		f.Withdrawn = true
		return f
	}
	return f
}
