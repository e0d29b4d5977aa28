package trace

import (
	"context"
	"errors"
	"fmt"
	"image"
	"slices"

	"github.com/limner-ai/limner/curate/decode"
	"github.com/limner-ai/limner/dataset/frozen"
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/mark"
	"github.com/limner-ai/limner/mark/c2pa"
	"github.com/limner-ai/limner/mark/carrier"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/trace/index"
)

// Options are what a tracer looks into. What is missing is left out of reports.
type Options struct {
	Sets *Indexes
	// Set is the folder of a frozen set that pictures are held against, whatever
	// model made them; "" for the model's own.
	Set string
	// Marks is the folder of keys: whose credentials are trusted, and by which keys
	// watermarks are found. Nothing is made there.
	Marks string
	// Models lists the models that are here, asked for once. nil: none.
	Models func() []Known
	Ledger *ledger.Ledger // nil: there is none
	// Nearest is how many pictures are given; 0: 10.
	Nearest int
	// Progress is told how far a new index is; nil: nobody is.
	Progress func(done, total int)
}

// Known is a model that is here.
type Known struct {
	Path, Digest string
	Manifest     trained.Manifest
}

// Tracer finds where pictures came from. It may be used by several goroutines at
// once.
type Tracer struct {
	o      Options
	trust  mark.Trust
	models []Known
	index  *index.Index // of o.Set
	exact  *frozen.Set  // o.Set
}

// Open makes a tracer. An index of o.Set is made if there is none yet.
func Open(ctx context.Context, o Options) (*Tracer, error) {
	t := &Tracer{o: o}
	var err error
	if t.trust, err = mark.OpenTrust(o.Marks); err != nil {
		return nil, err
	}
	if o.Models != nil {
		t.models = o.Models()
	}
	if o.Set == "" {
		return t, nil
	}
	x, err := o.Sets.Of(ctx, o.Set, o.Progress)
	if err != nil {
		return nil, err
	}
	if t.exact, err = frozen.Open(picture.Source{Path: o.Set, Split: picture.All, Channels: 4, MemoryMB: 1}); err != nil {
		return nil, err
	}
	if t.index, err = x.With(t.exact); err != nil {
		t.exact.Close()
		return nil, err
	}
	return t, nil
}

// Close ends the use of the tracer.
func (t *Tracer) Close() error {
	if t.exact == nil {
		return nil
	}
	return t.exact.Close()
}

// Trace finds where a picture came from by its file's bytes. A file that is no
// picture, or is too large to be read, is an error.
func (t *Tracer) Trace(ctx context.Context, file []byte) (Report, error) {
	p, err := decode.Bytes(ctx, file, decode.Default())
	if err != nil {
		return Report{}, err
	}
	r := Report{File: File{string(p.Format), p.Image.Rect.Dx(), p.Image.Rect.Dy(), len(file), ledger.DigestOf(file)}}
	t.marks(&r, file, p.Image)
	if err := t.recorded(ctx, &r); err != nil {
		return r, err
	}
	t.origin(&r)
	if err := t.search(ctx, &r, p.Image); err != nil {
		return r, err
	}
	if err := t.claims(ctx, &r, p.Image); err != nil {
		return r, err
	}
	return r, nil
}

func (r *Report) problem(format string, args ...any) {
	r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
}

// marks reads what the file says of itself.
func (t *Tracer) marks(r *Report, file []byte, m *image.NRGBA) {
	marks, err := mark.Read(file, t.trust)
	switch {
	case err == nil:
		r.Marks = &marks
		r.Problems = append(r.Problems, marks.Problems...)
	case !errors.Is(err, carrier.ErrFormat):
		r.problem("the marks cannot be read: %v", err)
	}
	if said, err := generate.ReadOrigin(file); err == nil {
		r.Said = &said
	}
	if t.o.Marks == "" {
		return
	}
	found, err := mark.FindWatermark(t.o.Marks, m)
	switch {
	case errors.Is(err, mark.ErrNoKey):
		r.problem("watermarks were not looked for: %v", err)
	case err != nil:
		r.problem("watermarks were not looked for: %v", err)
	default:
		r.Watermark = &Watermark{Found: found.Found, P: found.P}
		if found.Found && found.HasID {
			r.Watermark.ID, r.Watermark.IDError = fmt.Sprintf("%08x", found.ID), found.IDError
		}
	}
}

// credentials are those of the file, if nothing in them was altered, and how far
// they are to be believed.
func (r *Report) credentials() (*mark.Origin, By) {
	if r.Marks == nil || r.Marks.Credentials == nil || r.Marks.Origin == nil {
		return nil, ""
	}
	switch r.Marks.Credentials.State {
	case c2pa.Trusted:
		return r.Marks.Origin, Signed
	case c2pa.Valid:
		return r.Marks.Origin, Unknown
	}
	return nil, ""
}

