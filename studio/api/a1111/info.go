package a1111

import (
	"cmp"
	"encoding/json"
	"image"
	"image/color"
	"net/http"
	"strings"

	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/studio/api"
	"github.com/limner-ai/limner/studio/paint"
)

// infoOf is what the field info holds, as JSON in a string.
type infoOf struct {
	Prompt       string   `json:"prompt"`
	Prompts      []string `json:"all_prompts"`
	Negative     string   `json:"negative_prompt"`
	Negatives    []string `json:"all_negative_prompts"`
	Seed         uint64   `json:"seed"`
	Seeds        []uint64 `json:"all_seeds"`
	Subseed      uint64   `json:"subseed"`
	Subseeds     []uint64 `json:"all_subseeds"`
	SubStrength  float64  `json:"subseed_strength"`
	Width        int      `json:"width"`
	Height       int      `json:"height"`
	Sampler      string   `json:"sampler_name"`
	Guidance     float64  `json:"cfg_scale"`
	Steps        int      `json:"steps"`
	BatchSize    int      `json:"batch_size"`
	RestoreFaces bool     `json:"restore_faces"`
	FaceModel    *string  `json:"face_restoration_model"`
	Model        string   `json:"sd_model_name"`
	ModelHash    string   `json:"sd_model_hash"`
	VAE          *string  `json:"sd_vae_name"`
	VAEHash      *string  `json:"sd_vae_hash"`
	SeedResizeW  int      `json:"seed_resize_from_w"`
	SeedResizeH  int      `json:"seed_resize_from_h"`
	Strength     *float64 `json:"denoising_strength"`
	Extra        struct{} `json:"extra_generation_params"`
	FirstImage   int      `json:"index_of_first_image"`
	Infotexts    []string `json:"infotexts"`
	Styles       []string `json:"styles"`
	Timestamp    string   `json:"job_timestamp"`
	ClipSkip     int      `json:"clip_skip"`
	Inpainting   bool     `json:"is_using_inpainting_conditioning"`
	Version      string   `json:"version"`
}

// info tells of the pictures of a call.
func info(s *settled, metas []paint.Meta, c *call) (string, error) {
	o := infoOf{
		Prompt: s.spec.Prompt, Negative: s.spec.Negative, Seed: s.seed, Width: s.spec.Width, Height: s.spec.Height, Sampler: theirs(s.spec.Sampler),
		Guidance: s.spec.Guidance, Steps: s.spec.Steps, BatchSize: s.batch, Strength: s.spec.Strength, Timestamp: c.begun.Format(stamp), ClipSkip: 1,
		Prompts: []string{}, Negatives: []string{}, Seeds: []uint64{}, Subseeds: []uint64{}, Infotexts: []string{}, Styles: []string{}, Version: "Limner",
	}
	for i, m := range metas {
		if i == 0 {
			o.Seed, o.Width, o.Height, o.Sampler = m.Seed, m.Width, m.Height, theirs(cmp.Or(m.Sampler, s.spec.Sampler))
			o.Guidance, o.Steps, o.Model = m.Guidance, m.Steps, m.Model
			sum := strings.TrimPrefix(m.ModelDigest, "sha256:")
			o.ModelHash = sum[:min(len(sum), shortHash)]
		}
		o.Prompts, o.Negatives = append(o.Prompts, m.Prompt), append(o.Negatives, m.Negative)
		o.Seeds, o.Subseeds = append(o.Seeds, m.Seed), append(o.Subseeds, 0)
		o.Infotexts = append(o.Infotexts, m.Parameters)
	}
	text, err := json.Marshal(o)
	return string(text), err
}

// pngInfo reads how a picture was made.
func (a *API) pngInfo(w http.ResponseWriter, r *http.Request) error {
	var q struct {
		Image string `json:"image"`
	}
	if err := api.ReadJSON(r, &q); err != nil {
		return err
	}
	data, err := api.Base64("image", q.Image)
	if err != nil {
		return err
	}
	type answer struct {
		Info       string         `json:"info"`
		Items      map[string]any `json:"items"`
		Parameters map[string]any `json:"parameters"`
	}
	out := answer{Items: map[string]any{}, Parameters: map[string]any{}}
	o, err := generate.ReadOrigin(data)
	if err != nil { // as there: nothing is known
		return reply(w, http.StatusOK, out)
	}
	out.Info = o.Parameters()
	out.Items["parameters"] = out.Info
	for name, value := range map[string]any{
		"Prompt": o.Prompt, "Negative prompt": o.Negative, "Seed": o.Seed, "Size-1": o.Width, "Size-2": o.Height, "Steps": o.Steps,
		"Sampler": theirs(o.Sampler), "CFG scale": o.Guidance, "Model": o.Model, "Model hash": o.Digest, "Version": o.Version,
	} {
		out.Parameters[name] = value
	}
	if o.Strength != nil {
		out.Parameters["Denoising strength"] = *o.Strength
	}
	return reply(w, http.StatusOK, out)
}

// negative turns light and dark about; what is clear counts as dark.
func negative(img image.Image) *image.Gray {
	b := img.Bounds()
	out := image.NewGray(b)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			light := color.GrayModel.Convert(img.At(x, y)).(color.Gray) // premultiplied, so clear is black
			out.SetGray(x, y, color.Gray{Y: 255 - light.Y})
		}
	}
	return out
}
