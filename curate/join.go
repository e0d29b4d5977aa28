package curate

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/limner-ai/limner/curate/caption"
	"github.com/limner-ai/limner/curate/concept"
	"github.com/limner-ai/limner/internal/atomicfile"
	"github.com/limner-ai/limner/internal/digest"
)

// joiner turns parts into entries, reading them twice or three times instead of
// holding them.
type joiner struct {
	*runner
	parts   int
	table   *table
	least   map[int32]digest.SHA256 // least content of a cluster
	sum     Summary
	entries hash.Hash
}

// join says of every picture of the parts what only all together can say.
func (r *runner) join(ctx context.Context, parts int) (Summary, error) {
	j := &joiner{runner: r, parts: parts, table: newTable(), least: map[int32]digest.SHA256{}, entries: sha256.New()}
	j.sum = Summary{Name: r.recipe.Name, Recipe: r.recipe.Digest(), Made: runtime.Version(),
		Rejected: map[Why]int{}, Sources: map[string]int{}, Words: r.words.Origins()}
	err := j.each(ctx, func(_ int, _ *record, v *view) error {
		if v.why == "" {
			j.table.add(v.concept, v.prepared)
		}
		return nil
	})
	if err != nil {
		return j.sum, err
	}
	if err := j.table.find(r.recipe.Duplicates); err != nil {
		return j.sum, fmt.Errorf("curate: %w", err)
	}
	if err := j.table.split(r.recipe.Split); err != nil {
		return j.sum, fmt.Errorf("curate: %w", err)
	}
	if err := j.nameClusters(ctx); err != nil {
		return j.sum, err
	}
	if err := j.write(ctx); err != nil {
		return j.sum, err
	}
	return j.sum, writeJSON(summaryPath(r.dir), j.sum)
}

// view is what a record means by the recipe.
type view struct {
	picture  int // place among those let in
	prepared *prepared
	words    caption.Words
	concept  concept.Concept
	expected bool // to draw an emoji
	why      Why
	detail   string
}

// each gives all records of all parts with what they mean.
func (j *joiner) each(ctx context.Context, f func(part int, x *record, v *view) error) error {
	picture := 0
	for part := range j.parts {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := readPart(j.dir, part, func(header) bool { return true }, func(x *record) error {
			v := j.view(x)
			v.picture = picture
			if v.why == "" {
				picture++
			}
			return f(part, x, v)
		})
		if err != nil {
			return fmt.Errorf("%s: %w", partPath(j.dir, part), err)
		}
	}
	return nil
}

func (j *joiner) view(x *record) *view {
	v := &view{prepared: x.Prepared}
	if x.Rejection != nil {
		v.why, v.detail = x.Rejection.Why, x.Rejection.Detail
		return v
	}
	if v.why, v.detail = j.recipe.Quality.fault(x.Prepared); v.why != "" {
		return v
	}
	from := j.recipe.from(x.Source)
	named := from != nil && from.EmojiNames
	v.words = j.writer.Join(caption.Item{Path: x.Path, Title: x.Title, Captions: x.Captions, Keywords: x.Keywords,
		Codepoints: x.Codepoints, Style: x.Style, Named: named})
	v.expected = named || x.Codepoints != ""
	stem := strings.TrimSuffix(path.Base(x.Path), path.Ext(x.Path))
	v.concept = cmp.Or(concept.Of(v.words.Emoji.Codepoints), concept.Of(x.Codepoints), concept.Name(x.Title), concept.Of(stem))
	if v.concept == "" {
		v.why, v.detail = Nameless, "neither title nor file name says what it shows"
	}
	return v
}

// nameClusters finds the least content of each cluster.
func (j *joiner) nameClusters(ctx context.Context) error {
	if j.recipe.Duplicates.Near != Keep {
		return nil
	}
	return j.each(ctx, func(_ int, x *record, v *view) error {
		if v.why != "" {
			return nil
		}
		k := j.table.clusterOf(v.picture)
		if old, ok := j.least[k]; k >= 0 && (!ok || digest.Compare(x.Content, old) < 0) {
			j.least[k] = x.Content
		}
		return nil
	})
}

// write writes entries and rejections.
func (j *joiner) write(ctx context.Context) error {
	if err := os.MkdirAll(filepath.Join(j.dir, "entries"), 0o755); err != nil {
		return fmt.Errorf("curate: %w", err)
	}
	if err := removeFrom(entriesPath, j.dir, j.parts); err != nil {
		return err
	}
	kept := map[int32]bool{} // clusters of which the first was seen
	concepts := make([]bool, len(j.table.names))
	err := atomicfile.Write(filepath.Join(j.dir, "rejected.jsonl"), 0o644, func(w io.Writer) error {
		rejected := json.NewEncoder(w)
		rejected.SetEscapeHTML(false)
		var lines bytes.Buffer
		entries := json.NewEncoder(&lines)
		entries.SetEscapeHTML(false)
		now := 0
		flush := func() error {
			j.entries.Write(lines.Bytes())
			err := atomicfile.Write(entriesPath(j.dir, now), 0o644, func(w io.Writer) error {
				_, err := w.Write(lines.Bytes())
				return err
			})
			lines.Reset()
			return err
		}
		err := j.each(ctx, func(part int, x *record, v *view) error {
			if part != now {
				if err := flush(); err != nil {
					return err
				}
				now = part
			}
			j.sum.Copies++
			if v.why == "" && j.recipe.Duplicates.Near == Drop {
				if k := j.table.clusterOf(v.picture); k >= 0 {
					if kept[k] {
						v.why, v.detail = NearCopy, "looks like an earlier picture"
					}
					kept[k] = true
				}
			}
			if v.why != "" {
				j.sum.Rejected[v.why]++
				return rejected.Encode(Rejection{Source: x.Source, Path: x.Path, Content: x.Content, Why: v.why, Detail: v.detail})
			}
			concepts[j.table.concepts[v.picture]] = true
			return entries.Encode(j.entry(x, v))
		})
		if err != nil || j.parts == 0 {
			return err
		}
		return flush()
	})
	if err != nil {
		return err
	}
	for i, is := range concepts {
		if is {
			j.sum.Concepts++
			if j.table.heldOut[i] {
				j.sum.HeldOut++
			}
		}
	}
	j.sum.Clusters = len(j.least)
	j.entries.Sum(j.sum.Entries[:0])
	return nil
}

// entry is a record that is let in, as it is written; it is counted too.
func (j *joiner) entry(x *record, v *view) Entry {
	e := Entry{
		Content: x.Content, Picture: x.Prepared.Picture, Source: x.Source, Path: x.Path,
		Captions: v.words.Captions, Keywords: v.words.Keywords, Style: x.Style, Title: x.Title, Creator: x.Creator,
		Emoji: v.words.Emoji, Colour: x.Prepared.Colour,
		Concept: v.concept, Split: "train", Hash: x.Prepared.Hash, Measures: x.Prepared.Measures,
		Licence: x.Licence, Holders: x.Holders,
	}
	if j.table.heldOut[j.table.concepts[v.picture]] {
		e.Split = "test"
		j.sum.Test++
	} else {
		j.sum.Train++
	}
	if least, ok := j.least[j.table.clusterOf(v.picture)]; ok {
		e.Cluster = least
		j.sum.InThem++
	}
	if v.expected && e.Emoji.Codepoints == "" {
		j.sum.Unknown++
	}
	j.sum.Pictures++
	j.sum.Sources[x.Source]++
	return e
}
