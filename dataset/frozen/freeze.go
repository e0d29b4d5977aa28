package frozen

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/limner-ai/limner/curate"
	"github.com/limner-ai/limner/dataset/proof"
	"github.com/limner-ai/limner/internal/atomicfile"
	"github.com/limner-ai/limner/internal/digest"
)

// Input is what a set is frozen from.
type Input struct {
	Name    string // of the set
	Curated string // folder that a curation wrote
	// Purpose and Territory are what Decide decides for.
	Purpose, Territory string
	// Picture gives the bytes of a prepared picture or of a file as it came.
	Picture func(digest.SHA256) ([]byte, error)
	// Decide says whether an entry may be in the set, now.
	Decide func(context.Context, curate.Entry) (Verdict, error)
	// Record enters the set into the ledger, before the folder appears, and
	// returns the signed checkpoint and the key that it is checked by. nil
	// records nothing.
	Record func(ctx context.Context, dir string, m Manifest, manifest []byte) (checkpoint, key string, err error)
	// Replaces is the name of the set that this one replaces; zero for none.
	Replaces proof.Name
	Code     string // version of Limner
	// Publisher and URL are who publishes the set and where, for its description.
	Publisher, URL string
	// Progress, if not nil, is told how much of a stage is done; a total of 0
	// is not known.
	Progress func(stage string, done, total int)
	// Shard bounds a shard; zeros mean 10,000 pictures and 512 MiB.
	Shard struct {
		Pictures int
		Bytes    int64
	}
}

// Verdict is a decision on an entry.
type Verdict struct {
	Allowed bool
	Reason  string // in a word, if not allowed
	Ruleset string
	Licence string   // SPDX expression by which it is let in
	Holders []string // to be named
	Expires time.Time
}

func (v Verdict) digest() digest.SHA256 {
	return sha256.Sum256([]byte(v.Licence + "\x00" + strings.Join(v.Holders, "\x00")))
}

// expiry is the first of several times.
type expiry struct{ at time.Time }

func (x *expiry) add(t time.Time) {
	if !t.IsZero() && (x.at.IsZero() || t.Before(x.at)) {
		x.at = t
	}
}

type freezer struct {
	in   Input
	dir  string // where the set is made, until it is whole
	seen int
}

func (f *freezer) tell(stage string, done, total int) {
	if f.in.Progress != nil {
		f.in.Progress(stage, done, total)
	}
}

// Run freezes the curated pictures that may be used into a new folder at dir,
// which appears whole or not at all. A run that was killed leaves dir.partial;
// the next one, on the same pictures and decisions, writes only the shards that
// it did not finish.
func Run(ctx context.Context, in Input, dir string) (Manifest, error) {
	if _, err := os.Lstat(dir); err == nil {
		return Manifest{}, fmt.Errorf("%s is there already, and frozen sets do not change: name another folder", dir)
	}
	if strings.TrimSpace(in.Name) == "" {
		in.Name = filepath.Base(dir)
	}
	if in.Shard.Pictures <= 0 {
		in.Shard.Pictures = 10_000
	}
	if in.Shard.Bytes <= 0 {
		in.Shard.Bytes = 512 << 20
	}
	f := &freezer{in: in, dir: dir + ".partial"}
	p, err := f.plan(ctx)
	if err != nil {
		return Manifest{}, fmt.Errorf("freezing: %w", err)
	}
	m, err := f.write(ctx, p)
	if err != nil {
		return m, fmt.Errorf("freezing: %w", err)
	}
	if err := os.Rename(f.dir, dir); err != nil {
		return m, fmt.Errorf("freezing: %w", err)
	}
	// What tells a later run which shards are whole is needed no more.
	if err := os.RemoveAll(filepath.Join(dir, workFolder)); err != nil {
		return m, fmt.Errorf("freezing: %w", err)
	}
	return m, nil
}

