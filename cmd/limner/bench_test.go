package main

import (
	"strings"
	"testing"
)

func TestBenchChoice(t *testing.T) {
	names := func(b benchmark) string {
		t.Helper()
		jobs, err := b.choose()
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, j := range jobs {
			out = append(out, j.name)
		}
		return strings.Join(out, " ")
	}
	all := names(benchmark{})
	for name, want := range map[string]bool{
		"gemm/512x512x512/tn": true, "train/dcgan": true, "stop/train/dcgan": true, "scale/train/dcgan": true,
		"stop/gemm/512x512x512/tn": false, "scale/gemm/512x512x512/tn": false,
	} {
		if strings.Contains(" "+all+" ", " "+name+" ") != want {
			t.Errorf("without names %s is run: %v, want %v", name, !want, want)
		}
	}
	if got, want := names(benchmark{names: []string{"train/vae-d", "stop/gemm/512x512x512/t", "train/vae-dense"}}),
		"train/vae-dense stop/gemm/512x512x512/tn stop/gemm/512x512x512/tt"; got != want {
		t.Errorf("chose %q, want %q", got, want)
	}
	if got := names(benchmark{against: "pytorch"}); strings.Contains(got, "stop/") || strings.Contains(got, "scale/") {
		t.Errorf("asks PyTorch for %q", got)
	}
	for _, bad := range []string{"nothing/like/it", "("} {
		if _, err := (&benchmark{names: []string{bad}}).choose(); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
