package embedded

import (
	"encoding/binary"
	"fmt"
)

// webp walks the chunks of a RIFF container (RFC 9649 section 2.3). XMP lies in
// the chunk "XMP ", a manifest store in "C2PA".
func (p *Parts) webp(file []byte) {
	end := uint64(binary.LittleEndian.Uint32(file[4:])) + 8
	if end > uint64(len(file)) {
		p.broken(4, "the file is cut off")
		end = uint64(len(file))
	}
	file = file[:end]
	at := 12
	for range maxBlocks {
		if at >= len(file) {
			return
		}
		if len(file)-at < 8 {
			p.broken(at, "a chunk is cut off")
			return
		}
		size := binary.LittleEndian.Uint32(file[at+4:])
		if uint64(size) > uint64(len(file)-at-8) {
			p.broken(at, "a chunk of %d bytes is cut off", size)
			return
		}
		data := file[at+8 : at+8+int(size)]
		where := fmt.Sprintf("WebP chunk at byte %d", at)
		switch string(file[at : at+4]) {
		case "XMP ", "XMP\x00": // the second is a known mistake of writers
			p.add(XMP, data, where)
		case "C2PA":
			p.add(C2PA, data, where)
		}
		at += 8 + int(size) + int(size&1)
	}
	p.broken(at, "more than %d chunks", maxBlocks)
}
