package frozen

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/parquet-go/parquet-go"

	"github.com/limner-ai/limner/internal/atomicfile"
	"github.com/limner-ai/limner/internal/digest"
)

// Row is a picture in the index.
type Row struct {
	Key      string `parquet:"key,zstd" json:"key"`            // of the sample in its shard
	Shard    string `parquet:"shard,dict,zstd" json:"shard"`   // path of the shard
	Offset   int64  `parquet:"offset,zstd" json:"offset"`      // of the PNG's first byte in the shard
	Bytes    int64  `parquet:"bytes,zstd" json:"bytes"`        // of the PNG
	Split    string `parquet:"split,dict,zstd" json:"split"`   // train or test
	Picture  string `parquet:"picture,zstd" json:"picture"`    // digest of the PNG
	Content  string `parquet:"content,zstd" json:"content"`    // digest of the file as it came
	Source   string `parquet:"source,dict,zstd" json:"source"` // identifier
	Path     string `parquet:"path,zstd" json:"path"`          // within the source
	Licence  string `parquet:"licence,dict,zstd" json:"licence"`
	Holders  string `parquet:"holders,dict,zstd" json:"holders,omitempty"`
	Title    string `parquet:"title,zstd" json:"title,omitempty"`
	Creator  string `parquet:"creator,dict,zstd" json:"creator,omitempty"`
	Concept  string `parquet:"concept,dict,zstd" json:"concept"`
	Style    string `parquet:"style,dict,zstd" json:"style,omitempty"`
	Caption  string `parquet:"caption,zstd" json:"caption,omitempty"` // the first
	Lang     string `parquet:"lang,dict,zstd" json:"lang,omitempty"`  // of that caption
	Keywords string `parquet:"keywords,zstd" json:"keywords,omitempty"`
	Cluster  string `parquet:"cluster,zstd" json:"cluster,omitempty"` // least digest of those that look the same
	PDQ      string `parquet:"pdq,zstd" json:"pdq"`
}

const (
	rowGroup = 8192     // rows that writing and reading hold at a time
	maxRows  = 1 << 31  // of an index
	maxCell  = 16 << 10 // bytes of a field
)

// writeIndex writes the rows to a Parquet file, a group of rows at a time.
func writeIndex(path string, rows iter.Seq2[Row, error]) error {
	return atomicfile.Write(path, 0o644, func(w io.Writer) error {
		p := parquet.NewGenericWriter[Row](w, parquet.MaxRowsPerRowGroup(rowGroup), parquet.CreatedBy("limner", "", ""))
		one := make([]Row, 1)
		for r, err := range rows {
			if err != nil {
				return err
			}
			one[0] = r
			if _, err := p.Write(one); err != nil {
				return err
			}
		}
		return p.Close()
	})
}

// readIndex yields the rows of an index in their order.
func readIndex(path string) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		if err := eachRow(path, func(r Row) bool { return yield(r, nil) }); err != nil {
			yield(Row{}, fmt.Errorf("index %s: %w", path, err))
		}
	}
}

func eachRow(path string, visit func(Row) bool) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var r *parquet.GenericReader[Row]
	err = guarded(func() (err error) {
		r, err = openRows(f)
		return err
	})
	if err != nil {
		return err
	}
	defer r.Close()
	rows := make([]Row, 256)
	for {
		n := 0
		err := guarded(func() (err error) {
			n, err = r.Read(rows)
			return err
		})
		for i := range rows[:n] {
			if err := rows[i].check(); err != nil {
				return err
			}
			if !visit(rows[i].clone()) {
				return nil
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func openRows(f *os.File) (*parquet.GenericReader[Row], error) {
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	p, err := parquet.OpenFile(f, st.Size())
	if err != nil {
		return nil, err
	}
	if n := p.NumRows(); n < 0 || n > maxRows {
		return nil, fmt.Errorf("it claims %d rows", n)
	}
	return parquet.NewGenericReader[Row](p), nil
}

// guarded calls f. The library panics on some files that are no Parquet.
func guarded(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("it is damaged: %v", r)
		}
	}()
	if err = f(); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("it is damaged: %w", err)
	}
	return err
}

// check holds that a row is one that this package could have written.
func (r *Row) check() error {
	for _, field := range []string{r.Key, r.Shard, r.Source, r.Path, r.Licence, r.Holders, r.Title, r.Creator, r.Concept, r.Style, r.Caption, r.Keywords} {
		if len(field) > maxCell {
			return fmt.Errorf("row %.40q has a field of %d bytes", r.Key, len(field))
		}
	}
	var d digest.SHA256
	for _, text := range []string{r.Picture, r.Content} {
		if err := d.UnmarshalText([]byte(text)); err != nil {
			return fmt.Errorf("row %.40q: %w", r.Key, err)
		}
	}
	if r.Offset < 0 || r.Bytes < 1 || r.Bytes > maxPicture {
		return fmt.Errorf("row %.40q: a picture of %d bytes at %d", r.Key, r.Bytes, r.Offset)
	}
	return nil
}

// clone copies what lies in the reader's buffers.
func (r Row) clone() Row {
	for _, s := range []*string{
		&r.Key, &r.Shard, &r.Split, &r.Picture, &r.Content, &r.Source, &r.Path, &r.Licence, &r.Holders,
		&r.Title, &r.Creator, &r.Concept, &r.Style, &r.Caption, &r.Lang, &r.Keywords, &r.Cluster, &r.PDQ,
	} {
		*s = strings.Clone(*s)
	}
	return r
}

// Origin says where a picture of a set came from.
type Origin struct {
	Content      digest.SHA256 // the file as it came
	Source, Path string
}

// Origins yields where the pictures of a set came from, in the order of the
// index.
func Origins(dir string) iter.Seq2[Origin, error] {
	return func(yield func(Origin, error) bool) {
		m, err := ReadManifest(dir)
		if err != nil {
			yield(Origin{}, err)
			return
		}
		for r, err := range readIndex(filepath.Join(dir, filepath.FromSlash(m.Index.Path))) {
			if err != nil {
				yield(Origin{}, fmt.Errorf("frozen: %w", err))
				return
			}
			if !yield(Origin{mustDigest(r.Content), r.Source, r.Path}, nil) {
				return
			}
		}
	}
}

func mustDigest(text string) (d digest.SHA256) {
	if err := d.UnmarshalText([]byte(text)); err != nil {
		panic(err) // checked by eachRow
	}
	return d
}
