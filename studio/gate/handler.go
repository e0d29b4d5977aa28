package gate

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// Gate is a handler before another.
type Gate struct {
	o         Options
	next      http.Handler
	cross     *http.CrossOriginProtection
	addresses buckets
	keys      buckets
	heavy     chan struct{} // holds one for each large body that is being served
}

// Default bounds.
const (
	defaultBody     = 1 << 20
	defaultPatience = 30 * time.Second
	// heavyBody is from how many bytes on a body is large, and heavyBodies how
	// many such are served at once: they are held in memory, decoded too.
	heavyBody   = 8 << 20
	heavyBodies = 16
	// bodyPatiences bounds the time that a whole body may take.
	bodyPatiences = 10
	// failures bounds wrong keys from one address.
	failures      = rate.Limit(0.5)
	failuresBurst = 20
)

// New puts a gate before a handler.
func New(o Options, next http.Handler) *Gate {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Refuse == nil {
		o.Refuse = func(w http.ResponseWriter, _ *http.Request, status int, message string) {
			http.Error(w, message, status)
		}
	}
	if o.Patience == 0 {
		o.Patience = defaultPatience
	}
	if o.Purse == nil {
		o.Purse = &Purse{keys: o.Keys}
	}
	return &Gate{o: o, next: next, cross: http.NewCrossOriginProtection(), heavy: make(chan struct{}, heavyBodies)}
}

// headers keep a page from loading, sending or being shown what is not its own.
// Handlers may say otherwise about caches.
var headers = map[string]string{
	"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; " +
		"manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"Referrer-Policy":              "no-referrer",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Permissions-Policy":           "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
	"Cache-Control":                "no-store",
}

// ServeHTTP lets a request through, or refuses it.
func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	v := &visit{id: rand.Text()[:16], owner: Local, purse: g.o.Purse}
	r = r.WithContext(context.WithValue(r.Context(), contextKey{}, v))
	rec := &recorder{ResponseWriter: w, control: http.NewResponseController(w), patience: g.o.Patience}
	rec.control.SetWriteDeadline(time.Time{}) // what an earlier request on the connection set
	for name, value := range headers {
		rec.Header().Set(name, value)
	}
	rec.Header().Set("X-Request-Id", v.id)
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				g.ended(rec, r, v, start)
				panic(p) // the standard way to break a connection off
			}
			g.o.Log.Error("a handler panicked", "request", v.id, "route", r.Pattern, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			if rec.status == 0 {
				g.o.Refuse(rec, r, http.StatusInternalServerError, "something went wrong inside; the log of the server has it under request "+v.id)
			} else {
				g.ended(rec, r, v, start)
				panic(http.ErrAbortHandler) // the client must not take half an answer for a whole one
			}
		}
		g.ended(rec, r, v, start)
	}()
	if err := g.admit(v, r); err != nil {
		g.refuse(rec, r, err)
		return
	}
	if r.Body != nil && r.Body != http.NoBody {
		max := int64(defaultBody)
		if g.o.MaxBody != nil {
			max = g.o.MaxBody(r)
		}
		// A body of unknown length may be as large as it may be.
		if min(max, length(r.ContentLength)) > heavyBody {
			leave, err := g.lift(r)
			if err != nil {
				g.refuse(rec, r, err)
				return
			}
			defer leave()
		}
		r.Body = http.MaxBytesReader(rec, &body{ReadCloser: r.Body, control: rec.control, patience: g.o.Patience, until: start.Add(bodyPatiences * g.o.Patience)}, max)
	}
	g.next.ServeHTTP(rec, r)
}

// length is a length, the largest one for one that is not known.
func length(n int64) int64 {
	if n < 0 {
		return math.MaxInt64
	}
	return n
}

// lift waits for its turn to bring a large body.
func (g *Gate) lift(r *http.Request) (leave func(), err error) {
	wait := time.NewTimer(g.o.Patience)
	defer wait.Stop()
	select {
	case g.heavy <- struct{}{}:
		return func() { <-g.heavy }, nil
	case <-r.Context().Done():
	case <-wait.C:
	}
	return nil, &LimitError{What: "too many large requests at once", After: g.o.Patience}
}

func (g *Gate) ended(rec *recorder, r *http.Request, v *visit, start time.Time) {
	status := rec.status
	if status == 0 {
		status = http.StatusOK
	}
	out := Visit{ID: v.id, Owner: v.owner, Method: r.Method, Route: route(r), Status: status, Bytes: rec.bytes, Address: address(r), Time: time.Since(start)}
	if g.o.Observe != nil {
		g.o.Observe(out)
	}
	level := slog.LevelInfo
	if g.o.Open != nil && g.o.Open(r) {
		level = slog.LevelDebug
	}
	// The route and not the path: what a client writes there may be anything.
	g.o.Log.Log(r.Context(), level, "request", "request", v.id, "method", out.Method, "route", out.Route, "status", status,
		"bytes", out.Bytes, "seconds", math.Round(out.Time.Seconds()*1e4)/1e4, "owner", out.Owner, "address", out.Address)
}

func route(r *http.Request) string {
	if r.Pattern == "" {
		return "none"
	}
	if _, path, ok := strings.Cut(r.Pattern, " "); ok {
		return path
	}
	return r.Pattern
}

// refusal is a status with a line for people.
type refusal struct {
	status  int
	message string
}

func (e *refusal) Error() string { return e.message }

func (g *Gate) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var limit *LimitError
	var no *refusal
	switch {
	case errors.As(err, &limit):
		RetryAfter(w, limit.After)
		g.o.Refuse(w, r, http.StatusTooManyRequests, limit.Error())
	case errors.As(err, &no):
		if no.status == http.StatusUnauthorized {
			// Basic makes a browser ask for the key, in place of a password.
			w.Header().Set("WWW-Authenticate", `Basic realm="Limner: an API key as password", charset="UTF-8"`)
			w.Header().Add("WWW-Authenticate", `Bearer realm="Limner"`)
		}
		g.o.Refuse(w, r, no.status, no.message)
	}
}

// RetryAfter says in a header when to ask again: in whole seconds, rounded up.
func RetryAfter(w http.ResponseWriter, after time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(after.Seconds())))))
}

// address is that of the other side, without its port. What a proxy says about
// its clients is not believed.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
