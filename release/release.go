// Package release lets pictures go. What lies too near to a training picture is
// flagged or held back; the rest gets an ID and its marks.
package release

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"slices"

	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/mark"
	"github.com/limner-ai/limner/model/trained"
)

// Policy says what becomes of a picture that is a training picture again, whole
// or in a substantial part.
type Policy string

// The policies.
const (
	Allow    Policy = "allow"    // nobody looks
	Flag     Policy = "flag"     // the picture says so
	Replace  Policy = "replace"  // another is made in its place; if none will do, the picture says so
	Withhold Policy = "withhold" // another is made in its place; if none will do, none is given
)

// ErrWithheld is wrapped by the error about a picture that is held back.
var ErrWithheld = errors.New("the picture is held back: it is too near to one that the model was trained on")

// Near says how a picture lies to the training pictures.
type Near struct {
	TooNear bool
	Whose   string        // the training picture, with its holder and licence
	Content digest.SHA256 // of its file as it came
}

// Guard holds a picture against those of the data set with that root. known is false
// where nobody can say.
type Guard func(ctx context.Context, root string, m *image.NRGBA) (near Near, known bool, err error)

// Press lets pictures go.
type Press struct {
	Marker *mark.Marker // nil: no marks
	Guard  Guard        // nil: nobody looks
	Policy Policy       // "": Replace
	// Enter takes note of what has got its file; nil: nobody does. It may be called
	// from several goroutines.
	Enter func(ctx context.Context, i Issued)
}

// Issued is a picture that has got its file.
type Issued struct {
	Model       *trained.Manifest
	ModelDigest string // of the model file
	ID          string
	File        []byte
	Watermark   string          // the id in it, "" without one
	Nearest     []digest.SHA256 // training pictures that it is too near to
}

// Picture is what is to go.
type Picture struct {
	Image  image.Image    // as it is to be written
	Made   []*image.NRGBA // the pictures in it as the model made them; nil: Image is one
	Seen   []Near         // what Press.Near said of each of Made; nil: Issue asks
	Origin generate.Origin
	Given  []mark.Ingredient // pictures that it was made from
	// Edited says that the first of Given was changed; else the model made all of
	// the picture, and was shown what is given.
	Edited bool
	// Still says that the pixels must stay as they are to the bit, as those outside
	// of a mask: there is no watermark then.
	Still  bool
	Encode func(image.Image, generate.Origin) ([]byte, error) // nil: PNG
}

// Issue gives the file of a picture that a model made. The same picture of the
// same model with the same keys has the same pixels; signatures and times differ.
func (p *Press) Issue(ctx context.Context, m *trained.Manifest, pic Picture) ([]byte, error) {
	nearest, err := p.look(ctx, m, &pic)
	if err != nil {
		return nil, err
	}
	var ground [][]byte
	for _, g := range pic.Given {
		ground = append(ground, g.File)
	}
	o := &pic.Origin
	o.Identify(ground...)
	encode := pic.Encode
	if encode == nil {
		encode = generate.EncodePNG
	}
	issued := Issued{Model: m, ModelDigest: o.Digest, ID: o.ID, Nearest: nearest}
	if issued.File, issued.Watermark, err = p.file(m, pic, encode); err != nil {
		return nil, err
	}
	if p.Enter != nil {
		p.Enter(ctx, issued)
	}
	return issued.File, nil
}

// file gives the file of a picture that has its ID, and the id of its watermark.
func (p *Press) file(m *trained.Manifest, pic Picture, encode func(image.Image, generate.Origin) ([]byte, error)) (file []byte, watermark string, err error) {
	img, o := pic.Image, &pic.Origin
	if p.Marker == nil {
		file, err = encode(img, *o)
		return file, "", err
	}
	id, err := idOf(o)
	if err != nil {
		return nil, "", err
	}
	if !pic.Still {
		plain := straight(img)
		marked, err := p.Marker.Pixels(plain, id)
		if err != nil {
			return nil, "", fmt.Errorf("cannot mark the picture: %w", err)
		}
		if img = marked; !slices.Equal(marked.Pix, plain.Pix) {
			watermark = o.ID[:8]
		}
	}
	if file, err = encode(img, *o); err != nil {
		return nil, "", err
	}
	if file, err = p.Marker.Seal(file, about(m, &pic, id, watermark != "")); err != nil {
		return nil, "", fmt.Errorf("cannot sign the picture: %w", err)
	}
	return file, watermark, nil
}

// straight is an image with straight alpha whose bounds begin at the origin.
func straight(m image.Image) *image.NRGBA {
	if n, ok := m.(*image.NRGBA); ok && n.Rect.Min == (image.Point{}) {
		return n
	}
	out := image.NewNRGBA(image.Rectangle{Max: m.Bounds().Size()})
	draw.Draw(out, out.Rect, m, m.Bounds().Min, draw.Src)
	return out
}
