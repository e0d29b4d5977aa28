package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/limner-ai/limner/mark"
	"github.com/limner-ai/limner/release"
	"github.com/limner-ai/limner/studio/server"
)

// TestMain lets the test's own binary be a server that can be killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("LIMNER_TEST_SERVE"); dir != "" {
		if err := serveAlone(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func serveAlone(dir string) error {
	o := options(dir)
	marker, err := mark.Open(mark.Options{Dir: filepath.Join(dir, "marks"), Version: "test"})
	if err != nil {
		return err
	}
	o.Press = &release.Press{Marker: marker} // as limner serve does
	s, err := server.Open(context.Background(), o)
	if err != nil {
		return err
	}
	l, err := s.Listen()
	if err != nil {
		return err
	}
	fmt.Println("http://" + l.Addr().String())
	return s.Serve(context.Background(), l, time.Second)
}

// process starts a server as a process of its own.
func process(t *testing.T, dir string) (*exec.Cmd, *running) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(exe)
	c.Env = append(os.Environ(), "LIMNER_TEST_SERVE="+dir)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill(); c.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return c, &running{url: strings.TrimSpace(line), home: dir}
}

// tally is what many clients met.
type tally struct {
	mu    sync.Mutex
	took  []time.Duration // of pictures that came
	later int             // 429s
	wrong []string
}

// client asks for one picture after the other until ctx ends. When it is told to
// come later it does.
func (y *tally) client(ctx context.Context, url string, number int) {
	for i := 0; ctx.Err() == nil; i++ {
		body := fmt.Sprintf(`{"prompt":"a red apple","steps":4,"seed":%d}`, number<<20+i)
		start := time.Now()
		resp, err := http.Post(url+"/v1/images/generations", "application/json", strings.NewReader(body))
		if err != nil {
			y.mu.Lock()
			y.wrong = append(y.wrong, err.Error())
			y.mu.Unlock()
			return
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		y.mu.Lock()
		var pause time.Duration
		seconds, noSeconds := strconv.Atoi(resp.Header.Get("Retry-After"))
		switch {
		case err == nil && resp.StatusCode == 200:
			y.took = append(y.took, time.Since(start))
		case resp.StatusCode == 429 && noSeconds == nil:
			y.later++
			pause = time.Duration(seconds) * time.Second
		default:
			y.wrong = append(y.wrong, fmt.Sprintf("status %d, %v: %.200s", resp.StatusCode, err, text))
		}
		y.mu.Unlock()
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

func gauge(t testing.TB, r *running, name string) float64 {
	t.Helper()
	_, text := r.send(t, "GET", "/metrics", "")
	m := regexp.MustCompile(`(?m)^` + name + ` (\S+)$`).FindStringSubmatch(text)
	if m == nil {
		return 0 // as of a system that does not tell
	}
	x, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// Many clients at once meet no error but the advice to come later, and none of
// their jobs is lost. LIMNER_LOAD="200 60s" says how many and for how long.
func TestLoad(t *testing.T) {
	clients, long := 12, 2*time.Second
	if text := os.Getenv("LIMNER_LOAD"); text != "" {
		var span string
		if _, err := fmt.Sscan(text, &clients, &span); err != nil {
			t.Fatal(err)
		}
		var err error
		if long, err = time.ParseDuration(span); err != nil {
			t.Fatal(err)
		}
	}
	_, r := process(t, t.TempDir())
	r.want(t, 200, "POST", "/v1/images/generations", quick) // the model is open
	before := gauge(t, r, "limner_pictures_total")
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = clients
	var y tally
	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	start := time.Now()
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() { y.client(ctx, r.url, i) })
	}
	var memory float64
	for ctx.Err() == nil {
		memory = max(memory, gauge(t, r, "process_resident_memory_bytes"))
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
	all.Wait() // what was asked for comes still
	took := time.Since(start).Seconds()
	if len(y.wrong) > 0 {
		t.Errorf("%d requests went wrong, as: %s", len(y.wrong), y.wrong[0])
	}
	if len(y.took) == 0 {
		t.Fatal("no picture came")
	}
	if made := gauge(t, r, "limner_pictures_total") - before; int(made) != len(y.took) {
		t.Errorf("%v pictures were made and %d came", made, len(y.took))
	}
	slices.Sort(y.took)
	at := func(share float64) time.Duration {
		return y.took[int(share*float64(len(y.took)-1))].Round(time.Millisecond)
	}
	t.Logf("%d clients, %v: %d pictures, %.1f a second, p50 %v, p95 %v, longest %v; %d told to come later; %d errors; %.0f MiB at most",
		clients, long, len(y.took), float64(len(y.took))/took, at(.5), at(.95), at(1), y.later, len(y.wrong), memory/(1<<20))
}

// Killed under load, again and again: each job that was accepted ends once.
func TestKillUnderLoad(t *testing.T) {
	dir := t.TempDir()
	accepted := map[string]bool{}
	var mu sync.Mutex
	for range 2 { // a job that is under way at three deaths is taken for their cause
		c, r := process(t, dir)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for { // until the server is dead
					resp, err := http.Post(r.url+"/api/v1/jobs", "application/json", strings.NewReader(`{"kind":"paint","spec":{"prompt":"a tree","steps":2,"n":2}}`))
					if err != nil {
						return
					}
					resp.Body.Close()
					mu.Lock()
					if resp.StatusCode == 201 {
						accepted[resp.Header.Get("Location")] = true
					}
					enough := len(accepted)%12 == 11
					mu.Unlock()
					if enough {
						c.Process.Kill()
					}
				}
			})
		}
		all.Wait()
		c.Wait()
	}
	_, r := process(t, dir)
	for at := range accepted {
		var j struct {
			State   string
			Results []any
		}
		for deadline := time.Now().Add(2 * time.Minute); j.State != "done"; time.Sleep(20 * time.Millisecond) {
			if err := json.Unmarshal([]byte(r.want(t, 200, "GET", at, "")), &j); err != nil {
				t.Fatal(err)
			}
			if time.Now().After(deadline) || j.State == "failed" || j.State == "cancelled" {
				t.Fatalf("%s is %s", at, j.State)
			}
		}
		if len(j.Results) != 2 {
			t.Errorf("%s has %d pictures", at, len(j.Results))
		}
	}
	t.Logf("%d jobs were accepted and are done", len(accepted))
}
