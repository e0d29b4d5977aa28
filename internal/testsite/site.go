// Package testsite serves, on loopback, web sites that say in every way that
// is known what crawlers may do, and others that crawlers must survive: one
// host a case. It keeps a log of what was asked for.
package testsite

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Agent is the product token that the cases' robots.txt files address.
const Agent = "LimnerTest"

// Answer is what a path answers with. The zero value is an empty file.
type Answer struct {
	Status int // 200 if 0
	Header []string
	Body   string
	// Serve, if not nil, does it all. It must end with the request's context.
	Serve http.HandlerFunc
}

// Case is a host with what it says and what is expected of a crawler.
type Case struct {
	Name  string // the host is the name below .test
	About string // protocol or danger
	Says  string // in words
	// Files are its answers by path. Without one of their own, / is a page that
	// shows /a.png, /a.png is a picture, /robots.txt allows everything, and all
	// else is missing.
	Files map[string]Answer
	// Want is what is to become of the picture: kept, or the ground on which it
	// or its page is refused.
	Want string
	// By is the protocol that denies, where it is not the one that it is about.
	By string
	// Requested says whether /a.png may be asked for at all.
	Requested bool
	// Aborts says that the crawler breaks connections off, or gives up on them.
	Aborts bool
}

// Hit is a request that was made.
type Hit struct {
	Host, Path string
	At         time.Time
	Serving    int // requests of the host being answered, with this one
	Agent      string
	Header     http.Header
}

// Site is a server of cases.
type Site struct {
	cases map[string]Case
	now   func() time.Time
	srv   *httptest.Server
	tls   *httptest.Server
	away  net.Listener

	mu      sync.Mutex
	log     []Hit
	serving map[string]int
	inside  int
	replace func(host, path string) (Answer, bool) // in place of the cases
}

// Start serves cases until Close. The clock is that of the log.
func Start(cases []Case, now func() time.Time) *Site {
	s := &Site{cases: map[string]Case{}, now: now, serving: map[string]int{}}
	for _, c := range cases {
		s.cases[c.Name+".test"] = c
	}
	s.srv = quiet(httptest.NewUnstartedServer(s))
	s.srv.Start()
	s.tls = quiet(httptest.NewUnstartedServer(s))
	s.tls.StartTLS()
	// A second loopback address, as an address that crawlers must not ask.
	if l, err := net.Listen("tcp", "127.0.0.2:"+s.port(s.srv)); err == nil {
		s.away = l
		go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.inside++
		}))
	}
	return s
}

func quiet(s *httptest.Server) *httptest.Server {
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	return s
}

// Close ends the server.
func (s *Site) Close() {
	s.srv.CloseClientConnections()
	s.srv.Close()
	s.tls.CloseClientConnections()
	s.tls.Close()
	if s.away != nil {
		s.away.Close()
	}
}

func (s *Site) port(srv *httptest.Server) string {
	_, port, _ := net.SplitHostPort(srv.Listener.Addr().String())
	return port
}

// URL is the address of a path of a case's host.
func (s *Site) URL(name, path string) string {
	if strings.HasPrefix(name, "tls-") {
		return "https://" + name + ".test:" + s.port(s.tls) + path
	}
	return "http://" + name + ".test:" + s.port(s.srv) + path
}

// Config is a source's YAML document that crawls hosts with the delay.
func (s *Site) Config(names []string, delay time.Duration, more string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "kind: web\nagent: %s\ncontact: https://crawler.example/why\ndelay: %v\ntimeout: 2s\nparallel: 64\nmax_hosts: 1000\n", Agent, delay)
	fmt.Fprintf(&b, "allow: [\"*.test:%s\", \"*.test:%s\"]\n", s.port(s.srv), s.port(s.tls))
	fmt.Fprintf(&b, "test:\n  networks: [127.0.0.1/32]\n  ports: [%s, %s]\n  resolve: {\"*.test\": 127.0.0.1, \"*.inside.test\": 127.0.0.2}\n", s.port(s.srv), s.port(s.tls))
	b.WriteString("seeds:\n")
	for _, n := range names {
		fmt.Fprintf(&b, "  - %s\n", s.URL(n, "/"))
	}
	b.WriteString(more)
	return b.String()
}

// Log returns the requests so far, in their order.
func (s *Site) Log() []Hit {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Hit(nil), s.log...)
}

// Inside is how many requests came to an address that must not be asked.
func (s *Site) Inside() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inside
}

// Count is how many requests there were for a path of a host.
func (s *Site) Count(host, path string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range s.log {
		if h.Host == host && h.Path == path {
			n++
		}
	}
	return n
}

// Replace answers from now on as said where it reports true.
func (s *Site) Replace(answer func(host, path string) (Answer, bool)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.replace = answer
}

// ServeHTTP logs and answers a request.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host, _, _ := strings.Cut(r.Host, ":")
	s.mu.Lock()
	s.serving[host]++
	s.log = append(s.log, Hit{host, r.URL.RequestURI(), s.now(), s.serving[host], r.UserAgent(), r.Header.Clone()})
	replace := s.replace
	s.mu.Unlock()
	answer, replaced := Answer{}, false
	if replace != nil {
		answer, replaced = replace(host, r.URL.Path)
	}
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.serving[host]--
	}()
	if !replaced {
		answer = s.find(host, r.URL.Path)
	}
	if answer.Serve != nil {
		answer.Serve(w, r)
		return
	}
	for _, line := range answer.Header {
		key, value, _ := strings.Cut(line, ":")
		w.Header().Add(key, s.expand(host, strings.TrimSpace(value)))
	}
	body := s.expand(host, answer.Body)
	if w.Header().Get("Content-Length") == "" {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	if answer.Status == 0 {
		answer.Status = http.StatusOK
	}
	if tag := w.Header().Get("ETag"); tag != "" && r.Header.Get("If-None-Match") == tag {
		w.Header().Del("Content-Length")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.WriteHeader(answer.Status)
	io.WriteString(w, body)
}

func (s *Site) find(host, path string) Answer {
	if a, ok := s.cases[host].Files[path]; ok {
		return a
	}
	if _, ok := s.cases[host]; !ok {
		return Answer{Status: http.StatusNotFound}
	}
	switch path {
	case "/robots.txt":
		return Answer{Body: "User-agent: *\nAllow: /\n"}
	case "/":
		return Page("")
	case "/a.png":
		return Picture(host)
	}
	return Answer{Status: http.StatusNotFound}
}

// expand puts a site's own addresses into what it says: {origin} and {port}.
func (s *Site) expand(host, text string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	return strings.NewReplacer("{origin}", "http://"+host+":"+s.port(s.srv), "{port}", s.port(s.srv)).Replace(text)
}

// hang answers nothing until the crawler goes away.
func hang(_ http.ResponseWriter, r *http.Request) { wait(r.Context(), time.Minute) }

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
