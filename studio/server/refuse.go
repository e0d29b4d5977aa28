package server

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/limner-ai/limner/studio/api/v1"
)

// refuse writes a refusal of the gate as the API that was asked writes its own.
func refuse(w http.ResponseWriter, r *http.Request, status int, message string) {
	var body any
	kind := "application/json"
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, "/v1/"):
		body = map[string]any{"error": map[string]any{"message": message, "type": openAIType(status), "param": nil, "code": openAICode(status)}}
	case strings.HasPrefix(path, "/sdapi/"):
		body = map[string]any{"detail": message}
	case strings.HasPrefix(path, "/api/"):
		kind = "application/problem+json"
		body = map[string]any{"type": "about:blank", "title": http.StatusText(status), "status": status, "detail": message}
	default:
		http.Error(w, message, status)
		return
	}
	text, err := json.Marshal(body)
	if err != nil { // words and numbers alone
		panic(err)
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	w.Write(append(text, '\n'))
}

func openAIType(status int) string {
	switch {
	case status == http.StatusTooManyRequests:
		return "rate_limit_error"
	case status == http.StatusUnauthorized:
		return "authentication_error"
	case status >= 500:
		return "server_error"
	}
	return "invalid_request_error"
}

func openAICode(status int) any {
	switch status {
	case http.StatusTooManyRequests:
		return "rate_limit_exceeded"
	case http.StatusUnauthorized:
		return "invalid_api_key"
	}
	return nil
}

// maxBody is how many bytes a request may bring: pictures come to few routes.
func maxBody(r *http.Request) int64 {
	const words, picture, pictures = 1 << 20, 64 << 20, 96 << 20
	switch path := r.URL.Path; {
	case path == "/v1/images/edits":
		return pictures
	case path == "/sdapi/v1/img2img", path == "/sdapi/v1/txt2img":
		return pictures
	case path == "/v1/images/variations", path == "/sdapi/v1/png-info", path == "/api/v1/uploads", path == "/api/v1/traces":
		return picture
	case path == "/make":
		return picture
	case path == "/api/v1/models":
		return v1.MaxModel
	}
	return words
}
