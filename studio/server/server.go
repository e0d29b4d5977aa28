// Package server puts the studio together: one process with the queue, its
// workers, the APIs and the pages behind one gate.
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/net/netutil"

	"github.com/limner-ai/limner/release"
	"github.com/limner-ai/limner/studio/api"
	"github.com/limner-ai/limner/studio/gate"
	"github.com/limner-ai/limner/studio/work/place"
)

// Options say how to serve.
type Options struct {
	Places  place.Places // where things lie; the studio's own, in the home folder's studio/
	Models  []string     // folders in which models are looked for by name
	Listen  string       // address and port
	Hosts   []string     // names, beside those of the loopback interface, that it may be asked by
	Threads int          // to compute with; 0: one a processor
	// Require asks for a key even on the loopback interface: for a proxy before
	// the server.
	Require   bool
	Cert, Key string         // files for TLS; empty: none
	Press     *release.Press // marks pictures, and holds them against training pictures; nil: nobody does
	Log       *slog.Logger
}

// Bounds of the whole server.
const (
	connections  = 1024 // at once; more wait in the system's queue
	headerTime   = 10 * time.Second
	idleTime     = 2 * time.Minute
	headerBytes  = 64 << 10
	addressRate  = 50 // requests a second from one address beyond loopback
	addressBurst = 200
)

// Server is an open studio.
type Server struct {
	o      Options
	studio *studio
	http   *http.Server
	ready  atomic.Bool
	fault  atomic.Pointer[error] // why it will never be ready
	meters *meters
}

// KeysFolder is where the API keys of a home folder lie.
func KeysFolder(home string) string { return filepath.Join(home, "studio", "keys") }

// Open opens all that the studio is made of. The caller ends it by Serve's
// context, or by Close if Serve is never called.
func Open(ctx context.Context, o Options) (*Server, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	keys := gate.OpenKeys(KeysFolder(string(o.Places.Home)))
	beyond, err := beyondLoopback(o.Listen)
	if err != nil {
		return nil, err
	}
	require := o.Require || beyond
	if require {
		list, err := keys.List()
		if err != nil {
			return nil, err
		}
		if len(list) == 0 {
			return nil, fmt.Errorf("--listen %s is open to others and there are no API keys; make one first: limner keys add NAME", o.Listen)
		}
	}
	s := &Server{o: o, meters: newMeters()}
	purse, err := gate.OpenPurse(o.Places.Home.Path("studio", "spent"), keys)
	if err != nil {
		return nil, err
	}
	if s.studio, err = open(ctx, o, purse); err != nil {
		return nil, errors.Join(err, purse.Close())
	}
	s.meters.registry.MustRegister(queued{s.studio.queue}, s.studio.painted)
	mux := http.NewServeMux()
	if err := s.routes(mux); err != nil {
		return nil, errors.Join(err, s.Close(ctx))
	}
	options := gate.Options{
		Keys: keys, Purse: purse, Require: require, Log: o.Log, Observe: s.meters.request, Refuse: refuse, MaxBody: maxBody,
		Open: func(r *http.Request) bool {
			// The addresses of objects are signed.
			return r.URL.Path == "/healthz" || r.URL.Path == "/readyz" || strings.HasPrefix(r.URL.Path, api.LinksPath)
		},
	}
	if beyond {
		options.Address, options.Burst = addressRate, addressBurst
	}
	if !beyond || len(o.Hosts) > 0 {
		options.Hosts = append(loopbackNames(o.Listen), o.Hosts...)
	}
	s.http = &http.Server{
		Handler: gate.New(options, mux), ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: headerBytes,
		ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug), // broken connections of clients
	}
	return s, nil
}

// Handler is the whole studio; tests use it without a port.
func (s *Server) Handler() http.Handler { return s.http.Handler }

// Listen opens the port.
func (s *Server) Listen() (net.Listener, error) {
	l, err := net.Listen("tcp", s.o.Listen)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w; give another --listen", s.o.Listen, err)
	}
	return netutil.LimitListener(l, connections), nil
}

// Serve answers requests until ctx ends. Then it takes no more, lets work go on
// until grace has passed, puts back into the queue what is not done by then, and
// closes everything.
func (s *Server) Serve(ctx context.Context, l net.Listener, grace time.Duration) error {
	go s.warm(ctx)
	failed := make(chan error, 1)
	go func() {
		if s.o.Cert != "" {
			s.http.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
			failed <- s.http.ServeTLS(l, s.o.Cert, s.o.Key)
			return
		}
		failed <- s.http.Serve(l)
	}()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	s.ready.Store(false)
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	// The queue first: when its jobs have ended, so have the requests that wait
	// for them.
	stopped := s.studio.stop(end)
	hurry, cancelHurry := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancelHurry()
	if shut := s.http.Shutdown(hurry); shut != nil { // pages that watch streams never leave by themselves
		s.http.Close()
	}
	return errors.Join(err, stopped, s.studio.close())
}

// Close ends a server that does not serve.
func (s *Server) Close(ctx context.Context) error {
	return errors.Join(s.studio.stop(ctx), s.studio.close())
}

// warm makes the model that comes with Limner ready.
func (s *Server) warm(ctx context.Context) {
	start := time.Now()
	if err := s.studio.warm(ctx); err != nil {
		if ctx.Err() == nil {
			s.fault.Store(&err)
			s.o.Log.Error("the model does not open", "error", err)
		}
		return
	}
	s.ready.Store(true)
	s.o.Log.Info("ready", "seconds", time.Since(start).Seconds())
}
