// Package open is the source of data sets that were published under a licence
// for all: described by Croissant, as WebDataset shards, as Parquet files with
// columns of pictures, or as plain archives and folders. It reads files that lie
// on the disk; addresses in them are recorded, and never fetched.
package open

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"unicode/utf8"

	"github.com/limner-ai/limner/internal/strict"
	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/archive"
	"github.com/limner-ai/limner/source/manifest"
	"github.com/limner-ai/limner/source/pick"
)

// Kind is the kind of source "open".
var Kind = source.Kind{
	Name:    "open",
	Summary: "open data sets: Croissant, WebDataset, Parquet, or archives with a stated licence",
	Open:    open,
}

// config is the source's configuration. Paths are relative to its own folder.
type config struct {
	ID   string `yaml:"id"`
	Kind string `yaml:"kind"`

	Format string `yaml:"format"` // croissant, webdataset, parquet or archive
	Path   string `yaml:"path"`   // a file, a folder, or a pattern of files
	Data   string `yaml:"data"`   // Croissant: the folder of the files described, by default that of the description

	Licence  string `yaml:"licence"`  // needed unless the description states one
	Evidence string `yaml:"evidence"` // a file that proves it: the LICENSE, the saved page

	Name      string `yaml:"name"`
	URL       string `yaml:"url"` // where it was got
	Version   string `yaml:"version"`
	Basis     string `yaml:"basis"`
	Maker     string `yaml:"maker"`
	Completed string `yaml:"completed"`
	Renewed   string `yaml:"renewed"`
	Works     int64  `yaml:"works"`

	Creator  string            `yaml:"creator"` // of pictures that name none
	Style    string            `yaml:"style"`
	Language string            `yaml:"language"` // of captions that name none
	Columns  map[string]string `yaml:"columns"`  // by field; "image" is the picture's in Parquet
	Captions string            `yaml:"captions"` // archive: a CSV or JSONL file with a path and words for each picture
	Classes  string            `yaml:"classes"`  // WebDataset: a file with a class's name on each line

	pick.Rule `yaml:",inline"`
}

// set is one open data set.
type set struct {
	config
	dir, cache string
	limits     archive.Limits
	statements []source.Statement
	// walk calls yield for all items; it stops where yield says so. What it
	// returns ends the sequence.
	walk func(ctx context.Context, yield func(source.Item, error) bool) error
}

func open(_ context.Context, text []byte, env source.Env) (source.Source, error) {
	s := &set{dir: env.Dir, cache: env.Cache, limits: archive.DefaultLimits()}
	if err := strict.YAML(text, &s.config); err != nil {
		return nil, err
	}
	if s.Path == "" {
		return nil, errors.New("path: write the file or folder of the data set")
	}
	if err := s.Check(); err != nil {
		return nil, err
	}
	if err := s.state(); err != nil {
		return nil, err
	}
	var err error
	switch s.Format {
	case "croissant":
		err = s.openCroissant()
	case "webdataset":
		err = s.openShards()
	case "parquet":
		err = s.openTables()
	case "archive":
		err = s.openArchive()
	default:
		err = fmt.Errorf("format: %q is none; write croissant, webdataset, parquet or archive", s.Format)
	}
	if err != nil {
		return nil, err
	}
	if len(s.statements) == 0 {
		return nil, errors.New("licence: write under which licence the data set is published, and under evidence the file that proves it")
	}
	return s, nil
}

// state reads the licence that the configuration states.
func (s *set) state() error {
	if s.Licence == "" {
		if s.Evidence != "" {
			return errors.New("licence: write which licence the evidence proves")
		}
		return nil
	}
	if s.Evidence == "" {
		return errors.New("evidence: write the file that proves the licence (the LICENSE, the page saved); a licence that nothing proves is none")
	}
	data, err := readFile(s.beside(s.Evidence), 16<<20)
	if err != nil {
		return fmt.Errorf("evidence: %w", err)
	}
	if len(data) == 0 {
		return fmt.Errorf("evidence: %s is empty", s.Evidence)
	}
	e := &source.Evidence{Name: filepath.Base(s.Evidence), Data: data}
	s.statements = append(s.statements, source.Statement{Scope: source.Whole, Form: source.Expression,
		Written: s.Licence, Where: "the source's licence, proven by " + e.Name, Evidence: e})
	if licenceFile.MatchString(e.Name) && utf8.Valid(data) {
		s.statements = append(s.statements, source.Statement{Scope: source.Whole, Form: source.Text,
			Written: string(data), Where: e.Name, Evidence: e})
	}
	return nil
}

var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying)([-_.].*)?$`)

func (s *set) About(context.Context) (source.About, error) {
	a := source.About{
		Type: source.Open, Name: s.Name, Location: s.URL, Version: s.Version, Basis: s.Basis,
		Maker: s.Maker, Completed: s.Completed, Renewed: s.Renewed, Works: s.Works, Statements: s.statements,
	}
	if a.Name == "" {
		a.Name = filepath.Base(s.Path)
	}
	if a.Location == "" {
		a.Location = s.Path
	}
	if a.Basis == "" {
		a.Basis = "open data set"
	}
	return a, nil
}

// Items gives the pictures in the order of the files' names and, within a file,
// of its entries or rows.
func (s *set) Items(ctx context.Context) iter.Seq2[source.Item, error] {
	return func(yield func(source.Item, error) bool) {
		err := ctx.Err()
		if err == nil {
			err = s.walk(ctx, func(it source.Item, err error) bool {
				if err == nil && len(it.Data) == 0 {
					err = &source.Refused{Path: it.Path, Why: source.Malformed, Err: errors.New("it is empty")}
				}
				if err != nil {
					return yield(source.Item{}, err)
				}
				if it.Style = s.Style; it.Creator == "" {
					it.Creator = s.Creator
				}
				return yield(it, nil)
			})
		}
		if err != nil && !errors.Is(err, errStop) {
			yield(source.Item{}, err)
		}
	}
}

// errStop says that the caller wants no more.
var errStop = errors.New("stopped")

// about tells of a picture what an entry says.
func (s *set) about(it *source.Item, e manifest.Entry, where string, evidence []byte) {
	e.Fill(it, s.Language, where, &source.Evidence{Name: where, Data: evidence})
}

func (s *set) beside(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(s.dir, path)
}

// readFile reads a file of at most limit bytes.
func readFile(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%s has more than %d bytes", path, limit)
	}
	return data, err
}
