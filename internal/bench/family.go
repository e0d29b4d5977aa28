package bench

import (
	"encoding/json"
	"slices"

	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/cpu"
	"github.com/limner-ai/limner/internal/bench/dit"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/gan"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/model/vae"
)

var (
	colour = model.Pictures{Height: 64, Width: 64, Channels: 3}
	grey   = model.Pictures{Height: 28, Width: 28, Channels: 1}
	latent = model.Pictures{Height: 8, Width: 8, Channels: 8}
)

// network is a configured family whose steps are timed as train/NAME and
// sample/NAME; internal/golden/bench.py knows it by the same name.
type network struct {
	name     string
	batch    int // of training
	pictures model.Pictures
	family   model.Family
	config   string
}

// networks lists them: a line here, and one in WORKS of bench.py.
var networks = []network{
	{"vae-dense", 128, grey, vae.Family{}, `{"net":"dense","binarize":"dynamic","ema":0}`},
	{"vae-transposed", 64, colour, vae.Family{}, `{"channels":[32,64,128,256],"ema":0}`},
	{"vae-upsample", 64, colour, vae.Family{}, `{"channels":[32,64,128,256],"decoder":"upsample","ema":0}`},
	{"dcgan", 64, colour, gan.Family{}, `{"arch":"dcgan"}`},
	{"r3gan", 64, grey, gan.Family{}, `{}`},
	{"dit", 64, latent, dit.Family{}, `{}`},
}

func (n network) model() (model.Model, error) {
	return n.family.New(n.pictures, func(v any) error { return json.Unmarshal([]byte(n.config), v) })
}

// steps are a training iteration of each network, and sampling as many
// pictures as Limner samples at once; of the flow model the velocities of a few
// steps.
func steps() []Case {
	var train, sample []Case
	for _, n := range networks {
		work := map[string]any{"family": n.name, "batch": n.batch}
		train = append(train, Case{Name: "train/" + n.name, Work: work, load: func(pool *cpu.Pool, o compile.Options) (*Iteration, error) {
			m, err := n.model()
			if err != nil {
				return nil, err
			}
			return newTraining(m, n.batch, pool, o)
		}})
		m, err := n.model()
		if err != nil || !slices.Contains(m.Uses(), model.UseSample) {
			continue // the training case reports the error
		}
		work = map[string]any{"family": n.name, "batch": trained.Batch, "sample": true}
		sample = append(sample, Case{Name: "sample/" + n.name, Work: work, load: func(pool *cpu.Pool, o compile.Options) (*Iteration, error) {
			return newSampling(m, trained.Batch, pool, o)
		}})
	}
	return slices.Concat(train, sample, []Case{velocities()})
}
