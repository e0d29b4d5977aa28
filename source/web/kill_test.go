package web

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/limner-ai/limner/rights/gate"
	"github.com/limner-ai/limner/source"
)

// TestMain makes of the test's own program a crawler that can be killed.
func TestMain(m *testing.M) {
	cache := os.Getenv("LIMNER_TEST_CRAWL")
	if cache == "" {
		os.Exit(m.Run())
	}
	config, err := os.ReadFile(filepath.Join(cache, "config.yaml"))
	if err != nil {
		panic(err)
	}
	s, err := Kind.Open(context.Background(), config, source.Env{Cache: cache, Gate: gate.New(gate.Policy{})})
	if err != nil {
		panic(err)
	}
	for item, err := range s.Items(context.Background()) {
		if err != nil {
			panic(err)
		}
		println(item.URL)
	}
}

// A crawl whose process is killed goes on where it was.
func TestKilled(t *testing.T) {
	t.Parallel()
	for _, after := range []int{1, 5} {
		site, clock, names := start(t, gallery("g"), gallery("h"))
		cache := t.TempDir()
		config := site.Config(names, 5*time.Millisecond, "")
		if err := os.WriteFile(filepath.Join(cache, "config.yaml"), []byte(config), 0o644); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), "LIMNER_TEST_CRAWL="+cache)
		lines, err := cmd.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		read, seen := bufio.NewScanner(lines), 0
		for seen < after && read.Scan() {
			if seen++; !strings.HasPrefix(read.Text(), "http://") {
				t.Fatal(read.Text())
			}
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		cmd.Wait()
		items, _ := all(t, crawler(t, config, cache, clock))
		if got := urls(items); !slices.Equal(got, inOrder) {
			t.Errorf("killed after %d items: %v", after, got)
		}
		// A crawl in one piece makes 28 requests; one that forgot all would make 16 more
		// at the least. A new process asks both hosts for their three rules again, and
		// each may have to repeat the picture under way and the one not yet written down.
		if n := count(site, ""); n > 28+2*(3+2) {
			t.Errorf("killed after %d items: %d requests in all", after, n)
		}
	}
}
