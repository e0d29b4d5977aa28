package mark

import (
	"errors"
	"fmt"
	"image"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/limner-ai/limner/mark/watermark"
)

// Pixels gives a copy of a picture with a watermark that carries the ID's
// short form. With watermarks off, and for a picture that has no room for one
// that could be found again, it is the picture itself. The same picture, ID and
// key give the same pixels.
func (m *Marker) Pixels(img *image.NRGBA, id ID) (*image.NRGBA, error) {
	if m.options.NoWatermark {
		return img, nil
	}
	marked, err := watermark.Embed(img, m.key, id.Short())
	if errors.Is(err, watermark.ErrNoRoom) {
		return img, nil
	}
	if err != nil {
		return nil, line("put a watermark into the picture", err)
	}
	return marked, nil
}

// ErrNoKey is wrapped where a folder holds no key to find watermarks with.
var ErrNoKey = errors.New("there is no watermark key, so that no watermark can be found")

// FindWatermark looks for a watermark made with the keys that a folder holds:
// the one in use, then those that were replaced. It makes none; a folder without
// any is an error that wraps [ErrNoKey].
func FindWatermark(dir string, img *image.NRGBA) (watermark.Reading, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return watermark.Reading{}, line("look for watermark keys", err)
	}
	var names []string
	for _, e := range entries {
		switch name := e.Name(); {
		case name == watermarkFile:
			names = slices.Insert(names, 0, name)
		case strings.HasPrefix(name, "watermark-") && strings.HasSuffix(name, ".key"):
			names = append(names, name)
		}
	}
	var found watermark.Reading
	for i, name := range names {
		path := filepath.Join(dir, name)
		text, err := readFile(path)
		if err != nil {
			return found, line("read the watermark key", err)
		}
		key, err := parseWatermarkKey(path, text)
		if err != nil {
			return found, err
		}
		r, err := watermark.Detect(img, key)
		if err != nil {
			return found, line("look for a watermark", err)
		}
		if i == 0 || r.Found {
			found = r
		}
		if found.Found {
			return found, nil
		}
	}
	if len(names) == 0 {
		return found, fmt.Errorf("%w; limner marks import --watermark-key takes that of another computer", ErrNoKey)
	}
	return found, nil
}
