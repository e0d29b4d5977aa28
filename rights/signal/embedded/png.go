package embedded

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// png walks chunks (PNG third edition, section 5). XMP lies in iTXt under its
// keyword, a manifest store in caBX. A part whose checksum is wrong is read,
// so that what it reserves counts, and is a defect besides.
func (p *Parts) png(file []byte) {
	at := 8
	for range maxBlocks {
		if at == len(file) {
			p.broken(at, "the file ends without IEND")
			return
		}
		if len(file)-at < 12 {
			p.broken(at, "a chunk is cut off")
			return
		}
		size := binary.BigEndian.Uint32(file[at:])
		if uint64(size) > uint64(len(file)-at-12) {
			p.broken(at, "a chunk of %d bytes is cut off", size)
			return
		}
		end := at + 8 + int(size)
		kind, data := string(file[at+4:at+8]), file[at+8:end]
		if kind == "IEND" {
			return
		}
		where := fmt.Sprintf("PNG %s at byte %d", kind, at)
		found := XMP
		switch {
		case kind == "caBX":
			found = C2PA
			p.add(C2PA, data, where)
		case kind == "iTXt" && bytes.HasPrefix(data, []byte("XML:com.adobe.xmp\x00")):
			if text, err := internationalText(data[len("XML:com.adobe.xmp\x00"):]); err != nil {
				p.defect(XMP, where, "%v", err)
			} else {
				p.add(XMP, text, where)
			}
		default:
			at = end + 4
			continue
		}
		if crc32.ChecksumIEEE(file[at+4:end]) != binary.BigEndian.Uint32(file[end:]) {
			p.defect(found, where, "the chunk's checksum is wrong")
		}
		at = end + 4
	}
	p.broken(at, "more than %d chunks", maxBlocks)
}

// internationalText returns the text of an iTXt chunk after its keyword.
func internationalText(data []byte) ([]byte, error) {
	if len(data) < 2 {
		return nil, errors.New("the chunk is too short")
	}
	packed, method := data[0], data[1]
	_, rest, ok := bytes.Cut(data[2:], []byte{0}) // language tag
	if ok {
		_, rest, ok = bytes.Cut(rest, []byte{0}) // translated keyword
	}
	if !ok {
		return nil, errors.New("the chunk is too short")
	}
	switch {
	case packed == 0:
		return rest, nil
	case packed != 1 || method != 0:
		return nil, fmt.Errorf("compression %d, method %d is unknown", packed, method)
	}
	z, err := zlib.NewReader(bytes.NewReader(rest))
	if err != nil {
		return nil, fmt.Errorf("the text cannot be decompressed: %w", err)
	}
	return readAll(z)
}

// readAll reads at most MaxPart bytes.
func readAll(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxPart+1))
	if err != nil {
		return nil, fmt.Errorf("the text cannot be decompressed: %w", err)
	}
	if len(data) > MaxPart {
		return nil, fmt.Errorf("longer than %d bytes when decompressed", MaxPart)
	}
	return data, nil
}
