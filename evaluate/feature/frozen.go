package feature

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"path"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/family"
	"github.com/limner-ai/limner/model/safetensors"
	"github.com/limner-ai/limner/model/trained"
)

//go:embed *.safetensors
var files embed.FS

// frozen lists the networks that are built in. One is never changed: its
// numbers could not be compared any more. A better one is a new line.
var frozen = []struct{ file, digest string }{
	{"fashion-mnist.safetensors", "sha256:c35ba4af2512da13dc51051016d7e1c0f2676743e1bacbf895f47886da7001cb"},
	{"shapes.safetensors", "sha256:c5f590e5c3b0c0bbf5d38c1907098deef9bbbabc27dc6db0061ce1d17bb14443"},
	{"emoji.safetensors", "sha256:9c8480fee3c6c52c324ca0ce9d3745516851191293576a3c2c0ba68962bf0711"},
}

// Builtin returns the space built in for pictures of this extent: the one
// that knows their classes, or else the first that fits. The error says what
// to do where there is none.
func Builtin(p model.Pictures, engine trained.Engine) (*Space, error) {
	var found *Space
	for _, f := range frozen {
		m, err := thaw(f.file, f.digest, engine, func(m trained.Manifest) bool { return fits(m.Pictures, p) })
		if err != nil {
			return nil, err
		}
		if m == nil {
			continue
		}
		s, err := New(m)
		if err != nil {
			return nil, err
		}
		if found == nil || s.Knows(p.Classes) {
			found = s
		}
	}
	if found == nil {
		return nil, &NoneError{p}
	}
	return found, nil
}

// Reader returns the built-in network that holds words against the pictures of
// the set with this root, that of a frozen one or the digest of its pictures; nil if
// there is none.
func Reader(root string, engine trained.Engine) (*trained.Model, error) {
	for _, f := range frozen {
		m, err := thaw(f.file, f.digest, engine, func(m trained.Manifest) bool {
			return root != "" && (m.Data.Root == root || m.Data.Basis.Root == root)
		})
		if err != nil {
			return nil, err
		}
		if m != nil && m.Has(model.UseRead) && m.Has(model.UseLook) {
			return m, nil
		}
	}
	return nil, nil
}

// Of returns the built-in network that was trained on the set with this root, as Reader
// does, as a space; nil if there is none.
func Of(root string, engine trained.Engine) (*Space, error) {
	m, err := Reader(root, engine)
	if m == nil || err != nil {
		return nil, err
	}
	return New(m)
}

// Single returns the built-in network of this digest, as a space for one picture at a
// time; nil if there is none.
func Single(digest string, engine trained.Engine) (*Space, error) {
	for _, f := range frozen {
		if f.digest != digest {
			continue
		}
		m, err := thaw(f.file, f.digest, engine, nil)
		if err != nil {
			return nil, err
		}
		return newSpace(m, 1)
	}
	return nil, nil
}

// NoneError says that no built-in space fits.
type NoneError struct{ Pictures model.Pictures }

func (e *NoneError) Error() string {
	return fmt.Sprintf("there is no built-in feature space for pictures of %d×%d×%d: train a model of the family classifier or contrast on the same data and name it with --features", e.Pictures.Height, e.Pictures.Width, e.Pictures.Channels)
}

// Open makes a space of the network at path, a model file or the folder
// of a run.
func Open(path string, engine trained.Engine) (*Space, error) {
	m, err := trained.Open(path, family.All(), engine)
	if err != nil {
		return nil, err
	}
	s, err := New(m)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// thaw reads a built-in network; nil if it is not wanted.
func thaw(name, digest string, engine trained.Engine, wanted func(trained.Manifest) bool) (*trained.Model, error) {
	raw, err := files.ReadFile(path.Base(name))
	if err != nil {
		return nil, err
	}
	m, err := thawed(raw, digest, engine, wanted)
	if err != nil {
		return nil, fmt.Errorf("built-in feature space %s: %w", name, err)
	}
	return m, nil
}

func thawed(raw []byte, digest string, engine trained.Engine, wanted func(trained.Manifest) bool) (*trained.Model, error) {
	file, err := safetensors.Read(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, err
	}
	if file.Digest() != digest {
		return nil, fmt.Errorf("its digest is %s, not %s", file.Digest(), digest)
	}
	manifest, err := manifestOf(file)
	if err != nil || wanted != nil && !wanted(manifest) {
		return nil, err
	}
	built, err := manifest.Build(family.All())
	if err != nil {
		return nil, err
	}
	weights := map[string]*tensor.Tensor{}
	for _, info := range file.Infos() {
		if weights[info.Name], err = file.Tensor(info.Name); err != nil {
			return nil, err
		}
	}
	m := trained.New(built, manifest, weights, engine)
	m.Digest = digest
	return m, nil
}

// Thaw makes a space of a model file's bytes, which must have this digest.
func Thaw(raw []byte, digest string, engine trained.Engine) (*Space, error) {
	m, err := thawed(raw, digest, engine, nil)
	if err != nil {
		return nil, err
	}
	return New(m)
}

func manifestOf(file *safetensors.File) (trained.Manifest, error) {
	var m trained.Manifest
	key, _, err := m.Entry()
	if err == nil {
		err = json.Unmarshal([]byte(file.Meta()[key]), &m)
	}
	return m, err
}
