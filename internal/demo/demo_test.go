package demo

import (
	"bytes"
	"context"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/limner-ai/limner/model/family"
)

func TestDemo(t *testing.T) {
	out := filepath.Join(t.TempDir(), "demo")
	path, err := Run(context.Background(), Options{Out: out, Families: family.All(), Progress: io.Discard, brief: true})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), "data:image/png;base64,"); n != 8 {
		t.Errorf("the page shows %d pictures, want 8", n)
	}
	if strings.Contains(string(text), "ZgotmplZ") || !strings.Contains(string(text), "</html>") {
		t.Error("the page is not whole")
	}
	for _, name := range []string{"vae-samples", "vae-reconstructions", "vae-interpolation", "gan-samples", "gan-interpolation"} {
		b, err := os.ReadFile(filepath.Join(out, name+".png"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := png.Decode(bytes.NewReader(b)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Once more over the first.
	if _, err := Run(context.Background(), Options{Out: out, Families: family.All(), Progress: io.Discard, brief: true}); err != nil {
		t.Errorf("a second run: %v", err)
	}
}

func TestDemoStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, Options{Out: t.TempDir(), Families: family.All(), Progress: io.Discard, brief: true}); err == nil {
		t.Error("a cancelled demonstration goes on")
	}
}
