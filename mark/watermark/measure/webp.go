package main

import (
	"bytes"
	"image"
	"image/png"
	"os/exec"

	"golang.org/x/image/webp"
)

// webp75 is the picture after lossy WebP by the program cwebp of libwebp; nil if
// the machine has none.
func webp75(m *image.NRGBA, _ int) *image.NRGBA {
	program, err := exec.LookPath("cwebp")
	if err != nil {
		return nil
	}
	var in bytes.Buffer
	if err := png.Encode(&in, m); err != nil {
		return nil
	}
	c := exec.Command(program, "-quiet", "-q", "75", "-o", "-", "--", "-")
	c.Stdin = &in
	b, err := c.Output()
	if err != nil {
		return nil
	}
	out, err := webp.Decode(bytes.NewReader(b))
	if err != nil {
		return nil
	}
	return nrgba(out)
}
