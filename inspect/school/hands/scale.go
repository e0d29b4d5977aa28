package hands

import (
	"context"
	"encoding/json"
	"io"
	"path/filepath"

	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/calibrate"
	"github.com/limner-ai/limner/inspect/hands"
	"github.com/limner-ai/limner/inspect/school/gallery"
	"github.com/limner-ai/limner/inspect/school/lesson"
	"github.com/limner-ai/limner/internal/atomicfile"
)

const (
	scaleAt = "inspect/hands/scale.json"
	// No more than these shares of sound hands may be called faulty: of emoji, as
	// people draw hands, and of hands drawn from the rig, in poses and views of
	// which many are hard to read.
	falseShare      = .03
	falseShareDrawn = .1
	knots           = 10
)

// writeScale fits the scale of the inspector's scores, on drawn hands like those
// of the training but others, and on emoji of the split that no training saw.
func writeScale(ctx context.Context, d *lesson.Desk, say func(string, ...any)) error {
	in, err := hands.Kind.Open(inspect.Env{Threads: 1})
	if err != nil {
		return err
	}
	defer in.Close()
	r, err := openRig(d, "left.glb")
	if err != nil {
		return err
	}
	n := d.N
	if n == 0 {
		n = 40
	}
	drawn, err := drawnLooks(ctx, in, r, false, n, 5000+d.Seed)
	if err != nil {
		return err
	}
	say("%d drawn hands", len(drawn))
	emoji, err := emojiLooks(ctx, in, d, gallery.Tune, true, 3*n)
	if err != nil {
		return err
	}
	say("%d emoji", len(emoji))
	right := scores(drawn, func(l look) bool { return l.scene.Kind == rightKind })
	wrong := scores(drawn, func(l look) bool { return l.scene.Kind != rightKind })
	shown := scores(emoji, func(look) bool { return true })
	sound := append(append([]float64{}, right...), shown...)
	s, err := calibrate.Fit(sound, wrong, knots, falseShare)
	if err != nil {
		return err
	}
	s.Threshold = max(calibrate.Threshold(right, falseShareDrawn), calibrate.Threshold(shown, falseShare))
	s.FalseShare = calibrate.Above(sound, s.Threshold)
	say("AUROC %.3f, %d and %d sound, threshold %.3f, of the faulty above it %.3f", calibrate.AUROC(sound, wrong), len(right), len(shown), s.Threshold, calibrate.Above(wrong, s.Threshold))
	text, err := json.MarshalIndent(s, "", "\t")
	if err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(d.Root, scaleAt), 0o644, func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	})
}
