package parquet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
)

// Row is one row.
type Row struct {
	Number int64 // from 0
	// Values holds, for each column that was asked for, its values in this row:
	// none if it is absent, several for a list. They are good until the next
	// row.
	Values [][][]byte
}

// Read gives the rows of the columns of those names, of which each must hold
// bytes. One page of each column is held. An error ends the rows.
func (f *File) Read(ctx context.Context, names ...string) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		var columns []int
		for _, name := range names {
			i := slices.IndexFunc(f.Columns, func(c Column) bool { return c.Name == name })
			if i < 0 || !f.Columns[i].Bytes {
				yield(Row{}, fmt.Errorf("there is no column %s that holds texts or bytes", name))
				return
			}
			columns = append(columns, i)
		}
		row := Row{Values: make([][][]byte, len(columns))}
		for _, g := range f.groups {
			if !f.readGroup(ctx, g, columns, &row, yield) {
				return
			}
		}
	}
}

func (f *File) readGroup(ctx context.Context, g group, columns []int, row *Row, yield func(Row, error) bool) bool {
	readers := make([]*column, len(columns))
	for i, c := range columns {
		at := g.chunks[c]
		readers[i] = &column{file: f, Column: f.Columns[c], at: at.begin(), end: at.begin() + at.packed, left: at.values, unpacker: unpacker{codec: at.codec}}
		defer readers[i].unpacker.close()
	}
	for range g.rows {
		err := ctx.Err()
		for i, r := range readers {
			if err == nil {
				row.Values[i], err = r.row(row.Values[i][:0])
				if err != nil && !errors.Is(err, ErrUnsupported) {
					err = fmt.Errorf("%w: row %d of column %s: %w", ErrDamaged, row.Number, r.Name, err)
				}
			}
		}
		if err != nil {
			yield(Row{}, err)
			return false
		}
		if !yield(*row, nil) {
			return false
		}
		row.Number++
	}
	return true
}

const (
	dataPage       = 0
	dictionaryPage = 2
	dataPageV2     = 3
)

// column reads one column chunk.
type column struct {
	Column
	file       *File
	at, end    int64 // of what was not read
	left       int64 // values
	unpacker   unpacker
	dictionary [][]byte
	page       *page

	// A list's end is only known from the beginning of the next row.
	ahead   bool
	value   []byte
	present bool
}

// row appends the values of the next row.
func (c *column) row(values [][]byte) ([][]byte, error) {
	for n := 0; ; n++ {
		if !c.ahead {
			more, first, err := c.advance()
			if err != nil {
				return nil, err
			}
			switch {
			case !more && n == 0:
				return nil, errShort
			case !more:
				return values, nil
			case first && n > 0:
				c.ahead = true
				return values, nil
			case !first && n == 0:
				return nil, errors.New("it begins in the middle of a row")
			}
		}
		c.ahead = false
		if c.present {
			values = append(values, c.value)
		}
		if len(values) > c.file.limits.Lists {
			return nil, fmt.Errorf("%w: a list of more than %d values", ErrUnsupported, c.file.limits.Lists)
		}
		if c.maxRepetition == 0 {
			return values, nil
		}
		if n > 100*c.file.limits.Lists {
			return nil, fmt.Errorf("%w: a list of too many absent values", ErrUnsupported)
		}
	}
}

// advance reads the next value, from the next page if need be.
func (c *column) advance() (more, first bool, err error) {
	for c.page == nil || c.page.left == 0 {
		if c.left <= 0 || c.at >= c.end {
			return false, false, nil
		}
		if err := c.nextPage(); err != nil {
			return false, false, err
		}
	}
	c.value, c.present, first, err = c.page.next()
	return true, first, err
}

func (c *column) nextPage() error {
	h, data, err := c.readPage()
	if err != nil {
		return err
	}
	switch h.typ {
	case dictionaryPage:
		if c.dictionary != nil {
			return errors.New("it has two dictionaries")
		}
		if data, err = c.unpacker.unpack(data, h.unpacked); err != nil {
			return err
		}
		c.dictionary, err = readDictionary(h, data)
		return err
	case dataPage, dataPageV2:
		if h.values > c.left {
			return errors.New("its pages have more values than it")
		}
		c.left -= h.values
		c.page, err = newPage(h, data, c.Column, c.dictionary, c.unpacker.unpack)
		return err
	}
	return nil // an index page, or one of a later version
}

// readPage reads a page's header and its bytes. Headers are short, unless their
// writer put the least and greatest picture there.
func (c *column) readPage() (h pageHeader, data []byte, err error) {
	for size := int64(512); ; size *= 16 {
		window := make([]byte, min(size, c.end-c.at))
		if _, err := c.file.r.ReadAt(window, c.at); err != nil && err != io.EOF {
			return h, nil, err
		}
		t := &thrift{b: window}
		h = pageHeader{}
		if err = t.pageHeader(&h); err == nil {
			c.at += int64(t.pos)
			break
		}
		if !errors.Is(err, errShort) || int64(len(window)) < size || size > max(c.file.limits.Page, 1<<20) {
			return h, nil, err
		}
	}
	limit := c.file.limits.Page
	switch {
	case h.packed < 0 || h.unpacked < 0 || h.values < 0 || h.packed > c.end-c.at:
		return h, nil, errShort
	case h.packed > limit || h.unpacked > limit:
		return h, nil, fmt.Errorf("%w: a page of %d bytes; at most %d are read", ErrUnsupported, max(h.packed, h.unpacked), limit)
	}
	data = make([]byte, h.packed)
	if _, err := c.file.r.ReadAt(data, c.at); err != nil && err != io.EOF {
		return h, nil, err
	}
	c.at += h.packed
	return h, data, checksum(h, data)
}
