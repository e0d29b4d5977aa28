package v1

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/limner-ai/limner/dataset/frozen"
	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/model/family"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/studio/api"
	"github.com/limner-ai/limner/studio/gate"
	"github.com/limner-ai/limner/studio/work/place"
)

// exchangeKind is the kind of work whose keys may take models and sets away and
// bring models in.
const exchangeKind = "train"

// MaxModel is the most bytes of a model file that is brought in.
const MaxModel = 1 << 30

// leave refuses keys that are not for it.
func leave(ctx context.Context) error {
	if gate.May(ctx, exchangeKind) {
		return nil
	}
	return &api.Error{Status: http.StatusForbidden, Message: "this key may not exchange models and sets; the owner of this server gives leave with limner keys add NAME --work " + exchangeKind}
}

// Imported is a model that was brought in.
type Imported struct {
	Name     string `json:"name"`
	Family   string `json:"family"`
	Digest   string `json:"digest"`
	Pictures string `json:"pictures"` // that it makes, for people
	Paints   bool   `json:"paints"`   // it is offered on its own; parts of other models are not
}

// importing is the beginning of the name of a file that is being brought in; one
// with a dot is no model of the listing.
const importing = ".import-"

// sweep removes what an import left that was killed.
func sweep(folder string) error {
	left, err := filepath.Glob(filepath.Join(folder, importing+"*"))
	for _, path := range left {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

// importModel takes a model file as the body, and keeps it if it is one.
func (a *API) importModel(w http.ResponseWriter, r *http.Request) error {
	if err := leave(r.Context()); err != nil {
		return err
	}
	if a.o.Imports == "" {
		return &api.Error{Status: http.StatusNotFound, Code: "not_found", Message: "this server takes in no models"}
	}
	name := r.URL.Query().Get("name")
	if err := place.CheckName(name); err != nil {
		return api.Bad("name", "name: %v", err)
	}
	taken := &api.Error{Status: http.StatusConflict, Param: "name", Message: fmt.Sprintf("there is a model %s already: choose another name", name)}
	if list, err := a.studio.Models.Models(r.Context()); err != nil {
		return err
	} else {
		for _, m := range list {
			if m.Name == name {
				return taken
			}
		}
	}
	if err := os.MkdirAll(a.o.Imports, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(a.o.Imports, importing+"*.safetensors")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // nothing is there any more if all is well
	n, err := io.Copy(f, http.MaxBytesReader(w, r.Body, MaxModel))
	if err := errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return unread(err)
	}
	m, err := trained.Open(f.Name(), family.All(), nil)
	if err != nil {
		// What is wrong is said about the file that was sent, not about ours.
		return &api.Error{Status: http.StatusBadRequest, Message: fmt.Sprintf("this is no model of Limner's (%d bytes): %s", n, strings.ReplaceAll(err.Error(), f.Name(), "the file")), Err: err}
	}
	if err := a.settle(f.Name(), filepath.Join(a.o.Imports, name+".safetensors")); errors.Is(err, fs.ErrExist) {
		return taken
	} else if err != nil {
		return err
	}
	_, unoffered := a.studio.Models.Model(r.Context(), name)
	p := m.Manifest.Pictures
	return reply(w, http.StatusCreated, Imported{Name: name, Family: m.Manifest.Family, Digest: m.Digest, Pictures: fmt.Sprintf("%d×%d×%d", p.Width, p.Height, p.Channels), Paints: unoffered == nil})
}

// settle gives a file the name that it is found by, if that is free.
func (a *API) settle(from, to string) error {
	a.settling.Lock()
	defer a.settling.Unlock()
	if _, err := os.Lstat(to); err == nil {
		return fs.ErrExist
	}
	return os.Rename(from, to)
}

// exportModel gives out a model file, byte for byte, so that its digest stays.
func (a *API) exportModel(w http.ResponseWriter, r *http.Request) error {
	if err := leave(r.Context()); err != nil {
		return err
	}
	f, err := a.studio.Models.File(r.PathValue("name"))
	if errors.Is(err, fs.ErrNotExist) {
		return &api.Error{Status: http.StatusNotFound, Code: "built_in", Message: "this model comes with Limner and has no file here: limner model export writes one"}
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	attach(w, r.PathValue("name")+".safetensors", "application/octet-stream")
	http.ServeContent(w, r, "", info.ModTime(), f)
	return nil
}

// attach names what is to be kept as a file.
func attach(w http.ResponseWriter, name, kind string) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", "attachment; filename="+strconv.Quote(name))
}

// exportSet gives out the pictures of a frozen set, with captions and records,
// as one tar archive that readers of WebDataset take. Files whose names begin
// and end with two underscores are no samples to them.
func (a *API) exportSet(w http.ResponseWriter, r *http.Request) error {
	if err := leave(r.Context()); err != nil {
		return err
	}
	dir, err := a.o.Sets.folder(r.PathValue("name"))
	if err != nil {
		return err
	}
	m, err := frozen.ReadManifest(dir)
	if err != nil {
		return err
	}
	attach(w, r.PathValue("name")+".tar", "application/x-tar")
	if err := pack(r.Context(), w, dir, m); err != nil {
		a.studio.Explain(r.Context(), err)
		panic(http.ErrAbortHandler) // half an archive must not pass for a whole one
	}
	return nil
}

func pack(ctx context.Context, w io.Writer, dir string, m frozen.Manifest) error {
	out := tar.NewWriter(w)
	for _, name := range []string{"set.json", "attribution.md"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = out.WriteHeader(&tar.Header{Name: "__" + name + "__", Mode: 0o644, Size: int64(len(text)), Format: tar.FormatUSTAR})
		}
		if err == nil {
			_, err = out.Write(text)
		}
		if err != nil {
			return err
		}
	}
	for _, s := range m.Shards {
		if err := packShard(ctx, out, filepath.Join(dir, filepath.FromSlash(s.Path)), s); err != nil {
			return err
		}
	}
	return out.Close()
}

// packShard copies the files of a shard, and holds the shard against its digest:
// what is given out is what the root of the set names.
func packShard(ctx context.Context, out *tar.Writer, path string, s frozen.File) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha256.New()
	read := io.TeeReader(f, sum)
	in := tar.NewReader(read)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if err := out.WriteHeader(h); err != nil {
			return err
		}
		if _, err := io.Copy(out, in); err != nil {
			return err
		}
	}
	if _, err := io.Copy(io.Discard, read); err != nil { // what follows the archive's end
		return err
	}
	if digest.SHA256(sum.Sum(nil)) != s.SHA256 {
		return fmt.Errorf("the shard %s was altered: restore the set", s.Path)
	}
	return nil
}
