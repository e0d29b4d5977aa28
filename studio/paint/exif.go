package paint

import (
	"encoding/binary"
	"image"
	"unicode/utf16"
)

// comment is Exif data (CIPA DC-008, section 4.5) with a UserComment in
// Unicode, the way AUTOMATIC1111's web interface keeps settings in files that
// are no PNG; nil if the text does not fit into a segment of a JPEG.
func comment(text string) []byte {
	const head = 8 + 2 + 12 + 4 // of the file, and a directory of one entry
	value := []byte("UNICODE\x00")
	for _, u := range utf16.Encode([]rune(text)) {
		value = binary.BigEndian.AppendUint16(value, u)
	}
	if len(value) > 60000 {
		return nil
	}
	entry := func(b []byte, tag, kind uint16, count, at uint32) []byte {
		b = binary.BigEndian.AppendUint16(b, 1) // entries
		b = binary.BigEndian.AppendUint16(b, tag)
		b = binary.BigEndian.AppendUint16(b, kind)
		b = binary.BigEndian.AppendUint32(b, count)
		b = binary.BigEndian.AppendUint32(b, at)
		return binary.BigEndian.AppendUint32(b, 0) // no directory follows
	}
	b := []byte("MM\x00*\x00\x00\x00\x08")
	b = entry(b, 0x8769, 4, 1, head)                         // where the Exif directory is
	b = entry(b, 0x9286, 7, uint32(len(value)), head+head-8) // UserComment
	return append(b, value...)
}

// withComment puts Exif data into a JPEG, as its first segment.
func withComment(file []byte, text string) []byte {
	exif := comment(text)
	if exif == nil || len(file) < 2 {
		return file
	}
	out := append([]byte(nil), file[:2]...)
	out = append(out, 0xff, 0xe1)
	out = binary.BigEndian.AppendUint16(out, uint16(2+6+len(exif)))
	out = append(out, "Exif\x00\x00"...)
	return append(append(out, exif...), file[2:]...)
}

// withWebPComment puts Exif data into a WebP of one picture, which becomes one
// of the extended format (RFC 9649, section 2.7).
func withWebPComment(file []byte, size image.Point, text string) []byte {
	exif := comment(text)
	if exif == nil || len(file) < 20 || string(file[12:16]) != "VP8L" {
		return file
	}
	chunk := func(b []byte, name string, data []byte) []byte {
		b = append(b, name...)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
		b = append(b, data...)
		return append(b, make([]byte, len(data)%2)...)
	}
	const alpha, hasExif = 1 << 4, 1 << 3
	var head [10]byte
	head[0] = hasExif
	if binary.LittleEndian.Uint32(file[21:])>>28&1 == 1 { // RFC 9649, section 3.4: alpha_is_used
		head[0] |= alpha
	}
	for i, n := range []int{size.X - 1, size.Y - 1} {
		head[4+3*i], head[5+3*i], head[6+3*i] = byte(n), byte(n>>8), byte(n>>16)
	}
	body := chunk([]byte("WEBP"), "VP8X", head[:])
	body = chunk(append(body, file[12:]...), "EXIF", exif)
	return chunk(nil, "RIFF", body)
}
