package jobs

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/limner-ai/limner/internal/objects"
)

// TestMain lets the test's own binary be the process that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("LIMNER_TEST_QUEUE"); dir != "" {
		if err := serve(dir); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// slow takes some milliseconds for each job and tells when it begins one.
type slow struct{ tell func(word, id string) }

func (slow) Kind() string { return "slow" }
func (slow) Most() int    { return 3 }
func (slow) AtOnce() int  { return 2 }

func (slow) Check(_ context.Context, spec json.RawMessage) (json.RawMessage, error) { return spec, nil }

func (slow) Group(spec json.RawMessage) string { return string(spec[len(spec)-2 : len(spec)-1]) }

// product is the job's result: more bytes than a disk writes at once.
func product(spec json.RawMessage) []byte {
	h := fnv.New64a()
	h.Write(spec)
	data := make([]byte, 20_000)
	src := rand.New(rand.NewPCG(h.Sum64(), 1))
	for i := range data {
		data[i] = byte(src.Uint32())
	}
	return data
}

func (s slow) Run(_ context.Context, tasks []Task) error {
	for _, t := range tasks {
		s.tell("began", t.Job().ID)
	}
	for _, t := range tasks {
		time.Sleep(rand.N(4 * time.Millisecond))
		if err := t.Result(product(t.Job().Spec), "application/octet-stream", nil); err != nil {
			return err
		}
		time.Sleep(rand.N(2 * time.Millisecond))
		t.Finish(nil)
	}
	return nil
}

// serve is the other process: clients submit jobs and wait for them, until the
// process is killed. What it tells has happened before.
func serve(dir string) error {
	tell := func(word, id string) { fmt.Println(word, id) } // one write each
	q, err := Open(context.Background(), filepath.Join(dir, "queue"), objects.Open(filepath.Join(dir, "objects")),
		[]Worker{slow{tell}}, Options{Tries: 1000, Keep: -1})
	if err != nil {
		return err
	}
	failed := make(chan error)
	for client := range 9 {
		go func() {
			for i := 0; ; i++ {
				spec, _ := json.Marshal(fmt.Sprint(os.Getpid(), " ", client, " ", i))
				j, err := q.Submit(context.Background(), Submission{Kind: "slow", Owner: fmt.Sprint("client ", client), Spec: spec})
				if err != nil {
					failed <- err
					return
				}
				tell("accepted", j.ID)
				if client%3 > 0 { // the others only pile up
					if _, err := q.Wait(context.Background(), "", j.ID); err != nil {
						failed <- err
						return
					}
					tell("ended", j.ID)
				} else {
					time.Sleep(20 * time.Millisecond)
				}
			}
		}()
	}
	return <-failed
}

func child(t *testing.T, dir string) *exec.Cmd {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(exe)
	c.Env = append(os.Environ(), "LIMNER_TEST_QUEUE="+dir)
	c.Stderr = os.Stderr
	return c
}

// Killed again and again at random moments: each accepted job ends once, none
// that had ended begins again, and results are whole.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	accepted, ended := map[string]bool{}, map[string]bool{}
	again := 0
	began := map[string]int{}
	for round := range 6 {
		c := child(t, dir)
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		over := map[string]bool{}
		for id := range ended {
			over[id] = true
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			word, id, _ := strings.Cut(lines.Text(), " ")
			switch word {
			case "accepted":
				accepted[id] = true
			case "ended":
				ended[id] = true
			case "began":
				if over[id] {
					t.Errorf("round %d: job %s had ended and began again", round, id)
				}
				if began[id]++; began[id] > 1 {
					again++
				}
			case "error":
				t.Fatal(lines.Text())
			}
			if n == 40+40*round {
				time.AfterFunc(rand.N(30*time.Millisecond), func() { c.Process.Kill() })
			}
		}
		c.Wait()
	}
	q := openAt(t, dir, Options{Tries: 1000, Keep: -1}, slow{func(word, id string) {
		if ended[id] {
			t.Errorf("at last: job %s had ended and began again", id)
		}
	}})
	defer shut(t, q)
	for id := range accepted {
		j, err := q.Wait(t.Context(), "", id)
		if err != nil || j.State != Done || len(j.Results) != 1 {
			t.Fatalf("job %s: %+v, %v", id, j, err)
		}
		data, err := q.store.Get(j.Results[0].Digest)
		if err != nil || string(data) != string(product(j.Spec)) {
			t.Errorf("job %s: its result is not whole: %v", id, err)
		}
		if began[id] > j.Tries {
			t.Errorf("job %s began %d times and counts %d tries", id, began[id], j.Tries)
		}
	}
	t.Logf("%d accepted, %d ended before a kill, %d begun again", len(accepted), len(ended), again)
	if len(accepted) < 50 || again == 0 {
		t.Errorf("the test shows little: %d accepted, %d begun again", len(accepted), again)
	}
}

func TestTwoProcesses(t *testing.T) {
	dir := t.TempDir()
	c := child(t, dir)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	bufio.NewReader(out).ReadString('\n') // it works
	_, err = Open(t.Context(), filepath.Join(dir, "queue"), objects.Open(dir), nil, Options{})
	if err == nil || !strings.Contains(err.Error(), ErrInUse.Error()) {
		t.Errorf("a second process on the same queue: %v", err)
	}
	c.Process.Kill()
	c.Wait()
	shut(t, openAt(t, dir, Options{}))
}
