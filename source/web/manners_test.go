package web

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/limner-ai/limner/internal/testsite"
)

func TestManners(t *testing.T) {
	t.Parallel()
	site, clock, names := start(t, testsite.Case{Name: "slow", Files: map[string]testsite.Answer{
		"/robots.txt": {Body: "User-agent: *\nCrawl-delay: 1\nUser-agent: limnertest\nCrawl-delay: 7.5\n"},
		"/":           htmlOf("", "/a.png", "/b.png"), "/b.png": testsite.Picture("b")}},
		testsite.Case{Name: "busy", Files: map[string]testsite.Answer{"/": htmlOf("", "/a.png")}})
	site.Replace(func(host, path string) (testsite.Answer, bool) {
		if host == "busy.test" && path == "/a.png" {
			switch site.Count(host, path) {
			case 1:
				return testsite.Answer{Status: 503}, true
			case 2:
				return testsite.Answer{Status: 429, Header: []string{"Retry-After: 90"}}, true
			case 3:
				return testsite.Answer{Status: 500}, true
			}
		}
		return testsite.Answer{}, false
	})
	items, refused := all(t, crawler(t, site.Config(names, time.Second, ""), t.TempDir(), clock))
	if len(items) != 3 || len(refused) != 0 {
		t.Errorf("%v %v", urls(items), refused)
	}
	var before time.Time
	var waits []time.Duration
	for _, h := range site.Log() {
		if h.Host == "slow.test" && (h.Path == "/" || strings.HasSuffix(h.Path, ".png")) {
			if d := h.At.Sub(before); !before.IsZero() && d < 7500*time.Millisecond {
				t.Errorf("%s after %v", h.Path, d)
			}
			before = h.At
		}
	}
	before = time.Time{}
	for _, h := range site.Log() {
		if h.Host == "busy.test" && h.Path == "/a.png" {
			if !before.IsZero() {
				waits = append(waits, h.At.Sub(before))
			}
			before = h.At
		}
	}
	if len(waits) != 3 || waits[0] < 2*time.Second || waits[1] < 90*time.Second || waits[2] < 8*time.Second {
		t.Errorf("waited %v", waits)
	}
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	c := &crawl{Source: &Source{config: &config{Delay: time.Second}, now: newClock().now, jitter: func() float64 { return 0.5 }}}
	for i, want := range []time.Duration{2500 * time.Millisecond, 5 * time.Second, 10 * time.Second} {
		if got := c.backoff(i, nil); got != want {
			t.Errorf("try %d: %v", i, got)
		}
	}
}

// A calendar without end, a host that spawns hosts, and budgets.
func TestLimits(t *testing.T) {
	t.Parallel()
	calendar := func(host, path string) (testsite.Answer, bool) {
		if path == "/robots.txt" || strings.HasPrefix(path, "/.well") || path == "/ai.txt" {
			return testsite.Answer{Status: 404}, true
		}
		if strings.HasSuffix(path, ".png") {
			return testsite.Picture(host + path), true
		}
		refs := []string{strings.TrimRight(path, "/") + "/pic.png"}
		for i := range 30 {
			refs = append(refs, fmt.Sprintf("%s/%d", strings.TrimRight(path, "/"), i))
		}
		return htmlOf("", refs...), true
	}
	spawning := func(host, path string) (testsite.Answer, bool) {
		a, ok := calendar(host, path)
		if a.Header != nil && strings.HasPrefix(a.Header[0], "Content-Type: text/html") {
			a.Body += fmt.Sprintf(`<a href="http://x%s:{port}/">x</a><a href="http://y%s:{port}/">y</a>`, host, host)
		}
		return a, ok
	}
	first, _ := calendar("cal.test", "/")
	for name, c := range map[string]struct {
		answer        func(host, path string) (testsite.Answer, bool)
		more          string
		pages, kept   int
		hosts, denied int
	}{
		"depth":    {answer: calendar, more: "depth: 1\n", pages: 31, kept: 31, hosts: 1},
		"pages":    {answer: calendar, more: "depth: 9\nmax_pages_per_host: 40\n", pages: 40, kept: 40, hosts: 1},
		"pictures": {answer: calendar, more: "depth: 1\nmax_pictures: 5\n", pages: 31, kept: 5, hosts: 1},
		"bytes":    {answer: calendar, more: fmt.Sprintf("depth: 0\nmax_bytes_per_host: %d\n", len(first.Body)+1), pages: 1, kept: 0, hosts: 1, denied: 1},
		"hosts":    {answer: spawning, more: "depth: 2\nmax_pages_per_host: 1\n", pages: 4, kept: 4, hosts: 4},
	} {
		site, clock, names := start(t, testsite.Case{Name: "cal"})
		site.Replace(c.answer)
		config := site.Config(names, time.Second, c.more)
		if c.hosts > 1 {
			config = strings.Replace(config, "max_hosts: 1000", fmt.Sprintf("max_hosts: %d", c.hosts), 1)
		}
		items, refused := all(t, crawler(t, config, t.TempDir(), clock))
		pages, hosts := 0, map[string]bool{}
		for _, h := range site.Log() {
			hosts[h.Host] = true
			if !strings.HasSuffix(h.Path, ".png") && !strings.HasSuffix(h.Path, ".txt") && !strings.HasSuffix(h.Path, ".json") {
				pages++
			}
		}
		if pages != c.pages || len(items) != c.kept || len(hosts) != c.hosts || len(refused) != c.denied {
			t.Errorf("%s: %d pages, %d pictures, %d hosts, %v", name, pages, len(items), len(hosts), refused)
		}
	}
}

// A host that makes addresses up is left alone; others are not.
func TestMadeUpAddresses(t *testing.T) {
	t.Parallel()
	var refs []string
	for i := range 300 {
		refs = append(refs, fmt.Sprintf("/%03d.png", i))
	}
	site, clock, names := start(t, testsite.Case{Name: "m", Files: map[string]testsite.Answer{"/": htmlOf("", refs...)}}, gallery("g"))
	items, refused := all(t, crawler(t, site.Config(names, time.Second, ""), t.TempDir(), clock))
	if len(items) != len(inOrder)/2 || len(refused) != 300 {
		t.Errorf("%d items, %d refused", len(items), len(refused))
	}
	if n := site.Count("m.test", "/099.png") + site.Count("m.test", "/100.png"); n != 1 {
		t.Errorf("%d requests about where it should end", n)
	}
}

// A robots.txt that has been out of reach for 30 days counts as absent for who
// says so, and denies all for all others.
func TestRobotsOutOfReach(t *testing.T) {
	t.Parallel()
	for _, choice := range []string{"disallow", "absent"} {
		site, clock, names := start(t, testsite.Case{Name: "r", Files: map[string]testsite.Answer{"/robots.txt": {Status: 500}}})
		cache := t.TempDir()
		config := site.Config(names, time.Second, "unreachable_robots: "+choice+"\n")
		for _, days := range []int{0, 10, 29, 31} {
			items, refused := all(t, crawler(t, config, cache, clock))
			if kept := days == 31 && choice == "absent"; kept != (len(items) == 1) || kept == (len(refused) == 1) {
				t.Errorf("%s, after %d days: %v %v", choice, days, urls(items), refused)
			}
			clock.sleep(t.Context(), map[int]time.Duration{0: 10 * day, 10: 19 * day, 29: 2 * day, 31: 0}[days])
		}
	}
}
