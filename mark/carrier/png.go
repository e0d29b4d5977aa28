package carrier

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

const xmpKeyword = "XML:com.adobe.xmp\x00"

// pngParts walks the chunks of a PNG (third edition, section 5) up to IEND;
// the first must be the header.
func pngParts(file []byte) ([]part, error) {
	var all []part
	for at := len(pngSignature); ; {
		if len(file)-at < 12 {
			return nil, fmt.Errorf("the PNG file is cut off at byte %d", at)
		}
		size := binary.BigEndian.Uint32(file[at:])
		if uint64(size) > uint64(len(file)-at-12) {
			return nil, fmt.Errorf("the PNG file is cut off: the chunk at byte %d has %d bytes", at, size)
		}
		if len(all) == maxParts {
			return nil, fmt.Errorf("the PNG file has more than %d chunks", maxParts)
		}
		p := part{Range{at, 12 + int(size)}, string(file[at+4 : at+8]), file[at+8 : at+8+int(size)]}
		if len(all) == 0 && p.kind != "IHDR" {
			return nil, errors.New("the PNG file does not begin with its header")
		}
		all = append(all, p)
		if p.kind == "IEND" {
			return all, nil
		}
		at = p.End()
	}
}

func pngChunk(kind string, data ...[]byte) []byte {
	body := append([]byte(kind), bytes.Join(data, nil)...)
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)-4))
	b = append(b, body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(body))
}

// pngXMPChunk is an iTXt chunk (PNG third edition, section 11.3.2.3): not
// compressed, language and translated keyword empty.
func pngXMPChunk(packet []byte) []byte {
	return pngChunk("iTXt", []byte(xmpKeyword+"\x00\x00\x00\x00"), packet)
}

func pngXMP(p part) (packet []byte, ok bool, err error) {
	data, ok := bytes.CutPrefix(p.data, []byte(xmpKeyword))
	if p.kind != "iTXt" || !ok {
		return nil, false, nil
	}
	if len(data) < 2 {
		return nil, false, errors.New("the XMP chunk is cut off")
	}
	packed := data[0] != 0
	_, rest, ok := bytes.Cut(data[2:], []byte{0})
	if ok {
		_, rest, ok = bytes.Cut(rest, []byte{0})
	}
	if !ok {
		return nil, false, errors.New("the XMP chunk is cut off")
	}
	if !packed {
		return rest, true, nil
	}
	z, err := zlib.NewReader(bytes.NewReader(rest))
	if err == nil {
		rest, err = io.ReadAll(io.LimitReader(z, MaxXMP+1))
	}
	if err != nil {
		return nil, false, fmt.Errorf("the XMP chunk cannot be decompressed: %w", err)
	}
	return rest, true, nil
}
