package hands

import (
	"context"
	"fmt"
	"image"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"

	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/calibrate"
	"github.com/limner-ai/limner/inspect/hands"
	"github.com/limner-ai/limner/inspect/hands/judge"
	"github.com/limner-ai/limner/inspect/school/gallery"
	"github.com/limner-ai/limner/inspect/school/lesson"
)

// look is a picture with what the inspector says of it.
type look struct {
	inspect.Finding
	scene Scene  // of a drawn hand
	style string // of an emoji
	name  string
	m     *image.NRGBA
}

// faultOf is the inspector's word for a kind of hand, "" for a right one.
func faultOf(kind int) string {
	if kind == rightKind {
		return ""
	}
	return hands.Kind.Faults[kind]
}

// drawnLooks inspects n drawn hands of each kind.
func drawnLooks(ctx context.Context, in inspect.Inspector, r *rig, unseen bool, n int, seed uint64) ([]look, error) {
	var all []look
	for kind := range kinds {
		for i := range n {
			rnd := rand.New(rand.NewPCG(seed, uint64(kind*1_000_000+i)))
			s := r.Draw(Range{unseen, []int{kind}, [2]int{64, 129}}, rnd)
			f, err := in.Inspect(ctx, s.Image)
			if err != nil {
				return nil, err
			}
			all = append(all, look{Finding: f, scene: s, m: s.Image})
		}
	}
	return all, nil
}

// people are captions of emoji that may show a hand though it is not their point.
var people = regexp.MustCompile(`(?i)\b(hand|hands|person|people|man|woman|men|women|boy|girl|child|baby|family|couple|kiss|face|body|arm|biceps|glove|fist|finger|thumb|palms?|index pointing|selfie|nail|mx|claus|prince|princess|mage|fairy|elf|vampire|zombie|superhero|supervillain|farmer|student|teacher|cook|judge|officer|guard|detective|singer|artist|pilot|astronaut|firefighter|worker|scientist|technologist|mechanic|health)\b`)

// emojiLooks inspects emoji of a split: those that show hands, or those that show
// neither hands nor people; at most n, evenly spread.
func emojiLooks(ctx context.Context, in inspect.Inspector, d *lesson.Desk, split gallery.Split, hand bool, n int) ([]look, error) {
	g, err := gallery.Open(d.Set, split)
	if err != nil {
		return nil, err
	}
	defer g.Close()
	var fit []int
	for i := range g.Len() {
		if c := g.Caption(i); isHand(c) == hand && (hand || !people.MatchString(c)) {
			fit = append(fit, i)
		}
	}
	var all []look
	for k := range min(n, len(fit)) {
		i := fit[k*len(fit)/min(n, len(fit))]
		m, err := g.Image(i)
		if err != nil {
			return nil, err
		}
		f, err := in.Inspect(ctx, m)
		if err != nil {
			return nil, err
		}
		all = append(all, look{Finding: f, style: styleOf(g.Caption(i)), name: g.Caption(i), m: m})
	}
	return all, nil
}

// styleOf is the drawing style that a caption ends with.
func styleOf(caption string) string {
	if i := strings.LastIndex(caption, ", "); i >= 0 {
		return caption[i+2:]
	}
	return "other"
}

// scores of those looks that apply and that want is true of.
func scores(all []look, want func(look) bool) []float64 {
	var out []float64
	for _, l := range all {
		if l.Applies && want(l) {
			out = append(out, l.Score)
		}
	}
	return out
}

func share(all []look, of, is func(look) bool) string {
	n, hit := 0, 0
	for _, l := range all {
		if of(l) {
			n++
			if is(l) {
				hit++
			}
		}
	}
	if n == 0 {
		return "none"
	}
	return fmt.Sprintf("%.1f %% of %d", 100*float64(hit)/float64(n), n)
}

// table measures on what neither training nor the scale saw. Parts: drawn, emoji,
// sheet.
func table(ctx context.Context, d *lesson.Desk) error {
	in, err := hands.Kind.Open(inspect.Env{Threads: 1})
	if err != nil {
		return err
	}
	defer in.Close()
	n := d.N
	if n == 0 {
		n = 40
	}
	if does(d, "drawn") {
		if err := tableDrawn(ctx, d, in, n); err != nil {
			return err
		}
	}
	if does(d, "emoji") {
		if err := tableEmoji(ctx, d, in, n); err != nil {
			return err
		}
	}
	if does(d, "sheet") {
		return drawSheet(ctx, d, in)
	}
	return nil
}

