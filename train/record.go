package train

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/limner-ai/limner/internal/atomicfile"
	"github.com/limner-ai/limner/train/sink"
	"github.com/limner-ai/limner/train/sink/curves"
	"github.com/limner-ai/limner/train/sink/jsonl"
	"github.com/limner-ai/limner/train/sink/tensorboard"
)

// What a run leaves in its folder, beside the model file and the checkpoints.
const (
	configFile    = "run.yaml"
	historyFile   = "metrics.jsonl"
	curvesFile    = "curves.png"
	eventsFolder  = "events"
	samplesFolder = "samples"
)

// units are those of groups of metrics.
var units = map[string]string{"nats": "nats a picture", "speed": "pictures a second", "validate": "nats a picture"}

// record sends metrics and pictures to the sinks and to the folder of the run.
type record struct {
	out  string
	sink sink.Sink
}

// openRecord begins the record of a run, or continues it after a step.
func openRecord(out, title string, resume bool, step int, plain bool) (*record, error) {
	if err := os.MkdirAll(filepath.Join(out, samplesFolder), 0o755); err != nil {
		return nil, fmt.Errorf("cannot make the folder of the samples: %w", err)
	}
	var history *jsonl.Writer
	var past sink.History
	var err error
	if resume {
		history, past, err = jsonl.Resume(filepath.Join(out, historyFile), int64(step))
	} else {
		history, err = jsonl.Create(filepath.Join(out, historyFile))
	}
	if err != nil {
		return nil, err
	}
	var events *tensorboard.Writer
	if resume {
		events, err = tensorboard.Resume(filepath.Join(out, eventsFolder), int64(step))
	} else {
		events, err = tensorboard.Create(filepath.Join(out, eventsFolder))
	}
	if err != nil {
		history.Close()
		return nil, err
	}
	if plain {
		return &record{out, sink.Multi(history, events)}, nil
	}
	plot := curves.New(filepath.Join(out, curvesFile), past, curves.Options{Title: title, Units: units})
	return &record{out, sink.Multi(history, events, plot)}, nil
}

// scalars records the metrics of a step in the order of their names.
func (r *record) scalars(step int, metrics map[string]float64) error {
	for _, name := range slices.Sorted(maps.Keys(metrics)) {
		if err := r.sink.Scalar(int64(step), name, metrics[name]); err != nil {
			return err
		}
	}
	return nil
}

// picture records a drawing, as samples/NAME-000123.png and as the latest of
// its name.
func (r *record) picture(step int, name string, img image.Image) error {
	folder := filepath.Join(r.out, samplesFolder)
	latest := "latest"
	if name != "step" {
		latest += "-" + name
	}
	var text bytes.Buffer
	if err := png.Encode(&text, img); err != nil {
		return err
	}
	for _, file := range []string{fmt.Sprintf("%s-%06d.png", name, step), latest + ".png"} {
		err := atomicfile.Write(filepath.Join(folder, file), 0o644, func(w io.Writer) error {
			_, err := w.Write(text.Bytes())
			return err
		})
		if err != nil {
			return err
		}
	}
	return r.sink.Image(int64(step), "samples/"+name, img)
}

func (r *record) flush() error { return r.sink.Flush() }
func (r *record) close() error { return r.sink.Close() }
