package server

import (
	"net/http"

	"github.com/limner-ai/limner/studio/gate"
)

// leave is a room in which only those may change something whose key is for a
// kind of work.
type leave struct {
	room
	kind string
}

// Routes mounts the room.
func (l leave) Routes(mux *http.ServeMux) {
	inner := http.NewServeMux()
	l.room.Routes(inner)
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
		mux.HandleFunc(method+" /api/v1/data/", func(w http.ResponseWriter, r *http.Request) {
			if method != http.MethodGet && !gate.May(r.Context(), l.kind) {
				refuse(w, r, http.StatusForbidden, "this key may not change data; the owner of this server gives leave with limner keys add NAME --work "+l.kind)
				return
			}
			inner.ServeHTTP(w, r)
		})
	}
}
