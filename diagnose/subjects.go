package diagnose

import "slices"

// Subject is something that shows a fault or that goes wrong often, with what
// the training set and the prompts have of it.
type Subject struct {
	Name string `json:"name"`
	// Pictures of the training set whose words speak of it, and their share.
	Pictures int     `json:"pictures"`
	Share    float64 `json:"share"`
	// Prompts that speak of it, and how many of their pictures are faulty.
	Prompts int `json:"prompts"`
	Faulty  int `json:"faulty"`
	// Enough is the share below which more are worth adding.
	Enough float64 `json:"enough"`
}

// topic is a subject by its words. A word stands for itself anywhere in captions
// and keywords; several words stand for a part of the caption.
type topic struct {
	name   string
	enough float64
	words  []string
}

var (
	handTopics = []topic{
		{"hands", .05, []string{"hand", "hands", "finger", "fingers", "thumb", "thumbs", "fist", "palm", "palms", "clapping", "handshake", "waving"}},
		{"open palms from the front", .02, []string{"raised hand", "hand with fingers splayed", "waving hand", "vulcan salute", "raising hands", "open hands"}},
		{"counted fingers", .02, []string{"victory hand", "crossed fingers", "love-you gesture", "sign of the horns", "ok hand", "index pointing", "call me hand"}},
		{"two hands", .02, []string{"clapping hands", "folded hands", "handshake", "heart hands", "palms up together", "raising hands"}},
		{"hands that hold or do something", .02, []string{"holding", "facepalming", "writing hand", "selfie", "raising hand", "shrugging"}},
	}
	structureTopics = []topic{
		{"people", .1, []string{"person", "man", "woman", "boy", "girl", "men", "women", "people"}},
		{"several people", .03, []string{"couple", "family", "people holding hands", "people with bunny ears", "wrestling", "kiss"}},
		{"faces", .05, []string{"face"}},
		{"animals", .05, []string{"animal", "cat", "dog", "bird", "fish", "monkey", "horse", "bug", "insect"}},
		{"vehicles", .03, []string{"vehicle", "car", "train", "bus", "boat", "ship", "bicycle", "airplane"}},
		{"buildings", .03, []string{"building", "house", "castle", "church", "tower", "bridge"}},
		{"letters and signs", .03, []string{"button", "keycap", "letter", "clock", "sign", "symbol"}},
		{"flags", .03, []string{"flag"}},
		{"food", .05, []string{"food", "fruit", "drink", "cake", "vegetable"}},
		{"tools and instruments", .03, []string{"tool", "instrument", "guitar", "hammer", "scissors", "key"}},
	}
	skinTopics = []topic{
		{"hair beside skin", .05, []string{"hair", "beard", "person", "man", "woman"}},
		{"curly, red or white hair", .02, []string{"curly hair", "red hair", "white hair"}},
		{"beards", .01, []string{"beard"}},
		{"clothes beside skin", .03, []string{"shirt", "dress", "suit", "clothing", "tuxedo", "robe"}},
		{"fur and feathers", .03, []string{"fur", "feather", "wing", "bear", "lion", "sheep"}},
	}
	lightTopics = []topic{
		{"pictures in 3d", .15, []string{"3d"}},
		{"round things", .02, []string{"ball", "apple", "orange", "globe", "moon", "sun", "egg"}},
		{"glass and metal", .02, []string{"glass", "bottle", "metal", "mirror", "trophy", "ring", "coin"}},
	}
)

// topicsOf says what each inspector's faults show on.
func topicsOf(inspector string) []topic {
	switch inspector {
	case "hands":
		return handTopics
	case "texture":
		return skinTopics
	case "light":
		return lightTopics
	}
	return structureTopics
}

// subjects looks topics up in the training set and in the samples.
func subjects(inspector string, samples []sample, at int, l *lexicon) []Subject {
	var out []Subject
	for _, t := range topicsOf(inspector) {
		s := Subject{Name: t.name, Enough: t.enough}
		if l != nil && l.n > 0 {
			s.Pictures = l.count(t.words)
			s.Share = float64(s.Pictures) / float64(l.n)
		}
		for _, x := range samples {
			f := x.findings[at]
			e := entry{text: x.prompt, words: map[string]bool{}}
			put(e.words, x.prompt)
			if x.prompt != "" && f.Applies && slices.ContainsFunc(t.words, func(w string) bool { return has(e, w) }) {
				s.Prompts++
				if f.Faulty {
					s.Faulty++
				}
			}
		}
		out = append(out, s)
	}
	return out
}
