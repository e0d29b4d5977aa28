// Package imports holds the rule of the house: which folder may import which.
package imports

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/limner-ai/limner/"

// allowed lists, for each room, the rooms of this module that its non-test
// code may import; a room is a folder with everything below it, and the
// longest name that matches a package counts. A room may import itself,
// except where siblings says that its sub-folders are strangers.
var allowed = map[string][]string{
	"engine/tensor":          {"engine/kernel/random"},
	"engine/kernel":          {},
	"engine/graph":           {"engine/tensor"},
	"engine/graph/reference": {"engine/tensor", "engine/graph"},
	"engine/compile":         {"engine/tensor", "engine/kernel", "engine/graph"},
	"engine/cpu":             {"engine/tensor", "engine/kernel", "engine/graph", "engine/compile"},
	"nn":                     {"engine/tensor", "engine/graph"},

	"text":              {"engine/tensor", "engine/graph", "nn"},
	"model":             {"engine/tensor", "engine/graph", "nn"},
	"model/vae":         {"engine/tensor", "engine/graph", "nn", "model"},
	"model/gan":         {"engine/tensor", "engine/graph", "nn", "model"},
	"model/autoencoder": {"engine/tensor", "engine/graph", "nn", "model"},
	"model/classifier":  {"engine/tensor", "engine/graph", "nn", "model"},
	"model/contrast":    {"engine/tensor", "engine/graph", "nn", "model", "text"},
	"model/flow":        {"engine/tensor", "engine/graph", "nn", "model"},
	"model/sampler":     {"engine/tensor", "model"},
	"model/box":         {"model", "model/trained"},
	"model/family":      {"model", "model/vae", "model/gan", "model/classifier", "model/autoencoder", "model/contrast", "model/flow"},
	"model/safetensors": {"engine/tensor"},
	"model/trained":     {"engine", "nn", "model", "model/safetensors", "internal"},
	"model/modeltest":   {"engine", "nn", "model"},

	"source":             {"internal"},
	"rights":             {"rights", "source", "internal", "curate/decode", "curate/fingerprint"},
	"curate":             {"curate", "source", "rights", "internal"},
	"curate/decode":      {},
	"curate/fingerprint": {"internal/digest"},
	"curate/quality":     {},
	"curate/concept":     {},
	"curate/resize":      {},
	"curate/caption":     {"source", "internal"},
	"curate/coverage":    {"curate", "source", "internal"},
	"dataset/proof":      {"internal/digest"},
	"dataset/shard":      {"internal/atomicfile"},
	"dataset/picture":    {"internal", "engine/tensor"},
	"dataset/frozen":     {"dataset/picture", "dataset/proof", "dataset/shard", "curate", "internal"},
	"dataset/clearance":  {"source", "dataset/frozen", "dataset/proof", "curate", "rights", "internal"},
	"dataset/report":     {"dataset/frozen", "rights/ledger", "internal"},
	"dataset/idx":        {"dataset/picture", "internal", "engine/tensor"},
	"dataset/folder":     {"dataset/picture", "curate/decode/exif", "internal", "engine/tensor"},
	"dataset/shapes":     {"dataset/picture", "internal", "engine/tensor"},
	"dataset/loader":     {"dataset/picture", "internal", "engine/tensor"},
	"dataset/settest":    {"dataset/picture"},
	"dataset":            {"dataset", "internal"},

	"train":             {"train/sink", "dataset", "engine", "nn", "text", "model", "internal"},
	"train/sink":        {"internal"},
	"evaluate":          {"evaluate/fidelity", "dataset", "engine", "nn", "model", "internal"},
	"evaluate/fidelity": {"engine/tensor"},
	"generate":          {"engine", "nn", "model", "internal", "dataset/picture", "curate/decode"},

	"inspect":             {"engine", "nn", "model", "curate/decode", "curate/resize", "internal"},
	"inspect/all":         {"inspect"},
	"inspect/inspecttest": {"inspect", "internal"},
	"inspect/school":      {"inspect", "curate", "dataset", "train", "evaluate", "engine", "nn", "model", "internal"},
	"diagnose":            {"inspect", "dataset", "generate", "model", "engine/tensor", "curate", "internal"},
	"repair":              {"inspect", "generate", "model", "engine/tensor", "curate/decode", "internal"},
	"mark":                {"internal"},
	"release":             {"generate", "mark", "trace", "model", "internal"},
	"trace":               {"dataset", "model", "mark", "rights", "curate", "evaluate/copying", "evaluate/feature", "engine/tensor", "engine/kernel", "generate", "internal"},

	"studio/jobs":       {"internal"},
	"studio/paint":      {"studio/jobs", "generate", "model", "mark", "release", "repair", "inspect", "curate/decode", "engine/tensor", "internal"},
	"studio/work":       {"studio/jobs", "studio/gate", "studio/paint", "diagnose", "inspect", "generate", "train", "dataset", "curate", "rights", "source", "model", "internal"},
	"studio/inspection": {"studio/gate", "studio/work/answer", "inspect", "internal"},
	"studio/tracing":    {"studio/gate", "studio/paint", "studio/work/answer", "trace", "rights", "internal"},
	"studio/station":    {"studio/jobs", "studio/paint", "studio/gate", "studio/work/answer", "internal"},
	"studio/gallery":    {"studio/jobs", "studio/paint", "studio/gate", "studio/work/answer", "source/usage", "generate", "model", "engine/tensor", "curate/decode", "internal"},
	"studio/explore":    {"studio/paint", "release", "studio/gate", "studio/work/answer", "dataset/picture", "generate", "model", "engine/tensor", "curate/decode", "internal"},
	"studio/page":       {"studio/jobs", "studio/paint", "studio/gate", "studio/gallery", "generate", "model", "engine/tensor", "internal"},

	"studio/gate":       {"internal/digest", "internal/atomicfile"},
	"studio/api":        {"studio/jobs", "studio/paint", "studio/gate", "generate", "model", "curate/decode", "internal"},
	"studio/api/openai": {"studio/api", "studio/jobs", "studio/paint", "studio/gate", "generate", "model", "internal"},
	"studio/api/a1111":  {"studio/api", "studio/jobs", "studio/paint", "studio/gate", "generate", "model", "internal"},
	"studio/api/v1":     {"studio/api", "studio/jobs", "studio/paint", "studio/gate", "studio/work/place", "generate", "model", "rights", "dataset", "internal"},
	"studio/server":     {"studio", "model", "generate", "inspect", "diagnose", "repair", "mark", "trace", "release", "rights", "dataset", "source", "internal"},

	"rights/licence": {},
	"rights/ledger":  {"internal"},
	"rights/signal":  {},
	"rights/gate":    {"source", "rights/signal"},

	"rights/signal/reader": {"rights/signal"},

	"internal":        {"engine/tensor"},
	"internal/golden": {"engine", "nn", "model", "text"},
	"internal/demo":   {"dataset", "engine", "nn", "model", "train", "generate", "internal"},
	"internal/bench":  {"engine", "nn", "model"},
	"internal/home":   {"source", "rights", "curate", "dataset/clearance", "dataset/frozen", "model/trained", "internal"},
	"cmd":             {"source", "curate", "rights", "dataset", "engine", "nn", "model", "train", "evaluate", "generate", "inspect", "diagnose", "repair", "mark", "trace", "release", "studio", "internal"},
}

