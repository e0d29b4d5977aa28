package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Types of fields in Thrift's compact protocol (Apache Thrift,
// thrift-compact-protocol.md).
const (
	typeTrue   = 1
	typeFalse  = 2
	typeByte   = 3
	typeI16    = 4
	typeI32    = 5
	typeI64    = 6
	typeDouble = 7
	typeBinary = 8
	typeList   = 9
	typeSet    = 10
	typeMap    = 11
	typeStruct = 12
	typeUUID   = 13
)

const maxDepth = 32

var errShort = errors.New("it is cut off")

// thrift reads structures that it allocates nothing for: what they declare is
// held against the bytes that are there.
type thrift struct {
	b     []byte
	pos   int
	depth int
}

func (t *thrift) byte() (byte, error) {
	if t.pos >= len(t.b) {
		return 0, errShort
	}
	t.pos++
	return t.b[t.pos-1], nil
}

func (t *thrift) uvarint() (uint64, error) {
	v, n := binary.Uvarint(t.b[t.pos:])
	if n == 0 {
		return 0, errShort
	}
	if n < 0 {
		return 0, errors.New("a number is too large")
	}
	t.pos += n
	return v, nil
}

// int reads a zigzag number of a field of that type.
func (t *thrift) int(typ byte) (int64, error) {
	if typ == typeByte {
		b, err := t.byte()
		return int64(int8(b)), err
	}
	if typ != typeI16 && typ != typeI32 && typ != typeI64 {
		return 0, fmt.Errorf("a field of type %d should be a number", typ)
	}
	u, err := t.uvarint()
	return int64(u>>1) ^ -int64(u&1), err
}

// bytes reads a text or bytes, without a copy.
func (t *thrift) bytes(typ byte) ([]byte, error) {
	if typ != typeBinary {
		return nil, fmt.Errorf("a field of type %d should be a text", typ)
	}
	n, err := t.uvarint()
	if err != nil {
		return nil, err
	}
	if n > uint64(len(t.b)-t.pos) {
		return nil, errShort
	}
	t.pos += int(n)
	return t.b[t.pos-int(n) : t.pos], nil
}

// fields calls f for each field of a structure; f reads the value or returns
// errSkip.
func (t *thrift) fields(typ byte, f func(id int16, typ byte) error) error {
	if typ != typeStruct {
		return fmt.Errorf("a field of type %d should be a structure", typ)
	}
	if t.depth++; t.depth > maxDepth {
		return errors.New("it is nested too deeply")
	}
	defer func() { t.depth-- }()
	id := int16(0)
	for {
		head, err := t.byte()
		if err != nil || head == 0 {
			return err
		}
		if delta := head >> 4; delta != 0 {
			id += int16(delta)
		} else {
			n, err := t.int(typeI16)
			if err != nil {
				return err
			}
			id = int16(n)
		}
		err = f(id, head&15)
		if err == errSkip {
			err = t.skip(head&15, false)
		}
		if err != nil {
			return err
		}
	}
}

var errSkip = errors.New("skip")

// list calls f for each element, of which there may be at most limit.
func (t *thrift) list(typ byte, limit int, f func(i int, typ byte) error) error {
	if typ != typeList && typ != typeSet {
		return fmt.Errorf("a field of type %d should be a list", typ)
	}
	head, err := t.byte()
	if err != nil {
		return err
	}
	n := uint64(head >> 4)
	if n == 15 {
		if n, err = t.uvarint(); err != nil {
			return err
		}
	}
	if n > uint64(len(t.b)-t.pos) { // each element has a byte or more
		return errShort
	}
	if n > uint64(limit) {
		return fmt.Errorf("a list has %d elements; at most %d are read", n, limit)
	}
	for i := range int(n) {
		err := f(i, head&15)
		if err == errSkip {
			err = t.skip(head&15, true)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// skip passes over a value. A truth value is part of its field's head, but an
// element of a list has a byte.
func (t *thrift) skip(typ byte, element bool) (err error) {
	if t.depth++; t.depth > maxDepth {
		return errors.New("it is nested too deeply")
	}
	defer func() { t.depth-- }()
	switch typ {
	case typeTrue, typeFalse:
		if element {
			_, err = t.byte()
		}
	case typeByte, typeI16, typeI32, typeI64:
		_, err = t.int(typ)
	case typeDouble:
		err = t.pass(8)
	case typeUUID:
		err = t.pass(16)
	case typeBinary:
		_, err = t.bytes(typ)
	case typeList, typeSet:
		err = t.list(typ, len(t.b), func(int, byte) error { return errSkip })
	case typeMap:
		err = t.skipMap()
	case typeStruct:
		err = t.fields(typ, func(int16, byte) error { return errSkip })
	default:
		err = fmt.Errorf("there is no type %d", typ)
	}
	return err
}

func (t *thrift) skipMap() error {
	n, err := t.uvarint()
	if err != nil || n == 0 {
		return err
	}
	if n > uint64(len(t.b)-t.pos) {
		return errShort
	}
	types, err := t.byte()
	if err != nil {
		return err
	}
	for range n {
		if err := t.skip(types>>4, true); err != nil {
			return err
		}
		if err := t.skip(types&15, true); err != nil {
			return err
		}
	}
	return nil
}

func (t *thrift) pass(n int) error {
	if n > len(t.b)-t.pos {
		return errShort
	}
	t.pos += n
	return nil
}
