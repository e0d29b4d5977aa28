// Package gate stands before every request to the studio: it says who asks,
// refuses what comes from elsewhere than it may, bounds how much and how fast
// anyone may ask, and keeps one bad request from harming the others.
package gate

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"golang.org/x/time/rate"
)

// Local owns what is asked for without a key.
const Local = "local"

// Options say what a gate lets through.
type Options struct {
	Keys     *Keys    // nil: there are none
	Purse    *Purse   // of the keys; nil: one that lasts as long as the gate
	Require  bool     // refuse who shows no key
	Hosts    []string // names that requests may be addressed to; nil: any
	Log      *slog.Logger
	Observe  func(Visit)                 // is told of every request when it has ended; may be nil
	Refuse   Refuse                      // writes refusals; nil: as plain text
	MaxBody  func(r *http.Request) int64 // bytes of a request's body; nil: 1 MiB
	Address  rate.Limit                  // requests a second from one address; 0: no limit
	Burst    int                         // of an address
	Patience time.Duration               // between two pieces of a body, or of an answer; 0: 30 s
	Open     func(r *http.Request) bool  // needs no key, such as a health check; may be nil
}

// Refuse writes an answer that is a refusal, in the shape of the API that was
// asked.
type Refuse func(w http.ResponseWriter, r *http.Request, status int, message string)

// Visit is a request that has ended.
type Visit struct {
	ID      string // of the request
	Owner   string
	Method  string
	Route   string // pattern that it matched, not what the client wrote
	Status  int
	Bytes   int64
	Address string
	Time    time.Duration
}

// visit is what the gate knows of a request under way.
type visit struct {
	id    string
	owner string
	key   *Key
	purse *Purse
}

type contextKey struct{}

func visitOf(ctx context.Context) *visit {
	v, _ := ctx.Value(contextKey{}).(*visit)
	return v
}

// Owner is who asks: the name of an API key, or Local.
func Owner(ctx context.Context) string {
	if v := visitOf(ctx); v != nil && v.owner != "" {
		return v.owner
	}
	return Local
}

// RequestID names a request in the log and in its answer.
func RequestID(ctx context.Context) string {
	if v := visitOf(ctx); v != nil {
		return v.id
	}
	return ""
}

// WithOwner returns a context in which that owner asks; tests of handlers use
// it.
func WithOwner(ctx context.Context, owner string) context.Context {
	return context.WithValue(ctx, contextKey{}, &visit{owner: owner})
}
