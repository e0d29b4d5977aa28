package diagnose

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/all"
)

// set is pictures of hands and of cats, described in words.
type set struct{ words []string }

func (s set) Len() int                { return len(s.words) }
func (set) Shape() (h, w, c int)      { return 20, 20, 4 }
func (set) Classes() []string         { return nil }
func (s set) Name(i int) string       { return s.words[i] }
func (s set) caption(i int) string    { base, _, _ := strings.Cut(s.words[i], ";"); return base }
func (s set) keywords(i int) []string { return strings.Split(s.words[i], ";")[1:] }
func (s set) Item(i int, pixels []float32) (picture.Label, error) {
	for k := range pixels {
		pixels[k] = float32((k+i)%7) / 7
	}
	return picture.Label{Class: -1, Caption: s.caption(i)}, nil
}

func (s set) Describe(i int) (picture.Description, error) {
	return picture.Description{Captions: []picture.Caption{{Text: s.caption(i), Language: "en"}}, Keywords: s.keywords(i), Style: "3d"}, nil
}

var pictures = set{[]string{
	"waving hand: dark skin tone;wave", "waving hand: light skin tone;wave", "cat;animal;pet", "cat;animal", "cat face;animal;face", "clock",
}}

func TestLexicon(t *testing.T) {
	l, err := read(context.Background(), pictures)
	if err != nil || l.n != 6 || l.of["waving hand"] != 2 || l.of["cat"] != 2 {
		t.Fatalf("%+v, %v", l, err)
	}
	for words, want := range map[string]int{"hand": 2, "animal": 3, "face": 1, "waving hand": 2, "hand waving": 0, "3d": 0, "han": 0} {
		if got := l.count([]string{words}); got != want {
			t.Errorf("%q: %d pictures, want %d", words, got, want)
		}
	}
	p := l.prompts(1)
	seen := map[string]bool{}
	for _, x := range p[:4] {
		if seen[x.concept] || !strings.HasSuffix(x.text, ", 3d") {
			t.Errorf("prompt %+v", x)
		}
		seen[x.concept] = true
	}
	if len(p) != 6 {
		t.Errorf("%d prompts", len(p))
	}
	if got := asked(Options{N: 3, Prompts: []string{"a dog: large, flat"}}, l); len(got) != 3 || got[2].concept != "a dog" {
		t.Errorf("%+v", got)
	}
	if got := asked(Options{N: 2}, nil); got[0].text != builtin[0] {
		t.Errorf("%+v", got)
	}
}

// report is one of made-up findings: hands go wrong, structure does not.
func report(t *testing.T) *Report {
	t.Helper()
	l, err := read(context.Background(), pictures)
	if err != nil {
		t.Fatal(err)
	}
	var samples []sample
	for i := range 60 {
		s := sample{prompt: "waving hand, 3d", concept: "waving hand", picture: image.NewNRGBA(image.Rect(0, 0, 8, 8))}
		if i%2 == 1 {
			s.prompt, s.concept = "a | <b>cat</b>\n# of `mine`", "cat"
		}
		wrong := i%2 == 0 && i < 30
		f := inspect.Finding{Inspector: "hands", Applies: true, Sentence: "A hand.", Score: float64(i), Probability: .1}
		if wrong {
			f.Faulty, f.Fault, f.Probability, f.Sentence = true, "extra finger", .9, "Six fingers."
		}
		s.findings = []inspect.Finding{f, {Inspector: "jumble", Applies: i < 50, Sentence: "Sound."}}
		samples = append(samples, s)
	}
	r := &Report{Model: "test", N: 60, Training: l.n, Looked: 100}
	panel := &all.Panel{Kinds: []inspect.Kind{{Name: "hands", Faults: []string{"extra finger", "fused"}}, {Name: "jumble", Faults: []string{"melted"}}}}
	r.count(panel, samples, &looked{Judged: map[string]int{"hands": 100, "jumble": 100}, Faulty: map[string]int{"hands": 2}})
	r.explain(samples, l)
	r.Advice = r.advise(l)
	return r
}

