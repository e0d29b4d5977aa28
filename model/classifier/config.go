package classifier

import (
	"errors"
	"fmt"
	"slices"

	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/nn"
)

// Config is the classifier part of a run file.
type Config struct {
	Channels   []int   `json:"channels"`   // of each resolution, the largest first
	Features   int     `json:"features"`   // length of the last hidden layer
	Activation string  `json:"activation"` // see nn.ActivationNamed
	Smoothing  float64 `json:"smoothing"`  // share of each label that is spread over all classes
	Dropout    float64 `json:"dropout"`    // share of the features that is hidden in training
	Shift      int     `json:"shift"`      // training pictures are moved by up to so many pixels
	Noise      float64 `json:"noise"`      // deviation of the noise on training pixels
	Decay      float64 `json:"decay"`      // decoupled weight decay
	EMA        float64 `json:"ema"`        // decay of the averaged weights; 0: none
}

func read(p model.Pictures, decode func(any) error) (Config, error) {
	var given Config
	if err := decode(&given); err != nil {
		return Config{}, err
	}
	c := Config{Features: 128, Activation: "silu", Smoothing: .05, Dropout: .2, Shift: 1, Decay: .01, EMA: .999}
	if given.Channels == nil {
		for i, e := 0, max(p.Height, p.Width); i == 0 || e >= 7 && i < 6; i, e = i+1, (e+1)/2 {
			c.Channels = append(c.Channels, min(16<<i, 64))
		}
	}
	if err := decode(&c); err != nil {
		return Config{}, err
	}
	return c, c.check(p)
}

func (c Config) check(p model.Pictures) error {
	_, err := nn.ActivationNamed(c.Activation)
	switch {
	case err != nil:
		return err
	case len(p.Classes) < 2:
		return errors.New("a classifier wants pictures of at least 2 classes")
	case p.Height < 1 || p.Width < 1 || p.Channels < 1:
		return fmt.Errorf("pictures of %d×%d×%d cannot be classified", p.Height, p.Width, p.Channels)
	case len(c.Channels) == 0 || slices.Min(c.Channels) < 1:
		return fmt.Errorf("channels: want at least 1 channel at each resolution, not %v", c.Channels)
	case len(c.Channels) > 1 && min(p.Height, p.Width)>>(len(c.Channels)-2) < 2:
		return fmt.Errorf("channels: pictures of %d×%d cannot be halved %d times", p.Height, p.Width, len(c.Channels)-1)
	case c.Features < 1:
		return fmt.Errorf("features: want at least 1, not %d", c.Features)
	case !(c.Smoothing >= 0 && c.Smoothing < 1) || !(c.Dropout >= 0 && c.Dropout < 1):
		return errors.New("smoothing and dropout: want a share from 0 up to but not 1")
	case c.Shift < 0 || c.Shift >= min(p.Height, p.Width):
		return fmt.Errorf("shift: want 0 or more pixels, fewer than the picture has, not %d", c.Shift)
	case !(c.Noise >= 0) || !(c.Decay >= 0):
		return errors.New("noise and decay: want 0 or more")
	case !(c.EMA >= 0 && c.EMA < 1):
		return fmt.Errorf("ema: want a decay from 0 up to but not 1, not %v", c.EMA)
	}
	return nil
}
