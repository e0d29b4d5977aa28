package open

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/manifest"
	"github.com/limner-ai/limner/source/open/parquet"
)

// openTables prepares Parquet files with a column of pictures.
func (s *set) openTables() error {
	files, err := s.files(".parquet")
	if err != nil {
		return err
	}
	s.walk = func(ctx context.Context, yield func(source.Item, error) bool) error {
		for _, f := range files {
			if err := s.table(ctx, f, s.Columns, yield); err != nil {
				return err
			}
		}
		return nil
	}
	return nil
}

// layout says which columns of a Parquet file are read: the first holds the
// picture, the others the fields.
type layout struct {
	columns []string
	fields  []string
}

// arrange finds the column of pictures and those of words. Hugging Face writes
// pictures as a group of bytes and path, and notes the types of columns.
func arrange(f *parquet.File, named map[string]string) (layout, error) {
	image, err := imageColumn(f, named["image"])
	if err != nil {
		return layout{}, err
	}
	l := layout{[]string{image}, []string{"image"}}
	taken := map[string]bool{}
	for field, name := range named {
		if field == "image" || name == "" {
			continue
		}
		column, ok := column(f, name)
		if !ok {
			return layout{}, fmt.Errorf("columns: %s: there is no column %q of texts", field, name)
		}
		l.columns, l.fields, taken[field] = append(l.columns, column), append(l.fields, field), true
	}
	for _, c := range f.Columns {
		field := manifest.FieldOf(top(c.Name))
		if field == "" || field == "path" || field == "media" || taken[field] || !c.Bytes || slices.Contains(l.columns, c.Name) || top(c.Name) == top(image) {
			continue
		}
		l.columns, l.fields = append(l.columns, c.Name), append(l.fields, field)
	}
	return l, nil
}

// top is the first part of a column's name: "captions" of
// "captions.list.element".
func top(name string) string { first, _, _ := strings.Cut(name, "."); return first }

// column finds a column of bytes by its own name or that of the group or list
// that it is all of.
func column(f *parquet.File, name string) (string, bool) {
	var found []string
	for _, c := range f.Columns {
		if c.Bytes && (c.Name == name || c.Name == name+".bytes") {
			return c.Name, true
		}
		if c.Bytes && strings.HasPrefix(c.Name, name+".") {
			found = append(found, c.Name)
		}
	}
	if len(found) == 1 {
		return found[0], true
	}
	return "", false
}

func imageColumn(f *parquet.File, named string) (string, error) {
	if named != "" {
		if c, ok := column(f, named); ok {
			return c, nil
		}
		return "", fmt.Errorf("columns: image: there is no column %q of bytes", named)
	}
	var candidates []string
	var notes struct {
		Info struct {
			Features map[string]struct {
				Type string `json:"_type"`
			} `json:"features"`
		} `json:"info"`
	}
	_ = json.Unmarshal([]byte(f.Meta["huggingface"]), &notes) // a hint, if it is there
	for name, feature := range notes.Info.Features {
		if c, ok := column(f, name); ok && feature.Type == "Image" {
			candidates = append(candidates, c)
		}
	}
	for _, c := range f.Columns {
		group, isGroup := strings.CutSuffix(c.Name, ".bytes")
		if c.Bytes && (isGroup && slices.ContainsFunc(f.Columns, func(o parquet.Column) bool { return o.Name == group+".path" }) ||
			slices.Contains([]string{"image", "img", "picture", "jpg", "jpeg", "png", "webp", "image_bytes"}, strings.ToLower(c.Name))) {
			candidates = append(candidates, c.Name)
		}
	}
	slices.Sort(candidates)
	candidates = slices.Compact(candidates)
	if len(candidates) == 1 {
		return candidates[0], nil
	}
	var names []string
	for _, c := range f.Columns {
		if c.Bytes {
			names = append(names, c.Name)
		}
	}
	return "", fmt.Errorf("columns: write which column holds the pictures, as image: NAME; there are: %s", strings.Join(names, ", "))
}

// table yields the pictures of one Parquet file.
func (s *set) table(ctx context.Context, at local, named map[string]string, yield func(source.Item, error) bool) error {
	file, err := os.Open(at.path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	f, err := parquet.Open(file, info.Size(), parquet.DefaultLimits())
	if err == nil {
		var l layout
		if l, err = arrange(f, named); err == nil {
			return s.rows(ctx, f, l, at.name, info.Size(), yield)
		}
	}
	if !yield(source.Item{}, refuse(at.name, source.Malformed, "%w", err)) {
		return errStop
	}
	return nil
}

// rows yields the pictures of rows. What dictionaries repeat may not make more
// of a file than archives may.
func (s *set) rows(ctx context.Context, f *parquet.File, l layout, name string, size int64, yield func(source.Item, error) bool) error {
	given := int64(0)
	for row, err := range f.Read(ctx, l.columns...) {
		if err != nil {
			if ctx.Err() == nil {
				err = fmt.Errorf("%s: %w", name, err)
			}
			return err
		}
		it, err := s.row(row, l, name)
		if given += int64(len(it.Data)); given > s.limits.Slack && given/s.limits.Ratio > size {
			return fmt.Errorf("%s: it repeats its pictures too often: %d bytes hold %d", name, size, given)
		}
		if !yield(it, err) {
			return errStop
		}
	}
	return nil
}

func (s *set) row(row parquet.Row, l layout, name string) (source.Item, error) {
	place := fmt.Sprintf("%s/%d", name, row.Number)
	values := map[string][]string{}
	size := 0
	for i, field := range l.fields[1:] {
		for _, v := range row.Values[i+1] {
			if size += len(v); size > maxWords {
				return source.Item{}, refuse(place, source.TooLarge, "its words have more than %d bytes", maxWords)
			}
			values[field] = append(values[field], string(v))
		}
	}
	e := manifest.Describe(values)
	if len(row.Values[0]) != 1 || len(row.Values[0][0]) == 0 {
		if e.URL != "" {
			return source.Item{}, refuse(place, source.Unreachable, "the file has only its address, %.200q, and addresses are not fetched here", e.URL)
		}
		return source.Item{}, refuse(place, source.Malformed, "the row has no picture")
	}
	data := row.Values[0][0]
	if int64(len(data)) > s.limits.File {
		return source.Item{}, refuse(place, source.TooLarge, "it has more than %d bytes", s.limits.File)
	}
	it := source.Item{Path: place + extension(data), Data: bytes.Clone(data)}
	if !s.Takes(it.Path) {
		return source.Item{}, refuse(it.Path, source.Malformed, "its bytes are no picture that is read, or the patterns leave it out")
	}
	evidence, err := json.Marshal(values)
	if err != nil {
		return source.Item{}, err
	}
	s.about(&it, e, place, evidence)
	return it, nil
}

// extension tells a picture's format by its bytes.
func extension(data []byte) string {
	switch http.DetectContentType(data) {
	case "image/png":
		return ".png"
	case "image/jpeg":
		return ".jpg"
	case "image/gif":
		return ".gif"
	case "image/webp":
		return ".webp"
	}
	if head := data[:min(len(data), 1024)]; bytes.Contains(head, []byte("<svg")) {
		return ".svg"
	}
	return ""
}