func TestReport(t *testing.T) {
	r := report(t)
	if r.Faulty != .25 || len(r.Inspectors) != 2 {
		t.Fatalf("%+v", r)
	}
	h := r.Inspectors[0]
	if h.Judged != 60 || h.Faulty != 15 || h.TrainingFaulty != 2 || len(h.Faults) != 1 || h.Faults[0].N != 15 || len(h.Faults[0].Examples) != mostExamples || h.Faults[0].Examples[0].finding.Score != 28 {
		t.Errorf("hands: %+v", h)
	}
	if s := h.Subjects[0]; s.Name != "hands" || s.Pictures != 2 || math.Abs(s.Share-1./3) > 1e-9 || s.Prompts != 30 || s.Faulty != 15 {
		t.Errorf("hands are covered: %+v", s)
	}
	text := strings.Join(r.Advice, "\n")
	for _, want := range []string{"hands: 25.0 % of the samples are called faulty, but 2.0 % of the training pictures", "counted fingers are in 0.0 %"} {
		if !strings.Contains(text, want) {
			t.Errorf("the advice does not say %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "jumble") {
		t.Errorf("advice about what is sound:\n%s", text)
	}
	if b := r.Familiar[0]; b.Prompts != 60 || b.Faulty != 15 {
		t.Errorf("by how familiar: %+v", r.Familiar)
	}
}

func TestWrite(t *testing.T) {
	r := report(t)
	r.Inspectors[0].Faults[0].Examples[0].Prompt = "a | <b>cat</b>\n# of `mine`"
	var md, html, js bytes.Buffer
	for f, b := range map[Format]*bytes.Buffer{Markdown: &md, HTML: &html, JSON: &js} {
		if err := r.Write(b, f); err != nil {
			t.Fatal(err)
		}
	}
	if strings.Contains(md.String(), "\n# of") || strings.Contains(html.String(), "<b>cat") {
		t.Error("a prompt breaks out of the report")
	}
	if !strings.Contains(html.String(), "data:image/png;base64,") || !strings.Contains(md.String(), "| hands | 60 | 25.0 % | 2.0 % |") {
		t.Errorf("the report lacks something:\n%s", md.String())
	}
	var back Report
	if err := json.Unmarshal(js.Bytes(), &back); err != nil || back.Inspectors[0].Faulty != 15 {
		t.Errorf("%v", err)
	}
	for path, want := range map[string]Format{"a.html": HTML, "b.JSON": JSON, "c.md": Markdown, "d": Markdown} {
		if got := FormatOf(path); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
}

// What was found in training pictures is kept, and a file that is damaged is made
// anew.
func TestLook(t *testing.T) {
	panel, err := all.Open(inspect.Env{Threads: 1}, "blur")
	if err != nil {
		t.Fatal(err)
	}
	defer panel.Close()
	dir := filepath.Join(t.TempDir(), "kept")
	o := Options{Training: 4, Cache: dir, Root: "sha256:1"}
	done := 0
	tell := func(string, int, int) { done++ }
	first, err := look(context.Background(), pictures, panel, o, tell)
	if err != nil || first.Pictures != 4 || done != 4 {
		t.Fatalf("%+v, %v", first, err)
	}
	again, err := look(context.Background(), pictures, panel, o, tell)
	if err != nil || done != 4 || again.Judged["blur"] != first.Judged["blur"] {
		t.Errorf("%+v, %v, %d", again, err, done)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.json"))
	if len(files) != 1 {
		t.Fatalf("%q", files)
	}
	for _, damaged := range []string{"", "{", `{"root":"sha256:1","pictures":4}`, `{"root":"sha256:2","pictures":4,"judged":{},"faulty":{}}`} {
		if err := os.WriteFile(files[0], []byte(damaged), 0o644); err != nil {
			t.Fatal(err)
		}
		done = 0
		if _, err := look(context.Background(), pictures, panel, o, tell); err != nil || done != 4 {
			t.Errorf("with %q kept: %v, %d inspected", damaged, err, done)
		}
	}
	o.Root = "sha256:3"
	done = 0
	if _, err := look(context.Background(), pictures, panel, o, tell); err != nil || done != 4 {
		t.Errorf("of another set: %v, %d inspected", err, done)
	}
}

func TestApart(t *testing.T) {
	// 30 of 100 against 15 of 100: pooled share .225, standard error .05906.
	if z := apart(30, 100, 15, 100); math.Abs(z-2.5400) > 1e-3 {
		t.Errorf("z = %v", z)
	}
	if apart(0, 10, 0, 10) != 0 || apart(1, 0, 1, 1) != 0 {
		t.Error("nothing is apart")
	}
}
