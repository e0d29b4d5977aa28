package strict

import (
	"strings"
	"testing"
)

type document struct {
	Name  string `yaml:"name"`
	Limit struct {
		Pixels int      `yaml:"pixels"`
		Ratio  float64  `yaml:"ratio"`
		Words  []string `yaml:"words"`
	} `yaml:"limit"`
	Parts []struct {
		Title string `yaml:"title"`
	} `yaml:"parts"`
}

func TestYAML(t *testing.T) {
	var d document
	d.Limit.Ratio = 3
	if err := YAML([]byte("name: a\nlimit: {pixels: 7}\n"), &d); err != nil {
		t.Fatal(err)
	}
	if d.Name != "a" || d.Limit.Pixels != 7 || d.Limit.Ratio != 3 {
		t.Errorf("%+v", d)
	}
}

func TestMistakesAreOneLine(t *testing.T) {
	for text, want := range map[string]string{
		"nam: a\n":                        `line 1: unknown key "nam"; did you mean "name"?`,
		"name: a\nlimit: {pixls: 1}\n":    `line 2: unknown key "pixls"; did you mean "pixels"?`,
		"name: a\nlimit: {pixels: 1.5}\n": `line 2: "1.5" does not fit: want a whole number`,
		"limit: {pixels: many}\n":         `line 1: "many" does not fit: want a whole number`,
		"parts:\n- {titel: a}\n":          `line 2: unknown key "titel"; did you mean "title"?`,
		"name: a\nname: b\n":              "line 2",
		"":                                "the file is empty",
		"name: a\n---\nname: b\n":         "this is a second",
		"a: [1,\nb: 3":                    "line",
	} {
		var d document
		err := YAML([]byte(text), &d)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func FuzzYAML(f *testing.F) {
	for _, s := range []string{"name: a", "limit: {pixels: 1, words: [a, b]}", "a: &x [*x]", "? {", "- -", "name: |\n  x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var d document
		if err := YAML([]byte(s), &d); err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("more than a line: %q", err)
		}
	})
}
