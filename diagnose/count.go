package diagnose

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/limner-ai/limner/inspect/all"
)

// count counts what was found.
func (r *Report) count(panel *all.Panel, samples []sample, t *looked) {
	faulty := 0
	for i := range samples {
		if samples[i].faulty() {
			faulty++
		}
	}
	r.Faulty = float64(faulty) / float64(len(samples))
	for at, k := range panel.Kinds {
		in := Inspector{Name: k.Name}
		if t != nil {
			in.TrainingJudged, in.TrainingFaulty = t.Judged[k.Name], t.Faulty[k.Name]
		}
		faults := map[string]*Fault{}
		for _, s := range samples {
			f := s.findings[at]
			if f.Applies {
				in.Judged++
			}
			if !f.Faulty {
				continue
			}
			in.Faulty++
			if faults[f.Fault] == nil {
				faults[f.Fault] = &Fault{Name: f.Fault}
			}
			x := faults[f.Fault]
			x.N++
			x.Examples = append(x.Examples, Example{s.prompt, f.Probability, f.Sentence, s.picture, f})
		}
		for _, name := range k.Faults {
			x := faults[name]
			if x == nil {
				continue
			}
			slices.SortStableFunc(x.Examples, func(a, b Example) int { return cmp.Compare(b.finding.Score, a.finding.Score) })
			x.Examples = x.Examples[:min(len(x.Examples), mostExamples)]
			in.Faults = append(in.Faults, *x)
		}
		slices.SortStableFunc(in.Faults, func(a, b Fault) int { return cmp.Compare(b.N, a.N) })
		r.Inspectors = append(r.Inspectors, in)
	}
}

// explain looks up what goes wrong.
func (r *Report) explain(samples []sample, l *lexicon) {
	for at := range r.Inspectors {
		r.Inspectors[at].Subjects = subjects(r.Inspectors[at].Name, samples, at, l)
	}
	if l == nil {
		return
	}
	limits := []int{2, 8, 32}
	r.Familiar = []Bin{{Name: "at most 2 training pictures"}, {Name: "3 to 8"}, {Name: "9 to 32"}, {Name: "more than 32"}}
	for _, s := range samples {
		i, _ := slices.BinarySearch(limits, l.of[s.concept])
		r.Familiar[i].Prompts++
		if s.faulty() {
			r.Familiar[i].Faulty++
		}
	}
}

// advise says what the counts mean, and what to add.
func (r *Report) advise(l *lexicon) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, in := range r.Inspectors {
		if in.Faulty == 0 {
			continue
		}
		share := float64(in.Faulty) / float64(in.Judged)
		if in.TrainingJudged > 0 {
			base := float64(in.TrainingFaulty) / float64(in.TrainingJudged)
			if z := apart(in.Faulty, in.Judged, in.TrainingFaulty, in.TrainingJudged); z < 2 {
				say("%s: %.1f %% of the samples are called faulty, and %.1f %% of the training pictures: no more than what the inspector says of what the model learnt from. Nothing to add.", in.Name, 100*share, 100*base)
				continue
			}
			say("%s: %.1f %% of the samples are called faulty, but %.1f %% of the training pictures: the model makes this fault, its training pictures do not show it.", in.Name, 100*share, 100*base)
		}
		if l == nil {
			continue
		}
		for _, s := range in.thin() {
			want := int(s.Enough*float64(r.Training)+.5) - s.Pictures
			note := ""
			if s.Prompts > 0 {
				note = fmt.Sprintf("; %d of the %d samples that ask for it are faulty", s.Faulty, s.Prompts)
			}
			say("%s: %s are in %.1f %% of the training pictures (%d)%s. Add about %d to reach %.0f %%, or weigh those that there are.", in.Name, s.Name, 100*s.Share, s.Pictures, note, want, 100*s.Enough)
		}
	}
	if text := r.unfamiliar(); text != "" {
		out = append(out, text)
	}
	if len(out) == 0 {
		out = append(out, "The inspectors find no more faults than in sound pictures. Nothing to add.")
	}
	return out
}

// mostThin is how many subjects of an inspector advice is given about.
const mostThin = 4

// thin are the subjects that the training set has too little of, the rarest
// first; of inspectors of anything those alone that went wrong.
func (in *Inspector) thin() []Subject {
	var out []Subject
	for _, s := range in.Subjects {
		if s.Share < s.Enough && (s.Faulty > 0 || in.Name == "hands") {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b Subject) int { return cmp.Compare(a.Share/a.Enough, b.Share/b.Enough) })
	return out[:min(len(out), mostThin)]
}

// unfamiliar says whether what the set has little of goes wrong more often.
func (r *Report) unfamiliar() string {
	if len(r.Familiar) == 0 {
		return ""
	}
	few, many := Bin{}, Bin{}
	for i, b := range r.Familiar {
		to := &few
		if i > 1 {
			to = &many
		}
		to.Prompts += b.Prompts
		to.Faulty += b.Faulty
	}
	if few.Prompts == 0 || many.Prompts == 0 || apart(few.Faulty, few.Prompts, many.Faulty, many.Prompts) < 2 {
		return ""
	}
	return fmt.Sprintf("Prompts for what has at most 8 training pictures go wrong in %.1f %%, others in %.1f %%: more pictures of rare concepts would help.",
		100*float64(few.Faulty)/float64(few.Prompts), 100*float64(many.Faulty)/float64(many.Prompts))
}
