package vendor

import (
	"bytes"
	"fmt"
	"image"
	_ "image/gif"  // for the size of pictures
	_ "image/jpeg" // for the size of pictures
	_ "image/png"  // for the size of pictures

	_ "golang.org/x/image/webp" // for the size of pictures

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/source/manifest"
)

// Rule names in what a delivery and its manifest differ.
type Rule string

// The rules.
const (
	Unlisted   Rule = "unlisted"   // delivered, but not in the manifest
	Missing    Rule = "missing"    // in the manifest, but not delivered
	Repeated   Rule = "repeated"   // several lines for one file
	Surplus    Rule = "surplus"    // several files for one line that gives no path
	Digest     Rule = "digest"     // another SHA-256
	Size       Rule = "size"       // another number of bytes
	Dimensions Rule = "dimensions" // another width or height
	Unusable   Rule = "unusable"   // a line that cannot be read
)

// Discrepancy is one difference between a delivery and its manifest.
type Discrepancy struct {
	Rule     Rule
	Line     int64 // of the manifest; 0 where no line is concerned
	Expected string
	Found    string
}

// Error tells the difference in words.
func (d *Discrepancy) Error() string {
	switch d.Rule {
	case Unlisted:
		return "the manifest does not list it"
	case Missing:
		return fmt.Sprintf("line %d of the manifest lists it, but it was not delivered", d.Line)
	case Repeated:
		return fmt.Sprintf("the manifest lists it several times: %s", d.Found)
	case Surplus:
		return fmt.Sprintf("line %d of the manifest gives no path, and an earlier file has the same content", d.Line)
	case Unusable:
		return d.Found
	}
	return fmt.Sprintf("%s: line %d of the manifest says %s, the file has %s", d.Rule, d.Line, d.Expected, d.Found)
}

// compare holds a file against its line; nil if they agree.
func compare(e manifest.Entry, data []byte, content digest.SHA256) *Discrepancy {
	if e.Size != nil && *e.Size != int64(len(data)) {
		return &Discrepancy{Size, e.Line, fmt.Sprintf("%d bytes", *e.Size), fmt.Sprintf("%d bytes", len(data))}
	}
	if e.SHA256 != nil && *e.SHA256 != content {
		return &Discrepancy{Digest, e.Line, e.SHA256.String(), content.String()}
	}
	if e.Width == 0 && e.Height == 0 {
		return nil
	}
	c, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil // not a raster picture that is known here; its digest speaks for it
	}
	w, h := int64(c.Width), int64(c.Height)
	if agrees(e, w, h) || format == "jpeg" && agrees(e, h, w) { // which may be stored lying on its side
		return nil
	}
	return &Discrepancy{Dimensions, e.Line, fmt.Sprintf("%d×%d", e.Width, e.Height), fmt.Sprintf("%d×%d", w, h)}
}

func agrees(e manifest.Entry, w, h int64) bool {
	return (e.Width == 0 || e.Width == w) && (e.Height == 0 || e.Height == h)
}

// raster reports whether data begins like a picture of pixels, whatever its
// name.
func raster(data []byte) bool {
	_, _, err := image.DecodeConfig(bytes.NewReader(data))
	return err == nil
}
