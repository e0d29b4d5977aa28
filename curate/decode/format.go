package decode

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"
)

// Format is a file format.
type Format string

// The formats.
const (
	PNG  Format = "PNG"
	JPEG Format = "JPEG"
	WebP Format = "WebP"
	GIF  Format = "GIF"
	SVG  Format = "SVG"
)

// header is what a file promises before its pixels.
type header struct {
	width, height int
	cost          int64 // bytes a pixel that decoding takes, at most
}

type codec struct {
	name   Format
	magic  string // the first bytes; ? stands for any
	header func([]byte) (header, error)
	decode func(io.Reader) (image.Image, error)
}

var codecs = []codec{
	{PNG, "\x89PNG\r\n\x1a\n", pngHeader, png.Decode},
	{JPEG, "\xff\xd8\xff", jpegHeader, jpeg.Decode},
	{WebP, "RIFF????WEBP", webpHeader, webp.Decode},
	{GIF, "GIF8?a", gifHeader, gif.Decode},
}

// sniff tells the format by the first bytes. What begins like XML is taken for
// SVG, and package svg looks further.
func sniff(file []byte) (codec, error) {
	if len(file) == 0 {
		return codec{}, &Error{Kind: Damaged, Err: errors.New("the file is empty")}
	}
	for _, c := range codecs {
		if matches(file, c.magic) {
			return c, nil
		}
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(file, []byte("\xef\xbb\xbf")), " \t\r\n")
	if len(text) > 0 && text[0] == '<' {
		return codec{name: SVG}, nil
	}
	return codec{}, &Error{Kind: Unsupported, Err: errors.New("neither PNG, JPEG, WebP, GIF nor SVG")}
}

func matches(file []byte, magic string) bool {
	if len(file) < len(magic) {
		return false
	}
	for i := range len(magic) {
		if magic[i] != '?' && magic[i] != file[i] {
			return false
		}
	}
	return true
}

func (l Limits) check(h header) error {
	w, ht := int64(h.width), int64(h.height)
	switch {
	case w <= 0 || ht <= 0:
		return fmt.Errorf("%d×%d pixels", w, ht)
	case w > l.Pixels/ht:
		return fmt.Errorf("%d×%d pixels are more than %d", w, ht, l.Pixels)
	case float64(max(w, ht)) > l.Ratio*float64(min(w, ht)):
		return fmt.Errorf("%d×%d pixels are more than %v to 1", w, ht, l.Ratio)
	case w*ht > l.Memory/h.cost:
		return fmt.Errorf("%d×%d pixels need more than %d bytes to decode", w, ht, l.Memory)
	}
	return nil
}

const outCost = 4 // bytes of a pixel of Picture.Image

func pngHeader(file []byte) (header, error) {
	c, err := png.DecodeConfig(bytes.NewReader(file))
	cost := int64(4)
	if c.ColorModel == color.NRGBA64Model || c.ColorModel == color.RGBA64Model {
		cost = 8
	}
	// Interlaced files are gathered pass by pass, the largest half the size.
	return header{c.Width, c.Height, cost + cost/2 + outCost}, err
}

func jpegHeader(file []byte) (header, error) {
	c, err := jpeg.DecodeConfig(bytes.NewReader(file))
	// Progressive files: four bytes for each coefficient of up to four
	// components, then their samples; then the picture is turned.
	return header{c.Width, c.Height, 4*4 + 4 + 2*outCost}, err
}

func gifHeader(file []byte) (header, error) {
	c, err := gif.DecodeConfig(bytes.NewReader(file))
	return header{c.Width, c.Height, 1 + 2*outCost}, err
}

// webpHeader takes the larger of the canvas and the frame on it: a decoder
// allocates by the frame's own header, which may promise more.
func webpHeader(file []byte) (header, error) {
	c, err := webp.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return header{}, err
	}
	h := header{c.Width, c.Height, 2*4 + 2*outCost}
	for rest := file[12:]; len(rest) >= 8; {
		name, n := string(rest[:4]), int64(binary.LittleEndian.Uint32(rest[4:]))
		body := rest[8:min(8+n, int64(len(rest)))]
		switch {
		case name == "VP8X" && len(body) > 0 && body[0]&2 != 0:
			return h, &Error{Kind: Unsupported, Format: WebP, Err: errors.New("it is animated")}
		case name == "VP8 " && len(body) >= 10: // RFC 6386, 9.1
			h.width = max(h.width, int(binary.LittleEndian.Uint16(body[6:])&0x3fff))
			h.height = max(h.height, int(binary.LittleEndian.Uint16(body[8:])&0x3fff))
		case name == "VP8L" && len(body) >= 5: // RFC 9649, 3.4
			bits := binary.LittleEndian.Uint32(body[1:])
			h.width = max(h.width, int(bits&0x3fff)+1)
			h.height = max(h.height, int(bits>>14&0x3fff)+1)
		}
		next := 8 + n + n&1
		if next > int64(len(rest)) {
			break
		}
		rest = rest[next:]
	}
	return h, nil
}
