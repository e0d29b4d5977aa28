package server

import (
	"errors"
	"net/http"

	"github.com/limner-ai/limner/internal/home"
	"github.com/limner-ai/limner/rights"
	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/studio/api"
	"github.com/limner-ai/limner/studio/api/a1111"
	"github.com/limner-ai/limner/studio/api/openai"
	"github.com/limner-ai/limner/studio/api/v1"
)

func (s *Server) routes(mux *http.ServeMux) error {
	own, err := v1.New(s.studio.api, v1.Options{Sets: s.o.Places.Sets, Rights: s.rights, Imports: s.o.Places.Home.Path("models")})
	if err != nil {
		return err
	}
	links := api.NewLinks(s.studio.store)
	mux.HandleFunc("GET /healthz", s.health)
	mux.HandleFunc("GET /readyz", s.readiness)
	mux.Handle("GET /metrics", s.meters.handler())
	mux.Handle("GET "+api.LinksPath+"{digest}", links)
	for _, r := range append([]room{own, openai.New(s.studio.api, links), a1111.New(s.studio.api)}, s.studio.rooms...) {
		r.Routes(mux)
	}
	return nil
}

// rights opens the ledger of the home folder, if there is one.
func (s *Server) rights() (*ledger.Ledger, *rights.Policy, error) {
	h := s.o.Places.Home
	p, err := h.Policy()
	if err != nil {
		return nil, nil, err
	}
	l, err := h.ReadLedger()
	if errors.Is(err, home.ErrNoLedger) {
		return nil, p, nil
	}
	return l, p, err
}
