package folder

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"

	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/archive"
	"github.com/limner-ai/limner/source/manifest"
)

// metadataFile lists, a JSON object a line, what the pictures of its folder and
// those below it show, as data sets of Hugging Face do.
const metadataFile = "metadata.jsonl"

// metadata puts the lines of every metadata.jsonl into one index; nil if there
// are none.
func (f *folder) metadata(ctx context.Context, a *archive.Archive) (*manifest.Index, error) {
	key := sha256.New()
	found := false
	for e, err := range metadataFiles(ctx, a) {
		if err != nil {
			return nil, err
		}
		r, err := e.Open()
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(key, "%q\n", e.Path)
		_, err = io.Copy(key, r)
		if err = errors.Join(err, r.Close()); err != nil {
			return nil, err
		}
		found = true
	}
	if !found {
		return nil, nil
	}
	return manifest.NewIndex(ctx, f.cache, hex.EncodeToString(key.Sum(nil)), lines(ctx, a))
}

func metadataFiles(ctx context.Context, a *archive.Archive) iter.Seq2[*archive.Entry, error] {
	return func(yield func(*archive.Entry, error) bool) {
		for e, err := range a.Entries(ctx) {
			var r *source.Refused
			if errors.As(err, &r) || err == nil && (path.Base(e.Path) != metadataFile || hidden(e.Path)) {
				continue
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// lines gives the lines of every metadata.jsonl, their paths from the root. What
// cannot be read of them is passed over: it describes, and permits nothing.
func lines(ctx context.Context, a *archive.Archive) iter.Seq2[manifest.Entry, error] {
	return func(yield func(manifest.Entry, error) bool) {
		for e, err := range metadataFiles(ctx, a) {
			if err != nil {
				yield(manifest.Entry{}, err)
				return
			}
			r, err := e.Open()
			if err != nil {
				yield(manifest.Entry{}, err)
				return
			}
			for l, err := range manifest.Read(ctx, r, manifest.JSONL, nil, manifest.DefaultLimits()) {
				var fault *manifest.Fault
				switch {
				case errors.As(err, &fault), errors.Is(err, manifest.ErrNotText), err == nil && l.Path == "":
					continue
				case err == nil:
					l.Path = path.Join(path.Dir(e.Path), l.Path)
				}
				if !yield(l, err) || err != nil {
					r.Close()
					return
				}
			}
			r.Close()
		}
	}
}

// describe adds what a line says of a picture.
func (f *folder) describe(item *source.Item, l manifest.Entry) {
	item.Title = cmp.Or(item.Title, l.Title)
	item.Creator = cmp.Or(item.Creator, l.Creator)
	item.Keywords = append(item.Keywords, l.Keywords...)
	for _, text := range l.Captions {
		item.Captions = append(item.Captions, source.Caption{Lang: cmp.Or(l.Lang, f.Language), Text: text})
	}
	raw := bytes.TrimSpace([]byte(l.Raw))
	if len(raw) == 0 {
		return
	}
	where := fmt.Sprintf("%s line %d", metadataFile, l.Line)
	evidence := &source.Evidence{Name: where, Data: raw}
	for _, s := range []source.Statement{
		{Form: source.Expression, Written: l.Licence, Where: where + " licence"},
		{Form: source.Notice, Written: l.Holder, Where: where + " holder"},
	} {
		if s.Written != "" {
			s.Scope, s.Evidence = source.File, evidence
			item.Statements = append(item.Statements, s)
		}
	}
	if l.Holder != "" {
		item.Holders = append(item.Holders, l.Holder)
	}
}
