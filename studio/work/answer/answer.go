// Package answer writes the answers of the studio's own API.
package answer

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"strings"
)

// JSON answers with a value.
func JSON(w http.ResponseWriter, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		Error(w, http.StatusInternalServerError, err)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(append(text, '\n')) // an error here is a reader who has gone
}

// Error refuses with a line for people, as problem details (RFC 9457).
func Error(w http.ResponseWriter, status int, err error) {
	text, _ := json.Marshal(map[string]any{ // strings and a number: it cannot fail
		"type": "about:blank", "title": http.StatusText(status), "status": status, "detail": strings.ReplaceAll(err.Error(), "\n", "; "),
	})
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n'))
}

// Missing says that there is no such thing, in words that show no path.
func Missing(w http.ResponseWriter, what string) {
	Error(w, http.StatusNotFound, errors.New("there is no such "+what))
}

// Fail tells of an error of this machine without the paths in it.
func Fail(w http.ResponseWriter, err error) {
	var p *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		Missing(w, "thing")
	case errors.As(err, &p):
		Error(w, http.StatusInternalServerError, errors.New("a file of the studio cannot be read: "+p.Err.Error()))
	default:
		Error(w, http.StatusInternalServerError, err)
	}
}

// Picture sends a PNG that never changes at its address if it is fixed.
func Picture(w http.ResponseWriter, data []byte, fixed bool) {
	h := w.Header()
	h.Set("Content-Type", "image/png")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	if fixed {
		h.Set("Cache-Control", "private, max-age=604800, immutable")
	}
	_, _ = w.Write(data)
}
