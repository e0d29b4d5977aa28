package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/limner-ai/limner/dataset/loader"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/internal/atomicfile"
	"github.com/limner-ai/limner/model/safetensors"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/nn"
)

const (
	checkpointFolder = "checkpoints"
	checkpointKey    = "limner.checkpoint"
	checkpointFormat = 1
)

// checkpoint is what a run needs beside its states to continue exactly. It is
// JSON in the metadata of a safetensors file that holds the states.
type checkpoint struct {
	Format    int             `json:"format"`
	Iteration int             `json:"iteration"` // completed
	Total     int             `json:"total"`
	Position  loader.Position `json:"position"` // of the next batch
	Config    map[string]any  `json:"config"`   // the run file with everything filled in
	Data      string          `json:"data"`     // root of the set
	Code      string          `json:"code"`
	Started   time.Time       `json:"started"`
	Seconds   float64         `json:"seconds"` // spent in training
	Images    int             `json:"images"`  // seen
	Window    window          `json:"window"`  // metrics since the last line of the log

	Metrics map[string]float64 `json:"metrics"` // the last of each
}

func checkpointPath(out string, iteration int) string {
	return filepath.Join(out, checkpointFolder, fmt.Sprintf("step-%08d.safetensors", iteration))
}

// checkpoints lists the files in a run's folder, oldest first.
func checkpoints(out string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(out, checkpointFolder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot look for checkpoints: %w", err)
	}
	var paths []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "step-") && strings.HasSuffix(e.Name(), ".safetensors") {
			paths = append(paths, filepath.Join(out, checkpointFolder, e.Name()))
		}
	}
	slices.Sort(paths) // numbers have leading zeros
	return paths, nil
}

// save writes a checkpoint, which can also be opened as a model, and removes
// those beyond the last keep.
func (c *checkpoint) save(out string, keep int, states map[string]*tensor.Tensor, manifest trained.Manifest) error {
	c.Format = checkpointFormat
	text, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("cannot write a checkpoint: %w", err)
	}
	key, value, err := manifest.Entry()
	if err != nil {
		return fmt.Errorf("cannot write a checkpoint: %w", err)
	}
	meta := map[string]string{checkpointKey: string(text), key: value}
	if err := os.MkdirAll(filepath.Join(out, checkpointFolder), 0o755); err != nil {
		return fmt.Errorf("cannot write a checkpoint: %w", err)
	}
	err = atomicfile.Write(checkpointPath(out, c.Iteration), 0o644, func(w io.Writer) error {
		return safetensors.Write(w, states, meta)
	})
	if err != nil {
		return err
	}
	paths, err := checkpoints(out)
	if err != nil {
		return err
	}
	for _, old := range paths[:max(0, len(paths)-keep)] {
		if err := os.Remove(old); err != nil {
			return fmt.Errorf("cannot remove an old checkpoint: %w", err)
		}
	}
	return nil
}

// latest opens the newest checkpoint that is sound, and says which newer ones
// are not. It returns no file if there is no checkpoint at all.
func latest(out string) (file *safetensors.File, c checkpoint, damaged []error, err error) {
	paths, err := checkpoints(out)
	if err != nil || len(paths) == 0 {
		return nil, c, nil, err
	}
	for _, path := range slices.Backward(paths) {
		file, c, err = readCheckpoint(path)
		if err == nil {
			return file, c, damaged, nil
		}
		damaged = append(damaged, err)
	}
	return nil, c, nil, fmt.Errorf("no checkpoint in %s is sound; the newest: %w", out, damaged[0])
}

func readCheckpoint(path string) (*safetensors.File, checkpoint, error) {
	var c checkpoint
	file, err := safetensors.Open(path)
	if err != nil {
		return nil, c, err
	}
	text, ok := file.Meta()[checkpointKey]
	switch {
	case !ok:
		err = fmt.Errorf("%s: not a checkpoint: it has no %q entry", path, checkpointKey)
	default:
		if err = json.Unmarshal([]byte(text), &c); err != nil {
			err = fmt.Errorf("%s: the %q entry cannot be read: %w", path, checkpointKey, err)
		} else if c.Format != checkpointFormat {
			err = fmt.Errorf("%s: the checkpoint has format %d, this version of Limner reads %d", path, c.Format, checkpointFormat)
		}
	}
	if err != nil {
		file.Close()
		return nil, c, err
	}
	return file, c, nil
}

// restore copies the states of a checkpoint into those of the run, which must
// be the same ones.
func restore(file *safetensors.File, path string, want []nn.State, states map[string]*tensor.Tensor) error {
	for _, s := range want {
		t, err := file.Tensor(s.Name)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if !t.Shape.Equal(s.Shape) {
			return fmt.Errorf("%s: %q has shape %v, the model wants %v", path, s.Name, t.Shape, s.Shape)
		}
		copy(states[s.Name].Data, t.Data)
	}
	return nil
}
