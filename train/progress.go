package train

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// progress writes how a run goes: one line that changes on a terminal, and
// otherwise a line now and then.
type progress struct {
	w        io.Writer
	terminal bool
	total    int
	batch    int

	began   time.Time // of this process's part of the run
	first   int       // iterations done before it
	last    time.Time // of the last line
	lastAt  int
	speed   float64 // images a second, smoothed
	dirty   bool    // the line on the terminal is not finished
	waiting time.Duration
}

const (
	redraw = 200 * time.Millisecond
	reline = 10 * time.Second
)

func newProgress(w io.Writer, terminal bool, total, first, batch int) *progress {
	now := time.Now()
	return &progress{w: w, terminal: terminal, total: total, batch: batch, began: now, first: first, last: now, lastAt: first}
}

// step is told after every iteration; it writes if it is time to.
func (p *progress) step(done int, waiting time.Duration, metrics map[string]float64) {
	p.waiting = waiting
	now := time.Now()
	pause := reline
	if p.terminal {
		pause = redraw
	}
	since := now.Sub(p.last)
	if since < pause && done < p.total {
		return
	}
	if done > p.lastAt && since > 0 {
		speed := float64((done-p.lastAt)*p.batch) / since.Seconds()
		if p.speed == 0 {
			p.speed = speed
		}
		p.speed += (speed - p.speed) * min(1, .05+since.Seconds()/20)
	}
	p.last, p.lastAt = now, done
	line := p.line(done, metrics)
	if p.terminal {
		fmt.Fprintf(p.w, "\r\x1b[K%s", line)
		p.dirty = true
		return
	}
	fmt.Fprintln(p.w, line)
}

func (p *progress) line(done int, metrics map[string]float64) string {
	var b strings.Builder
	fmt.Fprintf(&b, "step %d/%d  %.0f%%  %.0f images/s", done, p.total, 100*float64(done)/float64(p.total), p.speed)
	if done > p.first {
		each := time.Since(p.began) / time.Duration(done-p.first)
		fmt.Fprintf(&b, "  ETA %s", (each * time.Duration(p.total-done)).Round(time.Second))
	}
	for _, name := range slices.Sorted(maps.Keys(metrics)) {
		if isLoss(name) {
			fmt.Fprintf(&b, "  %s %.4g", strings.TrimPrefix(name, "loss/"), metrics[name])
		}
	}
	if share := p.waited(); share >= .01 {
		fmt.Fprintf(&b, "  waiting for data %.0f%%", 100*share)
	}
	return b.String()
}

// waited is the share of the time that went into waiting for pictures.
func (p *progress) waited() float64 {
	return p.waiting.Seconds() / max(time.Since(p.began).Seconds(), 1e-9)
}

// say writes a line of its own.
func (p *progress) say(format string, args ...any) {
	p.end()
	fmt.Fprintf(p.w, format+"\n", args...)
}

// end finishes the line on the terminal.
func (p *progress) end() {
	if p.dirty {
		fmt.Fprintln(p.w)
		p.dirty = false
	}
}
