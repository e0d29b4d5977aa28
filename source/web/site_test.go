package web

import (
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/limner-ai/limner/internal/testsite"
	"github.com/limner-ai/limner/rights/gate"
	"github.com/limner-ai/limner/source"
)

var update = flag.Bool("update", false, "write the table of decisions into docs/crawl.md")

// clock is a time that passes only when somebody sleeps.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
	return ctx.Err()
}

// crawler opens a source on a clock.
func crawler(t *testing.T, config, cache string, c *clock) *Source {
	t.Helper()
	s, err := Kind.Open(t.Context(), []byte(config), source.Env{Cache: cache, Gate: gate.New(gate.Policy{})})
	if err != nil {
		t.Fatal(err)
	}
	w := s.(*Source)
	w.now, w.sleep, w.jitter = c.now, c.sleep, func() float64 { return 0 }
	return w
}

// all crawls to the end; any error but a refusal fails the test.
func all(t *testing.T, s *Source) (items []source.Item, refused []*source.Refused) {
	t.Helper()
	for item, err := range s.Items(t.Context()) {
		var no *source.Refused
		switch {
		case errors.As(err, &no):
			refused = append(refused, no)
		case err != nil:
			t.Fatal(err)
		default:
			items = append(items, item)
		}
	}
	return items, refused
}

func host(address string) string {
	h, _, _ := strings.Cut(strings.TrimSuffix(hostOf(address), ".test"), ":")
	return strings.TrimSuffix(h, ".test")
}

// manifest brings the file that was signed for the test of rights/signal/reader.
func manifest(t *testing.T, name, kind string) testsite.Answer {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "rights", "signal", "reader", "testdata", name+".gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return testsite.Answer{Header: []string{"Content-Type: " + kind}, Body: string(data)}
}

func cases(t *testing.T) []testsite.Case {
	c := testsite.Signals()
	for _, m := range []struct{ name, about, says, file, kind, want string }{
		{"cawg-deny", "CAWG", "PNG: generative training not allowed", "cawg.png", "image/png", "denied"},
		{"cawg-allow", "CAWG", "JPEG: generative training allowed", "cawg.jpg", "image/jpeg", "kept"},
		{"c2pa-deny", "C2PA", "JPEG: the assertion of before 2.0, not allowed", "legacy.jpg", "image/jpeg", "denied"},
	} {
		c = append(c, testsite.Case{Name: m.name, About: m.about, Says: m.says, Want: m.want, Requested: true, Files: map[string]testsite.Answer{
			"/":      {Header: []string{"Content-Type: text/html"}, Body: `<img src="/a.png">`},
			"/a.png": manifest(t, m.file, m.kind)}})
	}
	return append(c, testsite.Dangers()...)
}

// protocols are their names in rights/signal, by what cases are about.
var protocols = map[string]string{
	"robots.txt": "robots", "AIPREF": "aipref", "CC signals": "cc-signals", "Content-Signal": "content-signal", "TDMRep": "tdmrep", "ai.txt": "ai.txt",
	"X-Robots-Tag": "x-robots-tag", "robots meta": "x-robots-tag", "RSL": "rsl", "IPTC/PLUS": "plus", "CAWG": "cawg", "C2PA": "c2pa",
}

