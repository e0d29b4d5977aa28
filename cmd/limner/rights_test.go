package main

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"
)

// writeDrawing FILE SEED SIDE draws a picture that differs by the seed, and not
// by its size.
func writeDrawing(ts *testscript.TestScript, _ bool, args []string) {
	path, seed, side := ts.MkAbs(args[0]), number(ts, args[1]), number(ts, args[2])
	m := image.NewNRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			h := uint32(seed*64+y*8/side*8+x*8/side+1) * 2654435761
			m.Set(x, y, color.NRGBA{uint8(h >> 24), uint8(h >> 16), uint8(h >> 8), 255})
		}
	}
	var b bytes.Buffer
	ts.Check(png.Encode(&b, m))
	ts.Check(os.MkdirAll(filepath.Dir(path), 0o755))
	write(ts, path, b.Bytes())
}

// flip FILE TEXT flips a bit of the text's first byte, wherever it stands first.
func flip(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	b, err := os.ReadFile(path)
	ts.Check(err)
	i := bytes.Index(b, []byte(args[1]))
	if i < 0 {
		ts.Fatalf("%s does not hold %q", args[0], args[1])
	}
	b[i] ^= 1
	write(ts, path, b)
}
