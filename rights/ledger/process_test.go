package ledger

import (
	"bufio"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestMain lets the test's own binary be the other process.
func TestMain(m *testing.M) {
	if dir := os.Getenv("LIMNER_TEST_LEDGER"); dir != "" {
		n, _ := strconv.Atoi(os.Getenv("LIMNER_TEST_BATCHES"))
		if err := appendBatches(dir, n); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// appendBatches appends n batches of 20 events, and tells the log's size after each.
func appendBatches(dir string, n int) error {
	l, err := Open(dir)
	if err != nil {
		return err
	}
	defer l.Close()
	for i := range n {
		b := &Batch{Actor: fmt.Sprintf("process %d", os.Getpid())}
		proof := b.Keep(fmt.Appendf(nil, "%d %d", os.Getpid(), i))
		for k := range 20 {
			b.Add(Extraction{Source: "s", Basis: fmt.Sprint(k), Copies: 1, Bytes: 1}, proof)
		}
		r, err := l.Append(ctx, b)
		if err != nil {
			return err
		}
		fmt.Println(r.First + r.Count)
	}
	return nil
}

func child(t *testing.T, dir string, batches int) *exec.Cmd {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(exe)
	c.Env = append(os.Environ(), "LIMNER_TEST_LEDGER="+dir, "LIMNER_TEST_BATCHES="+strconv.Itoa(batches))
	c.Stderr = os.Stderr
	return c
}

// A process killed in the middle loses at most the batch that it had not been
// told of, and never half of one.
func TestKill(t *testing.T) {
	l, dir := create(t)
	l.Close()
	for round := range 3 {
		c := child(t, dir, 1<<30)
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		told := int64(0)
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			told, _ = strconv.ParseInt(strings.TrimSpace(lines.Text()), 10, 64)
			if n == 4+7*round {
				time.AfterFunc(time.Duration(round)*700*time.Microsecond, func() { c.Process.Kill() })
			}
		}
		c.Wait()
		l, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		report, err := l.Verify(ctx, Trust{})
		if err != nil {
			t.Fatal(err)
		}
		if told == 0 || report.Size < told || report.Size > told+20 || report.Size%20 != 0 {
			t.Errorf("after the kill there are %d entries, the process had been told of %d", report.Size, told)
		}
		l.Close()
	}
}

func TestTwoProcesses(t *testing.T) {
	l, dir := create(t)
	var wg sync.WaitGroup
	for range 2 {
		c := child(t, dir, 15)
		wg.Go(func() {
			if out, err := c.Output(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	b := &Batch{Actor: "this process"}
	b.Add(RightsHolder{ID: "x"})
	if _, err := l.Append(ctx, b); err != nil {
		t.Error(err)
	}
	wg.Wait()
	report, err := l.Verify(ctx, Trust{})
	if err != nil || report.Size != 2*15*20+1 || report.Checkpoints != 31 {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestBusy(t *testing.T) {
	defer func(d time.Duration) { lockWait = d }(lockWait)
	lockWait = 50 * time.Millisecond
	l, dir := create(t)
	other, err := sql.Open("sqlite", address(filepath.Join(dir, databaseName), "mode=rw", "_txlock=immediate"))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	tx, err := other.Begin()
	if err != nil {
		t.Fatal(err)
	}
	b := &Batch{Actor: "t"}
	b.Add(RightsHolder{ID: "x"})
	if _, err := l.Append(ctx, b); !errors.Is(err, ErrBusy) {
		t.Errorf("while another writes: %v", err)
	}
	if _, err := l.Verify(ctx, Trust{}); err != nil {
		t.Errorf("reading while another writes: %v", err)
	}
	tx.Rollback()
	if r, err := l.Append(ctx, b); err != nil || r.First != 0 {
		t.Errorf("when it is done: %+v, %v", r, err)
	}
}

// Appending while a query is open neither blocks nor changes what it gives.
func TestAppendWithinQuery(t *testing.T) {
	l, _ := create(t)
	story(t, l)
	n := 0
	for _, err := range l.Events(ctx, Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		b := &Batch{Actor: "t"}
		b.Add(RightsHolder{ID: "x"})
		if _, err := l.Append(ctx, b); err != nil {
			t.Fatal(err)
		}
		n++
	}
	if size, _ := l.Size(ctx); n != 16 || size != 32 {
		t.Errorf("%d events were given, the log has %d", n, size)
	}
}
