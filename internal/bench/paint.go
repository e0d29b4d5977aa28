package bench

import (
	"fmt"
	"slices"
	"time"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model/sampler"
)

// Painting is what pictures of a flow model cost, from words to pixels, once
// the model is open and compiled.
type Painting struct {
	Name     string  `json:"name"`
	Steps    int     `json:"steps"`
	Guidance float64 `json:"guidance"`      // 1: none
	First    float64 `json:"first_seconds"` // median of a picture alone, with a prompt that was not met before
	Each     float64 `json:"each_seconds"`  // median of a picture among Of
	Of       int     `json:"of"`
	Rate     float64 `json:"pictures_per_second"` // among so many
}

// many is how many pictures of one prompt are made at a time.
const many = 8

// leastPaintings is how often each is measured at least.
const leastPaintings = 3

// Paint times a sampler for about twice the given time.
func Paint(name string, s *sampler.Sampler, steps int, guidance float64, budget time.Duration) (Painting, error) {
	p := Painting{Name: name, Steps: steps, Guidance: guidance, Of: many}
	made := 0
	run := func(n int) (float64, error) {
		begin := time.Now()
		_, err := paint(s, fmt.Sprintf("a red apple, 3d, number %d", made), made, n, steps, guidance)
		made++
		return time.Since(begin).Seconds(), err
	}
	for _, of := range []struct {
		n    int
		into *float64
	}{{1, &p.First}, {many, &p.Each}} {
		if err := s.Prepare(guidance); err != nil {
			return p, err
		}
		if _, err := run(of.n); err != nil {
			return p, err
		}
		var times []float64
		for begin := time.Now(); len(times) < leastPaintings || time.Since(begin) < budget; {
			t, err := run(of.n)
			if err != nil {
				return p, err
			}
			times = append(times, t/float64(of.n))
		}
		*of.into = Median(times)
	}
	p.Rate = 1 / p.Each
	return p, nil
}

// paint makes n pictures of a prompt, or of none where the model takes no
// words.
func paint(s *sampler.Sampler, prompt string, seed, n, steps int, guidance float64) (*tensor.Tensor, error) {
	if !s.Worded() {
		prompt = ""
	}
	told, err := s.Read(prompt)
	if err != nil {
		return nil, err
	}
	latents, err := s.Paint(sampler.Request{
		Noise: s.Noise(uint64(seed), 0, n), Prompts: slices.Repeat(told, n),
		Options: sampler.Options{Steps: steps, Guidance: guidance},
	})
	if err != nil {
		return nil, err
	}
	return s.Decode(latents)
}

// Paintings lists what pictures cost.
func Paintings(rows []Painting) Table {
	t := Table{Head: []string{"pictures", "steps", "guidance", "first ms", "among", "ms each", "pictures/s"}}
	for _, r := range rows {
		guidance := "none"
		if r.Guidance != 1 {
			guidance = fmt.Sprint(r.Guidance)
		}
		t.Rows = append(t.Rows, []string{r.Name, fmt.Sprint(r.Steps), guidance, milli(r.First), fmt.Sprint(r.Of), milli(r.Each), fmt.Sprintf("%.1f", r.Rate)})
	}
	return t
}

// Start is the first picture of a process that has just been started, by what
// it spends its time on. Seconds are medians.
type Start struct {
	Name   string  `json:"name"`
	Steps  int     `json:"steps"`
	Phases []Phase `json:"phases"`
	Total  float64 `json:"seconds"` // from the start of the process to its end
	Turns  int     `json:"turns"`
}

// Phase is a part of a start.
type Phase struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
}

// NewStart takes the medians of some turns, each of which has the same phases
// and then the end of the process.
func NewStart(name string, steps int, turns [][]Phase, totals []float64) Start {
	s := Start{Name: name, Steps: steps, Total: Median(totals), Turns: len(turns)}
	for i, first := range turns[0] {
		var times []float64
		for _, t := range turns {
			times = append(times, t[i].Seconds)
		}
		s.Phases = append(s.Phases, Phase{first.Name, Median(times)})
	}
	return s
}

// Starts lists the phases of starts.
func Starts(rows []Start) Table {
	t := Table{Head: []string{"first picture of a process", "steps", "phase", "ms"}}
	for _, r := range rows {
		line := func(phase string, seconds float64) {
			t.Rows = append(t.Rows, []string{r.Name, fmt.Sprint(r.Steps), phase, fmt.Sprintf("%.1f", 1e3*seconds)})
		}
		for _, p := range r.Phases {
			line(p.Name, p.Seconds)
		}
		line("all, from start to end", r.Total)
	}
	return t
}
