// Package decode turns the files of strangers into pixels: PNG, JPEG, WebP,
// GIF and SVG, told by their first bytes and never by their names. What a file
// may cost is bounded before its pixels are allocated, no file reaches anything
// but itself, and what cannot be decoded comes back as an *Error whose kind a
// run can count.
package decode

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"time"

	"github.com/limner-ai/limner/curate/decode/exif"
	"github.com/limner-ai/limner/curate/decode/svg"
)

// Picture is a decoded file.
type Picture struct {
	// Image is upright, sRGB as stored, with straight alpha; its bounds begin
	// at the origin.
	Image  *image.NRGBA
	Format Format
}

// Limits bound what one file may cost. All must be positive.
type Limits struct {
	Bytes  int64         // of the file
	Pixels int64         // width times height
	Ratio  float64       // of the longer to the shorter side
	Memory int64         // bytes for decoding, estimated from the header
	Time   time.Duration // for one file
	Vector int           // longer side, in pixels, that an SVG is drawn with
}

// Default returns limits for pictures from anywhere.
func Default() Limits {
	return Limits{Bytes: 64 << 20, Pixels: 64 << 20, Ratio: 20, Memory: 1 << 30, Time: 30 * time.Second, Vector: 512}
}

const (
	// svgElements and svgDepth are far above what drawings have, and far below
	// what exhausts the renderer.
	svgElements = 200_000
	svgDepth    = 256
)

// Read decodes what r holds to its end, of which it reads at most one byte
// more than l.Bytes. An error of r itself is returned as it is, wrapped.
func Read(ctx context.Context, r io.Reader, l Limits) (Picture, error) {
	b, err := io.ReadAll(io.LimitReader(r, l.Bytes+1))
	if err != nil {
		return Picture{}, fmt.Errorf("read picture: %w", err)
	}
	return Bytes(ctx, b, l)
}

// Bytes decodes a file. Its error is an *Error, or ctx's if that ended.
func Bytes(ctx context.Context, file []byte, l Limits) (Picture, error) {
	if n := int64(len(file)); n > l.Bytes {
		return Picture{}, &Error{Kind: TooLarge, Err: fmt.Errorf("more than %d bytes", l.Bytes)}
	}
	c, err := sniff(file)
	if err != nil {
		return Picture{}, err
	}
	if c.name == SVG {
		// The first document of a process waits for the renderer; that is not
		// its own time.
		if err := svg.Start(); err != nil {
			return Picture{}, err
		}
	}
	limited, cancel := context.WithTimeout(ctx, l.Time)
	defer cancel()
	p, err := decode(limited, c, file, l)
	switch {
	case err == nil:
		return p, nil
	case ctx.Err() != nil:
		return Picture{}, ctx.Err()
	case limited.Err() != nil:
		return Picture{}, &Error{Kind: TooSlow, Format: c.name, Err: fmt.Errorf("not decoded within %v", l.Time)}
	}
	return Picture{}, err
}

func decode(ctx context.Context, c codec, file []byte, l Limits) (p Picture, err error) {
	p.Format = c.name
	if c.name == SVG {
		p.Image, err = vector(ctx, file, l)
		return p, err
	}
	defer func() {
		if v := recover(); v != nil {
			err = &Error{Kind: Damaged, Format: c.name, Err: fmt.Errorf("the decoder failed: %v", v)}
		}
	}()
	h, err := c.header(file)
	if err != nil {
		return p, damaged(c.name, err)
	}
	if err := l.check(h); err != nil {
		return p, &Error{Kind: TooLarge, Format: c.name, Err: err}
	}
	m, err := c.decode(&interruptible{ctx: ctx, r: bytes.NewReader(file)})
	if err != nil {
		return p, damaged(c.name, err)
	}
	p.Image = straight(m)
	switch c.name {
	case GIF:
		p.Image = onCanvas(p.Image, m.Bounds(), h)
	case JPEG:
		p.Image = upright(p.Image, exif.Orientation(bytes.NewReader(file)))
	}
	return p, nil
}

func vector(ctx context.Context, file []byte, l Limits) (*image.NRGBA, error) {
	if n := int64(l.Vector) * int64(l.Vector); n > l.Pixels {
		return nil, &Error{Kind: TooLarge, Format: SVG, Err: fmt.Errorf("drawn %d pixels wide it may have more than %d", l.Vector, l.Pixels)}
	}
	m, err := svg.Rasterise(ctx, file, svg.Limits{Side: l.Vector, Ratio: l.Ratio, Elements: svgElements, Depth: svgDepth})
	kind := Damaged
	switch {
	case err == nil:
		return m, nil
	case errors.Is(err, svg.ErrTooLarge):
		kind = TooLarge
	case errors.Is(err, svg.ErrUnsupported):
		kind = Unsupported
	case !errors.Is(err, svg.ErrDamaged):
		return nil, err // the renderer could not be started, or the time is up
	}
	return nil, &Error{Kind: kind, Format: SVG, Err: err}
}

// interruptible hands out a file in small pieces, so that a decoder that a
// file makes slow meets the end of the context soon.
type interruptible struct {
	ctx context.Context
	r   io.Reader
}

const pieceBytes = 512

func (i *interruptible) Read(p []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.r.Read(p[:min(len(p), pieceBytes)])
}
