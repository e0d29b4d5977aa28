package all

import (
	"context"
	"errors"
	"image"
	"strings"
	"testing"

	"github.com/limner-ai/limner/inspect"
)

func TestOpen(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range Kinds {
		if seen[k.Name] || k.Name == "" || k.Summary == "" || len(k.Faults) == 0 {
			t.Errorf("the kind %+v", k)
		}
		seen[k.Name] = true
	}
	if _, err := Open(inspect.Env{}, "blur", "beauty"); !errors.Is(err, inspect.ErrUnknown) || !strings.Contains(err.Error(), "blur") {
		t.Errorf("error %v", err)
	}
	p, err := Open(inspect.Env{Threads: 1}, "blur")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	f, err := p.Inspect(context.Background(), image.NewNRGBA(image.Rect(0, 0, 20, 20)))
	if err != nil || len(f) != 1 || f[0].Inspector != "blur" {
		t.Errorf("%+v, %v", f, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := p.Inspect(ctx, image.NewNRGBA(image.Rect(0, 0, 20, 20))); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
