package paint

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"time"

	"github.com/limner-ai/limner/curate/decode"
	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/objects"
)

// MaxUpload bounds the bytes of an uploaded picture.
const MaxUpload = 32 << 20

// limits bound what an uploaded picture may cost.
var limits = decode.Limits{Bytes: MaxUpload, Pixels: 40 << 20, Ratio: 64, Memory: 1 << 30, Time: 20 * time.Second, Vector: 1024}

// Uploaded is a picture that was taken in.
type Uploaded struct {
	Digest digest.SHA256 `json:"digest"`
	Width  int           `json:"width"`
	Height int           `json:"height"`
	// Settings are those with which the picture was made, if it says so.
	Settings *generate.Origin `json:"settings,omitempty"`
}

// Upload decodes a picture (PNG, JPEG, WebP, GIF or SVG, told by its bytes),
// turns it upright, and keeps it in the store as a PNG. Nothing else of the file
// is kept: no place, no name, no script.
func Upload(ctx context.Context, store *objects.Store, data []byte) (Uploaded, error) {
	p, err := decode.Bytes(ctx, data, limits)
	if err != nil {
		return Uploaded{}, fmt.Errorf("the picture cannot be read: %w", err)
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, p.Image); err != nil {
		return Uploaded{}, fmt.Errorf("the picture cannot be kept: %w", err)
	}
	d, err := store.Put(b.Bytes())
	if err != nil {
		return Uploaded{}, fmt.Errorf("the picture cannot be kept: %w", err)
	}
	up := Uploaded{Digest: d, Width: p.Image.Rect.Dx(), Height: p.Image.Rect.Dy()}
	if o, err := generate.ReadOrigin(data); err == nil {
		up.Settings = &o
	}
	return up, nil
}

// load decodes a picture that was uploaded or made before.
func load(ctx context.Context, store *objects.Store, d digest.SHA256) (*image.NRGBA, error) {
	data, err := store.Get(d)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no picture %s: upload it first", d)
	}
	if err != nil {
		return nil, fmt.Errorf("the picture %s cannot be read: %w", d, err)
	}
	p, err := decode.Bytes(ctx, data, limits)
	if err != nil {
		return nil, fmt.Errorf("the picture %s cannot be read: %w", d, err)
	}
	return p.Image, nil
}
