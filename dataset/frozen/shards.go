package frozen

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/limner-ai/limner/curate"
	"github.com/limner-ai/limner/dataset/shard"
	"github.com/limner-ai/limner/internal/atomicfile"
	"github.com/limner-ai/limner/internal/digest"
)

const splitTrain, splitTest = "train", "test"

var errStop = errors.New("stopped")

// maxPicture bounds a prepared picture in bytes.
const maxPicture = 64 << 20

// shardPart is a shard that is whole: what it is and the rows of its pictures.
// It is the completion marker that a later run looks for.
type shardPart struct {
	File File   `json:"file"`
	Side int    `json:"side"`
	Rows string `json:"-"` // path of the rows, a JSON object a line
}

type shardParts []shardPart

func (f *freezer) shards(ctx context.Context, p *plan, m *Manifest) (shardParts, error) {
	var parts shardParts
	open := map[int32]*os.File{}
	defer func() {
		for _, file := range open {
			file.Close()
		}
	}()
	for at, number := 0, 0; at < len(p.places); number++ {
		split := splitTrain
		if p.places[at].test {
			split = splitTest
		}
		if number > 0 && p.places[at].test && !p.places[at-1].test {
			number = 0 // test shards are counted on their own
		}
		name := fmt.Sprintf("%s-%06d", split, number)
		part, ok := f.finished(name)
		if !ok {
			var err error
			if part, err = f.shard(ctx, p, at, name, open); err != nil {
				return nil, err
			}
		}
		if m.Side == 0 {
			m.Side = part.Side
		}
		if part.Side != m.Side {
			return nil, fmt.Errorf("shard %s holds pictures of side %d, others %d: curate them with one size", name, part.Side, m.Side)
		}
		at += part.File.Pictures
		parts = append(parts, part)
		m.Shards = append(m.Shards, part.File)
		f.tell("writing", at, len(p.places))
	}
	return parts, nil
}

func (f *freezer) markers(name string) (mark, rows string) {
	return filepath.Join(f.dir, workFolder, name+".done"), filepath.Join(f.dir, workFolder, name+".rows")
}

// finished returns the shard of an earlier run if it is whole.
func (f *freezer) finished(name string) (shardPart, bool) {
	var part shardPart
	mark, rows := f.markers(name)
	if readJSON(mark, &part) != nil || part.File.Pictures < 1 {
		return part, false
	}
	now, err := describe(f.dir, part.File.Path)
	part.Rows = rows
	return part, err == nil && now.SHA256 == part.File.SHA256
}

// shard writes one shard with the places from at on, as many as fit.
func (f *freezer) shard(ctx context.Context, p *plan, at int, name string, open map[int32]*os.File) (shardPart, error) {
	mark, rowsPath := f.markers(name)
	part := shardPart{File: File{Path: shardFolder + "/" + name + ".tar"}, Rows: rowsPath}
	err := atomicfile.Write(rowsPath, 0o644, func(w io.Writer) error {
		rows := json.NewEncoder(w)
		info, err := shard.Write(filepath.Join(f.dir, filepath.FromSlash(part.File.Path)), f.samples(ctx, p, at, &part, rows, open))
		part.File.Pictures, part.File.Bytes, part.File.SHA256 = info.Samples, info.Bytes, info.SHA256
		return err
	})
	if err != nil {
		return part, err
	}
	text, err := encode(part)
	if err != nil {
		return part, err
	}
	return part, put(mark, text)
}

// samples yields the samples of a shard and writes the row of each.
func (f *freezer) samples(ctx context.Context, p *plan, at int, part *shardPart, rows *json.Encoder, open map[int32]*os.File) iter.Seq2[shard.Sample, error] {
	return func(yield func(shard.Sample, error) bool) {
		offset := int64(0)
		for i := at; i < len(p.places) && i-at < f.in.Shard.Pictures && offset < f.in.Shard.Bytes && p.places[i].test == p.places[at].test; i++ {
			if err := ctx.Err(); err != nil {
				yield(shard.Sample{}, err)
				return
			}
			row, s, err := f.sample(p, p.places[i], i, part, open)
			if err == nil {
				row.Shard = part.File.Path
				row.Offset = offset + pictureAt(s)
				err = rows.Encode(row)
			}
			if !yield(s, err) || err != nil {
				return
			}
			offset += extent(s)
			f.tell("writing", i+1, len(p.places))
		}
	}
}

