package train

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestProgressOnATerminalIsOneLine(t *testing.T) {
	var b strings.Builder
	p := newProgress(&b, true, 100, 0, 8)
	p.last = p.last.Add(-time.Second)
	p.began = p.last
	p.step(20, 300*time.Millisecond, map[string]float64{"loss/kl": 1.25, "loss": 2, "score/real": 9})
	p.step(21, 0, nil) // too soon
	p.say("note %d", 3)
	p.end()
	got := b.String()
	if !strings.HasPrefix(got, "\r\x1b[Kstep 20/100  20%  160 images/s  ETA 4s  loss 2  kl 1.25  waiting for data 30%\nnote 3\n") || strings.Contains(got, "score") {
		t.Errorf("%q", got)
	}
}

func TestProgressElsewhereIsALineNowAndThen(t *testing.T) {
	var b strings.Builder
	p := newProgress(&b, false, 10, 4, 8)
	p.step(5, 0, nil)
	if b.Len() != 0 {
		t.Errorf("%q is too soon", b.String())
	}
	p.last = p.last.Add(-reline)
	p.step(6, 0, nil)
	p.step(7, 0, nil)
	p.step(10, 0, nil) // the end always shows
	got := strings.Split(b.String(), "\n")
	if len(got) != 3 || !strings.HasPrefix(got[0], "step 6/10  60%") || !strings.HasPrefix(got[1], "step 10/10  100%") {
		t.Errorf("%q", got)
	}
}

func TestWindow(t *testing.T) {
	w := window{}
	w.add("a", 1)
	w.add("a", math.NaN())
	w.add("a", 2)
	w.add("b", math.Inf(1))
	got := w.take()
	if got["a"] != 1.5 || !math.IsNaN(got["b"]) || len(w) != 0 {
		t.Error(got, w)
	}
}