func tableDrawn(ctx context.Context, d *lesson.Desk, in inspect.Inspector, n int) error {
	for _, part := range []struct {
		name, mesh string
		unseen     bool
	}{{"as in training, other draws", "left.glb", false}, {"other mesh, poses, light, style", "right.glb", true}} {
		r, err := openRig(d, part.mesh)
		if err != nil {
			return err
		}
		all, err := drawnLooks(ctx, in, r, part.unseen, n, 9000+d.Seed)
		if err != nil {
			return err
		}
		of := func(kind int) func(look) bool { return func(l look) bool { return l.scene.Kind == kind } }
		sound := scores(all, of(rightKind))
		applies := func(l look) bool { return l.Applies }
		fmt.Fprintf(d.Out, "| drawn hands | kind | found | AUROC | called faulty | kind named | IoU |\n|---|---|---|---|---|---|---|\n")
		for kind := range kinds {
			here := of(kind)
			there := func(l look) bool { return here(l) && l.Applies }
			auroc, iou, named := "", "", ""
			if kind != rightKind {
				auroc = fmt.Sprintf("%.3f", calibrate.AUROC(sound, scores(all, here)))
				iou = fmt.Sprintf("%.2f", overlap(all, kind))
				named = share(all, func(l look) bool { return there(l) && l.Faulty }, func(l look) bool { return l.Fault == faultOf(kind) })
			}
			fmt.Fprintf(d.Out, "| %s | %s | %s | %s | %s | %s | %s |\n", part.name, judge.Classes()[kind], share(all, here, applies), auroc,
				share(all, there, func(l look) bool { return l.Faulty }), named, iou)
		}
		wrong := scores(all, func(l look) bool { return l.scene.Kind != rightKind })
		fingers := func(l look) bool {
			want := 5. + map[int]float64{extraKind: 1, missingKind: -1}[l.scene.Kind]
			return l.Measures["fingers"] == want
		}
		fmt.Fprintf(d.Out, "| %s | all | %s | %.3f | | | |\n", part.name, share(all, func(look) bool { return true }, applies), calibrate.AUROC(sound, wrong))
		fmt.Fprintf(d.Out, "\nFingers counted right: %s. Stretched fingers of right hands right within one: %s, exactly: %s.\n\n", share(all, applies, fingers),
			share(all, func(l look) bool { return l.Applies && l.scene.Kind == rightKind }, func(l look) bool { return abs(l.Measures["stretched"]-float64(l.scene.Straight)) <= 1 }),
			share(all, func(l look) bool { return l.Applies && l.scene.Kind == rightKind }, func(l look) bool { return l.Measures["stretched"] == float64(l.scene.Straight) }))
	}
	return nil
}

func abs(x float64) float64 { return max(x, -x) }

// overlap is the mean intersection over union of the heat above half of its
// greatest and the fault's mask, of a kind's hands that are called faulty.
func overlap(all []look, kind int) float64 {
	sum, n := 0., 0.
	for _, l := range all {
		if l.scene.Kind != kind || !l.Applies || !l.Faulty {
			continue
		}
		w, h := l.m.Rect.Dx(), l.m.Rect.Dy()
		heat := make([]float32, w*h)
		for i := range heat {
			heat[i] = l.Heat.At(i%w, i/w, w, h)
		}
		sum += calibrate.IoU(heat, l.scene.Mask, slices.Max(heat)/2)
		n++
	}
	return sum / max(n, 1)
}

func tableEmoji(ctx context.Context, d *lesson.Desk, in inspect.Inspector, n int) error {
	hand, err := emojiLooks(ctx, in, d, gallery.Test, true, 3*n)
	if err != nil {
		return err
	}
	other, err := emojiLooks(ctx, in, d, gallery.Test, false, 3*n)
	if err != nil {
		return err
	}
	names := []string{}
	for _, l := range append(slices.Clone(hand), other...) {
		if !slices.Contains(names, l.style) {
			names = append(names, l.style)
		}
	}
	slices.Sort(names)
	fmt.Fprintf(d.Out, "| emoji, held out | hands found | of them called faulty | other pictures with a hand found | of all called faulty |\n|---|---|---|---|---|\n")
	applies, faulty := func(l look) bool { return l.Applies }, func(l look) bool { return l.Faulty }
	for _, s := range append(names, "") {
		here := func(l look) bool { return s == "" || l.style == s }
		name := s
		if s == "" {
			name = "all"
		}
		fmt.Fprintf(d.Out, "| %s | %s | %s | %s | %s |\n", name, share(hand, here, applies), share(hand, func(l look) bool { return here(l) && l.Applies }, faulty),
			share(other, here, applies), share(append(slices.Clone(hand), other...), here, faulty))
	}
	return nil
}