func (f *freezer) write(ctx context.Context, p *plan) (Manifest, error) {
	if err := f.begin(p.digest()); err != nil {
		return Manifest{}, err
	}
	m := Manifest{
		Format: Format, Name: f.in.Name, Pictures: len(p.places), Recipe: p.recipe, Ruleset: p.ruleset, Purpose: f.in.Purpose, Territory: f.in.Territory,
		Replaces: f.in.Replaces, Splits: Counts{}, Sources: Counts{}, Licences: Counts{}, Styles: Counts{}, LeftOut: p.leftOut,
	}
	done, err := f.shards(ctx, p, &m)
	if err != nil {
		return m, err
	}
	if err := writeIndex(filepath.Join(f.dir, IndexFile), done.rows(&m)); err != nil {
		return m, err
	}
	digests := make([]digest.SHA256, 0, 2*len(p.places))
	for _, x := range p.places {
		digests = append(digests, x.picture, x.content)
	}
	if m.Root, err = writeContents(filepath.Join(f.dir, ContentsFile), digests); err != nil {
		return m, err
	}
	if err := f.attribution(m); err != nil {
		return m, err
	}
	for _, part := range []struct {
		name string
		into *File
	}{{IndexFile, &m.Index}, {ContentsFile, &m.Contents}, {AttributionFile, &m.Attribution}} {
		if *part.into, err = describe(f.dir, part.name); err != nil {
			return m, err
		}
	}
	return m, f.end(ctx, p, m)
}

// end writes what describes the set, records it, and tidies up.
func (f *freezer) end(ctx context.Context, p *plan, m Manifest) error {
	text, err := encode(m)
	if err != nil {
		return err
	}
	if err := put(filepath.Join(f.dir, ManifestFile), text); err != nil {
		return err
	}
	now := time.Now().UTC().Truncate(time.Second)
	frozen := Freeze{Time: now, Code: f.in.Code, Manifest: sha256.Sum256(text), Expires: p.expires.at}
	if err := f.croissant(m, now); err != nil {
		return err
	}
	if f.in.Record != nil {
		if frozen.Checkpoint, frozen.Key, err = f.in.Record(ctx, f.dir, m, text); err != nil {
			return fmt.Errorf("recording the set in the ledger: %w", err)
		}
		if err := put(filepath.Join(f.dir, CheckpointFile), []byte(frozen.Checkpoint)); err != nil {
			return err
		}
	}
	if text, err = encode(frozen); err != nil {
		return err
	}
	return put(filepath.Join(f.dir, FreezeFile), text)
}

// begin makes the folder in which the set is made, or keeps that of a killed
// run of the same plan.
func (f *freezer) begin(plan digest.SHA256) error {
	mark := filepath.Join(f.dir, workFolder, "plan")
	if old, err := os.ReadFile(mark); err == nil && string(old) == plan.String() {
		return f.sweep()
	}
	if st, err := os.Lstat(f.dir); err == nil {
		if _, err := os.Stat(mark); err != nil || !st.IsDir() {
			return fmt.Errorf("%s is in the way, and was not left by a freezing: remove it", f.dir)
		}
		if err := os.RemoveAll(f.dir); err != nil {
			return err
		}
	}
	for _, sub := range []string{shardFolder, workFolder} {
		if err := os.MkdirAll(filepath.Join(f.dir, sub), 0o755); err != nil {
			return err
		}
	}
	return put(mark, []byte(plan.String()))
}

// sweep removes what a killed run was writing.
func (f *freezer) sweep() error {
	for _, sub := range []string{"", shardFolder, workFolder} {
		left, err := filepath.Glob(filepath.Join(f.dir, sub, ".*.tmp"))
		if err != nil {
			return err
		}
		for _, path := range left {
			if err := os.Remove(path); err != nil {
				return err
			}
		}
	}
	return nil
}

func put(path string, data []byte) error {
	return atomicfile.Write(path, 0o644, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// describe measures a file of the set.
func describe(dir, name string) (File, error) {
	f, err := os.Open(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		return File{}, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err != nil {
		return File{}, err
	}
	return File{Path: name, Bytes: n, SHA256: digest.SHA256(h.Sum(nil))}, nil
}
