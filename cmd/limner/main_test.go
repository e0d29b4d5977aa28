package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"limner": main}) }

// TestScripts runs whole commands; each file in testdata is a story.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv("LIMNER_HOME", filepath.Join(e.WorkDir, "home"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"idx": writeIDX, "pictures": writePictures, "cut": cut, "onelines": oneLines, "isgrid": isGrid, "drawing": writeDrawing, "flip": flip, "proof": checkProof, "mask": writeMask, "samepixels": samePixels, "repeat": repeat,
		},
		RequireUniqueNames: true,
	})
}

// repeat FILE N TEXT writes a text over and over, until it has n bytes.
func repeat(ts *testscript.TestScript, _ bool, args []string) {
	n := number(ts, args[1])
	text := strings.Repeat(args[2], n/len(args[2])+1)[:n]
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o644))
}

// writeIDX DIR N SIZE makes the files of an MNIST-like set.
func writeIDX(ts *testscript.TestScript, _ bool, args []string) {
	dir, n, size := ts.MkAbs(args[0]), number(ts, args[1]), number(ts, args[2])
	ts.Check(os.MkdirAll(dir, 0o755))
	for _, split := range []string{"train", "t10k"} {
		images := header(0x803, n, size, size)
		labels := header(0x801, n)
		for i := range n {
			labels = append(labels, byte(i%10))
			for p := range size * size {
				images = append(images, byte(p*(i%10+1)))
			}
		}
		write(ts, filepath.Join(dir, split+"-images-idx3-ubyte.gz"), zipped(images))
		write(ts, filepath.Join(dir, split+"-labels-idx1-ubyte.gz"), zipped(labels))
	}
}

func header(numbers ...int) []byte {
	var b []byte
	for _, n := range numbers {
		b = binary.BigEndian.AppendUint32(b, uint32(n))
	}
	return b
}

func zipped(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

// writePictures DIR N makes PNG files in two class folders.
func writePictures(ts *testscript.TestScript, _ bool, args []string) {
	dir, n := ts.MkAbs(args[0]), number(ts, args[1])
	for i := range n {
		class := filepath.Join(dir, []string{"red", "blue"}[i%2])
		ts.Check(os.MkdirAll(class, 0o755))
		img := image.NewRGBA(image.Rect(0, 0, 16, 16))
		for p := range 256 {
			img.Set(p%16, p/16, color.RGBA{uint8(255 * (1 - i%2)), uint8(i), uint8(255 * (i % 2)), 255})
		}
		var b bytes.Buffer
		ts.Check(png.Encode(&b, img))
		write(ts, filepath.Join(class, fmt.Sprintf("%03d.png", i)), b.Bytes())
	}
}

// cut FILE BYTES takes bytes off the end of a file.
func cut(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	st, err := os.Stat(path)
	ts.Check(err)
	ts.Check(os.Truncate(path, st.Size()-int64(number(ts, args[1]))))
}

// oneLines N checks that standard error has that many lines.
func oneLines(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile("stderr")
	if n := bytes.Count([]byte(text), []byte("\n")); n != number(ts, args[0]) {
		ts.Fatalf("%d lines:\n%s", n, text)
	}
}

// isGrid FILE WIDTH HEIGHT checks the extent of a PNG.
func isGrid(ts *testscript.TestScript, _ bool, args []string) {
	f, err := os.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	img, err := png.Decode(f)
	ts.Check(err)
	if b := img.Bounds(); b.Dx() != number(ts, args[1]) || b.Dy() != number(ts, args[2]) {
		ts.Fatalf("%s is %d×%d", args[0], b.Dx(), b.Dy())
	}
}

func number(ts *testscript.TestScript, s string) int {
	n, err := strconv.Atoi(s)
	ts.Check(err)
	return n
}

func write(ts *testscript.TestScript, path string, b []byte) { ts.Check(os.WriteFile(path, b, 0o644)) }

// checkProof PROOF NAME PICTURE checks a proof against the name in a file.
func checkProof(ts *testscript.TestScript, neg bool, args []string) {
	name := strings.TrimSpace(ts.ReadFile(args[1]))
	err := ts.Exec("limner", "dataset", "check-proof", args[0], "--root", name, "--file", args[2])
	if (err != nil) != neg {
		ts.Fatalf("check-proof: %v", err)
	}
}
