package contrast

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/text"
)

// Config is the contrast part of a run file. What is not given is filled in
// by the size of the pictures; the tokeniser is learnt from the captions.
type Config struct {
	Vocabulary int     `json:"vocabulary"`         // pieces, at most
	Length     int     `json:"length"`             // pieces of a prompt
	Channels   int     `json:"channels"`           // of the text encoder
	Layers     int     `json:"layers"`             // of the text encoder
	Heads      int     `json:"heads"`              // of the text encoder's attention
	Patch      int     `json:"patch,omitempty"`    // pixels on a side that make one place of the picture encoder's finest grid
	Pictures   []int   `json:"pictures,omitempty"` // channels of the picture encoder at each grid, the finest first
	Blocks     int     `json:"blocks"`             // residual blocks at each grid
	Embedding  int     `json:"embedding"`          // numbers in which prompts and pictures are compared
	Jitter     float64 `json:"jitter"`             // training pictures are zoomed and moved by up to this share of their size
	Noise      float64 `json:"noise"`              // deviation of the noise on training pixels
	Beta1      float64 `json:"beta1"`              // of Adam
	Beta2      float64 `json:"beta2"`              // of Adam
	Decay      float64 `json:"decay"`              // decoupled weight decay
	Clip       float64 `json:"clip"`               // largest norm of the gradient; 0: any
	HalfLife   float64 `json:"half_life"`          // of the averaged weights, in pictures; 0: no average

	Tokeniser *text.Tokeniser `json:"tokeniser,omitempty"` // without: bytes
}

// ramp is the largest half-life of the average as a share of the pictures
// seen so far.
const ramp = .05

// base is what does not follow from the pictures.
func base() Config {
	e := text.DefaultEncoder
	return Config{
		Vocabulary: e.Vocabulary, Length: e.Length, Channels: e.Channels, Layers: e.Layers, Heads: e.Heads,
		Blocks: 1, Embedding: 128, Beta1: .9, Beta2: .98, Decay: .05, Clip: 1, HalfLife: 20000,
	}
}

func read(p model.Pictures, decode func(any) error) (Config, error) {
	var given Config
	if err := decode(&given); err != nil {
		return Config{}, err
	}
	c := base()
	side := min(p.Height, p.Width)
	for c.Patch = 4; c.Patch > 1 && (p.Height%c.Patch+p.Width%c.Patch != 0 || side/c.Patch < 14); c.Patch /= 2 {
	}
	if given.Pictures == nil {
		widths := []int{48, 96, 192}
		for i, e := 0, side/max(given.Patch, c.Patch); i == 0 || e >= 4 && i < 5; i, e = i+1, (e+1)/2 {
			c.Pictures = append(c.Pictures, widths[min(i, 2)])
		}
	}
	if err := decode(&c); err != nil {
		return Config{}, err
	}
	return c, c.check(p)
}

func (c Config) encoder() text.Encoder {
	return text.Encoder{Vocabulary: c.Vocabulary, Length: c.Length, Channels: c.Channels, Layers: c.Layers, Heads: c.Heads}
}

func (c Config) check(p model.Pictures) error {
	switch {
	case p.Height < 1 || p.Width < 1 || p.Channels < 1 || p.Channels == 2 || p.Channels > 4:
		return fmt.Errorf("pictures of %d×%d×%d cannot be compared with words", p.Height, p.Width, p.Channels)
	case c.Patch < 1 || p.Height%c.Patch+p.Width%c.Patch != 0:
		return fmt.Errorf("patch: want a side that divides pictures of %d×%d, not %d", p.Height, p.Width, c.Patch)
	case len(c.Pictures) == 0 || slices.Min(c.Pictures) < 1 || slices.Max(c.Pictures) > 1<<14:
		return fmt.Errorf("pictures: want 1 to %d channels at each grid, not %v", 1<<14, c.Pictures)
	case len(c.Pictures) > 1 && (len(c.Pictures) > 12 || min(p.Height, p.Width)/c.Patch>>(len(c.Pictures)-2) < 2):
		return fmt.Errorf("pictures: a grid of %d×%d places cannot be halved %d times", p.Height/c.Patch, p.Width/c.Patch, len(c.Pictures)-1)
	case c.Blocks < 0 || c.Blocks > 1<<8:
		return fmt.Errorf("blocks: want 0 to %d, not %d", 1<<8, c.Blocks)
	case c.Embedding < 1 || c.Embedding > 1<<14:
		return fmt.Errorf("embedding: want 1 to %d, not %d", 1<<14, c.Embedding)
	case !(c.Jitter >= 0 && c.Jitter < 1) || !(c.Noise >= 0):
		return errors.New("jitter: want a share from 0 up to but not 1; noise: want 0 or more")
	case !(c.Beta1 >= 0 && c.Beta1 < 1) || !(c.Beta2 >= 0 && c.Beta2 < 1):
		return errors.New("beta1 and beta2: want numbers from 0 up to but not 1")
	case !(c.Decay >= 0) || !(c.Clip >= 0) || !(c.HalfLife >= 0):
		return errors.New("decay, clip and half_life: want 0 or more")
	case c.Tokeniser != nil && c.Tokeniser.Vocabulary() > c.Vocabulary:
		return fmt.Errorf("vocabulary: the tokeniser has %d pieces, more than %d", c.Tokeniser.Vocabulary(), c.Vocabulary)
	}
	return c.encoder().Check()
}

// Learn fills in the tokeniser, trained on the corpus, and the size of its
// vocabulary; nil if the configuration has one.
func (Family) Learn(corpus iter.Seq[string], decode func(any) error) (any, error) {
	c := base()
	if err := decode(&c); err != nil {
		return nil, err
	}
	if c.Tokeniser != nil {
		return nil, nil
	}
	t, err := text.Learn(corpus, c.Vocabulary)
	if err != nil {
		return nil, fmt.Errorf("vocabulary: %w", err)
	}
	c.Tokeniser, c.Vocabulary = t, t.Vocabulary()
	return c, nil
}

// Inherit fills in the tokeniser of an earlier model.
func (Family) Inherit(earlier, decode func(any) error) (any, error) {
	c, old := base(), base()
	if err := decode(&c); err != nil {
		return nil, err
	}
	if err := earlier(&old); err != nil {
		return nil, err
	}
	switch {
	case old.Tokeniser == nil:
		return nil, errors.New("the model to begin with has no tokeniser")
	case c.Tokeniser == nil:
		c.Tokeniser, c.Vocabulary = old.Tokeniser, old.Vocabulary
		return c, nil
	}
	mine, err := c.Tokeniser.MarshalText()
	if err != nil {
		return nil, err
	}
	theirs, err := old.Tokeniser.MarshalText()
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(mine, theirs) {
		return nil, errors.New("tokeniser: it is not that of the model to begin with, whose weights belong to its own pieces: leave it out")
	}
	return nil, nil
}

var (
	_ model.Learner     = Family{}
	_ model.TextEncoder = (*contrast)(nil)
)
