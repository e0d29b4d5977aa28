package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"strings"

	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/nn"
)

// openParts opens the trained models that the configuration of a composite
// family names, and writes into cfg what they are. A part that is described
// already may be gone: a run that is resumed has its weights. Where a model
// is named that contains a part of that name, the part is meant.
func openParts(cfg *Config, f model.Family, open opener) (map[string]*trained.Model, error) {
	composite, ok := f.(model.Composite)
	if !ok {
		return nil, nil
	}
	named, err := composite.Parts(func(dst any) error { return cfg.Model.Decode("family", dst) })
	if err != nil {
		return nil, err
	}
	values, err := cfg.Model.Values()
	if err != nil {
		return nil, err
	}
	delete(values, "family")
	parts := map[string]*trained.Model{}
	for name, p := range named {
		if _, err := os.Stat(p.From); p.From == "" || errors.Is(err, fs.ErrNotExist) && len(p.Config) > 0 {
			continue
		}
		m, err := open.part(p.From, name)
		if err != nil {
			return nil, fmt.Errorf("%s.from: %w", name, err)
		}
		if p.Digest != "" && p.Digest != m.Digest {
			return nil, fmt.Errorf("%s.from: %s is not the model that the run began with (its digest is %.19s… and was %.19s…): restore it, or begin a new run in another folder (out)", name, p.From, m.Digest, p.Digest)
		}
		p.Digest, p.Family, p.Pictures = m.Digest, m.Manifest.Family, m.Manifest.Pictures
		if err := json.Unmarshal(m.Manifest.Config, &p.Config); err != nil {
			return nil, fmt.Errorf("%s.from: the configuration of %s: %w", name, p.From, err)
		}
		parts[name], values[name] = m, p
	}
	cfg.Model, err = NewSection("family", f.Name(), values)
	return parts, err
}

// adopt copies the weights of the parts to the states that stand for them,
// parameters and averages alike.
func (r *run) adopt(parts map[string]*trained.Model) error {
	for name, m := range parts {
		used := 0
		for state := range r.states {
			own, ok := strings.CutPrefix(nn.Plain(state), name+"/")
			if !ok {
				continue
			}
			done, err := r.take(state, m, own)
			if err != nil {
				return fmt.Errorf("%s.from: %w", name, err)
			}
			used += done
		}
		if used == 0 {
			return fmt.Errorf("%s.from: the model %s has no weights that this one uses", name, m.Manifest.Name)
		}
	}
	return nil
}

// take copies one tensor and returns how many that were.
func (r *run) take(state string, m *trained.Model, own string) (int, error) {
	t := m.Weights[nn.AverageOf(own)]
	if t == nil {
		t = m.Weights[own]
	}
	if t == nil {
		return 0, nil
	}
	if !t.Shape.Equal(r.states[state].Shape) {
		return 0, fmt.Errorf("the weights %q have shape %v in %s and %v here", own, t.Shape, m.Manifest.Name, r.states[state].Shape)
	}
	copy(r.states[state].Data, t.Data)
	return 1, nil
}

// scopeAmong is the scope among some that a weight lies in, "" if in none.
func scopeAmong(name string, scopes iter.Seq[string]) string {
	for scope := range scopes {
		if name == scope || strings.HasPrefix(name, scope+"/") {
			return scope
		}
	}
	return ""
}
