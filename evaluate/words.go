package evaluate

import (
	"cmp"
	"fmt"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/evaluate/alignment"
	"github.com/limner-ai/limner/evaluate/factors"
	"github.com/limner-ai/limner/evaluate/feature"
	"github.com/limner-ai/limner/model"
)

// Alignment says how well pictures fit their words in the eyes of a network
// that was trained apart from the model.
type Alignment struct {
	Network string             `json:"network"`
	Digest  string             `json:"digest"`
	Trained *alignment.Part    `json:"trained"`  // prompts of training pictures
	HeldOut *alignment.Part    `json:"held_out"` // prompts of held-out pictures
	Swaps   *alignment.Swapped `json:"swaps"`    // known things in other colours
}

// What samples are made for, so that they differ in their noise.
const (
	forTrained uint64 = (iota + 1) << 32
	forHeldOut
	forSwaps
	forFactors
	forCopying
	forOthers // and so on, for each try
)

// DefaultPrompts is how many prompts alignment is measured on, of training
// and of held-out pictures each.
const DefaultPrompts = 200

// words measures what a model makes of prompts.
func (e *evaluation) words() error {
	if net, err := e.reader(); err != nil {
		return err
	} else if net != nil {
		if err := e.align(net); err != nil {
			return err
		}
	}
	if e.source.Kind == "shapes" && e.source.Combinations {
		return e.factors()
	}
	return nil
}

// reader is the network that holds words against pictures: the one that is
// asked for, or the built-in one of the model's set; nil if there is none.
func (e *evaluation) reader() (*alignment.Encoder, error) {
	if e.opt.Alignment != "" {
		return alignment.Open(e.opt.Alignment, e.opt.Engine)
	}
	if w, ok := e.m.Model.(model.Worded); !ok || w.Tokens() == 0 {
		return nil, nil
	}
	d := e.m.Manifest.Data
	m, err := feature.Reader(cmp.Or(d.Basis.Root, d.Root), e.opt.Engine)
	if m == nil || err != nil {
		return nil, err
	}
	if _, ok := enlargement(m.Manifest.Pictures, e.m.Manifest.Pictures); !ok {
		e.note("the built-in network that holds words against pictures sees others than the model makes: how well they fit their words is left out")
		return nil, nil
	}
	return alignment.NewEncoder(m)
}

func (e *evaluation) align(net *alignment.Encoder) error {
	p := e.m.Manifest.Pictures
	times, ok := enlargement(net.Pictures, p)
	if !ok {
		return fmt.Errorf("the network %s sees pictures of %d×%d×%d, the model makes %d×%d×%d", net.Name,
			net.Pictures.Height, net.Pictures.Width, net.Pictures.Channels, p.Height, p.Width, p.Channels)
	}
	a := &Alignment{Network: net.Name, Digest: net.Digest}
	for _, c := range []struct {
		to      **alignment.Part
		set     picture.Set
		purpose uint64
		stage   string
	}{
		{&a.Trained, e.train, forTrained, "painting what it was trained on"},
		{&a.HeldOut, e.heldOut, forHeldOut, "painting what was held out"},
	} {
		prompts, err := alignment.Prompts(c.set, e.opt.Prompts, e.opt.Seed)
		if err != nil {
			return err
		}
		images, err := e.paintAll(alignment.Texts(prompts), c.purpose, c.stage)
		if err != nil {
			return err
		}
		real := tensor.New(images.Shape...)
		for i, p := range prompts {
			if _, err := c.set.Item(p.Picture, real.Row(i)); err != nil {
				return err
			}
		}
		if *c.to, err = alignment.Measure(net, enlarge(images, times), enlarge(real, times), prompts, e.opt.Seed); err != nil {
			return err
		}
	}
	var texts []string
	for _, s := range alignment.Swaps() {
		texts = append(texts, s.String())
	}
	images, err := e.paintAll(texts, forSwaps, "painting in other colours")
	if err != nil {
		return err
	}
	if a.Swaps, err = alignment.MeasureSwaps(net, enlarge(images, times)); err != nil {
		return err
	}
	e.report.Alignment = a
	return nil
}

// enlargement is how many times as large as a model's the pictures are that a
// network sees; not ok if it is no whole number.
func enlargement(net, p model.Pictures) (times int, ok bool) {
	times = net.Height / p.Height
	return times, times > 0 && net.Height == times*p.Height && net.Width == times*p.Width && net.Channels == p.Channels
}

// enlarge makes squares of so many pixels on a side of each pixel, for a network
// that sees larger pictures than the model makes.
func enlarge(images *tensor.Tensor, times int) *tensor.Tensor {
	if times == 1 {
		return images
	}
	n, h, w, c := images.Shape[0], images.Shape[1], images.Shape[2], images.Shape[3]
	out := tensor.New(n, h*times, w*times, c)
	for i := range n {
		from, to := images.Row(i), out.Row(i)
		for p := range h * w * times * times {
			y, x := p/(w*times)/times, p%(w*times)/times
			copy(to[p*c:][:c], from[(y*w+x)*c:])
		}
	}
	return out
}

// mostFactors is how many prompts the exact factors are judged on.
const mostFactors = 500

// factors judges drawings of combinations that were never trained.
func (e *evaluation) factors() error {
	judge, err := factors.NewJudge(e.opt.Engine)
	if err != nil {
		return err
	}
	prompts, err := factors.Prompts(e.heldOut, min(mostFactors, e.heldOut.Len()))
	if err != nil {
		return err
	}
	texts := make([]string, len(prompts))
	for i, p := range prompts {
		texts[i] = p.Text
	}
	images, err := e.paintAll(texts, forFactors, "painting combinations")
	if err != nil {
		return err
	}
	real, _, err := read(e.heldOut, 0, len(prompts))
	if err != nil {
		return err
	}
	e.report.Factors, err = factors.Measure(judge, images, real, prompts)
	return err
}

// paintAll makes pictures for prompts, a part at a time.
func (e *evaluation) paintAll(prompts []string, purpose uint64, stage string) (*tensor.Tensor, error) {
	p := e.m.Manifest.Pictures
	all := tensor.New(len(prompts), p.Height, p.Width, p.Channels)
	const few = 64
	for at := 0; at < len(prompts); at += few {
		if err := e.ctx.Err(); err != nil {
			return nil, err
		}
		n := min(few, len(prompts)-at)
		images, err := e.ask(prompts[at:at+n], purpose+uint64(at))
		if err != nil {
			return nil, err
		}
		copy(all.Data[at*all.Shape[1:].Size():], images.Data)
		e.stage(stage)(at+n, len(prompts))
	}
	return all, nil
}

// promptOf is what is said of picture i of a set, with its style.
func promptOf(set picture.Set, i int) (string, error) {
	d, err := picture.Describe(set, i)
	if err != nil || len(d.Captions) == 0 {
		return "", err
	}
	if d.Style == "" {
		return d.Captions[0].Text, nil
	}
	return d.Captions[0].Text + ", " + d.Style, nil
}
