package repair

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/generate"
)

// Sampler makes a picture for each prompt: images [n h w c] in [0, 1]. Picture
// i depends on the seed, i and its prompt alone.
type Sampler interface {
	Sample(prompts []string, seed uint64) (*tensor.Tensor, error)
}

// Careful is a Sampler that looks at what it makes. It counts what it finds, so
// that the faults of pictures as they come stand beside those of the ones that
// are given.
type Careful struct {
	Sampler
	Context   context.Context
	Generator *generate.Generator // repairs; nil: nothing is repaired
	By        *Panel              // chooses and repairs
	// Judge only counts: what it finds was not used to choose. nil: nobody does.
	Judge *Panel
	Best  int // of so many pictures; 0: 1
	Tries int // of a repair; 0: 8
	Tally Tally
}

// Tally counts pictures and their faults.
type Tally struct {
	Pictures int          `json:"pictures"`
	Best     int          `json:"best_of"`
	Repaired int          `json:"repaired"` // pictures in which something was painted anew
	Faults   []FaultCount `json:"faults"`
}

// FaultCount is how often an inspector calls pictures faulty.
type FaultCount struct {
	Inspector string `json:"inspector"`
	Chose     bool   `json:"chose"` // its findings were used to choose and to repair
	// Judged are the pictures that it could judge and Faulty those it calls so: of
	// the pictures as they come, and of those that are given. Probability is the
	// mean over those that were judged.
	Judged      [2]int     `json:"judged"`
	Faulty      [2]int     `json:"faulty"`
	Probability [2]float64 `json:"probability"`
}

// Sample implements Sampler.
func (c *Careful) Sample(prompts []string, seed uint64) (*tensor.Tensor, error) {
	first, err := c.Sampler.Sample(prompts, seed)
	if err != nil {
		return nil, err
	}
	given := tensor.From(slices.Clone(first.Data), first.Shape...)
	verdicts := make([]Verdict, len(prompts))
	for i := range max(1, c.Best) {
		tries := first
		if i > 0 {
			if tries, err = c.Sampler.Sample(prompts, seed+uint64(i)*stride); err != nil {
				return nil, err
			}
		}
		for k := range prompts {
			m, err := picture(tries, k)
			if err != nil {
				return nil, err
			}
			v, err := c.By.Judge(c.Context, m)
			if err != nil {
				return nil, err
			}
			if i == 0 {
				c.Tally.count(v, true, 0)
			}
			if i == 0 || v.Fault < verdicts[k].Fault {
				verdicts[k] = v
				copy(given.Row(k), tries.Row(k))
			}
		}
	}
	for k, prompt := range prompts {
		if c.Generator != nil {
			if verdicts[k], err = c.repair(given, k, prompt, verdicts[k], seed); err != nil {
				return nil, err
			}
		}
		c.Tally.count(verdicts[k], true, 1)
		if err := c.judge(first, given, k); err != nil {
			return nil, err
		}
	}
	c.Tally.Pictures += len(prompts)
	c.Tally.Best = max(1, c.Best)
	return given, nil
}

// judge counts what the judges find in a picture as it came and as it is given.
func (c *Careful) judge(first, given *tensor.Tensor, k int) error {
	if c.Judge == nil {
		return nil
	}
	for when, t := range []*tensor.Tensor{first, given} {
		m, err := picture(t, k)
		if err != nil {
			return err
		}
		v, err := c.Judge.Judge(c.Context, m)
		if err != nil {
			return err
		}
		c.Tally.count(v, false, when)
	}
	return nil
}

// repair repairs picture k in its place.
func (c *Careful) repair(given *tensor.Tensor, k int, prompt string, now Verdict, seed uint64) (Verdict, error) {
	if !now.Faulty() {
		return now, nil
	}
	m, err := picture(given, k)
	if err != nil {
		return now, err
	}
	r, err := Picture(c.Context, c.Generator, m, c.By, Options{Prompt: prompt, Seed: seed + uint64(k), Tries: c.Tries, Rounds: 1})
	if errors.Is(err, ErrSound) {
		return now, nil
	}
	if err != nil {
		return now, fmt.Errorf("repairing a sample: %w", err)
	}
	if r.Mask != nil {
		c.Tally.Repaired++
		take(given.Row(k), r.Picture.Pix, given.Shape[3])
	}
	return r.After, nil
}

// take writes the bytes of an NRGBA picture as numbers in [0, 1].
func take(row []float32, pix []uint8, channels int) {
	for i := range len(row) / channels {
		for k := range channels {
			row[i*channels+k] = float32(pix[4*i+k]) / 255
		}
	}
}

// count adds a verdict; when is 0 for pictures as they come and 1 for those that
// are given.
func (t *Tally) count(v Verdict, chose bool, when int) {
	for _, f := range v.Findings {
		at := slices.IndexFunc(t.Faults, func(c FaultCount) bool { return c.Inspector == f.Inspector && c.Chose == chose })
		if at < 0 {
			at = len(t.Faults)
			t.Faults = append(t.Faults, FaultCount{Inspector: f.Inspector, Chose: chose})
		}
		if c := &t.Faults[at]; f.Applies {
			c.Judged[when]++
			c.Probability[when] += (f.Probability - c.Probability[when]) / float64(c.Judged[when])
			if f.Faulty {
				c.Faulty[when]++
			}
		}
	}
}
