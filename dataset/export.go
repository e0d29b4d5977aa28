package dataset

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/limner-ai/limner/dataset/picture"
)

// record is a line of metadata.jsonl, under the names that Hugging Face's
// imagefolder loader reads.
type record struct {
	File   string `json:"file_name"`
	Name   string `json:"name"`
	Class  string `json:"class,omitempty"`
	Text   string `json:"text,omitempty"`
	Detail any    `json:"detail,omitempty"`
}

// Export writes the set as a new folder of PNG files that the kind folder
// reads back to the same digest: class sub-folders if it has classes,
// captions in .txt files beside, and metadata.jsonl with a line a picture.
//
// dir must not exist. It appears only once it is complete; after an error
// nothing is left behind. Pictures that cannot be read are left out and
// returned.
func Export(ctx context.Context, s picture.Set, dir string) (skipped []picture.Skip, err error) {
	if _, err := os.Lstat(dir); err == nil {
		return nil, fmt.Errorf("export: %s already exists; name a new folder", dir)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("export: %w", err)
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	partial, err := os.MkdirTemp(parent, "."+filepath.Base(dir)+".partial-*")
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	defer os.RemoveAll(partial) // after the rename there is nothing to remove
	// MkdirTemp is private; what is exported follows the umask.
	inner := filepath.Join(partial, "set")
	if err := os.Mkdir(inner, 0o777); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	if skipped, err = write(ctx, s, inner); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	if err := os.Rename(inner, dir); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	return skipped, nil
}

func write(ctx context.Context, s picture.Set, dir string) (skipped []picture.Skip, err error) {
	meta, err := os.Create(filepath.Join(dir, "metadata.jsonl"))
	if err != nil {
		return nil, err
	}
	defer meta.Close()
	lines := bufio.NewWriter(meta)
	enc := json.NewEncoder(lines)
	enc.SetEscapeHTML(false)
	for _, class := range s.Classes() {
		if err := os.MkdirAll(filepath.Join(dir, folderName(class)), 0o777); err != nil {
			return nil, err
		}
	}
	h, w, c := s.Shape()
	pixels := make([]float32, h*w*c)
	details, _ := s.(picture.Detailer)
	for i := range s.Len() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		label, err := s.Item(i, pixels)
		if picture.IsSkip(err) {
			skipped = append(skipped, picture.Skip{Path: s.Name(i), Err: err})
			continue
		}
		if err != nil {
			return nil, err
		}
		r := record{File: fmt.Sprintf("%06d.png", i), Name: s.Name(i), Text: label.Caption}
		if label.Class >= 0 {
			r.Class = s.Classes()[label.Class]
			r.File = folderName(r.Class) + "/" + r.File
		}
		if details != nil {
			r.Detail = details.Detail(i)
		}
		path := filepath.Join(dir, filepath.FromSlash(r.File))
		if err := writePNG(path, pixels, h, w, c); err != nil {
			return nil, err
		}
		if r.Text != "" {
			text := strings.TrimSuffix(path, ".png") + ".txt"
			if err := os.WriteFile(text, []byte(r.Text+"\n"), 0o666); err != nil {
				return nil, err
			}
		}
		if err := enc.Encode(r); err != nil {
			return nil, err
		}
	}
	if err := lines.Flush(); err != nil {
		return nil, err
	}
	return skipped, meta.Close()
}

// writePNG writes one HWC picture with values in [0, 1].
func writePNG(path string, pixels []float32, h, w, c int) error {
	b := make([]uint8, len(pixels))
	picture.Bytes(b, pixels)
	frame := image.Rect(0, 0, w, h)
	var img image.Image
	if c == 1 {
		img = &image.Gray{Pix: b, Stride: w, Rect: frame}
	} else {
		rgba := image.NewNRGBA(frame)
		for i := range h * w {
			copy(rgba.Pix[4*i:], b[3*i:3*i+3])
			rgba.Pix[4*i+3] = 0xff
		}
		img = rgba
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	err = png.Encode(f, img)
	return errors.Join(err, f.Close())
}

// folderName writes a class name as one that every file system takes, the
// characters that some refuse as %XX.
func folderName(class string) string {
	var b strings.Builder
	for i := range len(class) {
		ch := class[i]
		edge := i == 0 || i == len(class)-1
		if ch < ' ' || ch == 0x7f || strings.IndexByte(`/\:*?"<>|%`, ch) >= 0 || edge && (ch == '.' || ch == ' ') {
			fmt.Fprintf(&b, "%%%02X", ch)
			continue
		}
		b.WriteByte(ch)
	}
	return b.String()
}
