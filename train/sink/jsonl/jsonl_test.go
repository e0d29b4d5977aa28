package jsonl

import (
	"encoding/json"
	"errors"
	"image"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/limner-ai/limner/train/sink"
)

func start(t *testing.T) (*Writer, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "metrics.jsonl")
	w, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w.now = func() time.Time { return time.Unix(0, 0) }
	return w, path
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	return string(b)
}

func TestLines(t *testing.T) {
	w, path := start(t)
	must(t, w.Scalar(1, "loss/rec", 84.125))
	must(t, w.Scalar(1, "loss/kl", 1e-9))
	must(t, w.Scalar(2, "loss/rec", math.NaN()))
	must(t, w.Image(2, "samples", image.NewGray(image.Rect(0, 0, 1, 1))))
	must(t, w.Scalar(2, "loss/rec", math.Inf(-1))) // the same name again
	if content(t, path) != "" {
		t.Error("written before Flush")
	}
	must(t, w.Flush())
	must(t, w.Flush()) // nothing new
	must(t, w.Scalar(2, "odd \"ü\n", 3))
	must(t, w.Close())
	const at = `"time":"1970-01-01T00:00:00Z"`
	want := `{"step":1,` + at + `,"loss/rec":84.125,"loss/kl":1e-09}
{"step":2,` + at + `,"loss/rec":"NaN"}
{"step":2,` + at + `,"loss/rec":"-Inf"}
{"step":2,` + at + `,"odd \"ü\n":3}
`
	if got := content(t, path); got != want {
		t.Errorf("file is\n%swant\n%s", got, want)
	}
	for _, line := range strings.Split(strings.TrimSpace(want), "\n") {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
	}
	h, err := Read(path)
	must(t, err)
	rec := h["loss/rec"]
	if len(h) != 3 || len(rec) != 3 || rec[0] != (sink.Point{Step: 1, Value: 84.125}) ||
		!math.IsNaN(rec[1].Value) || !math.IsInf(rec[2].Value, -1) || rec[2].Step != 2 {
		t.Errorf("history %v", h)
	}
	if got := h["odd \"ü\n"]; !reflect.DeepEqual(got, []sink.Point{{Step: 2, Value: 3}}) {
		t.Errorf("odd name: %v", got)
	}
}

func TestReservedNames(t *testing.T) {
	w, _ := start(t)
	defer w.Close()
	for _, name := range []string{"step", "time"} {
		if w.Scalar(1, name, 0) == nil {
			t.Errorf("%q was accepted", name)
		}
	}
}

func TestCreateRefusesAnotherRun(t *testing.T) {
	w, path := start(t)
	must(t, w.Scalar(1, "a", 1))
	must(t, w.Close())
	before := content(t, path)
	if _, err := Create(path); !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
	if content(t, path) != before {
		t.Error("the earlier history changed")
	}
	if _, err := Create(filepath.Join(path, "under", "file")); err == nil {
		t.Error("no error for a bad path")
	}
}

func TestResume(t *testing.T) {
	const kept = `{"step":10,"a":1}` + "\n" + `{"step":20,"a":2,"eval/fid":9}` + "\n"
	for name, c := range map[string]struct {
		file, after string
		step        int64
	}{
		"nothing later":      {kept, kept, 20},
		"later steps":        {kept + `{"step":21,"a":3}` + "\n" + `{"step":22,"a":3}` + "\n", kept, 20},
		"later among":        {`{"step":10,"a":1}` + "\n" + `{"step":30,"b":1}` + "\n" + `{"step":20,"a":2,"eval/fid":9}` + "\n", kept, 20},
		"cut short":          {kept + `{"step":20,"a`, kept, 20},
		"cut before newline": {kept + `{"step":20,"a":7}`, kept, 20},
		"power cut":          {kept + "\x00\x00\x00\n\x00\x00", kept, 20},
		"from the start":     {kept, "", 0},
		"empty":              {"", "", 5},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "m")
			must(t, os.WriteFile(path, []byte(c.file), 0o644))
			w, h, err := Resume(path, c.step)
			must(t, err)
			if content(t, path) != c.after {
				t.Errorf("kept\n%swant\n%s", content(t, path), c.after)
			}
			must(t, w.Scalar(c.step+1, "a", 5))
			must(t, w.Close())
			want, err := Read(path)
			must(t, err)
			h["a"] = append(h["a"], sink.Point{Step: c.step + 1, Value: 5})
			if !reflect.DeepEqual(h, want) {
				t.Errorf("Resume said %v, the file holds %v", h, want)
			}
			last := want["a"][len(want["a"])-1]
			if last != (sink.Point{Step: c.step + 1, Value: 5}) {
				t.Errorf("appended %v", last)
			}
		})
	}
}

func TestResumeWithoutAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m")
	w, h, err := Resume(path, 7)
	must(t, err)
	must(t, w.Close())
	if len(h) != 0 {
		t.Error(h)
	}
	if h, err := Read(filepath.Join(t.TempDir(), "no")); err != nil || len(h) != 0 {
		t.Errorf("%v %v", h, err)
	}
}

// Damage in the middle is no crash's work; it must be named, not guessed over.
func TestDamageInTheMiddle(t *testing.T) {
	for name, line := range map[string]string{
		"half a line": `{"step":1,"a`,
		"no step":     `{"a":1}`,
		"step 1.5":    `{"step":1.5,"a":1}`,
		"not a value": `{"step":1,"a":[1]}`,
		"null":        `null`,
	} {
		path := filepath.Join(t.TempDir(), "m")
		before := `{"step":1,"a":1}` + "\n" + line + "\n" + `{"step":3,"a":1}` + "\n"
		must(t, os.WriteFile(path, []byte(before), 0o644))
		_, err := Read(path)
		if err == nil || !strings.Contains(err.Error(), "line 2") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
		if _, _, err := Resume(path, 1); err == nil {
			t.Errorf("%s: resumed", name)
		}
		if content(t, path) != before {
			t.Errorf("%s: the file changed", name)
		}
	}
}

func TestStepsOutOfOrderAreSorted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m")
	must(t, os.WriteFile(path, []byte(`{"step":5,"a":1}`+"\n"+`{"step":2,"a":2}`+"\n"), 0o644))
	h, err := Read(path)
	must(t, err)
	if !reflect.DeepEqual(h["a"], []sink.Point{{Step: 2, Value: 2}, {Step: 5, Value: 1}}) {
		t.Error(h)
	}
}

// A failed Flush keeps what it could not write.
func TestFlushTriesAgain(t *testing.T) {
	w, path := start(t)
	must(t, w.Scalar(1, "a", 1))
	must(t, w.Flush())
	good := w.f
	bad, err := os.Open(path) // not open for writing
	must(t, err)
	w.f = bad
	must(t, w.Scalar(2, "a", 2))
	if err := w.Flush(); err == nil {
		t.Fatal("no error")
	}
	must(t, bad.Close())
	w.f = good
	must(t, w.Close())
	h, err := Read(path)
	must(t, err)
	if len(h["a"]) != 2 {
		t.Errorf("%v", h)
	}
}
