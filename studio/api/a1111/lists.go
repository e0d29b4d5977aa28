package a1111

import (
	"net/http"
	"runtime"
	"strings"

	"github.com/limner-ai/limner/studio/api"
	"github.com/limner-ai/limner/studio/gate"
	"github.com/limner-ai/limner/studio/paint"
)

// sampler is one of Limner's, under the name that it has there.
type sampler struct {
	Name    string            `json:"name"`
	Aliases []string          `json:"aliases"`
	Options map[string]string `json:"options"`
}

var samplers = []sampler{
	{"Euler", []string{"k_euler", "euler"}, map[string]string{}},
	{"Heun", []string{"k_heun", "heun"}, map[string]string{"second_order": "true"}},
}

// ours is a sampler by any of its names; "" for one that Limner does not have.
func ours(name string) string {
	for _, s := range samplers {
		for _, n := range append(s.Aliases, s.Name) {
			if strings.EqualFold(n, name) {
				return strings.ToLower(s.Name)
			}
		}
	}
	return ""
}

// theirs is what a sampler of Limner is called there.
func theirs(name string) string {
	for _, s := range samplers {
		if strings.EqualFold(s.Name, name) {
			return s.Name
		}
	}
	return name
}

type scheduler struct {
	Name           string   `json:"name"`
	Label          string   `json:"label"`
	Aliases        []string `json:"aliases"`
	DefaultRho     float64  `json:"default_rho"`
	NeedInnerModel bool     `json:"need_inner_model"`
}

type upscaler struct {
	Name      string  `json:"name"`
	ModelName *string `json:"model_name"`
	ModelPath *string `json:"model_path"`
	ModelURL  *string `json:"model_url"`
	Scale     float64 `json:"scale"`
}

var (
	schedulers = []scheduler{{"automatic", "Automatic", []string{}, -1, false}}
	upscalers  = []upscaler{{Name: "None", Scale: 1}}
	none       = []struct{}{}
	embeddings = map[string]map[string]string{"loaded": {}, "skipped": {}}
	scripts    = map[string][]string{"txt2img": {}, "img2img": {}}
	flags      = map[string]any{"api": true, "listen": false, "share": false}
)

// memory tells what this process holds; there is no GPU.
func memory(w http.ResponseWriter, _ *http.Request) error {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return reply(w, http.StatusOK, map[string]any{
		"ram":  map[string]uint64{"free": m.HeapIdle, "used": m.HeapInuse, "total": m.Sys},
		"cuda": map[string]string{"error": "Limner computes on the processor"},
	})
}

// checkpoint describes a model as it is done there. Where its file lies is
// nobody's business: the name stands for it.
type checkpoint struct {
	Title    string  `json:"title"`
	Name     string  `json:"model_name"`
	Hash     string  `json:"hash"`
	SHA256   string  `json:"sha256"`
	Filename string  `json:"filename"`
	Config   *string `json:"config"`
}

// shortHash is how many digits of a digest stand in a title.
const shortHash = 10

func checkpointOf(m paint.Model) checkpoint {
	sum := strings.TrimPrefix(m.Digest, "sha256:")
	short := sum[:min(len(sum), shortHash)]
	return checkpoint{Title: m.Name + " [" + short + "]", Name: m.Name, Hash: short, SHA256: sum, Filename: m.Name}
}

func (a *API) models(w http.ResponseWriter, r *http.Request) error {
	list, err := a.studio.Models.Models(r.Context())
	if err != nil {
		return err
	}
	out := []checkpoint{}
	for _, m := range list {
		out = append(out, checkpointOf(m))
	}
	return reply(w, http.StatusOK, out)
}

// modelName is the name of what a client calls a model: its name or its title.
func modelName(text string) string {
	if i := strings.LastIndex(text, " ["); i > 0 && strings.HasSuffix(text, "]") {
		text = text[:i]
	}
	return text
}

// options gives those that Limner has; of which one can be set.
func (a *API) options(w http.ResponseWriter, r *http.Request) error {
	a.mu.Lock()
	name := a.chosen[gate.Owner(r.Context())]
	a.mu.Unlock()
	m, err := a.studio.Models.Model(r.Context(), name)
	if err != nil {
		return err
	}
	c := checkpointOf(m)
	return reply(w, http.StatusOK, map[string]any{
		"sd_model_checkpoint": c.Title, "sd_checkpoint_hash": c.SHA256, "samples_format": "png", "samples_save": false,
		"enable_pnginfo": true, "CLIP_stop_at_last_layers": 1, "sd_vae": "None", "show_progress_every_n_steps": 1,
	})
}

// setOptions takes sd_model_checkpoint, which holds for the owner until the
// server ends. Others are let be: they are not Limner's.
func (a *API) setOptions(w http.ResponseWriter, r *http.Request) error {
	var o struct {
		Model *string `json:"sd_model_checkpoint"`
	}
	if err := api.ReadJSON(r, &o); err != nil {
		return err
	}
	if o.Model != nil {
		m, err := a.studio.Models.Model(r.Context(), modelName(*o.Model))
		if err != nil {
			return err
		}
		a.mu.Lock()
		a.chosen[gate.Owner(r.Context())] = m.Name
		a.mu.Unlock()
	}
	return reply(w, http.StatusOK, nil)
}
