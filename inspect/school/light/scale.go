package light

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"

	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/calibrate"
	"github.com/limner-ai/limner/inspect/light"
	"github.com/limner-ai/limner/inspect/school/gallery"
	"github.com/limner-ai/limner/inspect/school/lesson"
	"github.com/limner-ai/limner/inspect/school/logistic"
	"github.com/limner-ai/limner/inspect/school/solids"
	"github.com/limner-ai/limner/internal/atomicfile"
)

const (
	ofEach     = 70 // pictures of each group that the scale is fitted on
	falseShare = .03
)

type group struct {
	name  string
	make  maker
	wrong bool
}

// tuning are the groups that the scale is fitted on.
func tuning(g *gallery.Gallery) []group {
	return []group{
		{"solids", scenes(solids.Options{}), false},
		{"emoji, lit", emoji(g, 0), false},
		{"fluent-3d", plain(g, "fluent-3d"), false},
		{"noto", plain(g, "noto"), false},
		{"twemoji", plain(g, "twemoji"), false},
		{"fluent-emoji-flat", plain(g, "fluent-emoji-flat"), false},
		{"solid pasted", scenes(solids.Options{Fault: solids.Pasted}), true},
		{"solid with a wrong shadow or highlight", either(scenes(solids.Options{Fault: solids.Shadow}), scenes(solids.Options{Fault: solids.Highlight})), true},
		{"emoji, lit from two sides", either(emoji(g, 90), emoji(g, 160)), true},
	}
}

// scale fits the weights of the measures and the scale of the score, on
// pictures of other seeds than the windows and of the split Tune.
func scale(ctx context.Context, d *lesson.Desk) error {
	g, err := d.Open(gallery.Tune)
	if err != nil {
		return err
	}
	defer g.Close()
	in, err := light.Kind.Open(inspect.Env{Threads: 1})
	if err != nil {
		return err
	}
	defer in.Close()
	r := rand.New(rand.NewPCG(d.Seed, 101))
	var sound, faulty [][]float64
	groups := map[string][][]float64{}
	count := map[string]int{}
	n := ofEach
	if d.N > 0 {
		n = d.N
	}
	for _, t := range tuning(g) {
		list, judged, err := looked(ctx, in, t.make, n, r)
		if err != nil {
			return err
		}
		for _, f := range judged {
			if !f.Applies {
				continue
			}
			x := light.Measures(f)
			if t.wrong {
				faulty = append(faulty, x)
			} else {
				sound = append(sound, x)
				groups[t.name] = append(groups[t.name], x)
			}
		}
		count[t.name] = len(list)
		fmt.Fprintf(d.Progress, "%s: %d, %d so far judged\n", t.name, len(list), len(sound)+len(faulty))
	}
	w, err := logistic.Fit(sound, faulty, 1e-3)
	if err != nil {
		return err
	}
	scores := func(rows [][]float64) (list []float64) {
		for _, x := range rows {
			list = append(list, logistic.Score(w, x))
		}
		return list
	}
	s, err := calibrate.Fit(scores(sound), scores(faulty), 24, falseShare)
	if err != nil {
		return err
	}
	// Of no group may more be called faulty: those that cannot be judged count
	// as sound.
	for name, rows := range groups {
		s.Threshold = max(s.Threshold, calibrate.Threshold(scores(rows), min(1, falseShare*float64(count[name])/float64(len(rows)))))
	}
	s.FalseShare = calibrate.Above(scores(sound), s.Threshold)
	record, err := json.Marshal(map[string]any{
		"set": g.Root, "command": "go run ./inspect/school fit light --only scale", "seed": d.Seed, "pictures": count,
	})
	if err != nil {
		return err
	}
	for i, v := range w {
		w[i] = math.Round(v*1e4) / 1e4
	}
	return atomicfile.Write(filepath.Join(d.Root, "inspect", "light", "scale.json"), 0o644, func(to io.Writer) error {
		e := json.NewEncoder(to)
		e.SetIndent("", " ")
		return e.Encode(map[string]any{"weights": w, "scale": s, "record": json.RawMessage(record)})
	})
}

// looked makes n examples, fewer where that is all there are, and inspects them.
func looked(ctx context.Context, in inspect.Inspector, make maker, n int, r *rand.Rand) (list []*example, judged []inspect.Finding, err error) {
	for range 2 * n {
		if len(list) == n {
			break
		}
		e, err := make(r)
		if err != nil {
			return nil, nil, err
		}
		if e == nil {
			continue
		}
		f, err := in.Inspect(ctx, e.image)
		if err != nil {
			return nil, nil, err
		}
		list, judged = append(list, e), append(judged, f)
	}
	return list, judged, nil
}

// style is a picture's, by its name.
func style(name string) string {
	parts := strings.Split(name, "/")
	if len(parts) > 2 && parts[0] == "iconify" {
		return parts[1]
	}
	return parts[0]
}
