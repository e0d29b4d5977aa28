// Package frozen writes and reads frozen data sets: sets of pictures that do
// not change any more, whose every picture was let in by a recorded decision,
// and that prove which pictures they hold.
//
// A frozen set is a folder:
//
//	set.json        what the set is: its root, its counts, the digests of all files below
//	freeze.json     when and by whom it was frozen, with the ledger's signed checkpoint
//	checkpoint      that checkpoint alone, for limner rights verify
//	shards/*.tar    the pictures with captions and records, as WebDataset lays them out
//	index.parquet   a row a picture: where it lies, what it shows, whence it came, its licence
//	contents.bin    the sorted SHA-256 digests that the root is computed over
//	attribution.md  who must be named, and under which licence
//	croissant.json  the description that tools read (Croissant 1.1)
//
// The root is the Merkle tree hash (package proof) over the digests of the files
// as they came from their sources and of the prepared pictures together, so
// that either proves that it is in the set or not. Everything but freeze.json,
// checkpoint and the day in croissant.json follows from the curated pictures, the decisions
// and the set's name, whatever the machine and the number of threads.
package frozen

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/limner-ai/limner/dataset/proof"
	"github.com/limner-ai/limner/internal/digest"
)

// Format is the version of the layout that this code writes and reads.
const Format = 1

// The files of a frozen set.
const (
	ManifestFile    = "set.json"
	FreezeFile      = "freeze.json"
	ContentsFile    = "contents.bin"
	IndexFile       = "index.parquet"
	AttributionFile = "attribution.md"
	CroissantFile   = "croissant.json"
	CheckpointFile  = "checkpoint"
	shardFolder     = "shards"
	workFolder      = ".work" // marks of what is whole, while the set is made
)

// Manifest is what set.json says.
type Manifest struct {
	Format   int        `json:"format"`
	Name     string     `json:"name"`
	Root     proof.Name `json:"root"`
	Pictures int        `json:"pictures"`
	Splits   Counts     `json:"splits"`
	Side     int        `json:"side"` // of the square pictures, in pixels
	// Recipe is the digest of the recipe that the pictures were curated by,
	// Ruleset the version of the rules by which they were let in.
	Recipe  digest.SHA256 `json:"recipe,omitzero"`
	Ruleset string        `json:"ruleset"`
	// Purpose and Territory are what the decisions were made for.
	Purpose   string `json:"purpose"`
	Territory string `json:"territory,omitempty"` // ISO 3166; empty means everywhere
	// Replaces is the name of the set that this one was frozen to replace.
	Replaces proof.Name `json:"replaces,omitzero"`
	Sources  Counts     `json:"sources"`
	Licences Counts     `json:"licences"`
	Styles   Counts     `json:"styles,omitempty"`
	// LeftOut counts the curated pictures that were not let in, by reason.
	LeftOut Counts `json:"left_out,omitempty"`
	Shards  []File `json:"shards"`
	Index   File   `json:"index"`
	// Contents lists the digests under the root, 32 bytes each, ascending.
	Contents    File `json:"contents"`
	Attribution File `json:"attribution"`
}

// Counts says how many pictures there are of each name.
type Counts map[string]int

// File names a file of the set by what it holds.
type File struct {
	Path     string        `json:"path"` // relative to the set's folder, with slashes
	Pictures int           `json:"pictures,omitempty"`
	Bytes    int64         `json:"bytes"`
	SHA256   digest.SHA256 `json:"sha256"`
}

// Freeze is what freeze.json says: what is true of this freezing rather than
// of the pictures.
type Freeze struct {
	Time time.Time `json:"time"`
	Code string    `json:"code"` // version of Limner
	// Manifest is the digest of set.json, as the ledger records it.
	Manifest digest.SHA256 `json:"manifest"`
	// Checkpoint is the ledger's signed note after the set was recorded, Key the
	// public key that it is checked by.
	Checkpoint string `json:"checkpoint,omitempty"`
	Key        string `json:"key,omitempty"`
	// Expires is when the first of the decisions does; zero if none does.
	Expires time.Time `json:"expires,omitzero"`
}

// maxManifest bounds what is read of set.json and freeze.json.
const maxManifest = 64 << 20

// ReadManifest reads a set's manifest and checks that it can be one.
func ReadManifest(dir string) (Manifest, error) {
	var m Manifest
	if err := readJSON(filepath.Join(dir, ManifestFile), &m); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return m, fmt.Errorf("frozen: %s is not a frozen set: it has no %s", dir, ManifestFile)
		}
		return m, fmt.Errorf("frozen: %w", err)
	}
	switch {
	case m.Format != Format:
		return m, fmt.Errorf("frozen: %s: its layout is version %d, and this Limner reads %d: use the Limner that wrote it", dir, m.Format, Format)
	case m.Pictures < 1 || m.Side < 1 || m.Side > 1<<14 || m.Root.Size < 1:
		return m, fmt.Errorf("frozen: %s: %s does not describe a set of pictures", dir, ManifestFile)
	}
	for _, f := range append(append([]File{}, m.Shards...), m.Index, m.Contents, m.Attribution) {
		if !filepath.IsLocal(filepath.FromSlash(f.Path)) {
			return m, fmt.Errorf("frozen: %s: the path %q leads out of the set", dir, f.Path)
		}
	}
	return m, nil
}

// ReadFreeze reads when and by whom a set was frozen.
func ReadFreeze(dir string) (Freeze, error) {
	var f Freeze
	if err := readJSON(filepath.Join(dir, FreezeFile), &f); err != nil {
		return f, fmt.Errorf("frozen: %w", err)
	}
	return f, nil
}

func readJSON(path string, dst any) error {
	st, err := os.Stat(path)
	if err != nil {
		return err
	}
	if st.Size() > maxManifest {
		return fmt.Errorf("%s has %d bytes, at most %d are read", path, st.Size(), maxManifest)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, dst); err != nil {
		return fmt.Errorf("%s is damaged: %w", path, err)
	}
	return nil
}

// encode writes JSON for people to read, the same for the same value.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return b.Bytes(), err
}
