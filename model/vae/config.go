package vae

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/nn"
)

// Config is the vae part of a run file. What is not given is filled in by
// the size of the pictures.
type Config struct {
	Net         string `json:"net"`         // dense or conv
	Latent      int    `json:"latent"`      // length of z
	Hidden      []int  `json:"hidden"`      // dense layers: all of a dense net, those between picture and z of a conv net
	Channels    []int  `json:"channels"`    // conv: one 4×4 convolution of stride 2 each
	Decoder     string `json:"decoder"`     // conv: transposed, or upsample (nearest, then 3×3)
	Activation  string `json:"activation"`  // see nn.ActivationNamed
	Likelihood  string `json:"likelihood"`  // bernoulli or logistic
	Scale       string `json:"scale"`       // logistic: shared (one a channel) or pixel (the decoder's)
	Binarize    string `json:"binarize"`    // none, or dynamic: grey is the probability of white, drawn anew each time
	Conditional bool   `json:"conditional"` // encoder and decoder are told the class
	// Words reads the prompts that the decoder is told; it stays as it is. Without it
	// the model takes no words, and the two numbers below are 0.
	Words     model.Part `json:"words,omitzero"`
	Embedding int        `json:"embedding"` // numbers that the decoder makes of a prompt
	Drop      float64    `json:"drop"`      // share of the prompts that are left empty in training
	// Prior is normal, N(0, 1) whatever is said, or words: a normal distribution whose
	// means and deviations a net makes of the prompt.
	Prior string `json:"prior"`

	Beta   float64 `json:"beta"`   // weight of the KL term
	Warmup float64 `json:"warmup"` // share of the run in which beta rises from 0
	IWAE   int     `json:"iwae"`   // train on the bound of this many draws
	Decay  float64 `json:"decay"`  // decoupled weight decay
	Clip   float64 `json:"clip"`   // largest norm of the gradient; 0: any
	Skip   float64 `json:"skip"`   // no step above this norm; 0: always
	EMA    float64 `json:"ema"`    // decay of the averaged weights; 0: none
}

// defaults fills in what follows from the pictures and the keys that were
// given.
func defaults(p model.Pictures, given Config) Config {
	c := Config{
		Net: "conv", Latent: 32, Hidden: []int{}, Channels: []int{}, Decoder: "transposed",
		Activation: "silu", Likelihood: "logistic", Scale: "shared", Binarize: "none",
		Conditional: len(p.Classes) > 0, Prior: "normal", Beta: 1, IWAE: 1, EMA: .999,
	}
	if given.Binarize == "dynamic" {
		c.Likelihood = "bernoulli"
	}
	if given.Net == "dense" {
		c.Net, c.Latent, c.Hidden, c.Activation, c.Decoder = "dense", 50, []int{200, 200}, "tanh", ""
	} else {
		for i, h := 0, max(p.Height, p.Width); h > 7 && i < 6; i, h = i+1, (h+1)/2 {
			c.Channels = append(c.Channels, min(32<<i, 256))
		}
	}
	if cmp.Or(given.Likelihood, c.Likelihood) == "bernoulli" {
		c.Scale = ""
	}
	if given.worded() {
		c.Embedding, c.Drop = 128, .1
	}
	return c
}

// worded reports whether there is someone to read prompts.
func (c Config) worded() bool { return c.Words.From != "" || len(c.Words.Config) > 0 }

// read decodes a configuration over its defaults and checks it.
func read(p model.Pictures, decode func(any) error) (Config, error) {
	var given Config
	if err := decode(&given); err != nil {
		return Config{}, err
	}
	c := defaults(p, given)
	// A list that is given replaces the default, also where it is empty.
	if given.Hidden != nil {
		c.Hidden = nil
	}
	if given.Channels != nil {
		c.Channels = nil
	}
	if err := decode(&c); err != nil {
		return Config{}, err
	}
	return c, c.check(p)
}