const tarBlock = 512

// pictureAt is where the PNG of a sample begins in the tar of a shard, from the
// sample's first byte: files go by the order of their extensions, each after a
// header of one block and filled up to whole blocks (POSIX.1-2017, ustar).
func pictureAt(s shard.Sample) int64 {
	at := int64(0)
	for _, file := range s.Files {
		if file.Ext == "png" {
			return at + tarBlock
		}
		at += tarBlock + blocks(len(file.Data))
	}
	return at
}

func extent(s shard.Sample) int64 {
	n := int64(0)
	for _, file := range s.Files {
		n += tarBlock + blocks(len(file.Data))
	}
	return n
}

func blocks(n int) int64 { return (int64(n) + tarBlock - 1) / tarBlock * tarBlock }

// sample reads one picture and says what is known of it.
func (f *freezer) sample(p *plan, x place, i int, part *shardPart, open map[int32]*os.File) (Row, shard.Sample, error) {
	file := open[x.file]
	if file == nil {
		var err error
		if file, err = os.Open(p.files[x.file]); err != nil {
			return Row{}, shard.Sample{}, err
		}
		open[x.file] = file
	}
	e, err := p.entry(file, x)
	if err != nil {
		return Row{}, shard.Sample{}, err
	}
	data, err := f.in.Picture(x.picture)
	if err != nil {
		return Row{}, shard.Sample{}, fmt.Errorf("the prepared picture of %s: %w: curate anew", e.Path, err)
	}
	if sha256.Sum256(data) != x.picture || len(data) > maxPicture {
		return Row{}, shard.Sample{}, fmt.Errorf("the prepared picture of %s was altered: curate anew", e.Path)
	}
	c, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil || c.Width != c.Height {
		return Row{}, shard.Sample{}, fmt.Errorf("the prepared picture of %s is no square PNG: curate anew", e.Path)
	}
	if part.Side == 0 {
		part.Side = c.Width
	}
	if part.Side != c.Width {
		return Row{}, shard.Sample{}, fmt.Errorf("the prepared picture of %s has side %d, others %d: curate them with one size", e.Path, c.Width, part.Side)
	}
	v := p.verdicts[x.verdict]
	e.Licence, e.Holders = v.Licence, v.Holders
	record, err := json.Marshal(e)
	if err != nil {
		return Row{}, shard.Sample{}, err
	}
	row := rowOf(e, fmt.Sprintf("%09d", i), int64(len(data)))
	s := shard.Sample{Key: row.Key, Files: []shard.File{{Ext: "json", Data: record}, {Ext: "png", Data: data}, {Ext: "txt", Data: []byte(row.Caption)}}}
	return row, s, nil
}

// rowOf puts an entry into the index; where is for the caller to add.
func rowOf(e curate.Entry, key string, size int64) Row {
	r := Row{
		Key: key, Bytes: size, Split: e.Split, Picture: e.Picture.String(), Content: e.Content.String(),
		Source: e.Source, Path: e.Path, Licence: e.Licence, Holders: strings.Join(e.Holders, "; "), Title: e.Title, Creator: e.Creator,
		Concept: string(e.Concept), Style: e.Style, Keywords: strings.Join(e.Keywords, ", "), PDQ: e.Hash.String(),
	}
	if len(e.Captions) > 0 {
		r.Caption, r.Lang = e.Captions[0].Text, e.Captions[0].Lang
	}
	if e.Cluster != (digest.SHA256{}) {
		r.Cluster = e.Cluster.String()
	}
	return r
}

// rows yields the rows of all shards in order and counts them into the
// manifest.
func (parts shardParts) rows(m *Manifest) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for _, part := range parts {
			err := eachLine(part.Rows, func(_ int64, line []byte) error {
				var r Row
				if err := json.Unmarshal(line, &r); err != nil {
					return fmt.Errorf("%s is damaged; remove it and freeze again", part.Rows)
				}
				m.Splits[r.Split]++
				m.Sources[r.Source]++
				m.Licences[r.Licence]++
				if r.Style != "" {
					m.Styles[r.Style]++
				}
				if !yield(r, nil) {
					return errStop
				}
				return nil
			})
			if err == errStop {
				return
			}
			if err != nil {
				yield(Row{}, err)
				return
			}
		}
	}
}
