package train

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// free lists the keys that may change between the start of a run and its
// continuation, because what is learnt does not depend on them. The place of
// the data is free, as its content is compared; so are the three ways to give
// a length, as the number of iterations is compared.
var free = []string{
	"name", "out", "place", "keep", "every", "guard", "prompts", "train.threads",
	"data.path", "data.memory_mb", "train.steps", "train.epochs", "train.images",
	"model.sampling", // of families that have it: how to use what was learnt
}

// values is the run file as plain values.
func (c Config) values() (map[string]any, error) {
	text, err := c.YAML()
	if err == nil {
		text, err = yaml.YAMLToJSON(text)
	}
	m := map[string]any{}
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil {
		return nil, fmt.Errorf("the run file: %w", err)
	}
	return m, nil
}

// changed names the first key, in alphabetical order, that matters and has
// another value now than before.
func changed(before, now map[string]any) error {
	a, b := flat("", before), flat("", now)
	keys := slices.Collect(maps.Keys(a))
	keys = slices.AppendSeq(keys, maps.Keys(b))
	slices.Sort(keys)
	for _, key := range keys {
		if slices.ContainsFunc(free, func(f string) bool { return key == f || strings.HasPrefix(key, f+".") }) {
			continue
		}
		if a[key] != b[key] {
			return fmt.Errorf("%s is %s in the run file and was %s when the run began: change it back to resume, or begin a new run in another folder (out)", key, shown(b[key]), shown(a[key]))
		}
	}
	return nil
}

func shown(v string) string {
	if v == "" {
		return "not given"
	}
	return v
}

// flat turns nested values into dotted keys with their JSON text.
func flat(prefix string, v any) map[string]string {
	out := map[string]string{}
	m, ok := v.(map[string]any)
	if !ok {
		text, _ := json.Marshal(v) // it came from JSON
		out[prefix] = string(text)
		return out
	}
	for k, w := range m {
		key := k
		if prefix != "" {
			key = prefix + "." + k
		}
		maps.Copy(out, flat(key, w))
	}
	return out
}
