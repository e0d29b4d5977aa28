package trained

import (
	"bytes"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/limner-ai/limner/internal/basis"
	"github.com/limner-ai/limner/internal/nearest"
	"github.com/limner-ai/limner/model"
)

// Format is the version of the manifest that this code writes and reads.
const Format = 1

// Manifest is what a model file says about itself, as JSON in the file's
// metadata.
type Manifest struct {
	Format   int             `json:"format"`
	Name     string          `json:"name"` // of the run
	Family   string          `json:"family"`
	Config   json.RawMessage `json:"config"` // the family's own
	Pictures model.Pictures  `json:"pictures"`
	Data     Data            `json:"data"`
	Made     Made            `json:"made"`
	// From is the model whose weights the run began with.
	From *Origin `json:"from,omitempty"`
	// Parts are the models that this one contains, by their scope.
	Parts map[string]Origin `json:"parts,omitempty"`
	// Blended is set if the weights are no longer those of the run's end.
	Blended *Blended `json:"blended,omitempty"`
	// Metrics are the last ones of the run, by name.
	Metrics map[string]float64 `json:"metrics,omitempty"`
}

// Origin says where a part of a model, or its first weights, come from.
type Origin struct {
	Name   string  `json:"name"`
	Digest string  `json:"digest"` // of the model file
	Data   Data    `json:"data"`
	Made   Made    `json:"made"`
	From   *Origin `json:"from,omitempty"` // what that one began with in turn
}

// Data names what a model was trained on.
type Data struct {
	Root     string          `json:"root"`     // digest of the set's content
	Pictures int             `json:"pictures"` // in the set
	Source   json.RawMessage `json:"source,omitempty"`
	// Basis is the ground on which the pictures were used; unknown in the files
	// of before it was asked for.
	Basis basis.Basis `json:"basis"`
}

// Made says how a model came to be.
type Made struct {
	Place      string    `json:"place,omitempty"` // as the run file says
	Machine    string    `json:"machine"`         // system, instruction set, threads
	Code       string    `json:"code"`            // version of Limner
	Started    time.Time `json:"started"`
	Finished   time.Time `json:"finished"`
	Seconds    float64   `json:"seconds"` // spent in training
	Seed       uint64    `json:"seed"`
	Iterations int       `json:"iterations"`
	Images     int       `json:"images"` // seen in training
}

// Build makes the model that the manifest describes; families lists those
// that the caller knows.
func (m *Manifest) Build(families []model.Family) (model.Model, error) {
	var names []string
	for _, f := range families {
		if f.Name() == m.Family {
			built, err := f.New(m.Pictures, func(dst any) error { return strict(m.Config, dst) })
			if err != nil {
				return nil, fmt.Errorf("the configuration of the %s model: %w", m.Family, err)
			}
			return built, nil
		}
		names = append(names, f.Name())
	}
	return nil, fmt.Errorf("unknown model family %q%s", m.Family, nearest.Hint(m.Family, names))
}

func strict(text []byte, dst any) error {
	if len(text) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(dst)
}

// CodeVersion is the version of the running program: a release, or the commit
// that it was built from, marked if files had been changed since.
func CodeVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	version, dirty := info.Main.Version, false
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && (version == "" || version == "(devel)"):
			version = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified":
			dirty = s.Value == "true"
		}
	}
	switch {
	case version == "":
		version = "(devel)"
	case dirty && !bytes.HasSuffix([]byte(version), []byte("+dirty")):
		version += "+dirty"
	}
	return version
}
