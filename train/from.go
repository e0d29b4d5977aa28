package train

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/nn"
)

// opener opens the models that a run file names.
type opener struct {
	families []model.Family
	model    func(path string) (*trained.Model, error) // nil: model files and folders of runs alone
}

func (o opener) open(path string) (*trained.Model, error) {
	if o.model != nil {
		return o.model(path)
	}
	return trained.Open(path, o.families, nil)
}

// part is the model at a path, or what it contains under a name.
func (o opener) part(path, name string) (*trained.Model, error) {
	m, err := o.open(path)
	if err != nil {
		return nil, err
	}
	if _, ok := m.Manifest.Parts[name]; !ok {
		return m, nil
	}
	return m.Part(name, o.families)
}

// earlier is the model that a run begins with: the one at a path, or the part
// of it that is of the family, if it is not itself.
func (o opener) earlier(path string, f model.Family) (*trained.Model, error) {
	m, err := o.open(path)
	if err == nil {
		m, err = m.Of(f.Name(), o.families)
	}
	if err != nil {
		return nil, fmt.Errorf("train.from: %w", err)
	}
	return m, nil
}

// begun is what a run that goes on from a checkpoint says of its model; nil if
// there is no checkpoint.
func begun(out string) *trained.Manifest {
	file, c, _, err := latest(out)
	if file == nil || err != nil {
		return nil
	}
	file.Close()
	m, _, err := trained.ReadManifest(checkpointPath(out, c.Iteration))
	if err != nil {
		return nil
	}
	return &m
}

// inherit fills in what the run file does not say about the model by what an
// earlier one of the family is. Parts that it contains come with it, weights
// and all, so that no path of theirs is needed any more.
func inherit(cfg *Config, f model.Family, earlier *trained.Manifest) error {
	if earlier == nil || earlier.Family != f.Name() {
		return nil
	}
	values := map[string]any{}
	if err := json.Unmarshal(earlier.Config, &values); err != nil {
		return fmt.Errorf("train.from: the configuration of %s: %w", earlier.Name, err)
	}
	for name := range earlier.Parts {
		if part, ok := values[name].(map[string]any); ok {
			part["from"] = ""
		}
	}
	own, err := cfg.Model.Values()
	if err != nil {
		return err
	}
	maps.Copy(values, own)
	delete(values, "family")
	cfg.Model, err = NewSection("family", f.Name(), values)
	return err
}

// continueFrom takes the weights of an earlier model, and returns what it is:
// all but those that begin anew (train.fresh) and those of parts, which have a
// file of their own. Weights that it does not have begin anew too: the picture
// half of a text encoder that was a part, say.
func (r *run) continueFrom(plan Plan, earlier *trained.Model, parts map[string]*trained.Model) (*trained.Origin, error) {
	used := 0
	anew := map[string]int{}
	for _, scope := range plan.Fresh {
		anew[scope] = 0
	}
	for state := range r.states {
		name := nn.Plain(state)
		if scope := scopeAmong(name, slices.Values(plan.Fresh)); scope != "" {
			anew[scope]++
			continue
		}
		if scopeAmong(name, maps.Keys(parts)) != "" {
			continue
		}
		done, err := r.take(state, earlier, name)
		if err != nil {
			return nil, fmt.Errorf("train.from: %w; train.fresh lets scopes begin anew", err)
		}
		used += done
	}
	for scope, n := range anew {
		if n == 0 {
			return nil, fmt.Errorf("train.fresh: the model has no weights below %q", scope)
		}
	}
	if used == 0 {
		return nil, fmt.Errorf("train.from: the model %s has no weights in common with this one", earlier.Manifest.Name)
	}
	r.notes = append(r.notes, fmt.Sprintf("beginning from the weights of %s (%d tensors)", earlier.Manifest.Name, used))
	o := originOf(earlier)
	return &o, nil
}

// originOf is what the file of a model says that another was made from.
func originOf(m *trained.Model) trained.Origin {
	data := m.Manifest.Data
	data.Source = nil // where its set lay is of no use to who has the other
	return trained.Origin{Name: m.Manifest.Name, Digest: m.Digest, Data: data, Made: m.Manifest.Made, From: m.Manifest.From}
}
