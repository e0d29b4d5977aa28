package diagnose

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/inspect/all"
	"github.com/limner-ai/limner/internal/atomicfile"
	"github.com/limner-ai/limner/model/trained"
)

// looked is what inspectors found in a sample of the training pictures.
type looked struct {
	Root     string         `json:"root"`
	Code     string         `json:"code"`
	Pictures int            `json:"pictures"`
	Judged   map[string]int `json:"judged"`
	Faulty   map[string]int `json:"faulty"`
}

func code() string { return trained.CodeVersion() }

// look inspects training pictures, evenly spread over the set. What was found is
// kept by the set's root, the inspectors and the version of Limner.
func look(ctx context.Context, set picture.Set, panel *all.Panel, o Options, tell func(string, int, int)) (*looked, error) {
	root, n := o.Root, min(o.Training, set.Len())
	path := ""
	if o.Cache != "" && root != "" {
		sum := sha256.Sum256([]byte(strings.Join([]string{root, code(), fmt.Sprint(n, set.Len()), strings.Join(panelNames(panel), ",")}, "\n")))
		path = filepath.Join(o.Cache, hex.EncodeToString(sum[:12])+".json")
		if l, ok := kept(path, root, n); ok {
			return l, nil
		}
	}
	l := &looked{Root: root, Code: code(), Judged: map[string]int{}, Faulty: map[string]int{}}
	h, w, c := set.Shape()
	one := tensor.New(1, h, w, c)
	for k := range n {
		if _, err := set.Item(k*set.Len()/n, one.Data); picture.IsSkip(err) {
			continue
		} else if err != nil {
			return nil, fmt.Errorf("diagnose: %w", err)
		}
		findings, err := panel.Inspect(ctx, Image(one, 0))
		if err != nil {
			return nil, err
		}
		l.Pictures++
		for _, f := range findings {
			if f.Applies {
				l.Judged[f.Inspector]++
			}
			if f.Faulty {
				l.Faulty[f.Inspector]++
			}
		}
		tell("inspecting training pictures", k+1, n)
	}
	if path == "" {
		return l, nil
	}
	if err := os.MkdirAll(o.Cache, 0o755); err != nil {
		return nil, fmt.Errorf("diagnose: %w", err)
	}
	return l, atomicfile.Write(path, 0o644, func(w io.Writer) error { return json.NewEncoder(w).Encode(l) })
}

// kept reads what was found before; a file that does not fit is made anew.
func kept(path, root string, n int) (*looked, bool) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, false
	}
	l := &looked{}
	if json.Unmarshal(b, l) != nil || l.Root != root || l.Pictures > n || l.Pictures < 1 || l.Judged == nil || l.Faulty == nil {
		return nil, false
	}
	return l, true
}

func panelNames(p *all.Panel) (names []string) {
	for _, k := range p.Kinds {
		names = append(names, k.Name)
	}
	return names
}
