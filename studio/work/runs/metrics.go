package runs

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"strconv"
	"time"
)

// Curves are the metrics of a run over its steps. Values has one list a metric,
// as long as Steps; null where a step has no such number.
type Curves struct {
	Steps  []int64               `json:"steps"`
	Times  []int64               `json:"times"` // seconds since 1970
	Values map[string][]*float64 `json:"values"`
	Total  int                   `json:"total"`   // lines of the log, of which these are some
	Next   int64                 `json:"next"`    // ask for the lines after this step the next time
	Thin   int                   `json:"thinned"` // of so many lines, one is here
}

const (
	maxLine = 64 << 10  // bytes
	maxLog  = 256 << 20 // bytes of a log that is read
)

// curves reads the log of a run after a step, at most so many lines, evenly
// spread. A line that is being written, or is damaged, is passed over.
func curves(path string, after int64, most int) (Curves, error) {
	c := Curves{Steps: []int64{}, Times: []int64{}, Values: map[string][]*float64{}, Next: after, Thin: 1}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	defer f.Close()
	var lines [][]byte
	scan := bufio.NewScanner(io.LimitReader(f, maxLog))
	scan.Buffer(nil, maxLine)
	for scan.Scan() {
		step, ok := stepOf(scan.Bytes())
		if !ok {
			continue
		}
		c.Total++
		if step > after {
			lines = append(lines, bytes.Clone(scan.Bytes()))
			// Every second line goes when there are twice too many.
			if len(lines) >= 2*most*2 {
				lines, c.Thin = every(lines, 2), 2*c.Thin
			}
		}
	}
	if err := scan.Err(); err != nil && !errors.Is(err, bufio.ErrTooLong) {
		return c, err
	}
	for len(lines) > most {
		lines, c.Thin = every(lines, 2), 2*c.Thin
	}
	for _, line := range lines {
		c.add(line)
	}
	return c, nil
}

// every keeps one of n lines, the last one in any case.
func every(lines [][]byte, n int) [][]byte {
	out := lines[:0]
	for i, l := range lines {
		if (len(lines)-1-i)%n == 0 {
			out = append(out, l)
		}
	}
	return out
}

// stepOf reads the step that a line begins with.
func stepOf(line []byte) (int64, bool) {
	rest, ok := bytes.CutPrefix(line, []byte(`{"step":`))
	if !ok || !bytes.HasSuffix(line, []byte("}")) {
		return 0, false
	}
	i := bytes.IndexByte(rest, ',')
	if i < 0 {
		return 0, false
	}
	step, err := strconv.ParseInt(string(rest[:i]), 10, 64)
	return step, err == nil && step >= 0
}

// add takes in one line.
func (c *Curves) add(line []byte) {
	var fields map[string]any
	if json.Unmarshal(line, &fields) != nil {
		return
	}
	step, _ := stepOf(line)
	at := int64(0)
	if s, ok := fields["time"].(string); ok {
		if t, err := time.Parse(time.RFC3339, s); err == nil {
			at = t.Unix()
		}
	}
	c.Steps, c.Times, c.Next = append(c.Steps, step), append(c.Times, at), step
	for name, v := range fields {
		if name == "step" || name == "time" {
			continue
		}
		list := c.Values[name]
		for len(list) < len(c.Steps)-1 {
			list = append(list, nil)
		}
		var number *float64
		if x, ok := v.(float64); ok && !math.IsNaN(x) && !math.IsInf(x, 0) {
			number = &x
		}
		c.Values[name] = append(list, number)
	}
	for name, list := range c.Values {
		if len(list) < len(c.Steps) {
			c.Values[name] = append(list, nil)
		}
	}
}

// lastStep reads the end of a log.
func lastStep(path string) int64 {
	f, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0
	}
	if _, err := f.Seek(max(0, info.Size()-maxLine), io.SeekStart); err != nil {
		return 0
	}
	tail, err := io.ReadAll(io.LimitReader(f, maxLine))
	if err != nil {
		return 0
	}
	last := int64(0)
	for line := range bytes.Lines(tail) {
		if step, ok := stepOf(bytes.TrimSpace(line)); ok {
			last = step
		}
	}
	return last
}
