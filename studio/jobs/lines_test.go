package jobs

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// fill puts jobs, written "owner", "owner2" (of priority 2), "owner/group", in
// this order into lines; their ids are a, b, c, …
func fill(l *lines, words string) map[string]*entry {
	all := map[string]*entry{}
	for i, w := range strings.Fields(words) {
		owner, group, _ := strings.Cut(w, "/")
		e := &entry{group: group, job: Job{ID: string(rune('a' + i)), State: Queued}}
		e.job.Owner = strings.TrimRight(owner, "0123456789")
		fmt.Sscan(strings.TrimPrefix(owner, e.job.Owner), &e.job.Priority)
		l.add(e)
		all[e.job.ID] = e
	}
	return all
}

func drain(l *lines, most int) string {
	var goes []string
	for l.waiting > 0 {
		var ids string
		for _, e := range l.take(most) {
			ids += e.job.ID
		}
		goes = append(goes, ids)
	}
	return strings.Join(goes, " ")
}

func TestOrder(t *testing.T) {
	for _, c := range []struct {
		name, jobs string
		most       int
		want       string
	}{
		{"first come, first served", "x x x", 1, "a b c"},
		{"owners take turns", "x x x x y y z", 1, "a e g b f c d"},
		{"priority counts among the owner's own", "x x5 y x9 y7", 1, "d e b c a"},
		{"a group goes together", "x/g x/h x/g x/h x/g", 8, "ace bd"},
		{"up to the most", "x/g x/g x/g", 2, "ab c"},
		{"fairly", "x/g x/g x/g x/g y/g y/g z/g", 4, "aegb fcd"},
		{"without a group alone", "x x y", 8, "a c b"},
		{"one without the group is passed", "x/g y y/g x/g", 8, "acd b"},
		{"but not one of higher priority", "x/g y1 y/g x/g", 8, "ad b c"},
		{"a turn is a turn also in a group", "x/g x/g x/g y/h z/g", 3, "aeb d c"},
	} {
		l := newLines()
		fill(l, c.jobs)
		if got := drain(l, c.most); got != c.want {
			t.Errorf("%s: %s goes as %q, want %q", c.name, c.jobs, got, c.want)
		}
	}
}

func TestANewOwnerNeedNotWait(t *testing.T) {
	l := newLines()
	fill(l, "x x x x x x y y")
	for range 4 {
		l.take(1)
	}
	late := &entry{job: Job{ID: "z", Owner: "z"}}
	l.add(late)
	if got := drain(l, 1); got != "z c d e f" {
		t.Errorf("it goes as %q", got)
	}
}

// A position is the number of the take that would bring the job, whatever was
// served before.
func TestPosition(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 300 {
		l := newLines()
		var all []*entry
		id := 0
		add := func() {
			id++
			e := &entry{job: Job{ID: fmt.Sprintf("%04d", id), Owner: string(rune('a' + r.IntN(5))), Priority: r.IntN(3)}}
			l.add(e)
			all = append(all, e)
		}
		for range r.IntN(40) {
			if add(); r.IntN(3) == 0 {
				taken := l.take(1)
				all = slices.DeleteFunc(all, func(e *entry) bool { return e == taken[0] })
			}
		}
		if len(all) > 1 && r.IntN(2) == 0 {
			l.remove(all[0])
			if l.position(all[0]) != 0 {
				t.Fatal("a removed job has a position")
			}
			all = all[1:]
		}
		if l.waiting != len(all) {
			t.Fatalf("%d wait, it says %d", len(all), l.waiting)
		}
		told := map[*entry]int{}
		for _, e := range all {
			told[e] = l.position(e)
		}
		for n := 1; l.waiting > 0; n++ {
			if e := l.take(1)[0]; told[e] != n {
				t.Fatalf("round %d: job %s of %s came %d., was told %d", round, e.job.ID, e.job.Owner, n, told[e])
			}
		}
	}
}

// However many jobs one owner has, another's come every second turn.
func TestShare(t *testing.T) {
	l := newLines()
	fill(l, strings.Repeat("greedy/g ", 20)+"modest/g modest/g modest/g")
	counts := map[string]int{}
	for _, e := range l.take(6) {
		counts[e.job.Owner]++
	}
	if counts["greedy"] != 3 || counts["modest"] != 3 {
		t.Errorf("shares %v", counts)
	}
}
