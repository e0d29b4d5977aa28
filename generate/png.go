package generate

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/internal/atomicfile"
	"github.com/limner-ai/limner/internal/grid"
	"github.com/limner-ai/limner/model/trained"
)

// textKey is the keyword under which image tools look for how a picture was
// made.
const textKey = "parameters"

// WriteGrid writes all pictures into one PNG, each pixel scale pixels wide; 0
// chooses a scale at which small pictures can be seen.
func (g *Generator) WriteGrid(path string, p *Pictures, scale int) error {
	if scale == 0 {
		scale = max(1, 64/p.Images.Shape[1])
	}
	img, err := grid.Draw(p.Images, grid.Options{Columns: p.Columns, Labels: p.Labels, Scale: scale})
	if err != nil {
		return err
	}
	if dir := filepath.Dir(path); dir != "" {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("cannot write %s: %w", path, err)
		}
	}
	return writePNG(path, img, g.parameters(p.Items))
}

// WriteSingle writes each picture into a PNG of its own in a folder, named by
// seed, index and class, and returns the paths.
func (g *Generator) WriteSingle(dir string, p *Pictures, scale int) ([]string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("cannot make the folder of the pictures: %w", err)
	}
	var paths []string
	for i, item := range p.Items {
		one := tensor.From(p.Images.Row(i), append(tensor.S(1), p.Images.Shape[1:]...)...)
		img, err := grid.Draw(one, grid.Options{Scale: max(1, scale), Margin: -1})
		if err != nil {
			return nil, err
		}
		path := filepath.Join(dir, item.fileName(i))
		if err := writePNG(path, img, g.parameters(p.Items[i:i+1])); err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

func (it Item) fileName(at int) string {
	name := fmt.Sprintf("%d-%04d", it.Seed, it.Index)
	if it.How != "" {
		name = fmt.Sprintf("%s-%04d", it.How, at)
	}
	if it.ClassName != "" {
		name += "-" + strings.ReplaceAll(plain(it.ClassName), " ", "-")
	}
	return name + ".png"
}

// parameters says how pictures were made: what was asked for on the first
// line, then one line of keys and values.
func (g *Generator) parameters(items []Item) string {
	first, last := items[0], items[len(items)-1]
	asked := first.ClassName
	if last.ClassName != first.ClassName {
		asked = "all classes"
	}
	pairs := [][2]string{
		{"Seed", strconv.FormatUint(first.Seed, 10)},
		{"Picture", strconv.Itoa(first.Index)},
		{"Size", fmt.Sprintf("%dx%d", g.Manifest.Pictures.Width, g.Manifest.Pictures.Height)},
		{"Model hash", g.Digest},
		{"Model", g.Manifest.Name},
		{"Family", g.Manifest.Family},
		{"Truncation", strconv.FormatFloat(first.Truncation, 'g', -1, 64)},
		{"Rights", g.Manifest.Data.Basis.String()},
		{"Version", "Limner " + trained.CodeVersion()},
	}
	if len(items) > 1 {
		pairs = append(pairs, [2]string{"Pictures", strconv.Itoa(len(items))})
	}
	if last.How != "" {
		pairs = append(pairs, [2]string{"How", last.How})
	}
	var line []string
	for _, p := range pairs {
		if strings.ContainsAny(p[1], ",\n\"") {
			p[1] = strconv.Quote(p[1])
		}
		line = append(line, p[0]+": "+p[1])
	}
	return asked + "\n" + strings.Join(line, ", ")
}

// writePNG writes an image with a text that tells where it comes from.
func writePNG(path string, img image.Image, text string) error {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	// The header chunk (8 bytes of signature, 25 of IHDR) must come first.
	const header = 8 + 25
	return atomicfile.Write(path, 0o644, func(w io.Writer) error {
		for _, part := range [][]byte{b.Bytes()[:header], textChunk(textKey, text), b.Bytes()[header:]} {
			if _, err := w.Write(part); err != nil {
				return err
			}
		}
		return nil
	})
}

// textChunk is a tEXt chunk, or iTXt if the text is more than ASCII: PNG
// (third edition), sections 11.3.3.2 and 11.3.3.4.
func textChunk(key, text string) []byte {
	kind, data := "tEXt", key+"\x00"+text
	for _, r := range text {
		if r > 126 {
			// Not compressed, language and translated keyword empty.
			kind, data = "iTXt", key+"\x00\x00\x00\x00\x00"+text
			break
		}
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(b, kind...)
	b = append(b, data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}
