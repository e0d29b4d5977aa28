package open

import (
	"context"
	"fmt"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/archive"
	"github.com/limner-ai/limner/source/manifest"
)

// openShards prepares WebDataset shards (https://github.com/webdataset/webdataset):
// tar archives in which the files of a sample follow each other and share their
// names up to the first dot.
func (s *set) openShards() error {
	files, err := s.files(".tar", ".tar.gz", ".tgz", ".tar.zst")
	if err != nil {
		return err
	}
	classes, err := s.classNames()
	if err != nil {
		return err
	}
	s.walk = func(ctx context.Context, yield func(source.Item, error) bool) error {
		for _, f := range files {
			w := &shard{set: s, name: f.name, classes: classes, yield: yield}
			if err := w.read(ctx, f.path); err != nil {
				return err
			}
		}
		return nil
	}
	return nil
}

func (s *set) classNames() ([]string, error) {
	if s.Classes == "" {
		return nil, nil
	}
	text, err := readFile(s.beside(s.Classes), 16<<20)
	if err != nil {
		return nil, fmt.Errorf("classes: %w", err)
	}
	if !utf8.Valid(text) {
		return nil, fmt.Errorf("classes: %s is not UTF-8", s.Classes)
	}
	return strings.Split(strings.TrimRight(strings.TrimPrefix(string(text), "\ufeff"), "\r\n"), "\n"), nil
}

const (
	maxWords    = 4 << 20 // bytes of a sample's text or description
	maxPictures = 16      // of a sample
)

// shard is one archive while it is read. It holds the files of one sample.
type shard struct {
	*set
	name    string
	classes []string
	yield   func(source.Item, error) bool

	key      string
	pictures []source.Item
	about    manifest.Entry
	raw      []byte // of the description
	captions []string
	keywords []string
}

func (w *shard) read(ctx context.Context, file string) error {
	a, err := archive.Open(file, w.limits)
	if err == nil && a.Format != archive.Tar {
		err = fmt.Errorf("a %s, not a tar archive", a.Format)
	}
	if err != nil {
		return w.refused(refuse(w.name, source.Malformed, "%w", err))
	}
	for e, err := range a.Entries(ctx) {
		if err == nil {
			err = w.add(e)
		}
		if alone(err) {
			err = w.refused(moved(err, w.name))
		}
		if err != nil {
			return err
		}
	}
	return w.end()
}

func (w *shard) refused(err error) error {
	if !w.yield(source.Item{}, err) {
		return errStop
	}
	return nil
}

// add takes a file to its sample.
func (w *shard) add(e *archive.Entry) error {
	dir, base := path.Split(e.Path)
	stem, ext, _ := strings.Cut(base, ".")
	if key := dir + stem; key != w.key {
		if err := w.end(); err != nil {
			return err
		}
		w.key = key
	}
	ext = strings.ToLower(ext)
	if w.Takes(e.Path) {
		if len(w.pictures) == maxPictures {
			return refuse(e.Path, source.TooLarge, "its sample has more than %d pictures", maxPictures)
		}
		data, err := e.Bytes()
		if err != nil {
			return err
		}
		w.pictures = append(w.pictures, source.Item{Path: within(w.name, e.Path), Data: data})
		return nil
	}
	if ext != "json" && ext != "txt" && ext != "cls" {
		return nil
	}
	if e.Size > maxWords {
		return refuse(e.Path, source.TooLarge, "words of %d bytes", e.Size)
	}
	data, err := e.Bytes()
	if err != nil {
		return err
	}
	if !utf8.Valid(data) {
		return refuse(e.Path, source.Malformed, "it is not UTF-8")
	}
	text := strings.TrimSpace(strings.TrimPrefix(string(data), "\ufeff"))
	switch ext {
	case "json":
		if w.about, err = manifest.DescribeJSON([]byte(text)); err != nil {
			return refuse(e.Path, source.Malformed, "no JSON object: %w", err)
		}
		w.raw = data
	case "txt":
		if text != "" {
			w.captions = append(w.captions, text)
		}
	case "cls":
		if n, err := strconv.Atoi(text); err == nil && n >= 0 && n < len(w.classes) {
			w.keywords = append(w.keywords, strings.TrimSpace(w.classes[n]))
		}
	}
	return nil
}

// end gives the pictures of the sample that is complete.
func (w *shard) end() error {
	e := w.about
	for _, c := range e.Captions {
		if len(w.captions) == 0 || c != w.captions[0] {
			w.captions = append(w.captions, c)
		}
	}
	e.Captions = w.captions
	e.Keywords = append(e.Keywords, w.keywords...)
	for _, it := range w.pictures {
		w.set.about(&it, e, within(w.name, w.key+".json"), w.raw)
		if !w.yield(it, nil) {
			return errStop
		}
	}
	w.pictures, w.about, w.raw, w.captions, w.keywords = nil, manifest.Entry{}, nil, nil, nil
	return nil
}
