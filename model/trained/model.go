package trained

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/internal/atomicfile"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/safetensors"
)

const (
	// FileName is the model file in the folder of a run.
	FileName = "model.safetensors"
	// manifestKey is the metadata entry that holds the manifest.
	manifestKey = "limner.model"
)

// Model is a configured model and the weights that its uses read. It is for
// one goroutine at a time.
type Model struct {
	model.Model
	Manifest Manifest
	Digest   string // of the file it came from; "" if from none
	Weights  map[string]*tensor.Tensor

	engine   Engine
	calls    map[callKey]*Call
	readings map[string][]float32 // by prompt
}

// New joins a model with weights, which are shared, not copied.
func New(m model.Model, manifest Manifest, weights map[string]*tensor.Tensor, engine Engine) *Model {
	return &Model{Model: m, Manifest: manifest, Weights: weights, engine: engine, calls: map[callKey]*Call{}, readings: map[string][]float32{}}
}

// Open reads the model at path, which is a model file or the folder of a run,
// and verifies all of it.
func Open(path string, families []model.Family, engine Engine) (*Model, error) {
	file, manifest, err := open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return read(path, file, manifest, families, engine)
}

// Read is Open for a model file of size bytes in r; errors call it name.
func Read(name string, r io.ReaderAt, size int64, families []model.Family, engine Engine) (*Model, error) {
	file, err := safetensors.Read(r, size)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	manifest, err := manifestOf(name, file)
	if err != nil {
		return nil, err
	}
	return read(name, file, manifest, families, engine)
}

func read(path string, file *safetensors.File, manifest Manifest, families []model.Family, engine Engine) (*Model, error) {
	built, err := manifest.Build(families)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	m := New(built, manifest, map[string]*tensor.Tensor{}, engine)
	m.Digest = file.Digest()
	needed, err := m.outputs()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, name := range StateNames(needed) {
		if _, ok := file.Info(name); !ok {
			return nil, fmt.Errorf("%s: the weights %q are missing", path, name)
		}
		if m.Weights[name], err = file.Tensor(name); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	if err := checkStates(needed, m.Weights); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// ReadManifest reads and verifies a model file and returns what it says about
// itself, and its digest.
func ReadManifest(path string) (Manifest, string, error) {
	file, manifest, err := open(path)
	if err != nil {
		return Manifest{}, "", err
	}
	defer file.Close()
	return manifest, file.Digest(), nil
}

func open(path string) (*safetensors.File, Manifest, error) {
	var m Manifest
	if st, err := os.Stat(path); err == nil && st.IsDir() {
		inside := filepath.Join(path, FileName)
		if _, err := os.Stat(inside); errors.Is(err, fs.ErrNotExist) {
			return nil, m, fmt.Errorf("%s holds no %s: name a model file, or the folder of a run that has saved one", path, FileName)
		}
		path = inside
	} else if errors.Is(err, fs.ErrNotExist) {
		return nil, m, fmt.Errorf("there is no model at %s", path)
	}
	file, err := safetensors.Open(path)
	if err != nil {
		return nil, m, err
	}
	if m, err = manifestOf(path, file); err != nil {
		file.Close()
		return nil, m, err
	}
	return file, m, nil
}

func manifestOf(path string, file *safetensors.File) (m Manifest, err error) {
	text, ok := file.Meta()[manifestKey]
	if !ok {
		return m, fmt.Errorf("%s: not a model of Limner: the file is sound but has no %q entry", path, manifestKey)
	}
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return m, fmt.Errorf("%s: the %q entry cannot be read: %w", path, manifestKey, err)
	}
	if m.Format != Format {
		return m, fmt.Errorf("%s: the model file has format %d, this version of Limner reads %d: update Limner", path, m.Format, Format)
	}
	return m, nil
}

// Entry is the manifest as an entry of a file's metadata.
func (m *Manifest) Entry() (key, value string, err error) {
	m.Format = Format
	text, err := json.Marshal(m)
	return manifestKey, string(text), err
}

// Save writes the model file: the manifest and those weights that some use
// reads.
func (m *Model) Save(path string) error { return m.SaveAs(path, safetensors.F32) }

// SaveAs is Save with the weights as F32 or, in half the space, BF16.
func (m *Model) SaveAs(path string, dtype safetensors.Dtype) error {
	needed, err := m.outputs()
	if err != nil {
		return err
	}
	if err := checkStates(needed, m.Weights); err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	weights := map[string]*tensor.Tensor{}
	for _, name := range StateNames(needed) {
		weights[name] = m.Weights[name]
	}
	key, value, err := m.Manifest.Entry()
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	return atomicfile.Write(path, 0o644, func(w io.Writer) error {
		return safetensors.WriteAs(w, dtype, weights, map[string]string{key: value})
	})
}

// outputs builds every use at the smallest batch and returns all results.
func (m *Model) outputs() ([]*graph.Value, error) {
	var all []*graph.Value
	for _, use := range m.Uses() {
		call, err := build(m.Model, use, 1)
		if err != nil {
			return nil, err
		}
		for _, o := range call.Outputs {
			all = append(all, o.Value)
		}
	}
	return all, nil
}

// build guards against a shape mistake that a family did not catch itself.
func build(m model.Model, use model.Use, batch int) (call *model.Call, err error) {
	if caught := graph.Catch(func() { call, err = m.Build(use, batch) }); caught != nil {
		err = caught
	}
	if err != nil {
		return nil, fmt.Errorf("the use %q of the model: %w", use, err)
	}
	return call, nil
}
