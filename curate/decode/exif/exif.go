// Package exif reads which way up a photograph was stored.
package exif

import (
	"bufio"
	"encoding/binary"
	"io"
)

const tagOrientation = 0x0112

// Orientation returns the orientation of the JPEG that r begins, 1 to 8; 1
// (upright) if it has none or it cannot be read. (Exif 2.32, 4.6.4, tag 0112.)
func Orientation(r io.Reader) int {
	b := bufio.NewReader(r)
	var marker [4]byte
	if _, err := io.ReadFull(b, marker[:2]); err != nil {
		return 1
	}
	// Segments: FF, kind, 16-bit length that counts itself. The scan (DA)
	// ends what can be walked this way.
	for {
		if _, err := io.ReadFull(b, marker[:]); err != nil || marker[0] != 0xff || marker[1] == 0xda {
			return 1
		}
		n := int(binary.BigEndian.Uint16(marker[2:])) - 2
		if n < 0 {
			return 1
		}
		if marker[1] != 0xe1 {
			if _, err := b.Discard(n); err != nil {
				return 1
			}
			continue
		}
		segment := make([]byte, n)
		if _, err := io.ReadFull(b, segment); err != nil {
			return 1
		}
		if len(segment) > 6 && string(segment[:6]) == "Exif\x00\x00" {
			return tiffOrientation(segment[6:])
		}
	}
}

// tiffOrientation looks for the tag in the first directory of a TIFF block.
func tiffOrientation(t []byte) int {
	if len(t) < 8 {
		return 1
	}
	var order binary.ByteOrder
	switch string(t[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	at := int64(order.Uint32(t[4:]))
	if at+2 > int64(len(t)) {
		return 1
	}
	entries := t[at+2:]
	for range order.Uint16(t[at:]) {
		if len(entries) < 12 {
			return 1
		}
		if order.Uint16(entries) == tagOrientation {
			if v := int(order.Uint16(entries[8:])); v >= 1 && v <= 8 {
				return v
			}
			return 1
		}
		entries = entries[12:]
	}
	return 1
}

// Swaps reports whether a picture of this orientation changes width and height
// when it is turned upright.
func Swaps(orientation int) bool { return orientation >= 5 && orientation <= 8 }

// Stored returns where pixel (x, y) of the upright picture lies in the stored
// one, which is w pixels wide and h high.
func Stored(orientation, x, y, w, h int) (int, int) {
	switch orientation {
	case 2: // mirrored left to right
		return w - 1 - x, y
	case 3: // turned by half
		return w - 1 - x, h - 1 - y
	case 4: // mirrored top to bottom
		return x, h - 1 - y
	case 5: // transposed
		return y, x
	case 6: // to be turned a quarter clockwise
		return y, h - 1 - x
	case 7: // transposed along the other diagonal
		return w - 1 - y, h - 1 - x
	case 8: // to be turned a quarter counter-clockwise
		return w - 1 - y, x
	}
	return x, y
}