func (c Config) check(p model.Pictures) error {
	oneOf := func(key, got string, known ...string) error {
		if slices.Contains(known, got) {
			return nil
		}
		return fmt.Errorf("%s: want %s, not %q", key, strings.Join(known, " or "), got)
	}
	conv := c.Net == "conv"
	errs := []error{oneOf("net", c.Net, "dense", "conv"), oneOf("likelihood", c.Likelihood, "bernoulli", "logistic"), oneOf("binarize", c.Binarize, "none", "dynamic"), oneOf("prior", c.Prior, "normal", "words")}
	if conv {
		errs = append(errs, oneOf("decoder", c.Decoder, "transposed", "upsample"))
	}
	if c.Likelihood == "logistic" {
		errs = append(errs, oneOf("scale", c.Scale, "shared", "pixel"))
	}
	_, err := nn.ActivationNamed(c.Activation)
	for _, e := range append(errs, err) {
		if e != nil {
			return e
		}
	}
	switch {
	case p.Height < 1 || p.Width < 1 || p.Channels < 1:
		return fmt.Errorf("pictures of %d×%d×%d cannot be modelled", p.Height, p.Width, p.Channels)
	case c.Latent < 1:
		return fmt.Errorf("latent: want at least 1 number, not %d", c.Latent)
	case len(c.Hidden) > 0 && slices.Min(c.Hidden) < 1:
		return fmt.Errorf("hidden: a layer has at least 1 unit, not %v", c.Hidden)
	case conv && len(c.Channels) == 0:
		return errors.New("channels: a conv net has at least one layer; name their channels, or take net: dense")
	case !conv && len(c.Channels) > 0:
		return errors.New("channels: a dense net has none; give hidden, or take net: conv")
	case conv && slices.Min(c.Channels) < 1:
		return fmt.Errorf("channels: a layer has at least 1 channel, not %v", c.Channels)
	case conv && min(p.Height, p.Width)>>(len(c.Channels)-1) < 2:
		return fmt.Errorf("channels: pictures of %d×%d cannot be halved %d times", p.Height, p.Width, len(c.Channels))
	case c.Conditional && len(p.Classes) < 2:
		return errors.New("conditional: the pictures have no classes")
	case !c.worded() && (c.Embedding != 0 || c.Drop != 0):
		return errors.New("embedding and drop: name the encoder whose words they are for, as in words: {from: runs/NAME}")
	case !c.worded() && c.Prior == "words":
		return errors.New("prior: words: name the encoder of the words, as in words: {from: runs/NAME}")
	case c.worded() && c.Embedding < 1:
		return fmt.Errorf("embedding: want at least 1 number, not %d", c.Embedding)
	case !(c.Drop >= 0 && c.Drop < 1):
		return errors.New("drop: want a share from 0 up to but not 1")
	case c.Binarize == "dynamic" && c.Likelihood != "bernoulli":
		return errors.New("binarize: binary pictures want likelihood: bernoulli")
	case !(c.Beta >= 0):
		return fmt.Errorf("beta: want 0 or more, not %v", c.Beta)
	case !(c.Warmup >= 0 && c.Warmup <= 1):
		return fmt.Errorf("warmup: want a share of the run from 0 to 1, not %v", c.Warmup)
	case c.IWAE < 1:
		return fmt.Errorf("iwae: want at least 1 draw, not %d", c.IWAE)
	case c.IWAE > 1 && (c.Beta != 1 || c.Warmup != 0):
		return errors.New("iwae: the importance-weighted bound has no beta and no warm-up; leave them at 1 and 0")
	case !(c.EMA >= 0 && c.EMA < 1):
		return fmt.Errorf("ema: want a decay from 0 up to but not 1, not %v", c.EMA)
	case !(c.Clip >= 0) || !(c.Skip >= 0) || !(c.Decay >= 0):
		return errors.New("clip, skip and decay: want 0 or more")
	}
	return nil
}
