package curate

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"github.com/limner-ai/limner/curate/caption"
	"github.com/limner-ai/limner/internal/atomicfile"
	"github.com/limner-ai/limner/internal/digest"
)

// Summary is what a run says about the set that it made.
type Summary struct {
	Name    string        `json:"name"`
	Recipe  digest.SHA256 `json:"recipe"`  // Recipe.Digest
	Entries digest.SHA256 `json:"entries"` // of the entries' files, one after another
	Made    string        `json:"made_by"` // the version of Go, on which the pictures' bytes depend

	Copies   int            `json:"copies"` // looked at
	Pictures int            `json:"pictures"`
	Train    int            `json:"train"`
	Test     int            `json:"test"`
	Rejected map[Why]int    `json:"rejected"`
	Sources  map[string]int `json:"sources"` // pictures of each

	Concepts int `json:"concepts"`
	HeldOut  int `json:"concepts_held_out"`
	Clusters int `json:"near_duplicate_clusters"`
	InThem   int `json:"pictures_in_clusters"`

	// Unknown is the number of pictures that should draw an emoji, of which
	// the caption data know nothing.
	Unknown int              `json:"unknown_emoji"`
	Words   []caption.Origin `json:"captions_from"`
}

func summaryPath(dir string) string { return filepath.Join(dir, "summary.json") }

func entriesPath(dir string, part int) string {
	return filepath.Join(dir, "entries", fmt.Sprintf("%05d.jsonl", part))
}

func writeJSON(path string, v any) error {
	return atomicfile.Write(path, 0o644, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(v)
	})
}

// ReadSummary reads what Run left in dir. A set that is not whole, or was made
// by a run that did not end, is an error.
func ReadSummary(dir string) (Summary, error) {
	var s Summary
	b, err := os.ReadFile(summaryPath(dir))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s, fmt.Errorf("%s holds no curated set, or one that is not finished: run limner curate", dir)
	case err != nil:
		return s, fmt.Errorf("curated set: %w", err)
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return s, fmt.Errorf("%s: %w: curate anew", summaryPath(dir), err)
	}
	return s, nil
}

// Entries gives the pictures of the set in dir, in its order, without holding
// more than one. After the last it checks that they are those that the summary
// speaks of; an error ends the sequence.
func Entries(dir string) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		s, err := ReadSummary(dir)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		paths, err := filepath.Glob(filepath.Join(dir, "entries", "*.jsonl"))
		if err != nil {
			yield(Entry{}, fmt.Errorf("curated set: %w", err))
			return
		}
		slices.Sort(paths)
		all := sha256.New()
		for _, path := range paths {
			if more, err := readEntries(path, all, yield); err != nil {
				yield(Entry{}, fmt.Errorf("%s: %w: curate anew", path, err))
				return
			} else if !more {
				return
			}
		}
		if digest.SHA256(all.Sum(nil)) != s.Entries {
			yield(Entry{}, fmt.Errorf("the entries in %s are not those of its summary: curate anew", dir))
		}
	}
}

func readEntries(path string, all hash.Hash, yield func(Entry, error) bool) (more bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	d := json.NewDecoder(io.TeeReader(bufio.NewReaderSize(f, 1<<16), all))
	for {
		var e Entry
		switch err := d.Decode(&e); {
		case err == io.EOF:
			return true, nil
		case err != nil:
			return false, err
		}
		if !yield(e, nil) {
			return false, nil
		}
	}
}
