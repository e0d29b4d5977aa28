package server

import (
	"fmt"
	"net/http"
)

// health says that the process answers.
func (s *Server) health(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") }

// readiness says whether pictures can be made at once.
func (s *Server) readiness(w http.ResponseWriter, _ *http.Request) {
	if s.ready.Load() {
		fmt.Fprintln(w, "ready")
		return
	}
	message := "the model is being opened"
	if err := s.fault.Load(); err != nil {
		message = "the model does not open; the log says why"
	}
	http.Error(w, message, http.StatusServiceUnavailable)
}
