package open

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/archive"
	"github.com/limner-ai/limner/source/manifest"
)

// openArchive prepares an archive or a folder of pictures.
func (s *set) openArchive() error {
	a, err := archive.Open(s.beside(s.Path), s.limits)
	if err != nil {
		return fmt.Errorf("path: %w", err)
	}
	if err := manifest.CheckColumns(s.Columns); err != nil {
		return err
	}
	if s.Captions != "" {
		if _, err := formOf(s.Captions); err != nil {
			return fmt.Errorf("captions: %w", err)
		}
		if _, err := os.Stat(s.beside(s.Captions)); err != nil {
			return fmt.Errorf("captions: %w", err)
		}
	}
	s.walk = func(ctx context.Context, yield func(source.Item, error) bool) error {
		words, err := s.words(ctx, s.Captions, s.Columns)
		if err != nil {
			return err
		}
		defer words.Close()
		for e, err := range a.Entries(ctx) {
			if err != nil {
				if !yield(source.Item{}, err) || !alone(err) {
					return errStop
				}
				continue
			}
			if !s.Takes(e.Path) {
				continue
			}
			it, err := s.plain(ctx, e, e.Path, words)
			if err != nil && !alone(err) {
				return err
			}
			if !yield(it, err) {
				return errStop
			}
		}
		return nil
	}
	return nil
}

// words indexes a file that has words for pictures; none for an empty name.
func (s *set) words(ctx context.Context, name string, columns map[string]string) (*manifest.Index, error) {
	none := func(func(manifest.Entry, error) bool) {}
	if name == "" {
		return manifest.NewIndex(ctx, "", "", none)
	}
	f, err := os.Open(s.beside(name))
	if err != nil {
		return nil, fmt.Errorf("captions: %w", err)
	}
	defer f.Close()
	form, err := formOf(name)
	if err != nil {
		return nil, fmt.Errorf("captions: %w", err)
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return nil, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	list, err := json.Marshal(columns)
	if err != nil {
		return nil, err
	}
	limits := s.limits
	limits.Ratio = 1000
	text, err := archive.Decompress(f, limits)
	if err != nil {
		return nil, fmt.Errorf("captions: %w", err)
	}
	defer text.Close()
	x, err := manifest.NewIndex(ctx, s.cache, hex.EncodeToString(sum.Sum(nil))+string(list), manifest.Read(ctx, text, form, columns, manifest.DefaultLimits()))
	if err != nil {
		return nil, fmt.Errorf("captions %s: %w", name, err)
	}
	return x, nil
}

func formOf(name string) (manifest.Form, error) {
	for part := range strings.SplitSeq(strings.ToLower(filepath.Base(name)), ".") {
		switch part {
		case "csv", "tsv":
			return manifest.CSV, nil
		case "jsonl", "ndjson":
			return manifest.JSONL, nil
		}
	}
	return "", fmt.Errorf("%s: its name must tell whether it is csv or jsonl", filepath.Base(name))
}

// plain makes an item of a file, with the words that the index has for its
// path.
func (s *set) plain(ctx context.Context, e *archive.Entry, name string, words *manifest.Index) (source.Item, error) {
	data, err := e.Bytes()
	if err != nil {
		return source.Item{}, err
	}
	it := source.Item{Path: name, Data: data}
	found, err := words.Path(ctx, e.Path)
	if err != nil || len(found) == 0 {
		return it, err
	}
	about := found[0]
	if about.SHA256 != nil && sha256.Sum256(data) != *about.SHA256 {
		return source.Item{}, refuse(name, source.Discrepancy, "line %d of %s gives it the digest %s", about.Line, filepath.Base(s.Captions), about.SHA256)
	}
	for _, other := range found[1:] { // several captions for one picture
		about.Captions = append(about.Captions, other.Captions...)
	}
	s.about(&it, about, fmt.Sprintf("%s line %d", filepath.Base(s.Captions), about.Line), []byte(about.Raw))
	return it, nil
}