// strangers are rooms whose sub-folders must not import each other; what they
// share lies in the room named.
var strangers = map[string]string{
	"engine/kernel": "engine/kernel/isa engine/kernel/fence",
	"train/sink":    "train/sink",
	"rights/signal": "rights/signal rights/signal/robots rights/signal/page",
	"inspect":       "inspect inspect/plane inspect/calibrate inspect/segment",
	"mark":          "mark/carrier",
}

func room(pkg string) string {
	best := ""
	for r := range allowed {
		if (pkg == r || strings.HasPrefix(pkg, r+"/")) && len(r) > len(best) {
			best = r
		}
	}
	return best
}

func inside(pkg string, rooms []string) bool {
	return slices.ContainsFunc(rooms, func(r string) bool { return pkg == r || strings.HasPrefix(pkg, r+"/") })
}

func TestImportsPointDown(t *testing.T) {
	root := filepath.Join("..", "..")
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if name == "testdata" || name == "_asm" || path != root && strings.HasPrefix(name, ".") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		rel, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(rel)
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		files++
		own := room(pkg)
		if own == "" {
			t.Errorf("%s: the folder %s has no rule", path, pkg)
			return nil
		}
		for _, spec := range f.Imports {
			dep, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			dep, ok := strings.CutPrefix(dep, module)
			if !ok || dep == pkg {
				continue
			}
			if room(dep) == own {
				if shared, strange := strangers[own]; strange && strings.HasPrefix(pkg, own+"/") &&
					!slices.Contains(strings.Fields(shared), dep) && !kin(own, pkg, dep) {
					t.Errorf("%s imports its sibling %s", pkg, dep)
				}
				continue
			}
			if !inside(dep, allowed[own]) {
				t.Errorf("%s must not import %s", pkg, dep)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 50 {
		t.Fatalf("only %d files found below %s", files, root)
	}
}

// kin reports whether both packages lie in the same sub-folder of a room, or
// are a kernel family and the one that it builds on: convolutions and attention
// are made of the tiles of matrix products, attention of elementwise functions
// too.
func kin(room, a, b string) bool {
	first := func(p string) string {
		s, _, _ := strings.Cut(strings.TrimPrefix(p, room+"/"), "/")
		return s
	}
	return first(a) == first(b) ||
		(first(a) == "conv" || first(a) == "attention") && b == "engine/kernel/gemm/tile" ||
		first(a) == "attention" && b == "engine/kernel/vec"
}
