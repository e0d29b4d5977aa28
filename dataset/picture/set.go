// Package picture holds the contract of a picture set: what the kinds of set
// (IDX files, folders, drawn shapes) give and what loaders and exporters take.
package picture

import (
	"errors"
	"fmt"
)

// Set is an immutable, indexed collection of pictures of one shape. Its
// methods may be called from several goroutines at once.
type Set interface {
	// Len is the number of pictures, at least one.
	Len() int
	// Shape is the extent of every picture: rows, columns, channels (1 grey,
	// 3 RGB, or 4 RGB and alpha).
	Shape() (h, w, c int)
	// Classes names the classes in the order of their indices; nil if the
	// set has no classes.
	Classes() []string
	// Item fills pixels, h·w·c long in HWC order, with picture i. Values are
	// sRGB-encoded, in [0, 1] and multiples of 1/255. Alpha is straight:
	// colours are not multiplied by it, and are 0 where it is 0. With nil pixels it
	// returns the label alone. An error that wraps *Skip concerns this
	// picture only; the rest of the set can still be read.
	Item(i int, pixels []float32) (Label, error)
	// Name says where picture i comes from: a path inside its source, or the
	// counter that it was drawn from.
	Name(i int) string
}

// Label is what a set knows about one picture.
type Label struct {
	Class   int    // index into Classes, -1 if none
	Caption string // words that describe the picture, "" if none
}

// Detailer is a Set that can say more about a picture than its label, as a
// value that encoding/json can write.
type Detailer interface {
	Detail(i int) any
}

// Skip is a picture that was left out, and why. It is an error.
type Skip struct {
	Path string
	Err  error
}

func (s *Skip) Error() string { return fmt.Sprintf("%s: %v", s.Path, s.Err) }
func (s *Skip) Unwrap() error { return s.Err }

// Skipper is a Set that leaves out what it cannot read.
type Skipper interface {
	// Skipped lists what was left out when the set was opened, in path order.
	Skipped() []Skip
}

// Skipped lists what s left out; nil if nothing.
func Skipped(s Set) []Skip {
	if k, ok := s.(Skipper); ok {
		return k.Skipped()
	}
	return nil
}

// IsSkip reports whether err concerns one picture only.
func IsSkip(err error) bool {
	if err == nil {
		return false // without the allocation below
	}
	var s *Skip
	return errors.As(err, &s)
}

// CheckItem returns an error unless s has a picture i and pixels is nil or
// just fits one. Sets call it first in Item.
func CheckItem(s Set, i int, pixels []float32) error {
	if i < 0 || i >= s.Len() {
		return fmt.Errorf("picture %d of a set of %d", i, s.Len())
	}
	if h, w, c := s.Shape(); pixels != nil && len(pixels) != h*w*c {
		return fmt.Errorf("buffer of %d values for a picture of %d×%d×%d", len(pixels), h, w, c)
	}
	return nil
}

// Unit fills dst with src/255. Division rounds correctly, so that the nearest
// of the 256 levels is always the byte that a value came from.
func Unit(dst []float32, src []uint8) {
	_ = dst[:len(src)]
	for i, b := range src {
		dst[i] = float32(b) / 255
	}
}

// Bytes fills dst with the nearest of the 256 levels of src, clamped to [0, 1].
func Bytes(dst []uint8, src []float32) {
	_ = dst[:len(src)]
	for i, v := range src {
		dst[i] = uint8(min(max(v, 0), 1)*255 + 0.5)
	}
}
