package evaluate

import (
	"fmt"
	"image"
	"strings"
	"unicode"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/evaluate/detail"
	"github.com/limner-ai/limner/evaluate/fidelity"
	"github.com/limner-ai/limner/model"
)

// Reconstruction compares held-out pictures with what the model makes of them
// through the mean of their latents. A model that binarises gets, and is
// measured on, binarised pictures.
type Reconstruction struct {
	detail.Report
	Binarised bool `json:"binarised"`
	// Frechet is the distance of the reconstructions from the pictures
	// themselves; for a generator that samples latents it bounds what better
	// latents could reach.
	Frechet *float64 `json:"frechet,omitempty"`
	// Said is the same of pictures that a word is said of.
	Said []Said `json:"said,omitempty"`
}

// Said is how well pictures that a word is said of are reconstructed.
type Said struct {
	Word string `json:"word"`
	detail.Report
}

// reconstruct passes held-out pictures through the latents.
func (e *evaluation) reconstruct() error {
	r := &Reconstruction{Binarised: e.m.Has(model.UsePrepare)}
	var made *fidelity.Gaussian
	if e.space != nil {
		made = fidelity.NewGaussian(e.space.Dim)
	}
	var err error
	r.Report, err = e.pass(e.test, r.Binarised, "reconstructing", func(at int, real, images *tensor.Tensor) error {
		if at == 0 {
			e.showReconstructions("Reconstructions", "above: held-out pictures; below: what the model makes of them", real, images)
		}
		if made == nil {
			return nil
		}
		d, err := e.space.Describe(images, nil)
		if err != nil {
			return err
		}
		return made.Add(d.Features)
	})
	if err != nil {
		return err
	}
	if made != nil && r.N > 1 {
		real, err := fidelity.Fit(e.seen.test.Features)
		if err != nil {
			return err
		}
		d, err := fidelity.Frechet(real, made)
		if err != nil {
			return err
		}
		r.Frechet = &d
	}
	e.report.Reconstruction = r
	for _, word := range e.opt.Detail {
		if err := e.said(r, word); err != nil {
			return err
		}
	}
	return nil
}

// pass reconstructs a set part by part, shows each to see, and measures all.
func (e *evaluation) pass(set picture.Set, binarised bool, stage string, see func(at int, real, made *tensor.Tensor) error) (detail.Report, error) {
	var m detail.Meter
	for at := 0; at < set.Len(); at += part {
		if err := e.ctx.Err(); err != nil {
			return m.Report(), err
		}
		real, labels, err := read(set, at, min(part, set.Len()-at))
		if err == nil && binarised {
			err = e.binarise(real, at)
		}
		if err != nil {
			return m.Report(), err
		}
		made, err := e.m.Reconstruct(real, labels)
		if err != nil {
			return m.Report(), fmt.Errorf("reconstructing: %w", err)
		}
		if err := m.Add(real, made); err != nil {
			return m.Report(), err
		}
		if err := see(at, real, made); err != nil {
			return m.Report(), err
		}
		e.stage(stage)(at+made.Shape[0], set.Len())
	}
	return m.Report(), nil
}

// said measures the held-out pictures that a word is said of, and shows what
// can be seen of them enlarged.
func (e *evaluation) said(r *Reconstruction, word string) error {
	var rows []int
	for i := range e.heldOut.Len() {
		d, err := picture.Describe(e.heldOut, i)
		if err != nil && !picture.IsSkip(err) {
			return err
		}
		if err == nil && says(d, word) {
			rows = append(rows, i)
		}
	}
	if len(rows) == 0 {
		e.report.Notes = append(e.report.Notes, fmt.Sprintf("of no held-out picture the word %q is said", word))
		return nil
	}
	of := choose(&subset{e.heldOut, rows}, e.opt.Samples, e.opt.Seed)
	report, err := e.pass(of, r.Binarised, fmt.Sprintf("reconstructing %q", word), func(at int, real, made *tensor.Tensor) error {
		if at > 0 {
			return nil
		}
		s := real.Shape
		boxes := make([]image.Rectangle, s[0])
		for i := range boxes {
			boxes[i] = detail.Box(real.Row(i), s[1], s[2], s[3])
		}
		e.showReconstructions(fmt.Sprintf("Reconstructions of %q, enlarged", word),
			fmt.Sprintf("above: held-out pictures that the word is said of, %d in all; below: what the model makes of them", len(rows)),
			detail.Crop(real, boxes), detail.Crop(made, boxes))
		return nil
	})
	r.Said = append(r.Said, Said{word, report})
	return err
}

// says reports whether a word, in the singular or with an s, is in a caption or
// among the keywords.
func says(d picture.Description, word string) bool {
	in := func(text string) bool {
		for _, f := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			if f == word || f == word+"s" {
				return true
			}
		}
		return false
	}
	for _, c := range d.Captions {
		if in(c.Text) {
			return true
		}
	}
	for _, k := range d.Keywords {
		if in(k) {
			return true
		}
	}
	return false
}

// facts are lines for people.
func (r *Reconstruction) facts() [][2]string {
	if r == nil {
		return nil
	}
	text := func(d detail.Report) string {
		s := fmt.Sprintf("MSE %.5f, PSNR %.2f dB", d.MSE, d.PSNR)
		if d.High > 0 {
			s += fmt.Sprintf(", %.0f %% of the energy above half of Nyquist kept", 100*d.Kept())
		}
		return s + fmt.Sprintf(", n = %d", d.N)
	}
	whole := text(r.Report)
	if r.Binarised {
		whole += " (binarised pictures)"
	}
	if r.Frechet != nil {
		whole += fmt.Sprintf(", Fréchet distance %.4g", *r.Frechet)
	}
	facts := [][2]string{{"reconstruction", whole}}
	for _, s := range r.Said {
		facts = append(facts, [2]string{fmt.Sprintf("reconstruction of %q", s.Word), text(s.Report)})
	}
	return facts
}

// showReconstructions shows real pictures above what became of them.
func (e *evaluation) showReconstructions(title, note string, real, made *tensor.Tensor) {
	p := e.m.Manifest.Pictures
	s := &sheet{e: e, shape: tensor.S(p.Height, p.Width, p.Channels)}
	size, n := s.shape.Size(), min(columns, real.Shape[0])
	both := s.blank(2 * columns)
	copy(both, real.Data[:n*size])
	copy(both[columns*size:], made.Data[:n*size])
	s.row(title, note, both)
}
