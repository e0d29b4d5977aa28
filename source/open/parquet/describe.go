package parquet

import "strings"

// schemaElement reads a SchemaElement.
func (t *thrift) schemaElement(typ byte, e *element) error {
	return t.fields(typ, func(id int16, typ byte) (err error) {
		switch id {
		case 1:
			e.physical, err = t.int(typ)
		case 3:
			e.repetition, err = t.int(typ)
		case 4:
			var name []byte
			name, err = t.bytes(typ)
			e.name = string(name)
		case 5:
			e.children, err = t.int(typ)
		default:
			return errSkip
		}
		return err
	})
}

// rowGroup reads a RowGroup.
func (t *thrift) rowGroup(typ byte, g *group) error {
	return t.fields(typ, func(id int16, typ byte) (err error) {
		switch id {
		case 1:
			return t.list(typ, maxLeaves, func(_ int, typ byte) error {
				var c chunk
				err := t.columnChunk(typ, &c)
				g.chunks = append(g.chunks, c)
				return err
			})
		case 3:
			g.rows, err = t.int(typ)
			return err
		}
		return errSkip
	})
}

// columnChunk reads a ColumnChunk with its ColumnMetaData.
func (t *thrift) columnChunk(typ byte, c *chunk) error {
	return t.fields(typ, func(id int16, typ byte) error {
		if id != 3 {
			return errSkip
		}
		return t.fields(typ, func(id int16, typ byte) (err error) {
			switch id {
			case 3:
				var path []string
				err = t.list(typ, maxDepth, func(_ int, typ byte) error {
					name, err := t.bytes(typ)
					path = append(path, string(name))
					return err
				})
				c.path = strings.Join(path, ".")
			case 4:
				c.codec, err = t.int(typ)
			case 5:
				c.values, err = t.int(typ)
			case 7:
				c.packed, err = t.int(typ)
			case 9:
				c.data, err = t.int(typ)
			case 11:
				c.dictionary, err = t.int(typ)
			default:
				return errSkip
			}
			return err
		})
	})
}

// note reads a KeyValue.
func (t *thrift) note(typ byte, notes map[string]string) error {
	var key, value string
	err := t.fields(typ, func(id int16, typ byte) error {
		if id != 1 && id != 2 {
			return errSkip
		}
		b, err := t.bytes(typ)
		if id == 1 {
			key = string(b)
		} else {
			value = string(b)
		}
		return err
	})
	notes[key] = value
	return err
}

// pageHeader is a PageHeader with the header of its type in it.
type pageHeader struct {
	typ              int64 // 0 data, 2 dictionary, 3 data of version 2
	unpacked, packed int64 // bytes
	crc              int64
	hasCRC           bool

	values, encoding             int64
	definitionBytes, repeatBytes int64 // version 2 only
	plain                        bool  // not packed; version 2 only
}

func (t *thrift) pageHeader(h *pageHeader) error {
	return t.fields(typeStruct, func(id int16, typ byte) (err error) {
		switch id {
		case 1:
			h.typ, err = t.int(typ)
		case 2:
			h.unpacked, err = t.int(typ)
		case 3:
			h.packed, err = t.int(typ)
		case 4:
			h.crc, err = t.int(typ)
			h.hasCRC = true
		case 5, 7, 8:
			return t.pageDetails(typ, id == 8, h)
		default:
			return errSkip
		}
		return err
	})
}

// pageDetails reads a DataPageHeader, DictionaryPageHeader or DataPageHeaderV2.
func (t *thrift) pageDetails(typ byte, v2 bool, h *pageHeader) error {
	encoding := int16(2)
	if v2 {
		encoding = 4
	}
	return t.fields(typ, func(id int16, typ byte) (err error) {
		switch {
		case id == 1:
			h.values, err = t.int(typ)
		case id == encoding:
			h.encoding, err = t.int(typ)
		case v2 && id == 5:
			h.definitionBytes, err = t.int(typ)
		case v2 && id == 6:
			h.repeatBytes, err = t.int(typ)
		case v2 && id == 7:
			h.plain = typ == typeFalse
		default:
			return errSkip
		}
		return err
	})
}
