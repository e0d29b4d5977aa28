package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/limner-ai/limner/source"
)

// readJSONL reads an object from each line (jsonlines.org).
func readJSONL(l *lines, n *names, limits Limits, yield func(Entry, error) bool) error {
	for {
		text, err := l.next()
		switch {
		case err == io.EOF:
			return nil
		case errors.Is(err, errTooLong):
			err = &Fault{l.line, source.TooLarge, fmt.Errorf("it has more than %d bytes", l.max)}
		case err != nil:
			return err
		case len(bytes.TrimSpace(text)) == 0:
			continue
		case !utf8.Valid(text):
			err = &Fault{l.line, source.Malformed, ErrNotText}
		}
		if err == nil {
			err = object(text, l.line, n, limits, yield)
		}
		var fault *Fault
		switch {
		case err == nil:
		case !errors.As(err, &fault):
			return err
		case !yield(Entry{}, err):
			return errStop
		}
	}
}

// object yields the entries of one line.
func object(text []byte, at int64, n *names, limits Limits, yield func(Entry, error) bool) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return &Fault{at, source.Malformed, fmt.Errorf("no JSON object: %w", err)}
	}
	post := builder{Entry: Entry{Line: at}}
	var media []json.RawMessage
	listed := false
	for _, key := range slices.Sorted(maps.Keys(members)) {
		raw := members[key]
		switch field := n.field(key); field {
		case "":
		case "media":
			if string(raw) == "null" {
				continue
			}
			listed = true
			if err := json.Unmarshal(raw, &media); err != nil {
				return &Fault{at, source.Malformed, fmt.Errorf("%s is no list", key)}
			}
		default:
			post.setJSON(field, raw)
		}
	}
	if post.Licence != "" || post.Holder != "" {
		post.Raw = string(text)
	}
	if !listed {
		if post.text && post.path == "" && post.URL == "" && post.SHA256 == nil && post.err == nil {
			return nil // a post without pictures
		}
		e, err := post.entry()
		return pass(e, err, yield)
	}
	if len(media) > limits.Media {
		return &Fault{at, source.TooLarge, fmt.Errorf("it lists %d files; at most %d are read", len(media), limits.Media)}
	}
	for i, raw := range media {
		e, err := medium(post, raw, n)
		if err != nil {
			err = &Fault{at, why(err), fmt.Errorf("media[%d]: %w", i, reason(err))}
		}
		if err := pass(e, err, yield); err != nil {
			return err
		}
	}
	return nil
}

func pass(e Entry, err error, yield func(Entry, error) bool) error {
	if !yield(e, err) {
		return errStop
	}
	return nil
}

// medium reads one file that a post lists.
func medium(post builder, raw json.RawMessage, n *names) (Entry, error) {
	b := post
	b.Keywords = append([]string(nil), post.Keywords...)
	var place string
	if json.Unmarshal(raw, &place) == nil {
		if strings.Contains(place, "://") {
			b.set("url", place)
		} else {
			b.set("path", place)
		}
		return b.entry()
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil || members == nil {
		return Entry{}, &Fault{b.Line, source.Malformed, errors.New("neither an object nor a path")}
	}
	for _, key := range slices.Sorted(maps.Keys(members)) {
		if field := n.field(key); field != "" && field != "media" {
			b.setJSON(field, members[key])
		}
	}
	if b.Raw == "" && (b.Licence != "" || b.Holder != "") {
		b.Raw = string(raw)
	}
	return b.entry()
}

func why(err error) source.Why {
	var f *Fault
	if errors.As(err, &f) {
		return f.Why
	}
	return source.Malformed
}

func reason(err error) error {
	var f *Fault
	if errors.As(err, &f) {
		return f.Err
	}
	return err
}
