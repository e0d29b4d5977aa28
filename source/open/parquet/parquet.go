// Package parquet reads the texts and pictures of Parquet files (Apache Parquet
// format 2.12, https://github.com/apache/parquet-format) that nobody vouches
// for: columns of bytes, plain or by dictionary, also within groups and lists.
// What a file declares is held against what it has before memory is given for
// it, and no run or page unfolds beyond the limits. Libraries made for files
// that one trusts do not do that.
package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Limits bound what a file may make its reader do.
type Limits struct {
	Footer int64 // bytes of the description at the end
	Page   int64 // bytes of a page, packed or unpacked
	Rows   int64 // of a file
	Lists  int   // values of one column in a row
}

// DefaultLimits returns 32 MiB, 256 MiB, a hundred million rows and 10,000.
func DefaultLimits() Limits {
	return Limits{Footer: 32 << 20, Page: 256 << 20, Rows: 100_000_000, Lists: 10_000}
}

// Errors that reading wraps.
var (
	ErrDamaged     = errors.New("the Parquet file is damaged or cut off; fetch it again")
	ErrUnsupported = errors.New("the Parquet file has what is not read here")
)

// File is an open Parquet file. Several goroutines may read its rows.
type File struct {
	Columns []Column
	Rows    int64
	Meta    map[string]string // what its writer noted

	r      io.ReaderAt
	size   int64
	limits Limits
	groups []group
}

// Column is a leaf of the schema.
type Column struct {
	Name  string // with dots: "image.bytes", "captions.list.element"
	Bytes bool   // whether it holds texts or bytes, which alone can be read

	maxRepetition, maxDefinition int
}

// group is a row group; chunks are by column.
type group struct {
	rows   int64
	chunks []chunk
}

type chunk struct {
	path                     string
	codec                    int64
	values                   int64
	data, dictionary, packed int64 // offsets, and bytes
}

const (
	magic     = "PAR1"
	maxGroups = 1 << 15
	maxLeaves = 1 << 12
	maxChunks = 1 << 20
)

// Open reads the description of the file that r holds.
func Open(r io.ReaderAt, size int64, l Limits) (*File, error) {
	if size < 12 {
		return nil, fmt.Errorf("%w: it has %d bytes", ErrDamaged, size)
	}
	var head [4]byte
	var tail [8]byte
	if _, err := r.ReadAt(head[:], 0); err != nil {
		return nil, err
	}
	if _, err := r.ReadAt(tail[:], size-8); err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case string(tail[4:]) == "PARE":
		return nil, fmt.Errorf("%w: it is encrypted", ErrUnsupported)
	case string(head[:]) != magic || string(tail[4:]) != magic:
		return nil, fmt.Errorf("%w: it does not begin and end with %s", ErrDamaged, magic)
	}
	n := int64(binary.LittleEndian.Uint32(tail[:]))
	if n > size-12 {
		return nil, fmt.Errorf("%w: its description would have %d bytes", ErrDamaged, n)
	}
	if n > l.Footer {
		return nil, fmt.Errorf("%w: a description of %d bytes; at most %d are read", ErrUnsupported, n, l.Footer)
	}
	text := make([]byte, n)
	if _, err := r.ReadAt(text, size-8-n); err != nil {
		return nil, err
	}
	f := &File{r: r, size: size, limits: l, Meta: map[string]string{}}
	if err := f.describe(text); err != nil {
		if errors.Is(err, ErrUnsupported) {
			return nil, err
		}
		return nil, fmt.Errorf("%w: its description: %w", ErrDamaged, err)
	}
	return f, nil
}

// element is a node of the schema, which lists its nodes depth first.
type element struct {
	name               string
	physical, children int64
	repetition         int64 // 0 required, 1 optional, 2 repeated
}

const byteArray = 6

// describe reads FileMetaData.
func (f *File) describe(text []byte) error {
	t := &thrift{b: text}
	var nodes []element
	chunks := 0
	err := t.fields(typeStruct, func(id int16, typ byte) (err error) {
		switch id {
		case 2:
			return t.list(typ, 2*maxLeaves, func(_ int, typ byte) error {
				e := element{physical: -1}
				err := t.schemaElement(typ, &e)
				nodes = append(nodes, e)
				return err
			})
		case 3:
			f.Rows, err = t.int(typ)
			return err
		case 4:
			return t.list(typ, maxGroups, func(_ int, typ byte) error {
				var g group
				err := t.rowGroup(typ, &g)
				f.groups = append(f.groups, g)
				if chunks += len(g.chunks); chunks > maxChunks {
					return fmt.Errorf("it has more than %d column chunks", maxChunks)
				}
				return err
			})
		case 5:
			return t.list(typ, 1000, func(_ int, typ byte) error { return t.note(typ, f.Meta) })
		}
		return errSkip
	})
	if err != nil {
		return err
	}
	if f.Rows < 0 || f.Rows > f.limits.Rows {
		return fmt.Errorf("%w: %d rows; at most %d are read", ErrUnsupported, f.Rows, f.limits.Rows)
	}
	if len(nodes) == 0 {
		return errors.New("no schema")
	}
	rest, err := f.leaves(nodes[1:], nodes[0].children, nil, 0, 0)
	if err == nil && len(rest) > 0 {
		err = errors.New("the schema's tree does not fit together")
	}
	if err != nil {
		return err
	}
	return f.check()
}

// leaves walks n nodes and what is below them.
func (f *File) leaves(nodes []element, n int64, path []string, repetition, definition int) ([]element, error) {
	if len(path) > maxDepth {
		return nil, errors.New("the schema is nested too deeply")
	}
	for ; n > 0; n-- {
		if len(nodes) == 0 {
			return nil, errors.New("the schema's tree does not fit together")
		}
		e := nodes[0]
		nodes = nodes[1:]
		r, d := repetition, definition
		if e.repetition == 1 || e.repetition == 2 {
			d++
		}
		if e.repetition == 2 {
			r++
		}
		own := append(path[:len(path):len(path)], e.name)
		if e.children > 0 {
			var err error
			if nodes, err = f.leaves(nodes, e.children, own, r, d); err != nil {
				return nil, err
			}
			continue
		}
		f.Columns = append(f.Columns, Column{strings.Join(own, "."), e.physical == byteArray, r, d})
	}
	return nodes, nil
}

// check holds what the description says against the file.
func (f *File) check() error {
	rows := int64(0)
	for i, g := range f.groups {
		if len(g.chunks) != len(f.Columns) {
			return fmt.Errorf("row group %d has %d columns of %d", i, len(g.chunks), len(f.Columns))
		}
		if g.rows < 0 || g.rows > f.Rows-rows {
			return errors.New("its row groups have more rows than it")
		}
		rows += g.rows
		for j, c := range g.chunks {
			begin := c.begin()
			if begin < 4 || c.packed < 0 || begin > f.size || c.packed > f.size-begin {
				return fmt.Errorf("column %s lies outside the file", f.Columns[j].Name)
			}
			if c.path != f.Columns[j].Name {
				return fmt.Errorf("column %s is called %s in row group %d", f.Columns[j].Name, c.path, i)
			}
		}
	}
	if rows != f.Rows {
		return fmt.Errorf("its row groups have %d rows, it has %d", rows, f.Rows)
	}
	return nil
}

// begin is where the chunk's first page lies.
func (c chunk) begin() int64 {
	if c.dictionary > 0 && c.dictionary < c.data {
		return c.dictionary
	}
	return c.data
}
