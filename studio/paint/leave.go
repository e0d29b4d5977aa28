package paint

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/internal/atomicfile"
	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/mark"
	"github.com/limner-ai/limner/release"
)

// Leaving says what is done to pictures before anybody has them.
type Leaving struct {
	Press     *release.Press // nil: nothing
	Originals *Originals     // nil: they are not kept
	// Sent are the files of uploads as they came, of those that have Content
	// Credentials: what is made from such a picture carries them on. nil: they are
	// not kept.
	Sent *Originals
}

// Brought takes note of the file of an upload. Of one without credentials nothing
// is kept but its pixels, which Upload has kept.
func (l Leaving) Brought(d digest.SHA256, file []byte) error {
	if l.Sent == nil {
		return nil
	}
	r, err := mark.Read(file, mark.Trust{})
	if err != nil || r.Credentials == nil {
		return nil // no kind of file that can have any, or none that can be read
	}
	return l.Sent.Put(d, file)
}

// Sweep removes what is kept of files that are gone.
func (l Leaving) Sweep(ctx context.Context, store *objects.Store) error {
	var errs []error
	for _, o := range []*Originals{l.Originals, l.Sent} {
		if o != nil {
			errs = append(errs, o.Sweep(ctx, store))
		}
	}
	return errors.Join(errs...)
}

// Originals are files by the digests of those that stand in their place, such as
// pictures as models made them by those that left: what is painted on one begins
// at its own pixels and not at a watermark. Its methods may be called from any goroutine.
type Originals struct{ dir string }

// OpenOriginals returns those in a folder, which the first Put makes.
func OpenOriginals(dir string) *Originals { return &Originals{dir} }

func (o *Originals) path(d digest.SHA256) string {
	hex := strings.TrimPrefix(d.String(), "sha256:")
	return filepath.Join(o.dir, hex[:2], hex[2:])
}

// Put keeps the original of a file.
func (o *Originals) Put(issued digest.SHA256, original []byte) error {
	path := o.path(issued)
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	if err == nil {
		err = atomicfile.Write(path, 0o600, func(w io.Writer) error {
			_, err := w.Write(original)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("the original cannot be kept: %w", err)
	}
	return nil
}

// Get gives the original of a file, fs.ErrNotExist if there is none.
func (o *Originals) Get(issued digest.SHA256) ([]byte, error) { return os.ReadFile(o.path(issued)) }

// Sweep removes the originals of files that are gone.
func (o *Originals) Sweep(ctx context.Context, store *objects.Store) error {
	return filepath.WalkDir(o.dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil || e.IsDir():
			return err
		}
		var d digest.SHA256
		if d.UnmarshalText([]byte("sha256:"+filepath.Base(filepath.Dir(path))+e.Name())) == nil && !store.Has(d) {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		return ctx.Err()
	})
}

// Picture gives a picture that was uploaded or made before: the original, where
// there is one.
func (l Leaving) Picture(ctx context.Context, store *objects.Store, d digest.SHA256) (*image.NRGBA, error) {
	if l.Originals == nil {
		return load(ctx, store, d)
	}
	data, err := l.Originals.Get(d)
	if errors.Is(err, fs.ErrNotExist) || !store.Has(d) {
		return load(ctx, store, d)
	}
	if err != nil {
		return nil, fmt.Errorf("the original of %s cannot be read: %w", d, err)
	}
	m, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("the original of %s cannot be read: %w", d, err)
	}
	return straight(m), nil
}

// Left is a picture as it left.
type Left struct {
	File     []byte
	Type     string          // media type
	Origin   generate.Origin // as the file says it
	Original []byte          // a PNG of the picture as it was; nil: its pixels are those of the file
}

// press lets pictures go: one that does nothing to them, if there is none.
func (l Leaving) press() *release.Press {
	if l.Press == nil {
		return &release.Press{}
	}
	return l.Press
}

// Leave gives a picture its file.
func (l Leaving) Leave(ctx context.Context, g *generate.Generator, format string, pic release.Picture) (left Left, err error) {
	var bare []byte // the file without marks
	pic.Encode = func(m image.Image, o generate.Origin) ([]byte, error) {
		data, kind, err := encoded(straight(m), format, o)
		left.Type, left.Origin, bare = kind, o, data
		return data, err
	}
	if left.File, err = l.press().Issue(ctx, &g.Manifest, pic); err != nil {
		return left, err
	}
	if l.Originals == nil || pic.Still || bytes.Equal(left.File, bare) {
		return left, nil
	}
	var b bytes.Buffer
	err = png.Encode(&b, pic.Image)
	left.Original = b.Bytes()
	return left, err
}

// Ingredients are the files of pictures that something was made from.
func (l Leaving) Ingredients(store *objects.Store, given ...digest.SHA256) ([]mark.Ingredient, error) {
	var out []mark.Ingredient
	for _, d := range given {
		if d == none {
			continue
		}
		file, err := []byte(nil), fs.ErrNotExist
		if l.Sent != nil {
			file, err = l.Sent.Get(d)
		}
		if errors.Is(err, fs.ErrNotExist) {
			file, err = store.Get(d)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, mark.Ingredient{Title: "picture " + d.String()[:19], File: file})
	}
	return out, nil
}
