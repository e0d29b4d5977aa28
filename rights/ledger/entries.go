package ledger

import (
	"database/sql"
	"errors"
	"fmt"
	"math"

	"golang.org/x/mod/sumdb/tlog"
)

// page is how many entries are read at once.
const page = 100

// row is an entry as stored.
type row struct {
	seq           int64
	kind, subject string
	time          int64
	body          []byte
}

// node is a hash as stored.
type node struct {
	id   int64
	hash []byte
}

// peak is the root of a full subtree of 2^level entries.
type peak struct {
	level int
	hash  tlog.Hash
}

// entries checks every entry, in order, against the stored hashes, the signed
// roots and the indexes.
func (v *verifier) entries() error {
	from := int64(math.MinInt64)
	for {
		rows, err := v.rows(from)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := v.entry(r); err != nil {
				return err
			}
			from = r.seq + 1
		}
		if len(rows) < page || from == math.MinInt64 {
			break
		}
	}
	if v.suspect != nil { // beyond the last checkpoint
		return v.suspect
	}
	return nil
}

func (v *verifier) rows(from int64) ([]row, error) {
	rows, err := v.tx.QueryContext(v.ctx, sqlEventRows, from, page)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []row
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.seq, &r.kind, &r.subject, &r.time, &r.body); err != nil {
			if damaged(err) {
				return nil, err
			}
			return nil, faultAt(BadDatabase, v.report.Size+int64(len(out)), "the row cannot be read: %v", err)
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// entry checks the next entry.
func (v *verifier) entry(r row) error {
	n := v.report.Size
	if r.seq > n {
		return faultAt(Missing, n, "the entry after %d is %d", n-1, r.seq)
	}
	if r.seq < n {
		return faultAt(Reordered, r.seq, "an entry stands at a place that the log does not have")
	}
	e, err := decodeEvent(r.body)
	if err == nil && e.Seq != n {
		return faultAt(Reordered, n, "the entry says that it is entry %d", e.Seq)
	}
	fresh := v.grow(tlog.RecordHash(r.body))
	stored, ferr := v.stored(len(fresh))
	if ferr != nil {
		return ferr
	}
	for i, h := range fresh {
		if v.suspect == nil && (i >= len(stored) || stored[i].id != tlog.StoredHashIndex(0, n)+int64(i) || string(stored[i].hash) != string(h[:])) {
			v.suspect = faultAt(Altered, n, "its hash is not the one stored (level %d of the tree)", i)
		}
	}
	if err != nil && v.suspect == nil {
		v.suspect = faultAt(Altered, n, "%v", err)
	}
	v.report.Size++
	v.report.Root = v.root()
	if err := v.check(); err != nil {
		return err
	}
	if err != nil || v.suspect != nil {
		return nil
	}
	return v.indexed(r, e)
}

// grow adds a leaf to the tree and gives the hashes that are complete with it,
// the leaf's first: those that are stored for it, in their order.
func (v *verifier) grow(leaf tlog.Hash) []tlog.Hash {
	fresh := []tlog.Hash{leaf}
	p := peak{0, leaf}
	for n := len(v.peaks); n > 0 && v.peaks[n-1].level == p.level; n-- {
		p = peak{p.level + 1, tlog.NodeHash(v.peaks[n-1].hash, p.hash)}
		v.peaks = v.peaks[:n-1]
		fresh = append(fresh, p.hash)
	}
	v.peaks = append(v.peaks, p)
	return fresh
}

// root is the tree head over the entries so far (RFC 6962, section 2.1).
func (v *verifier) root() tlog.Hash {
	n := len(v.peaks)
	h := v.peaks[n-1].hash
	for i := n - 2; i >= 0; i-- {
		h = tlog.NodeHash(v.peaks[i].hash, h)
	}
	return h
}

// stored gives the next stored hashes, fewer at the end.
func (v *verifier) stored(count int) ([]node, error) {
	first := tlog.StoredHashIndex(0, v.report.Size)
	if len(v.nodes) < count {
		from := first + int64(len(v.nodes))
		rows, err := v.tx.QueryContext(v.ctx, sqlNodes, from, 2*page+64)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		for rows.Next() {
			var n node
			if err := rows.Scan(&n.id, &n.hash); err != nil {
				return nil, err
			}
			v.nodes = append(v.nodes, n)
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
	}
	count = min(count, len(v.nodes))
	out := v.nodes[:count]
	v.nodes = v.nodes[count:]
	return out, nil
}

// check compares the tree with the roots that are signed at this size.
func (v *verifier) check() error {
	size := v.report.Size
	for len(v.marks) > 0 && v.marks[0].Size <= size {
		m := v.marks[0]
		if m.Size < size || m.Size == 0 {
			v.marks = v.marks[1:]
			continue
		}
		switch {
		case m.Root == v.report.Root && v.suspect != nil:
			v.suspect.Flaw = BadHash
			v.suspect.Detail += "; the entry itself is as it was signed"
			return v.suspect
		case m.Root == v.report.Root:
			v.good = size
		case v.good == size: // the ledger's own checkpoint holds, the outside one does not
			return &Fault{Flaw: Rewritten, First: 0, Last: size - 1, Detail: fmt.Sprintf("an outside checkpoint signs another log of %d entries", size)}
		case v.suspect != nil:
			return v.suspect
		default:
			return &Fault{Flaw: Altered, First: v.good, Last: size - 1,
				Detail: fmt.Sprintf("entries and hashes agree, and are not what the checkpoint at %d entries signs", size)}
		}
		v.marks = v.marks[1:]
	}
	return nil
}

// indexed holds the row's columns and the indexes against the entry.
func (v *verifier) indexed(r row, e Event) error {
	n := e.Seq
	if r.kind != string(e.Kind) || r.subject != e.Subject || r.time != e.Time.UnixMicro() {
		return faultAt(BadIndex, n, "its columns do not follow from it")
	}
	holds := func(text string, args ...any) (bool, error) {
		var count int64
		err := v.row(text, []any{&count}, args...)
		return count == 1, err
	}
	var checks []func() (bool, error)
	for _, m := range e.Mentions {
		v.expected[0]++
		checks = append(checks, func() (bool, error) { return holds(sqlHasMention, m, n) })
	}
	for _, d := range e.Evidence {
		v.expected[1]++
		checks = append(checks, func() (bool, error) { return holds(sqlHasCite, d[:], n) })
	}
	if x, ok := e.Fact.(Extraction); ok {
		v.expected[2]++
		checks = append(checks, func() (bool, error) { return holds(sqlHasTaking, x.Source, n, r.time, x.Copies, x.Bytes) })
	}
	for _, check := range checks {
		ok, err := check()
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if !ok {
			return faultAt(BadIndex, n, "an index does not hold what it mentions, cites or takes")
		}
	}
	return nil
}
