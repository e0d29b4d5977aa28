package jumble

import (
	"path/filepath"

	"github.com/limner-ai/limner/inspect/jumble/natural"
	"github.com/limner-ai/limner/inspect/plane"
	"github.com/limner-ai/limner/inspect/school/fit"
	"github.com/limner-ai/limner/inspect/school/gallery"
	"github.com/limner-ai/limner/inspect/school/lesson"
)

// niqePictures is how many clean pictures give NIQE its distribution.
const niqePictures = 3000

// teachNIQE fits the distribution of NIQE to the sharp patches of clean pictures.
func teachNIQE(d *lesson.Desk, g *gallery.Gallery) error {
	var all [][]float64
	for _, i := range g.Some(niqePictures) {
		m, err := g.Image(i)
		if err != nil {
			return err
		}
		f, s := natural.Patches(plane.Luma(m, plane.Own(m)), plane.Alpha(m))
		all = append(all, natural.Sharp(f, s)...)
	}
	return fit.Save32(filepath.Join(d.Root, "inspect", "jumble", "natural", "niqe.safetensors"), natural.Fit(all).Tensors(), map[string]string{
		"made":    "go run ./inspect/school fit jumble --only niqe",
		"data":    g.Root,
		"split":   "fit: four in five of the training pictures, by caption",
		"licence": "Apache-2.0",
	})
}
