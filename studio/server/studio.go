package server

import (
	"context"
	"net/http"
	"path/filepath"

	"github.com/limner-ai/limner/internal/objects"
)

// studio is what is behind the gate.
type studio struct {
	store *objects.Store
}

// open opens the rooms.
func open(_ context.Context, o Options) (*studio, error) {
	return &studio{store: objects.Open(filepath.Join(o.Home, "studio", "objects"))}, nil
}

// warm makes the first picture as quick as the second.
func (s *studio) warm(context.Context) error { return nil }

// stop lets work under way go on until ctx ends.
func (s *studio) stop(context.Context) error { return nil }

// close ends what stop leaves open.
func (s *studio) close() error { return nil }

func (m *meters) watch(*studio) {}

func (s *Server) routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", s.health)
	mux.HandleFunc("GET /readyz", s.readiness)
	mux.Handle("GET /metrics", s.meters.handler())
}
