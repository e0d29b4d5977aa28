package usage

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"net/http"
	"os"
	"path/filepath"

	"github.com/limner-ai/limner/internal/strict"
	"github.com/limner-ai/limner/source"
)

// Kind is the kind of source "usage".
var Kind = source.Kind{
	Name:    "usage",
	Summary: "generated pictures that users kept, who consented to their use",
	Open:    open,
}

// config is the source's configuration. Paths are relative to its own folder.
type config struct {
	ID   string `yaml:"id"`
	Kind string `yaml:"kind"`

	Name     string   `yaml:"name"`
	Path     string   `yaml:"path"`     // the store
	Consent  string   `yaml:"consent"`  // a file with the words that users consented to
	Purposes []string `yaml:"purposes"` // that the words permit
	Operator string   `yaml:"operator"` // to whom they consented
	Least    int64    `yaml:"least"`    // by how many more users a picture was kept than discarded
}

type kept struct {
	config
	terms Terms
	dir   string
}

func open(_ context.Context, text []byte, env source.Env) (source.Source, error) {
	k := &kept{config: config{Path: "usage", Least: 1}}
	if err := strict.YAML(text, &k.config); err != nil {
		return nil, err
	}
	switch {
	case k.Consent == "":
		return nil, errors.New("consent: write the file that holds the words that users consented to")
	case k.Operator == "":
		return nil, errors.New("operator: write to whom users consented")
	case k.Least < 1:
		return nil, errors.New("least: write 1 or more")
	}
	words, err := os.ReadFile(beside(env.Dir, k.Consent))
	if err != nil {
		return nil, fmt.Errorf("consent: %w", err)
	}
	k.terms = Terms{string(words), k.Purposes}
	if err := k.terms.check(); err != nil {
		return nil, fmt.Errorf("consent: %w", err)
	}
	k.dir = beside(env.Dir, k.Path)
	s, err := openExisting(k.dir)
	if err != nil {
		return nil, fmt.Errorf("path: %w", err)
	}
	return k, s.Close()
}

func beside(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// About says what was consented to. A consent is an agreement with each user,
// and the words are its document.
func (k *kept) About(ctx context.Context) (source.About, error) {
	s, err := openExisting(k.dir)
	if err != nil {
		return source.About{}, err
	}
	defer s.Close()
	id := k.terms.ID()
	var users int64
	if err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM consent WHERE withdrawn IS NULL AND terms = ?`, id[:]).Scan(&users); err != nil {
		return source.About{}, wrap(err)
	}
	name := k.Name
	if name == "" {
		name = "what users kept"
	}
	return source.About{
		Type: source.Usage, Name: name, Location: k.Path, Version: id.String(),
		Basis: fmt.Sprintf("consent of %d users", users), Maker: k.Operator,
		Agreement: &source.Agreement{
			ID: "consent-" + hex.EncodeToString(id[:8]), Parties: []string{k.Operator, "users who consented"},
			Scope: "generated pictures that users kept", Purposes: k.Purposes, Delete: true,
			Revocation: "each user may withdraw at any time",
			Document:   &source.Evidence{Name: filepath.Base(k.Consent), Data: []byte(k.terms.Words)},
		},
	}, nil
}

// Items gives the pictures whose last word by more users is that they were kept,
// in the order of their digests.
func (k *kept) Items(ctx context.Context) iter.Seq2[source.Item, error] {
	return func(yield func(source.Item, error) bool) {
		s, err := openExisting(k.dir)
		if err != nil {
			yield(source.Item{}, err)
			return
		}
		defer s.Close()
		id := k.terms.ID()
		last := []byte{}
		for {
			ranks, err := s.ranks(ctx, sqlLiked, id[:], last, k.Least)
			if err != nil {
				yield(source.Item{}, wrap(err))
				return
			}
			for _, r := range ranks {
				if err := ctx.Err(); err != nil {
					yield(source.Item{}, err)
					return
				}
				if !yield(s.item(r)) {
					return
				}
				last = r.Picture[:]
			}
			if len(ranks) == 0 {
				return
			}
		}
	}
}

// item is a generated picture, and what it is known to be.
func (s *Store) item(r Rank) (source.Item, error) {
	path := hex.EncodeToString(r.Picture[:])
	data, err := s.pictures.Get(r.Picture)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = errors.New("its file is no longer in the store")
		}
		return source.Item{}, &source.Refused{Path: path, Why: source.Unreachable, Err: err}
	}
	switch http.DetectContentType(data) {
	case "image/png":
		path += ".png"
	case "image/jpeg":
		path += ".jpg"
	case "image/webp":
		path += ".webp"
	default:
		return source.Item{}, &source.Refused{Path: path, Why: source.Malformed, Err: errors.New("it is no PNG, JPEG or WebP")}
	}
	about, err := json.Marshal(struct {
		Prompt string `json:"prompt"`
		Seed   uint64 `json:"seed"`
		Model  Model  `json:"model"`
	}{r.Prompt, r.Seed, r.Model})
	if err != nil {
		return source.Item{}, err
	}
	root := "no data set is known"
	if r.Model.Root != "" {
		root = "trained on the data set " + r.Model.Root
	}
	it := source.Item{
		Path: path, Data: data, Creator: r.Model.Name, Keywords: []string{"synthetic"},
		Statements: []source.Statement{{
			Scope: source.File, Form: source.Notice, Where: "the record of its making",
			Written:  fmt.Sprintf("generated by the model %s (%s), %s", r.Model.Name, r.Model.Weights, root),
			Evidence: &source.Evidence{Name: "generated.json", Data: about},
		}},
	}
	if r.Prompt != "" {
		it.Captions = []source.Caption{{Lang: "und", Text: r.Prompt}}
	}
	return it, nil
}
