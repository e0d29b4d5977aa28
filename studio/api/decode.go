package api

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/limner-ai/limner/studio/paint"
)

// ReadJSON reads a body that is one JSON value. Fields that are not known are
// let be, as the APIs that others defined grow.
func ReadJSON(r *http.Request, to any) error {
	d := json.NewDecoder(r.Body)
	if err := d.Decode(to); err != nil {
		return Unreadable(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return &Error{Status: http.StatusBadRequest, Message: "the body has something after its JSON value"}
	}
	return nil
}

// Base64 reads a picture that is written as base64, or as a data URL. Other
// URLs are refused: nothing that a client names is ever fetched.
func Base64(param, text string) ([]byte, error) {
	if scheme, rest, ok := strings.Cut(text, ":"); ok && len(scheme) < 12 {
		kind, data, ok := strings.Cut(rest, ",")
		if !strings.EqualFold(scheme, "data") || !ok || !strings.HasSuffix(kind, ";base64") {
			return nil, Bad(param, "%s: a picture is written as base64, or as a data URL with base64; addresses are not fetched", param)
		}
		text = data
	}
	if base64.StdEncoding.DecodedLen(len(text)) > paint.MaxUpload+2 {
		return nil, &Error{Status: http.StatusRequestEntityTooLarge, Param: param, Message: param + ": the picture is too large"}
	}
	text = strings.TrimRight(strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == ' ' {
			return -1
		}
		return r
	}, text), "=")
	data, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil, Bad(param, "%s: this is no base64", param)
	}
	return data, nil
}

// ReadAll reads a picture that was sent as it is.
func ReadAll(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, paint.MaxUpload+1))
	if err == nil && len(data) > paint.MaxUpload {
		// A client that still sends would not see the answer. What the gate lets
		// through is read to its end.
		io.Copy(io.Discard, r)
		err = &Error{Status: http.StatusRequestEntityTooLarge, Message: "the picture is too large"}
	}
	return data, err
}

// Rest mounts a handler for all below a path that no other route takes. It names
// the methods, since a pattern without one would be at odds with the pages'.
func Rest(mux *http.ServeMux, path string, h http.HandlerFunc) {
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		mux.HandleFunc(method+" "+path, h)
	}
}
