package main

import (
	"fmt"
	"io"
	"time"
)

// stageLine shows how far the stages of a long work are, with rate and time
// left: a line that changes on a terminal, a line every ten seconds elsewhere.
func stageLine(w io.Writer, terminal bool) func(stage string, done, total int) {
	var now string
	var began, last time.Time
	return func(stage string, done, total int) {
		t := time.Now()
		if stage != now {
			if now != "" && terminal {
				fmt.Fprintln(w)
			}
			now, began, last = stage, t, t
			return
		}
		every := 10 * time.Second
		if terminal {
			every = 200 * time.Millisecond
		}
		if t.Sub(last) < every && (done != total || !terminal) {
			return
		}
		last = t
		rate := float64(done) / max(t.Sub(began).Seconds(), 1e-9)
		line := fmt.Sprintf("%s %d", stage, done)
		if total > 0 {
			left := time.Duration(float64(total-done) / max(rate, 1e-9) * float64(time.Second)).Round(time.Second)
			line += fmt.Sprintf(" of %d, %s left", total, left)
		}
		line += fmt.Sprintf(", %.0f/s", rate)
		if terminal {
			fmt.Fprintf(w, "\r\x1b[K%s", line)
			if done == total {
				fmt.Fprintln(w)
				now = ""
			}
			return
		}
		fmt.Fprintln(w, line)
	}
}
