// Package canvas brings pictures and masks of any size, mode and orientation
// onto a canvas of the extent that a model has.
package canvas

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/limner-ai/limner/curate/decode"
)

// limits bound what a picture may cost: what a camera gives passes, what a
// file of a few bytes promises does not. Sides are at most the square root of
// Pixels times Ratio: 65,536.
var limits = decode.Limits{Bytes: 256 << 20, Pixels: 64 << 20, Ratio: 64, Memory: 2 << 30, Time: time.Minute, Vector: 1024}

// Read decodes the picture at path: PNG, JPEG, WebP, SVG or the first frame of
// a GIF, told by its first bytes, and turned upright. The error is one line that
// begins with the path.
func Read(ctx context.Context, path string) (*image.NRGBA, error) {
	m, err := read(ctx, filepath.Clean(path))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, plain(err))
	}
	return m, nil
}

func read(ctx context.Context, path string) (*image.NRGBA, error) {
	// To open a pipe would wait for ever, so it is looked at first.
	st, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case st.IsDir():
		return nil, errors.New("it is a folder; name a picture in it")
	case !st.Mode().IsRegular():
		return nil, errors.New("it is no regular file; save the picture first")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	p, err := decode.Read(ctx, f, limits)
	if decode.KindOf(err) == decode.TooLarge {
		return nil, fmt.Errorf("%w; make it smaller first", err)
	}
	return p.Image, err
}

// plain is err without the path, which the message has already.
func plain(err error) error {
	var p *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("no such file")
	case errors.As(err, &p):
		return p.Err
	}
	return err
}
