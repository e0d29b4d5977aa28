package tflite

import (
	"encoding/binary"
	"errors"
)

// errFlat is of a file whose offsets point outside of it.
var errFlat = errors.New("tflite: the file is damaged: an offset points outside of it")

// flat reads a FlatBuffer (FlatBuffers internals, "Tables" and "Vectors").
// The first offset that points outside of the bytes is kept in bad; what is
// read from then on is zero, so that callers need to ask only once. No length is
// believed that the bytes cannot hold.
type flat struct {
	bytes []byte
	bad   bool
}

// table is a table at an offset; offset 0 is the table that is not there, all
// of whose fields are missing.
type table struct {
	f  *flat
	at int
}

func (f *flat) u32(at int) int {
	if at < 0 || at > len(f.bytes)-4 {
		f.bad = true
		return 0
	}
	v := binary.LittleEndian.Uint32(f.bytes[at:])
	if v > 1<<31-1 {
		f.bad = true
		return 0
	}
	return int(v)
}

// root is the table that the file begins with.
func (f *flat) root() table { return table{f, f.u32(0)} }

// field is where a field of size bytes lies; 0 if the table lacks it.
func (t table) field(slot, size int) int {
	if t.at == 0 || t.f.bad {
		return 0
	}
	if t.at > len(t.f.bytes)-4 {
		t.f.bad = true
		return 0
	}
	back := int(int32(binary.LittleEndian.Uint32(t.f.bytes[t.at:])))
	vtable := t.at - back
	if vtable < 0 || vtable > len(t.f.bytes)-4 {
		t.f.bad = true
		return 0
	}
	entry := 4 + 2*slot
	if entry+2 > int(binary.LittleEndian.Uint16(t.f.bytes[vtable:])) {
		return 0
	}
	if vtable+entry+2 > len(t.f.bytes) {
		t.f.bad = true
		return 0
	}
	offset := int(binary.LittleEndian.Uint16(t.f.bytes[vtable+entry:]))
	if offset == 0 {
		return 0
	}
	if t.at+offset > len(t.f.bytes)-size {
		t.f.bad = true
		return 0
	}
	return t.at + offset
}

func (t table) int32(slot, missing int) int {
	at := t.field(slot, 4)
	if at == 0 {
		return missing
	}
	return int(int32(binary.LittleEndian.Uint32(t.f.bytes[at:])))
}

func (t table) byte(slot int) int {
	at := t.field(slot, 1)
	if at == 0 {
		return 0
	}
	return int(t.f.bytes[at])
}

// table is the table that a field points to.
func (t table) table(slot int) table {
	at := t.field(slot, 4)
	if at == 0 {
		return table{t.f, 0}
	}
	return table{t.f, at + t.f.u32(at)}
}

// vector is where the elements of a vector lie, and how many there are.
func (t table) vector(slot, size int) (at, n int) {
	field := t.field(slot, 4)
	if field == 0 {
		return 0, 0
	}
	at = field + t.f.u32(field)
	n = t.f.u32(at)
	at += 4
	if t.f.bad || at > len(t.f.bytes) || n > (len(t.f.bytes)-at)/size {
		t.f.bad = true
		return 0, 0
	}
	return at, n
}

func (t table) data(slot int) []byte {
	at, n := t.vector(slot, 1)
	return t.f.bytes[at : at+n]
}

func (t table) ints(slot int) []int {
	at, n := t.vector(slot, 4)
	v := make([]int, n)
	for i := range v {
		v[i] = int(int32(binary.LittleEndian.Uint32(t.f.bytes[at+4*i:])))
	}
	return v
}

func (t table) tables(slot int) []table {
	at, n := t.vector(slot, 4)
	v := make([]table, n)
	for i := range v {
		v[i] = table{t.f, at + 4*i + t.f.u32(at+4*i)}
	}
	return v
}
