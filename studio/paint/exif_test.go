package paint

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/webp"

	"github.com/limner-ai/limner/generate"
)

// Files that are no PNG say how they were made where other programs look;
// exiftool, if it is here, reads it.
func TestOtherFormatsSayHowTheyWereMade(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 20, 12))
	m.SetNRGBA(3, 4, color.NRGBA{255, 0, 0, 128})
	o := generate.Origin{Prompt: "Ein Käse, 🧀", Seed: 1<<64 - 1, Pictures: 1, Width: 20, Height: 12, Model: "emoji"}
	for _, format := range []string{"jpeg", "webp"} {
		data, _, err := encoded(m, format, o)
		if err != nil {
			t.Fatal(err)
		}
		var back image.Image
		if format == "jpeg" {
			back, err = jpeg.Decode(bytes.NewReader(data))
		} else {
			back, err = webp.Decode(bytes.NewReader(data))
		}
		if err != nil || back.Bounds() != m.Bounds() {
			t.Errorf("%s: %v", format, err)
		}
		if tool, err := exec.LookPath("exiftool"); err == nil {
			path := filepath.Join(t.TempDir(), "x."+format)
			if err := os.WriteFile(path, data, 0o644); err != nil {
				t.Fatal(err)
			}
			out, err := exec.CommandContext(t.Context(), tool, "-s3", "-UserComment", path).CombinedOutput()
			// It shows the end of a line as a point.
			if got, want := strings.TrimSpace(string(out)), strings.ReplaceAll(strings.TrimSpace(o.Parameters()), "\n", "."); err != nil || got != want {
				t.Errorf("%s: exiftool reads %q, %v", format, got, err)
			}
		}
	}
	if data := withComment([]byte{0xff, 0xd8, 0xff, 0xd9}, strings.Repeat("x", 1<<16)); len(data) != 4 {
		t.Error("a text that does not fit was put in")
	}
}
