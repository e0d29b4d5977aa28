package jobs

import (
	"cmp"
	"slices"
)

// lines are the queued jobs of one kind: a line for each owner. The owner who
// was served least recently comes next; each job that is taken is one turn.
type lines struct {
	owners  map[string]*ownLine
	turn    uint64
	waiting int
}

// ownLine is one owner's queue: higher priorities first, then older ones.
type ownLine struct {
	served uint64 // the turn of the last job taken; 0: none yet
	jobs   []*entry
}

func newLines() *lines { return &lines{owners: map[string]*ownLine{}} }

func byRank(a, b *entry) int {
	return cmp.Or(cmp.Compare(b.job.Priority, a.job.Priority), cmp.Compare(a.job.ID, b.job.ID))
}

func (l *lines) of(owner string) *ownLine {
	o := l.owners[owner]
	if o == nil {
		o = &ownLine{}
		l.owners[owner] = o
	}
	return o
}

// add puts a job into its owner's line.
func (l *lines) add(e *entry) {
	o := l.of(e.job.Owner)
	at, _ := slices.BinarySearchFunc(o.jobs, e, byRank)
	o.jobs = slices.Insert(o.jobs, at, e)
	l.waiting++
}

// remove takes a job out of its line without a turn.
func (l *lines) remove(e *entry) {
	o := l.of(e.job.Owner)
	if at, ok := slices.BinarySearchFunc(o.jobs, e, byRank); ok {
		o.jobs = slices.Delete(o.jobs, at, at+1)
		l.waiting--
	}
}

// take removes the next job, and up to most-1 others of its group. Each of
// these too comes from the owner who was served least recently among those
// that have one, and no job passes one of a higher priority of its owner.
func (l *lines) take(most int) []*entry {
	first := l.pick(func(o *ownLine) int { return 0 })
	if first == nil {
		return nil
	}
	taken := []*entry{first}
	for first.group != "" && len(taken) < most {
		e := l.pick(func(o *ownLine) int { return o.find(first.group) })
		if e == nil {
			break
		}
		taken = append(taken, e)
	}
	return taken
}

// pick takes a job from the owner who was served least recently. at tells which
// of a line that is not empty is wanted, -1 none.
func (l *lines) pick(at func(*ownLine) int) *entry {
	var best *ownLine
	which := 0
	for _, o := range l.owners {
		if len(o.jobs) == 0 {
			continue
		}
		if n := at(o); n >= 0 && (best == nil || before(o.served, o.jobs[n], best.served, best.jobs[which])) {
			best, which = o, n
		}
	}
	if best == nil {
		return nil
	}
	e := best.jobs[which]
	best.jobs = slices.Delete(best.jobs, which, which+1)
	l.turn++
	best.served = l.turn
	l.waiting--
	return e
}

// before reports whether an owner last served at turn a comes before one served
// at b; among those who never were, whose job is older.
func before(a uint64, ea *entry, b uint64, eb *entry) bool {
	return cmp.Or(cmp.Compare(a, b), cmp.Compare(ea.job.ID, eb.job.ID)) < 0
}

// find returns the place of the first job of a group among those of the line's
// highest priority, or -1.
func (o *ownLine) find(group string) int {
	for i, e := range o.jobs {
		if e.job.Priority != o.jobs[0].job.Priority {
			break
		}
		if e.group == group {
			return i
		}
	}
	return -1
}

// position tells where a queued job stands in the order of service, from 1 on,
// if nothing more comes in and each job is done alone; 0 if it is not queued.
// In each round every owner has one turn: before the job numbered k of its
// line, the others have had k of theirs, those who come first k+1.
func (l *lines) position(e *entry) int {
	own := l.of(e.job.Owner)
	k, ok := slices.BinarySearchFunc(own.jobs, e, byRank)
	if !ok {
		return 0
	}
	at := k + 1
	for _, o := range l.owners {
		if o == own || len(o.jobs) == 0 {
			continue
		}
		turns := k
		if before(o.served, o.jobs[0], own.served, own.jobs[0]) {
			turns++
		}
		at += min(turns, len(o.jobs))
	}
	return at
}
