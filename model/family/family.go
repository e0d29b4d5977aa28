// Package family lists the families of models. Adding one is a folder
// beside this one and a line here.
package family

import (
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/autoencoder"
	"github.com/limner-ai/limner/model/classifier"
	"github.com/limner-ai/limner/model/contrast"
	"github.com/limner-ai/limner/model/flow"
	"github.com/limner-ai/limner/model/gan"
	"github.com/limner-ai/limner/model/vae"
)

// All returns every family, in the order in which they are shown.
func All() []model.Family {
	return []model.Family{
		flow.Family{
			Autoencoders: []model.Family{autoencoder.Family{}},
			Encoders:     []model.Family{contrast.Family{}},
		},
		vae.Family{Encoders: []model.Family{contrast.Family{}}},
		gan.Family{Encoders: []model.Family{contrast.Family{}}},
		autoencoder.Family{},
		contrast.Family{},
		classifier.Family{},
	}
}
