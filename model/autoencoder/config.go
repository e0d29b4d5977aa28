package autoencoder

import (
	"fmt"
	"slices"

	"github.com/limner-ai/limner/model"
)

// Config is the autoencoder part of a run file. What is not given is filled
// in by the size of the pictures.
type Config struct {
	Latent        int     `json:"latent"`         // channels of the latent
	Encoder       []int   `json:"encoder"`        // channels of each resolution; the first is half the pictures', each further one half of that
	Decoder       []int   `json:"decoder"`        // the same of the decoder, in the same order
	Blocks        int     `json:"blocks"`         // residual blocks a resolution of the encoder
	DecoderBlocks int     `json:"decoder_blocks"` // and of the decoder
	KL            float64 `json:"kl"`             // weight of a nat against the error of a value
	Detail        float64 `json:"detail"`         // weight of the error in the bands of a Laplacian pyramid
	EMA           float64 `json:"ema"`            // decay of the averaged weights and of the latent's scale
	Critic        Critic  `json:"critic"`
}

// Critic says how the patch critic takes part.
type Critic struct {
	Weight   float64 `json:"weight"`   // its gradient's length as a share of the error's; 0: no critic
	Start    float64 `json:"start"`    // share of the run before which there is none
	Channels []int   `json:"channels"` // of each resolution; the first is half the pictures'
	Gamma    float64 `json:"gamma"`    // weight of the gradient penalty
}

// coarsest is the extent that the default depth stops at.
const coarsest = 8

func defaults(p model.Pictures) Config {
	c := Config{
		Latent: 16, Blocks: 1, DecoderBlocks: 1, KL: .005, Detail: 1, EMA: .999,
		Critic: Critic{Weight: .2, Start: .65, Channels: []int{32, 64}, Gamma: .02},
	}
	for i, h, w := 0, p.Height/2, p.Width/2; i == 0 || min(h, w) >= coarsest && i < 6; i, h, w = i+1, h/2, w/2 {
		c.Encoder = append(c.Encoder, min(32<<i, 128))
		c.Decoder = append(c.Decoder, min(max(48, 32<<i), 128))
	}
	return c
}

// read decodes a configuration over its defaults and checks it.
func read(p model.Pictures, decode func(any) error) (Config, error) {
	var given Config
	if err := decode(&given); err != nil {
		return Config{}, err
	}
	c := defaults(p)
	// A list that is given replaces the default, also where it is empty.
	for _, l := range []struct{ given, list *[]int }{
		{&given.Encoder, &c.Encoder}, {&given.Decoder, &c.Decoder}, {&given.Critic.Channels, &c.Critic.Channels},
	} {
		if *l.given != nil {
			*l.list = nil
		}
	}
	if err := decode(&c); err != nil {
		return Config{}, err
	}
	return c, c.check(p)
}

func (c Config) check(p model.Pictures) error {
	n := len(c.Encoder)
	share := func(x float64) bool { return x >= 0 && x < 1 }
	few := func(list []int) bool { return len(list) == 0 || slices.Min(list) < 1 }
	uneven := func(n int) bool { return n > 12 || p.Height%(1<<n) != 0 || p.Width%(1<<n) != 0 }
	switch {
	case p.Height < 1 || p.Width < 1 || p.Channels != 1 && p.Channels != 3 && p.Channels != 4:
		return fmt.Errorf("pictures of %d×%d×%d cannot be modelled: want 1, 3 or 4 channels", p.Height, p.Width, p.Channels)
	case c.Latent < 1:
		return fmt.Errorf("latent: want at least 1 channel, not %d", c.Latent)
	case few(c.Encoder):
		return fmt.Errorf("encoder: want at least 1 channel at each resolution, not %v", c.Encoder)
	case few(c.Decoder) || len(c.Decoder) != n:
		return fmt.Errorf("decoder: want the channels of %d resolutions, as of the encoder, not %v", n, c.Decoder)
	case uneven(n):
		return fmt.Errorf("encoder: pictures of %d×%d do not halve evenly %d times", p.Height, p.Width, n)
	case slices.ContainsFunc(c.Encoder[1:], func(c int) bool { return c%4 != 0 }):
		return fmt.Errorf("encoder: after the first resolution want multiples of 4 channels, not %v", c.Encoder)
	case c.Blocks < 0 || c.DecoderBlocks < 0:
		return fmt.Errorf("blocks and decoder_blocks: want 0 or more, not %d and %d", c.Blocks, c.DecoderBlocks)
	case !(c.KL >= 0) || !(c.Detail >= 0):
		return fmt.Errorf("kl and detail: want 0 or more, not %v and %v", c.KL, c.Detail)
	case !share(c.EMA):
		return fmt.Errorf("ema: want a decay from 0 up to but not 1, not %v", c.EMA)
	case !(c.Critic.Weight >= 0) || !(c.Critic.Gamma >= 0):
		return fmt.Errorf("critic: want a weight and a gamma of 0 or more, not %v and %v", c.Critic.Weight, c.Critic.Gamma)
	case !share(c.Critic.Start):
		return fmt.Errorf("critic: want a start from 0 up to but not 1, not %v", c.Critic.Start)
	case few(c.Critic.Channels):
		return fmt.Errorf("critic: want at least 1 channel at each resolution, not %v", c.Critic.Channels)
	case uneven(len(c.Critic.Channels)):
		return fmt.Errorf("critic: pictures of %d×%d do not halve evenly %d times", p.Height, p.Width, len(c.Critic.Channels))
	}
	return nil
}
