package generate

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"io"

	"github.com/limner-ai/limner/internal/atomicfile"
)

// entry is a text in a PNG.
type entry struct{ key, text string }

// write writes the file of an image of pictures from to up to to.
func (l Look) write(path string, img image.Image, o Origin, from, to int) (err error) {
	var b []byte
	if l.Encode != nil {
		b, err = l.Encode(img, o, from, to)
	} else {
		b, err = EncodePNG(img, o)
	}
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	return atomicfile.Write(path, 0o644, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

// EncodePNG is a PNG of an image with texts that tell where it comes from; see
// ReadOrigin.
func EncodePNG(img image.Image, o Origin) ([]byte, error) {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil, err
	}
	// The header chunk (8 bytes of signature, 25 of IHDR) must come first.
	const header = 8 + 25
	out := append([]byte(nil), b.Bytes()[:header]...)
	for _, t := range o.texts() {
		out = append(out, textChunk(t.key, t.text)...)
	}
	return append(out, b.Bytes()[header:]...), nil
}

// textChunk is a tEXt chunk, or iTXt if the text is more than ASCII: PNG
// (third edition), sections 11.3.3.2 and 11.3.3.4.
func textChunk(key, text string) []byte {
	kind, data := "tEXt", key+"\x00"+text
	for _, r := range text {
		if r > 126 {
			// Not compressed, language and translated keyword empty.
			kind, data = "iTXt", key+"\x00\x00\x00\x00\x00"+text
			break
		}
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(b, kind...)
	b = append(b, data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}
