// Package light is the lesson of the inspector light: windows that its network is
// trained on, its scale, and the table of what it can do.
package light

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/limner-ai/limner/dataset/frozen"
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/inspect/school/lesson"
	"github.com/limner-ai/limner/model/family"
	"github.com/limner-ai/limner/model/safetensors"
	"github.com/limner-ai/limner/model/trained"
)

// Lesson is the lesson. Its fit has three parts, windows, network and scale;
// between the first two the network is trained by a run file.
var Lesson = lesson.Lesson{
	Name:    "light",
	Summary: "where light comes from, and regions lit from another side",
	Fit:     fit,
	Table:   table,
}

func fit(ctx context.Context, d *lesson.Desk) error {
	parts := map[string]func(context.Context, *lesson.Desk) error{"windows": windows, "network": network, "scale": scale}
	if len(d.Only) != 1 || parts[d.Only[0]] == nil {
		return fmt.Errorf("name one part: --only windows before the network is trained, --only network and then --only scale after")
	}
	return parts[d.Only[0]](ctx, d)
}

// network puts the trained network beside the inspector, in half the space. The
// windows lay in a loose folder, of which the run knows nothing; here it is
// recorded that they were drawn or cut from the frozen set alone.
func network(_ context.Context, d *lesson.Desk) error {
	engine := trained.NewCPU(1)
	defer engine.Close()
	m, err := trained.Open(filepath.Join(d.Root, "runs", "light-direction"), family.All(), engine)
	if err != nil {
		return err
	}
	set, err := frozen.Open(picture.Source{Kind: "frozen", Path: d.Set, Channels: 4})
	if err != nil {
		return err
	}
	defer set.Close()
	if m.Manifest.Data.Basis, err = set.Basis(); err != nil {
		return err
	}
	var src picture.Source
	if err := json.Unmarshal(m.Manifest.Data.Source, &src); err != nil {
		return err
	}
	src.Path = "runs/light-windows"
	if m.Manifest.Data.Source, err = json.Marshal(src); err != nil {
		return err
	}
	to := filepath.Join(d.Root, "inspect", "light", "light.safetensors")
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return m.SaveAs(to, safetensors.BF16)
}
