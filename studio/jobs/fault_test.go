package jobs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/limner-ai/limner/internal/objects"
)

func failsToOpen(t *testing.T, dir string, words ...string) {
	t.Helper()
	q, err := Open(t.Context(), filepath.Join(dir, "queue"), objects.Open(dir), nil, Options{})
	if err == nil {
		shut(t, q)
		t.Error("it was opened")
		return
	}
	for _, w := range append(words, filepath.Join(dir, "queue")) {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("more than one line: %q", err)
	}
}

func TestDamaged(t *testing.T) {
	whole := t.TempDir()
	q := openAt(t, whole, Options{Keep: -1}, &fake{kind: "fake", most: 1, atOnce: 1})
	for range 40 {
		wait(t, q, submit(t, q, "ann", order{Text: strings.Repeat("text ", 300)}))
	}
	shut(t, q)
	data, err := os.ReadFile(filepath.Join(whole, "queue", "queue.db"))
	if err != nil {
		t.Fatal(err)
	}
	pages := append([]byte{}, data...)
	for i := len(pages) / 2; i < len(pages)/2+9000; i++ {
		pages[i] ^= 0x5a
	}
	for name, bytes := range map[string][]byte{
		"nonsense":  []byte(strings.Repeat("this is no database. ", 500)),
		"truncated": data[:len(data)/2],
		"altered":   pages,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.MkdirAll(filepath.Join(dir, "queue"), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "queue", "queue.db"), bytes, 0o644); err != nil {
				t.Fatal(err)
			}
			failsToOpen(t, dir, "damaged", "move it away")
			left, err := os.ReadFile(filepath.Join(dir, "queue", "queue.db"))
			if err != nil || string(left) != string(bytes) {
				t.Error("the damaged file was changed")
			}
		})
	}
}

func TestOthersFiles(t *testing.T) {
	dir := t.TempDir()
	shut(t, openAt(t, dir, Options{}))
	alter(t, dir, `PRAGMA user_version = 7`)
	failsToOpen(t, dir, "version 7")
	alter(t, dir, `PRAGMA application_id = 7`)
	failsToOpen(t, dir, "something else")

	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "queue"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	failsToOpen(t, dir)
}

func TestReadOnlyFolder(t *testing.T) {
	if os.Getuid() == 0 || runtime.GOOS == "windows" {
		t.Skip("permissions do not bind this user")
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "queue"), 0o500); err != nil {
		t.Fatal(err)
	}
	failsToOpen(t, dir, "permission denied")
}

func TestTwoInOneProcess(t *testing.T) {
	dir := t.TempDir()
	defer shut(t, openAt(t, dir, Options{}))
	failsToOpen(t, dir, ErrInUse.Error())
}

// While the disk is full nothing is accepted, and what ends is told when it can
// be written.
func TestFullDisk(t *testing.T) {
	f := &fake{kind: "fake", most: 1, atOnce: 1, gate: make(chan struct{})}
	q := open(t, Options{}, f)
	j := submit(t, q, "ann", order{Text: "apple"})
	until(t, q, j, Running)
	limit := func(pages int) {
		t.Helper()
		if _, err := q.write.Exec(fmt.Sprintf(`PRAGMA max_page_count = %d`, pages)); err != nil {
			t.Fatal(err)
		}
	}
	limit(1) // which means: no more than there are
	big := order{Text: strings.Repeat("x", 60_000)}
	spec := []byte(`{"text":"` + big.Text + `"}`)
	if _, err := q.Submit(t.Context(), Submission{Kind: "fake", Owner: "ann", Spec: spec}); err == nil || !strings.Contains(err.Error(), "the disk is full") {
		t.Fatalf("on a full disk: %v", err)
	}
	if q.Stats().Fault == nil {
		t.Error("no fault is told")
	}
	limit(1 << 20)
	f.gate <- struct{}{}
	if j := wait(t, q, j); j.State != Done {
		t.Errorf("%+v", j)
	}
	if q.Stats().Fault != nil || q.unended[""] != 0 {
		t.Errorf("fault %v, places %v", q.Stats().Fault, q.unended)
	}
}

// The end of a job is written as soon as that is possible again; the cancelling
// of a queued one fails, and it stays.
func TestWritesAreTriedAgain(t *testing.T) {
	dir := t.TempDir()
	f := &fake{kind: "fake", most: 1, atOnce: 1, gate: make(chan struct{})}
	q := openAt(t, dir, Options{}, f)
	defer shut(t, q)
	first, second := submit(t, q, "ann", order{Text: "1"}), submit(t, q, "ann", order{Text: "2"})
	until(t, q, first, Running)
	alter(t, dir, `CREATE TRIGGER broken BEFORE UPDATE ON job BEGIN SELECT RAISE(ABORT, 'the test'); END`)
	if _, err := q.Cancel(t.Context(), "ann", second.ID); err == nil || !strings.Contains(err.Error(), "the test") {
		t.Errorf("cancelling: %v", err)
	}
	if j, err := q.Job(t.Context(), "ann", second.ID); err != nil || j.State != Queued || j.Position != 1 {
		t.Errorf("after that: %+v, %v", j, err)
	}
	f.gate <- struct{}{}
	for q.Stats().Fault == nil {
		runtime.Gosched()
	}
	submit(t, q, "bob", order{}) // a row more is no change of one
	if j, _ := q.Job(t.Context(), "ann", first.ID); j.State != Running {
		t.Errorf("not on the disk, and it says %s", j.State)
	}
	alter(t, dir, `DROP TRIGGER broken`)
	if j := wait(t, q, first); j.State != Done {
		t.Errorf("%+v", j)
	}
}

// Results whose bytes cannot be put on the disk are not told.
func TestStoreFails(t *testing.T) {
	dir := t.TempDir()
	q := openAt(t, dir, Options{}, &fake{kind: "fake", most: 1, atOnce: 1})
	defer shut(t, q)
	if err := os.WriteFile(filepath.Join(dir, "objects"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if j := wait(t, q, submit(t, q, "ann", order{})); j.State != Failed || !strings.Contains(j.Error, "object store") || len(q.held.of) != 0 {
		t.Errorf("%+v", j)
	}
	if err := os.Remove(filepath.Join(dir, "objects")); err != nil {
		t.Fatal(err)
	}
	failing := 3
	q.writer.flush = func() error {
		if failing--; failing >= 0 {
			return errors.New("no flush")
		}
		return q.store.Flush()
	}
	j := wait(t, q, submit(t, q, "ann", order{}))
	if j.State != Done || failing >= 0 {
		t.Errorf("%+v after %d", j, failing)
	}
}