// Each case's picture is kept or refused as expected, nothing is asked for that
// was known to be denied, and every host is treated as it should be.
func TestDecisions(t *testing.T) {
	t.Parallel()
	list := cases(t)
	var names []string
	for _, c := range list {
		names = append(names, c.Name)
	}
	clock := newClock()
	site := testsite.Start(list, clock.now)
	defer site.Close()
	const delay = time.Second
	s := crawler(t, site.Config(names, delay, "max_bytes_per_picture: 2097152\n"), t.TempDir(), clock)
	items, refused := all(t, s)

	got, reasons := map[string]string{}, map[string]string{}
	note := func(address, what string) {
		if h := host(address); got[h] == "" {
			got[h] = what
		} else {
			got[h] += ", " + what
		}
	}
	for _, i := range items {
		if err := whole(i); err != nil {
			t.Errorf("%s: %v", i.URL, err)
		}
		note(i.URL, "kept")
	}
	for _, r := range refused {
		// What a redirect leads to is told of the address that it leads to.
		switch {
		case strings.HasPrefix(r.Path, "http://127.0.0.2"):
			note("http://redirect-inside.test/", string(r.Why))
		case strings.Contains(r.Path, "x.inside.test") && strings.HasSuffix(r.Path, "/a.png"):
			note("http://redirect-name.test/", string(r.Why))
		case strings.Contains(r.Path, "robots-deny.test") && strings.HasSuffix(r.Path, "/b.png"):
			note("http://redirect-denied.test/", string(r.Why))
		default:
			note(r.Path, string(r.Why))
		}
		if r.Why == source.Denied {
			reasons[host(r.Path)] = r.Err.Error()
			if len(r.Reservations) == 0 {
				t.Errorf("%v: without a reservation", r)
			}
		}
		for _, reservation := range r.Reservations {
			if reservation.Observed.IsZero() || reservation.Protocol == "" || reservation.Version == "" {
				t.Errorf("%v: %+v", r, reservation)
			}
		}
	}
	log := site.Log()
	asked := map[string]bool{}
	for _, h := range log {
		if h.Path == "/a.png" {
			asked[strings.TrimSuffix(h.Host, ".test")] = true
		}
	}
	var table strings.Builder
	table.WriteString("| Case | Signal | What the site says | Expected | Got | Picture requested |\n|---|---|---|---|---|---|\n")
	for _, c := range list {
		what := got[c.Name]
		if what == "" {
			what = "nothing"
		}
		if what != c.Want {
			t.Errorf("%s (%s: %s): %s; want %s", c.Name, c.About, c.Says, what, c.Want)
		}
		by := c.By
		if by == "" {
			by = protocols[c.About]
		}
		if what == "denied" && by != "" && !strings.HasPrefix(reasons[c.Name], by+": ") {
			t.Errorf("%s (%s: %s): denied by %s", c.Name, c.About, c.Says, reasons[c.Name])
		}
		if asked[c.Name] != c.Requested {
			t.Errorf("%s (%s: %s): its picture requested: %v", c.Name, c.About, c.Says, asked[c.Name])
		}
		yes := "no"
		if asked[c.Name] {
			yes = "yes"
		}
		fmt.Fprintf(&table, "| %s | %s | %s | %s | %s | %s |\n", c.Name, c.About, cell(c.Says), c.Want, what, yes)
	}
	if n := site.Inside(); n != 0 {
		t.Errorf("%d requests to a private address", n)
	}
	manners(t, list, log, delay)
	document(t, fmt.Sprintf("%d cases, %d requests.\n\n%s", len(list), len(log), table.String()))
	if len(list) < 100 {
		t.Errorf("only %d cases", len(list))
	}
}

// whole holds that an item carries what its contract asks for.
func whole(i source.Item) error {
	if i.Taken.IsZero() || len(i.Data) == 0 || strings.Contains(i.Path, "..") || i.Path == "" {
		return errors.New("incomplete")
	}
	for _, r := range i.Reservations {
		if r.Evidence == nil || r.Evidence.Time.IsZero() || !strings.HasPrefix(r.Evidence.Name, "http") || r.Value == "deny" {
			return fmt.Errorf("%+v", r)
		}
	}
	return nil
}

// manners holds, by the server's log, that requests to a host came one at a
// time, as far apart as they should, robots.txt before all else, and with the
// name of who crawls.
func manners(t *testing.T, list []testsite.Case, log []testsite.Hit, delay time.Duration) {
	t.Helper()
	aborts := map[string]bool{}
	for _, c := range list {
		aborts[c.Name+".test"] = c.Aborts
	}
	before := map[string]time.Time{}
	for _, h := range log {
		last, known := before[h.Host]
		before[h.Host] = h.At
		if !known && h.Path != "/robots.txt" {
			t.Errorf("%s: %s is asked for first", h.Host, h.Path)
		}
		if known && h.At.Sub(last) < delay {
			t.Errorf("%s: %s comes %v after the request before", h.Host, h.Path, h.At.Sub(last))
		}
		if h.Serving > 1 && !aborts[h.Host] {
			t.Errorf("%s: %s is one of %d requests at once", h.Host, h.Path, h.Serving)
		}
		if h.Agent != testsite.Agent+" (+https://crawler.example/why)" {
			t.Errorf("%s: agent %q", h.Host, h.Agent)
		}
		for _, key := range []string{"Cookie", "Authorization", "Referer"} {
			if h.Header.Get(key) != "" {
				t.Errorf("%s: sent %s", h.Host, key)
			}
		}
	}
}

func cell(s string) string {
	s = strings.NewReplacer("|", "\\|", "<", "&lt;", "\n", " ", "{origin}", "…").Replace(s)
	if len(s) > 110 {
		s = s[:107] + "…"
	}
	return s
}

const mark = "<!-- written by go test ./source/web -update -->\n"

// document holds that the table in docs/crawl.md is that of this test.
func document(t *testing.T, table string) {
	t.Helper()
	path := filepath.Join("..", "..", "docs", "crawl.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, old, ok := strings.Cut(string(text), mark)
	if !ok {
		t.Fatalf("%s lacks its mark", path)
	}
	// The number of requests may differ by those that were made again.
	count := func(s string) string { _, rest, _ := strings.Cut(s, "\n"); return rest }
	if *update {
		if err := os.WriteFile(path, []byte(head+mark+table), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if count(old) != count(table) {
		t.Errorf("%s is not up to date; run the test with -update", path)
	}
}
