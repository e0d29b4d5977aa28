package web

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/limner-ai/limner/internal/strict"
	"github.com/limner-ai/limner/source/web/page"
)

// config is what a source's YAML document says. The keys id and kind are for
// the caller.
type config struct {
	ID   string `yaml:"id"`
	Kind string `yaml:"kind"`

	// Agent is the product token by which sites know the crawler (RFC 9309
	// section 2.2.1), Contact an address where people can say no to it. Both
	// must be given.
	Agent   string `yaml:"agent"`
	Contact string `yaml:"contact"`

	// Seeds are where the crawl begins: pages, pictures or sitemaps. Allow says
	// where it may go: a host, *.host for it and all below it, or an address
	// that others must begin with; the seeds' hosts if empty.
	Seeds []string `yaml:"seeds"`
	Allow []string `yaml:"allow"`

	Depth        int  `yaml:"depth"`              // links from a seed
	MaxPictures  int  `yaml:"max_pictures"`       // that are kept
	MaxPages     int  `yaml:"max_pages_per_host"` // that are known
	MaxHosts     int  `yaml:"max_hosts"`
	MaxHostBytes int  `yaml:"max_bytes_per_host"`
	MaxBytes     int  `yaml:"max_bytes_per_picture"`
	Sitemaps     bool `yaml:"sitemaps"` // follow those that robots.txt names

	Delay    time.Duration `yaml:"delay"`    // between two requests to a host, at least
	Timeout  time.Duration `yaml:"timeout"`  // for an answer to begin
	Patience time.Duration `yaml:"patience"` // the longest wait that a host may ask for
	Refetch  time.Duration `yaml:"refetch"`  // how old an answer may be that is not asked for again
	Parallel int           `yaml:"parallel"` // hosts at once

	// Unreachable says what a robots.txt means that has been out of reach for 30
	// days: disallow, or absent as RFC 9309 section 2.3.1.4 permits.
	Unreachable string `yaml:"unreachable_robots"`

	Test *test `yaml:"test"`
}

// test holds what only tests, and a crawl of one's own network, should say.
type test struct {
	Networks []string          `yaml:"networks"` // addresses that are not public and may be asked
	Ports    []int             `yaml:"ports"`    // besides 80 and 443
	Resolve  map[string]string `yaml:"resolve"`  // addresses of hosts, of *.host too, in place of DNS
	Roots    string            `yaml:"roots"`    // PEM file of certificates to trust
}

var token = regexp.MustCompile(`^[A-Za-z_-]{2,64}$`)

func parse(text []byte, dir string) (*config, error) {
	c := &config{
		Depth: 2, MaxPictures: 10_000, MaxPages: 1000, MaxHosts: 100, MaxHostBytes: 1 << 30, MaxBytes: 32 << 20, Sitemaps: true,
		Delay: time.Second, Timeout: 30 * time.Second, Patience: 15 * time.Minute, Refetch: 24 * time.Hour, Parallel: 8,
		Unreachable: "disallow",
	}
	if err := strict.YAML(text, c); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	if c.Test != nil && c.Test.Roots != "" && !filepath.IsAbs(c.Test.Roots) {
		c.Test.Roots = filepath.Join(dir, c.Test.Roots)
	}
	return c, nil
}

func (c *config) check() error {
	if !token.MatchString(c.Agent) {
		return fmt.Errorf("agent: %q is no product token; write a name of letters, - and _, as MyPictureBot", c.Agent)
	}
	if u, err := url.Parse(c.Contact); err != nil || u.Scheme != "https" && u.Scheme != "http" && u.Scheme != "mailto" || strings.ContainsAny(c.Contact, "\r\n()") {
		return fmt.Errorf("contact: %q is no address; write that of a page that says who crawls and why, or a mailto: address", c.Contact)
	}
	if len(c.Seeds) == 0 {
		return errors.New("seeds: write at least one address to begin with")
	}
	for i, s := range c.Seeds {
		address, ok := page.Address(nil, s)
		if !ok {
			return fmt.Errorf("seeds: %q is no http or https address", s)
		}
		c.Seeds[i] = address
	}
	slices.Sort(c.Seeds)
	c.Seeds = slices.Compact(c.Seeds)
	if len(c.Allow) == 0 {
		for _, s := range c.Seeds {
			c.Allow = append(c.Allow, hostOf(s))
		}
	}
	for _, n := range []struct {
		key      string
		is, from int
	}{{"depth", c.Depth, 0}, {"max_pictures", c.MaxPictures, 1}, {"max_pages_per_host", c.MaxPages, 1}, {"max_hosts", c.MaxHosts, 1},
		{"max_bytes_per_host", c.MaxHostBytes, 1}, {"max_bytes_per_picture", c.MaxBytes, 1}, {"parallel", c.Parallel, 1},
		{"delay", int(min(c.Delay, 1)), 1}, {"timeout", int(min(c.Timeout, 1)), 1}} {
		if n.is < n.from {
			return fmt.Errorf("%s: write at least %d", n.key, n.from)
		}
	}
	if c.Unreachable != "disallow" && c.Unreachable != "absent" {
		return fmt.Errorf("unreachable_robots: %q is neither disallow nor absent", c.Unreachable)
	}
	for _, s := range c.Seeds {
		if !c.scope().has(s) {
			return fmt.Errorf("allow: the seed %s is not among what is allowed", s)
		}
	}
	return c.Test.check()
}

func (t *test) check() error {
	if t == nil {
		return nil
	}
	for _, n := range t.Networks {
		if _, err := netip.ParsePrefix(n); err != nil {
			return fmt.Errorf("test networks: %q is no network; write it as 127.0.0.0/8", n)
		}
	}
	for host, a := range t.Resolve {
		if _, err := netip.ParseAddr(a); err != nil {
			return fmt.Errorf("test resolve: %s: %q is no address", host, a)
		}
	}
	for _, p := range t.Ports {
		if p < 1 || p > 65535 {
			return fmt.Errorf("test ports: %d is no port", p)
		}
	}
	return nil
}

func (t *test) roots() (*x509.CertPool, error) {
	pem, err := os.ReadFile(t.Roots)
	if err != nil {
		return nil, fmt.Errorf("web: test roots: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("web: test roots: %s holds no certificate in PEM", t.Roots)
	}
	return pool, nil
}
