package flow

import (
	"errors"
	"fmt"

	"github.com/limner-ai/limner/model"
)

// Config is the flow part of a run file.
type Config struct {
	// Autoencoder makes the latents; it stays as it is.
	Autoencoder model.Part `json:"autoencoder"`
	// Words reads the prompts. Without it the model takes no words. It is
	// trained further, unless FreezeWords keeps it as it is: while the flow
	// knows little yet, its gradients only undo what the encoder has learnt.
	Words       model.Part `json:"words,omitzero"`
	FreezeWords bool       `json:"freeze_words"`

	Channels int     `json:"channels"` // of a token
	Layers   int     `json:"layers"`
	Heads    int     `json:"heads"`
	Ratio    float64 `json:"ratio"` // hidden channels of the feed-forward nets over Channels

	// Drop is the share of the pictures whose prompt is left empty in training,
	// which is what guidance pulls away from.
	Drop float64 `json:"drop"`
	// Shift is how much more often training looks at noisy pictures than at
	// clear ones: times t become s·t/(1+(s−1)·t), Esser et al. (2024), equation
	// 23. 1 leaves them as they are.
	Shift float64 `json:"shift"`
	// Shortcut is the share of a batch on which the model learns to take steps
	// of 1/32 of the way, and each twice as long up to all of it, 0 for none;
	// ShortcutGuidance is the guidance that these steps take in.
	Shortcut         float64 `json:"shortcut"`
	ShortcutGuidance float64 `json:"shortcut_guidance"`

	Optimiser string  `json:"optimiser"` // adam or muon
	Beta1     float64 `json:"beta1"`
	Beta2     float64 `json:"beta2"`
	Decay     float64 `json:"decay"`     // of weights, decoupled
	Clip      float64 `json:"clip"`      // largest norm of the gradient; 0: none
	HalfLife  float64 `json:"half_life"` // of the averaged weights, in pictures; 0: no average

	// Sampling is what those who sample it get if they do not choose.
	Sampling model.Sampling `json:"sampling"`
}

// ramp is the largest half-life of the average as a share of the pictures
// seen so far.
const ramp = .05

// doublings is how often a shortcut's shortest step of 2^−doublings can be
// doubled to make the whole way: Frans et al. (2024), section 3.
const doublings = 6

func read(decode func(any) error) (Config, error) {
	c := Config{
		Channels: 192, Layers: 8, Heads: 3, Ratio: 3,
		Drop: .1, Shift: 1, ShortcutGuidance: 2, Optimiser: "adam", Beta1: .9, Beta2: .99, Clip: 1, HalfLife: 50000,
		Sampling: model.Sampling{Steps: 20, Guidance: 3, Sampler: "euler"},
	}
	if err := decode(&c); err != nil {
		return c, err
	}
	return c, c.check()
}

func (c Config) check() error {
	share := func(x float64) bool { return x >= 0 && x < 1 }
	switch {
	case c.Autoencoder.From == "" && len(c.Autoencoder.Config) == 0:
		return errors.New("autoencoder: name the autoencoder whose latents to model, as in {from: runs/NAME}")
	case c.Channels < 1 || c.Layers < 1 || c.Heads < 1 || c.Channels%(4*c.Heads) != 0:
		return fmt.Errorf("channels, layers and heads: %d, %d and %d: want at least 1 each, and heads of a multiple of 4 channels", c.Channels, c.Layers, c.Heads)
	case !(c.Ratio > 0) || c.hidden() < 1:
		return fmt.Errorf("ratio: want a positive number, not %v", c.Ratio)
	case !share(c.Drop):
		return fmt.Errorf("drop: want a share from 0 up to but not 1, not %v", c.Drop)
	case !(c.Shift > 0):
		return fmt.Errorf("shift: want a positive number, not %v", c.Shift)
	case !share(c.Shortcut):
		return fmt.Errorf("shortcut: want a share from 0 up to but not 1, not %v", c.Shortcut)
	case !(c.ShortcutGuidance >= 0):
		return fmt.Errorf("shortcut_guidance: want 0 or more, not %v", c.ShortcutGuidance)
	case c.Optimiser != "adam" && c.Optimiser != "muon":
		return fmt.Errorf("optimiser: want adam or muon, not %q", c.Optimiser)
	case !share(c.Beta1) || !share(c.Beta2):
		return errors.New("beta1 and beta2: want a number from 0 up to but not 1")
	case !(c.Decay >= 0) || !(c.Clip >= 0) || !(c.HalfLife >= 0):
		return errors.New("decay, clip and half_life: want 0 or more")
	case c.Sampling.Steps < 1 || !(c.Sampling.Guidance >= 0) || c.Sampling.Sampler != "euler" && c.Sampling.Sampler != "heun":
		return errors.New("sampling: want at least 1 step, a guidance of 0 or more, and the sampler euler or heun")
	}
	return nil
}

func (c Config) hidden() int { return int(c.Ratio * float64(c.Channels)) }
