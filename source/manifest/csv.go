package manifest

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/limner-ai/limner/source"
)

// readCSV reads a table as RFC 4180 describes it.
func readCSV(l *lines, n *names, yield func(Entry, error) bool) error {
	head, _ := l.buf.Peek(l.buf.Size())
	first, _, _ := bytes.Cut(head, []byte("\n"))
	if !utf8.Valid(first) {
		return fmt.Errorf("the header: %w", ErrNotText)
	}
	r := csv.NewReader(l)
	r.Comma = separator(first)
	r.FieldsPerRecord = -1
	r.ReuseRecord = true
	header, err := r.Read()
	if err == io.EOF {
		return errors.New("the manifest is empty; its first line must name the columns")
	}
	if err != nil {
		return fmt.Errorf("the header: %w", err)
	}
	columns := make([]string, len(header))
	for i, h := range header {
		columns[i] = n.field(h)
	}
	if err := n.check(columns, header); err != nil {
		return err
	}
	for {
		l.begin()
		record, err := r.Read()
		var parse *csv.ParseError
		switch {
		case err == io.EOF:
			return nil
		case errors.Is(err, errTooLong):
			return fmt.Errorf("after line %d: a record of more than %d bytes; is a quotation mark missing?", line(r), l.max)
		case errors.As(err, &parse):
			if !yield(Entry{}, &Fault{int64(parse.StartLine), source.Malformed, parse.Err}) {
				return errStop
			}
			continue
		case err != nil:
			return err
		}
		e, err := row(record, columns, line(r))
		if !yield(e, err) {
			return errStop
		}
	}
}

func line(r *csv.Reader) int64 {
	n, _ := r.FieldPos(0)
	return int64(n)
}

// separator tells what separates columns: of comma, semicolon and tab, which is
// most often in the header.
func separator(header []byte) rune {
	best, most := ',', bytes.Count(header, []byte(","))
	for _, s := range ";\t" {
		if n := bytes.Count(header, []byte(string(s))); n > most {
			best, most = s, n
		}
	}
	return best
}

func row(record, columns []string, at int64) (Entry, error) {
	if len(record) != len(columns) {
		return Entry{}, &Fault{at, source.Malformed, fmt.Errorf("it has %d columns, the header has %d", len(record), len(columns))}
	}
	b := builder{Entry: Entry{Line: at}}
	for i, v := range record {
		if !utf8.ValidString(v) {
			return Entry{}, &Fault{at, source.Malformed, ErrNotText}
		}
		if v = strings.TrimSpace(v); v != "" && columns[i] != "" {
			b.set(columns[i], v)
		}
	}
	if b.Licence != "" || b.Holder != "" {
		b.Raw = strings.Join(record, "\t")
	}
	return b.entry()
}
