package main

import (
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestBenchModel(t *testing.T) {
	jobs, err := (&benchmark{model: "runs/words/", names: []string{"sample"}}).choose()
	if err != nil {
		t.Fatal(err)
	}
	if len(jobs) != 7 || jobs[1].name != "sample/words/4" || jobs[1].kind != "paint" || jobs[1].steps != 4 || jobs[6].name != "sample/words/cold" {
		t.Errorf("of a model are timed %+v", jobs)
	}
	jobs, err = (&benchmark{against: "pytorch", names: []string{"sample/flow"}}).choose()
	if err != nil || len(jobs) != 1 || jobs[0].Work == nil {
		t.Errorf("PyTorch is asked for %+v; %v", jobs, err)
	}
	f := flowModel{path: filepath.Join(t.TempDir(), "none")}
	defer f.close()
	if _, err := f.file(); err == nil {
		t.Error("a model that is not there has a file")
	}
	if _, err := f.open(); err == nil {
		t.Error("a model that is not there was opened")
	}
}

// The process that tells its phases paints a picture, and its phases add up.
func TestFirstPicture(t *testing.T) {
	f := flowModel{threads: 1}
	path, err := f.file()
	if err != nil {
		t.Fatal(err)
	}
	p := firstPicture{model: path, out: filepath.Join(t.TempDir(), "first.png"), prompt: coldPrompt, sampling: sampling{1, 1}, threads: 1}
	begin := time.Now()
	p.watch.at = begin
	if err := p.make(); err != nil {
		t.Fatal(err)
	}
	var names []string
	sum := 0.
	for _, x := range p.watch.phases {
		names, sum = append(names, x.Name), sum+x.Seconds
	}
	if want := []string{"reading and verifying the model", "building and compiling graphs", "reading the prompt", "sampling", "decoding", "writing the PNG"}; !slices.Equal(names, want) {
		t.Errorf("phases %q, want %q", names, want)
	}
	if whole := p.watch.at.Sub(begin).Seconds(); sum < .999*whole || sum > 1.001*whole {
		t.Errorf("phases of %v s in all, it took %v s", sum, whole)
	}
	file, err := os.Open(p.out)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if img, err := png.Decode(file); err != nil || img.Bounds().Dx() != 64 {
		t.Errorf("%v; %v", img, err)
	}
	f.close()
	if _, err := os.Stat(path); err == nil {
		t.Error("the model on noise was left behind")
	}
	p.model = path
	if p.make() == nil {
		t.Error("a picture without a model")
	}
}
