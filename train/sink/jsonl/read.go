package jsonl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"slices"
	"strconv"

	"github.com/limner-ai/limner/train/sink"
)

// Read returns the history at path; a missing file is an empty one. An end cut
// short by a kill is left out.
func Read(path string) (sink.History, error) {
	h, _, _, err := load(path, math.MaxInt64)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return h, err
}

// load reads the lines of path up to step. kept holds those lines as they are
// in the file, and dropped says whether the file has more.
func load(path string, step int64) (h sink.History, kept []byte, dropped bool, err error) {
	h = sink.History{}
	b, err := os.ReadFile(path)
	if err != nil {
		return h, nil, false, fmt.Errorf("read metrics: %w", err)
	}
	var bad error // of a line that must be the last
	for n := 1; len(b) > 0; n++ {
		line, rest, whole := bytes.Cut(b, []byte("\n"))
		b = rest
		at, points, err := parse(line)
		if err == nil && !whole {
			err = errors.New("it has no end")
		}
		if err != nil {
			// Only a crash leaves such a line, and nothing can follow it then
			// but more of the same: blocks of zeros after a power cut.
			if bad == nil {
				bad = fmt.Errorf("%s line %d is damaged: %w; remove that line and run again", path, n, err)
			}
			dropped = true
			continue
		}
		if bad != nil {
			return nil, nil, false, bad
		}
		if at > step {
			dropped = true
			continue
		}
		for name, v := range points {
			h[name] = append(h[name], sink.Point{Step: at, Value: v})
		}
		kept = append(append(kept, line...), '\n')
	}
	for _, points := range h { // a run that was edited or merged by hand
		slices.SortStableFunc(points, func(a, b sink.Point) int { return int(min(max(a.Step-b.Step, -1), 1)) })
	}
	return h, kept, dropped, nil
}

func parse(line []byte) (step int64, points map[string]float64, err error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(line, &fields); err != nil {
		return 0, nil, err
	}
	if step, err = strconv.ParseInt(string(fields["step"]), 10, 64); err != nil {
		return 0, nil, errors.New("it has no step")
	}
	delete(fields, "step")
	delete(fields, "time")
	points = make(map[string]float64, len(fields))
	for name, raw := range fields {
		v, err := strconv.ParseFloat(string(bytes.Trim(raw, `"`)), 64)
		if err != nil {
			return 0, nil, fmt.Errorf("%q is not a number", name)
		}
		points[name] = v
	}
	return step, points, nil
}
