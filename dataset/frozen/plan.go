package frozen

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/limner-ai/limner/curate"
	"github.com/limner-ai/limner/internal/digest"
)

// place is an entry that was let in: which it is, and where it lies among the
// curated entries. The entries themselves are read again when they are written,
// so that memory holds about a hundred bytes of each picture.
type place struct {
	picture digest.SHA256
	content digest.SHA256
	verdict digest.SHA256 // of the licence and holders by which it was let in
	test    bool
	file    int32
	offset  int64
	length  int32
}

// plan decides on every curated entry and puts those that are let in into the
// order of the shards: training before test pictures, each by the digest of the
// picture, which mixes concepts and sources evenly and depends on nothing else.
type plan struct {
	files    []string
	places   []place
	leftOut  Counts
	recipe   digest.SHA256
	ruleset  string
	verdicts map[digest.SHA256]Verdict // few: one for each licence and holder
	expires  expiry
}

func (f *freezer) plan(ctx context.Context) (*plan, error) {
	p := &plan{leftOut: Counts{}, verdicts: map[digest.SHA256]Verdict{}}
	s, err := curate.ReadSummary(f.in.Curated)
	if err != nil {
		return nil, err
	}
	p.recipe = s.Recipe
	if p.files, err = filepath.Glob(filepath.Join(f.in.Curated, "entries", "*.jsonl")); err != nil {
		return nil, err
	}
	slices.Sort(p.files)
	if got, err := digestOf(p.files); err != nil {
		return nil, err
	} else if got != s.Entries {
		return nil, fmt.Errorf("the entries in %s are not those of its summary: curate anew", f.in.Curated)
	}
	for i, path := range p.files {
		if err := eachLine(path, func(offset int64, line []byte) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return f.consider(ctx, p, int32(i), offset, line)
		}); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(p.places, func(a, b place) int {
		if a.test != b.test {
			if a.test {
				return 1
			}
			return -1
		}
		return cmp.Or(digest.Compare(a.picture, b.picture), digest.Compare(a.content, b.content))
	})
	n := len(p.places)
	p.places = slices.CompactFunc(p.places, func(a, b place) bool { return a.picture == b.picture && a.test == b.test })
	if twice := n - len(p.places); twice > 0 {
		p.leftOut["the same picture twice"] += twice
	}
	if len(p.places) == 0 {
		return nil, fmt.Errorf("none of the %d curated pictures may be used: see limner rights decide", f.seen)
	}
	return p, nil
}

func (f *freezer) consider(ctx context.Context, p *plan, file int32, offset int64, line []byte) error {
	var e curate.Entry
	if err := json.Unmarshal(line, &e); err != nil {
		return fmt.Errorf("%s, byte %d: %w: curate anew", p.files[file], offset, err)
	}
	v, err := f.in.Decide(ctx, e)
	if err != nil {
		return fmt.Errorf("deciding on %s: %w", e.Path, err)
	}
	f.seen++
	f.tell("deciding", f.seen, 0)
	if p.ruleset == "" {
		p.ruleset = v.Ruleset
	}
	if v.Ruleset != p.ruleset {
		return errors.New("the rules changed while the set was being frozen: freeze it again")
	}
	if !v.Allowed {
		p.leftOut[cmp.Or(v.Reason, "not allowed")]++
		return nil
	}
	key := v.digest()
	p.verdicts[key] = v
	p.expires.add(v.Expires)
	p.places = append(p.places, place{
		picture: e.Picture, content: e.Content, verdict: key, test: e.Split == splitTest,
		file: file, offset: offset, length: int32(len(line)),
	})
	return nil
}

// digestOf is the digest of files, one after another.
func digestOf(paths []string) (digest.SHA256, error) {
	h := sha256.New()
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return digest.SHA256{}, err
		}
		_, err = io.Copy(h, f)
		if err := errors.Join(err, f.Close()); err != nil {
			return digest.SHA256{}, err
		}
	}
	return digest.SHA256(h.Sum(nil)), nil
}

// digest names all that the plan puts into the shards: a shard written before a
// kill may stay only if it was written by the same plan.
func (p *plan) digest() digest.SHA256 {
	h := sha256.New()
	fmt.Fprintln(h, Format, p.recipe, p.ruleset)
	for _, x := range p.places {
		h.Write(x.picture[:])
		h.Write(x.content[:])
		h.Write(x.verdict[:])
		fmt.Fprintln(h, x.test)
	}
	return digest.SHA256(h.Sum(nil))
}

// entry reads the entry at a place again.
func (p *plan) entry(open *os.File, x place) (curate.Entry, error) {
	var e curate.Entry
	line := make([]byte, x.length)
	if _, err := open.ReadAt(line, x.offset); err != nil {
		return e, fmt.Errorf("%s: %w", open.Name(), err)
	}
	if err := json.Unmarshal(line, &e); err != nil || e.Picture != x.picture || e.Content != x.content {
		return e, fmt.Errorf("%s changed while the set was being frozen: freeze it again", open.Name())
	}
	return e, nil
}

// maxLine bounds a curated entry in bytes.
const maxLine = 1 << 20

func eachLine(path string, visit func(offset int64, line []byte) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, maxLine)
	for offset := int64(0); ; {
		line, err := r.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			return fmt.Errorf("%s, byte %d: a line of more than %d bytes", path, offset, maxLine)
		}
		if text := bytes.TrimSpace(line); len(text) > 0 {
			if err := visit(offset, text); err != nil {
				return err
			}
		}
		offset += int64(len(line))
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
