package source

import (
	"context"
	"time"
)

// Kind is a kind of source, as the registry lists it.
type Kind struct {
	Name    string // npm, debian, folder …
	Summary string // a line for people
	// Open reads the source's configuration, a YAML document whose keys each
	// kind documents (beside "id" and "kind", which are for the caller), and
	// returns the source. It may fetch what describes the source. Errors name
	// the key and say what to write.
	Open func(ctx context.Context, config []byte, env Env) (Source, error)
}

// Env is what a source may use of the world around it.
type Env struct {
	// Dir is the folder that relative paths of the configuration are relative to.
	Dir string
	// Cache is a folder of the source's own, kept between runs: downloads,
	// crawl state.
	Cache string
	// Gate is asked before anything is requested from the web; nil denies all.
	Gate Gate
	// Tell, if not nil, is told in a line what is going on: "downloading …".
	Tell func(line string)
}

// Gate judges what may be requested from the web. It is given the answers that
// servers gave and fetches nothing itself.
type Gate interface {
	// Before judges a request for the picture or page at an address by what the
	// site published about all its resources. It is asked before the request.
	Before(ask Ask, site Site) Verdict
	// Page judges the pictures that a page shows, by its headers and its HTML.
	Page(ask Ask, site Site, answer Answer) Verdict
	// After judges a picture by its headers and its own bytes. With nil bytes
	// it judges by the headers alone, before the body is read.
	After(ask Ask, site Site, answer Answer) Verdict
}

// Ask is a request that a crawler wants to make.
type Ask struct {
	URL   string // absolute
	Agent string // the crawler's product token
	// Licences holds the answers for the licence documents that earlier
	// verdicts named in Need, by their addresses.
	Licences map[string]Answer
}

// Site is what a site publishes about all its resources.
type Site struct {
	Robots, TDMRep, AITxt Answer // /robots.txt, /.well-known/tdmrep.json, /ai.txt
}

// Answer is an HTTP answer.
type Answer struct {
	Status int // after redirects; 0 if none came
	Header map[string][]string
	Body   []byte    // decoded of any Content-Encoding
	URL    string    // that was asked
	Time   time.Time // when it came, or was found not to come
}

// Verdict says whether a request may be made, or a picture kept.
type Verdict struct {
	Allowed      bool
	Why          string // in a line, if not allowed
	Reservations []Reservation
	Statements   []Statement
	// Need lists addresses of licence documents that the site announces; the
	// crawler fetches them like any other file of that site and asks again.
	Need []string
	// Delay is the least time between two requests that the site asks for, and
	// Sitemaps are the addresses that it lists; Before reads both.
	Delay    time.Duration
	Sitemaps []string
}
