package gan

import (
	"errors"
	"fmt"
	"slices"

	"github.com/limner-ai/limner/model"
)

// Config is the gan part of a run file. What is not given is filled in by
// the architecture and the size of the pictures.
type Config struct {
	Arch        string  `json:"arch"`        // dcgan or r3gan
	Latent      int     `json:"latent"`      // length of z
	Channels    []int   `json:"channels"`    // of each resolution, the smallest first
	Blocks      int     `json:"blocks"`      // r3gan: residual blocks a resolution
	Norm        string  `json:"norm"`        // dcgan's generator: pixel (see nn.PixelNorm) or none
	Loss        string  `json:"loss"`        // nonsaturating or relativistic
	Gamma       float64 `json:"gamma"`       // weight of the gradient penalty at the start
	GammaFinal  float64 `json:"gamma_final"` // and at the end, half a cosine between
	R2          bool    `json:"r2"`          // the penalty also on generated pictures
	Lazy        int     `json:"lazy"`        // apply the penalty at every n-th iteration, n-fold
	Beta1       float64 `json:"beta1"`       // of Adam
	Beta2       float64 `json:"beta2"`       // of Adam, at the start
	Beta2Final  float64 `json:"beta2_final"` // and at the end, half a cosine between
	HalfLife    float64 `json:"half_life"`   // of the averaged generator, in pictures; 0: no average
	Conditional bool    `json:"conditional"` // both nets are told the class

	// Words reads the prompts; it stays as it is. Without it the model takes no
	// words, and the numbers below are 0.
	Words     model.Part `json:"words,omitzero"`
	Embedding int        `json:"embedding"` // numbers that each net makes of a prompt
	Drop      float64    `json:"drop"`      // share of the pictures whose prompt is left empty in training
	Mismatch  float64    `json:"mismatch"`  // weight of real pictures with others' prompts among what counts as generated
}

// ramp is the largest half-life of the average as a share of the pictures
// seen so far.
const ramp = .05

// group is how many channels share a filter of R3GAN's 3×3 convolutions.
const group = 16

// defaults fills in what follows from the pictures and the architecture.
func defaults(p model.Pictures, given Config) Config {
	extent := max(p.Height, p.Width)
	c := Config{
		Arch: "r3gan", Latent: 64, Blocks: 1, Loss: "relativistic", Gamma: 1, GammaFinal: .1, R2: true,
		Lazy: 1, Beta1: 0, Beta2: .9, Beta2Final: .99, HalfLife: 10000, Conditional: len(p.Classes) > 0,
	}
	if given.Arch == "dcgan" {
		c = Config{
			Arch: "dcgan", Latent: 100, Norm: "pixel", Loss: "nonsaturating", Gamma: 1, GammaFinal: 1,
			Lazy: 1, Beta1: 0, Beta2: .99, Beta2Final: .99, HalfLife: 10000, Conditional: len(p.Classes) > 0,
		}
		width := 64
		if extent > 32 {
			width = 32
		}
		for i, e := 0, extent; e > 4 && i < 6; i, e = i+1, (e+1)/2 {
			c.Channels = append(c.Channels, min(width<<i, 256))
		}
	} else {
		widths := []int{32, 96, 192}
		for i, e := 0, extent; i == 0 || e >= 7 && i < 7; i, e = i+1, e/2 {
			c.Channels = append(c.Channels, widths[min(i, 2)])
		}
	}
	slices.Reverse(c.Channels)
	if given.worded() {
		c.Embedding, c.Drop, c.Mismatch = 128, .1, .5
	}
	return c
}

// read decodes a configuration over its defaults and checks it.
func read(p model.Pictures, decode func(any) error) (Config, error) {
	var given Config
	if err := decode(&given); err != nil {
		return Config{}, err
	}
	c := defaults(p, given)
	if given.Channels != nil {
		c.Channels = nil // a list that is given replaces the default
	}
	if err := decode(&c); err != nil {
		return Config{}, err
	}
	return c, c.check(p)
}

// worded reports whether there is someone to read prompts.
func (c Config) worded() bool { return c.Words.From != "" || len(c.Words.Config) > 0 }

func (c Config) check(p model.Pictures) error {
	n := len(c.Channels)
	r3gan := c.Arch == "r3gan"
	switch {
	case !r3gan && c.Arch != "dcgan":
		return fmt.Errorf("arch: want dcgan or r3gan, not %q", c.Arch)
	case c.Loss != "nonsaturating" && c.Loss != "relativistic":
		return fmt.Errorf("loss: want nonsaturating or relativistic, not %q", c.Loss)
	case !r3gan && c.Norm != "pixel" && c.Norm != "none":
		return fmt.Errorf("norm: want pixel or none, not %q", c.Norm)
	case p.Height < 1 || p.Width < 1 || p.Channels < 1:
		return fmt.Errorf("pictures of %d×%d×%d cannot be modelled", p.Height, p.Width, p.Channels)
	case c.Latent < 1:
		return fmt.Errorf("latent: want at least 1 number, not %d", c.Latent)
	case n == 0 || slices.Min(c.Channels) < 1:
		return fmt.Errorf("channels: want at least 1 channel at each resolution, not %v", c.Channels)
	case r3gan && c.Blocks < 1:
		return fmt.Errorf("blocks: want at least 1, not %d", c.Blocks)
	case r3gan && (n > 31 || p.Height%(1<<(n-1)) != 0 || p.Width%(1<<(n-1)) != 0):
		return fmt.Errorf("channels: pictures of %d×%d do not halve evenly %d times, as %d resolutions need", p.Height, p.Width, n-1, n)
	case !r3gan && min(p.Height, p.Width)>>(n-1) < 2:
		return fmt.Errorf("channels: pictures of %d×%d cannot be halved %d times", p.Height, p.Width, n)
	case c.Conditional && len(p.Classes) < 2:
		return errors.New("conditional: the pictures have no classes")
	case !(c.Gamma >= 0) || !(c.GammaFinal >= 0):
		return errors.New("gamma and gamma_final: want 0 or more")
	case c.Lazy < 1:
		return fmt.Errorf("lazy: want 1 (always) or more, not %d", c.Lazy)
	case !(c.Beta1 >= 0 && c.Beta1 < 1) || !(c.Beta2 >= 0 && c.Beta2 < 1) || !(c.Beta2Final >= 0 && c.Beta2Final < 1):
		return errors.New("beta1, beta2 and beta2_final: want a number from 0 up to but not 1")
	case !(c.HalfLife >= 0):
		return fmt.Errorf("half_life: want a number of pictures, not %v", c.HalfLife)
	case !c.worded() && (c.Embedding != 0 || c.Drop != 0 || c.Mismatch != 0):
		return errors.New("embedding, drop and mismatch: name the encoder whose words they are for, as in words: {from: runs/NAME}")
	case c.worded() && c.Embedding < 1:
		return fmt.Errorf("embedding: want at least 1 number, not %d", c.Embedding)
	case !(c.Drop >= 0 && c.Drop < 1) || !(c.Mismatch >= 0 && c.Mismatch < 1):
		return errors.New("drop and mismatch: want a share from 0 up to but not 1")
	}
	for _, ch := range c.Channels {
		if r3gan && 2*ch%group != 0 {
			return fmt.Errorf("channels: R3GAN's groups of %d want multiples of %d, not %d", group, group/2, ch)
		}
	}
	return nil
}