// origin says which model made the picture and what that was trained on, by the
// best of what says so.
func (t *Tracer) origin(r *Report) {
	if o, by := r.credentials(); o != nil {
		r.Model = &Model{Name: o.Model.Name, Digest: o.Model.Digest, Family: o.Model.Family, Code: o.Model.Version, By: by}
		r.Data = &Data{Root: o.Data.Root, Licences: o.Data.Licences, Rights: o.Data.Rights, Checkpoint: o.Data.Checkpoint, By: by}
	}
	if r.Model == nil && r.Output != nil {
		r.Model = &Model{Name: r.Output.Model, Digest: r.Output.Model, By: Recorded}
	}
	if r.Model == nil && r.Said != nil {
		r.Model = &Model{Name: r.Said.Model, Digest: r.Said.Digest, Family: r.Said.Family, By: Text}
		r.Data = &Data{Rights: r.Said.Rights, By: Text}
	}
	if x := r.xmp(); r.Model == nil && x != nil && x.Model != "" {
		r.Model = &Model{Name: x.Model, Digest: x.Digest, By: Text}
		r.Data = &Data{Root: x.SetRoot, Rights: x.Rights, By: Text}
	}
	if r.Model == nil {
		return
	}
	// A model that is here tells more than any text about it.
	if i := slices.IndexFunc(t.models, func(k Known) bool { return k.Digest == r.Model.Digest }); i >= 0 {
		r.know(t.models[i])
	}
	if r.Data != nil && r.Data.Root == "" && r.Data.Rights == "" {
		r.Data = nil
	}
}

// know adds what a model that is here says of itself.
func (r *Report) know(k Known) {
	m := k.Manifest
	r.Model.Path, r.Model.Name, r.Model.Family, r.Model.Code, r.Model.Images = k.Path, m.Name, m.Family, m.Made.Code, m.Made.Images
	b := m.Data.Basis
	d := &Data{Name: b.Set, Root: b.Root, Digests: b.Digests, Pictures: m.Data.Pictures, Licences: b.Licences,
		Rights: b.String(), Checkpoint: b.Checkpoint, Key: b.Key, By: r.Model.By}
	if d.Root == "" {
		d.Root = m.Data.Root
	}
	r.Data = d
	for _, g := range m.Grounds() {
		r.roots = append(r.roots, g.Root)
	}
}

// search finds the nearest training pictures: in the set that was asked for, else
// in those that the model learnt from, else in that of the model that comes with
// Limner.
func (t *Tracer) search(ctx context.Context, r *Report, m *image.NRGBA) error {
	indexes, err := t.indexes(r)
	if err != nil {
		return err
	}
	for _, x := range indexes {
		if err := t.searchIn(ctx, r, m, x); err != nil {
			return err
		}
	}
	return nil
}

// indexes are those to search in; none where there are none of the model's sets,
// which is a problem that the report names.
func (t *Tracer) indexes(r *Report) ([]*index.Index, error) {
	switch {
	case t.index != nil:
		return []*index.Index{t.index}, nil
	case t.o.Sets == nil:
		return nil, nil
	case r.Data == nil || r.Data.Root == "":
		x, err := boxed()
		return []*index.Index{x}, err
	}
	var all []*index.Index
	for _, root := range append([]string{r.Data.Root}, r.roots...) {
		x, err := t.o.Sets.Find(root)
		if err != nil {
			r.problem("the training pictures cannot be searched: %v", err)
			return nil, nil
		}
		if x != nil && !slices.Contains(all, x) {
			all = append(all, x)
		}
	}
	if len(all) == 0 {
		r.problem("there is no index of the set %.19s… here: give the set, and one is made", r.Data.Root)
	}
	return all, nil
}

// searchIn finds the nearest pictures of one set. Of several sets the report has the
// one with the nearest.
func (t *Tracer) searchIn(ctx context.Context, r *Report, m *image.NRGBA, x *index.Index) error {
	found, err := x.Search(ctx, m, index.Options{Nearest: t.o.Nearest, Parts: true})
	if errors.Is(err, index.ErrSmall) {
		r.problem("%v", err)
		return nil
	}
	if err != nil {
		return err
	}
	if n := r.Nearest; n != nil && n.Copy.Nearest != nil && (found.Copy.Nearest == nil || n.Copy.D1 <= found.Copy.D1) {
		return nil
	}
	r.Nearest = &Nearest{Set: x.Set(), Thumbs: !x.Exact(), Found: found}
	if r.Data == nil && found.Copy.Extent != index.None {
		set := x.Set()
		r.Data = &Data{Name: set.Name, Root: set.Root, Digests: set.Digests, Pictures: set.Trained, Licences: set.Licences, By: Looks}
	}
	return nil
}
