package folder

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"

	"github.com/limner-ai/limner/curate/decode/exif"
)

const (
	// maxPixels bounds what a header may make the decoders allocate: at four
	// bytes a pixel, 400 MB.
	maxPixels  = 100 << 20
	maxCaption = 64 << 10 // bytes
)

// format is a file format and its decoders.
type format struct {
	name   string
	magic  string // of the first bytes; ? stands for any
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

var formats = []format{
	{"PNG", "\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode},
	{"JPEG", "\xff\xd8\xff", jpeg.DecodeConfig, jpeg.Decode},
	{"WebP", "RIFF????WEBP", webp.DecodeConfig, webp.Decode},
}

// header tells the format by its first bytes and checks the extent that it
// promises, then returns to the beginning.
func header(f io.ReadSeeker) (format, image.Config, error) {
	var head [12]byte
	n, err := io.ReadFull(f, head[:])
	if err != nil && err != io.ErrUnexpectedEOF && err != io.EOF {
		return format{}, image.Config{}, err
	}
	if n == 0 {
		return format{}, image.Config{}, errors.New("the file is empty")
	}
	for _, k := range formats {
		if !matches(head[:n], k.magic) {
			continue
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return k, image.Config{}, err
		}
		c, err := k.config(bufio.NewReader(f))
		if err != nil {
			return k, c, describe(k, err)
		}
		if c.Width <= 0 || c.Height <= 0 || c.Width > maxPixels/c.Height {
			return k, c, fmt.Errorf("%d×%d pixels are not within 1 to %d million", c.Width, c.Height, maxPixels>>20)
		}
		_, err = f.Seek(0, io.SeekStart)
		return k, c, err
	}
	return format{}, image.Config{}, errors.New("neither PNG, JPEG nor WebP")
}

func matches(head []byte, magic string) bool {
	if len(head) < len(magic) {
		return false
	}
	for i := range len(magic) {
		if magic[i] != '?' && magic[i] != head[i] {
			return false
		}
	}
	return true
}

func describe(k format, err error) error {
	// Package png gives an early end as text only.
	if errors.Is(err, io.EOF) || strings.Contains(err.Error(), io.ErrUnexpectedEOF.Error()) {
		return fmt.Errorf("truncated %s", k.name)
	}
	return fmt.Errorf("damaged %s: %w", k.name, err)
}

// decode fills dst with the picture at path: the central square of the stored
// picture, resampled by Catmull and Rom's cubic (stretched over the source
// when shrinking, so that nothing aliases) on premultiplied sRGB values, as
// the metrics' reference pipelines do; turned upright as EXIF says; composited
// over the background, unless there are four channels; and, for one channel,
// reduced to Rec. 601 luma.
func decode(dst []uint8, path string, l look) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	k, _, err := header(f)
	if err != nil {
		return err
	}
	// A decoder that a damaged file makes panic must not end a long training.
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("damaged %s: the decoder failed: %v", k.name, p)
		}
	}()
	turn := 1
	if k.name == "JPEG" {
		turn = exif.Orientation(f)
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
	}
	stored, err := k.decode(bufio.NewReaderSize(f, 1<<16))
	if err != nil {
		return describe(k, err)
	}
	square := image.NewRGBA(image.Rect(0, 0, l.size, l.size))
	draw.CatmullRom.Scale(square, square.Rect, stored, centre(stored.Bounds()), draw.Src, nil)
	flatten(dst, square, turn, l)
	return nil
}

// centre is the largest square in the middle of r.
func centre(r image.Rectangle) image.Rectangle {
	side := min(r.Dx(), r.Dy())
	x, y := r.Min.X+(r.Dx()-side)/2, r.Min.Y+(r.Dy()-side)/2
	return image.Rect(x, y, x+side, y+side)
}

// flatten turns the square and lays it over the background.
func flatten(dst []uint8, square *image.RGBA, turn int, l look) {
	for y := range l.size {
		for x := range l.size {
			sx, sy := exif.Stored(turn, x, y, l.size, l.size)
			p := square.Pix[square.PixOffset(sx, sy):][:4]
			at := (y*l.size + x) * l.channels
			if l.channels == 4 {
				copy(dst[at:at+4], straight(p))
				continue
			}
			var rgb [3]uint8
			for k := range rgb {
				// The filter's negative lobes may leave a colour above its
				// alpha; the sum is clamped.
				under := (uint32(l.background[k])*uint32(255-p[3]) + 127) / 255
				rgb[k] = uint8(min(uint32(p[k])+under, 255))
			}
			if l.channels == 3 {
				copy(dst[at:at+3], rgb[:])
				continue
			}
			// Rec. 601: 0.299 R + 0.587 G + 0.114 B, in 16-bit fixed point.
			dst[at] = uint8((19595*uint32(rgb[0]) + 38470*uint32(rgb[1]) + 7471*uint32(rgb[2]) + 1<<15) >> 16)
		}
	}
}

// straight divides a premultiplied colour by its alpha. The filter's negative
// lobes may leave it above.
func straight(p []uint8) []uint8 {
	a := p[3]
	if a == 0 {
		return []uint8{0, 0, 0, 0}
	}
	level := func(v uint8) uint8 { return uint8((uint32(min(v, a))*255 + uint32(a)/2) / uint32(a)) }
	return []uint8{level(p[0]), level(p[1]), level(p[2]), a}
}

// readCaption reads the .txt file beside the picture at path, its white space
// collapsed; "" if there is none.
func readCaption(path string) (string, error) {
	name := strings.TrimSuffix(path, filepath.Ext(path)) + ".txt"
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("its caption: %w", plain(err))
	case !info.Mode().IsRegular():
		return "", errors.New("its caption is not a regular file")
	}
	f, err := os.Open(name)
	if err != nil {
		return "", fmt.Errorf("its caption: %w", plain(err))
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxCaption+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("its caption: %w", plain(err))
	case len(text) > maxCaption:
		return "", fmt.Errorf("its caption is longer than %d bytes", maxCaption)
	case !utf8.Valid(text):
		return "", errors.New("its caption is not UTF-8 text")
	}
	return strings.Join(strings.Fields(string(text)), " "), nil
}
