package tracing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/studio/paint"
	"github.com/limner-ai/limner/studio/work/answer"
)

const maxWords = 4 << 10 // bytes of a request that names a picture

// file is the picture that a request brings or names.
func (d *Desk) file(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return io.ReadAll(http.MaxBytesReader(w, r.Body, paint.MaxUpload))
	}
	var in struct {
		Picture digest.SHA256 `json:"picture"`
	}
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxWords))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return nil, &badPicture{fmt.Errorf("this request cannot be read: %w", err)}
	}
	return d.own(r.Context(), in.Picture)
}

func (d *Desk) trace(w http.ResponseWriter, r *http.Request) {
	file, err := d.file(w, r)
	if err != nil {
		refuse(w, err)
		return
	}
	report, err := d.Trace(r.Context(), file)
	if err != nil {
		refuse(w, err)
		return
	}
	answer.JSON(w, report)
}

func refuse(w http.ResponseWriter, err error) {
	var large *http.MaxBytesError
	var bad *badPicture
	switch {
	case errors.As(err, &large):
		answer.Error(w, http.StatusRequestEntityTooLarge, fmt.Errorf("the picture has more than %d MiB", large.Limit>>20))
	case errors.Is(err, errMissing):
		answer.Error(w, http.StatusNotFound, err)
	case errors.As(err, &bad):
		answer.Error(w, http.StatusBadRequest, err)
	case errors.Is(err, context.Canceled):
		answer.Error(w, http.StatusServiceUnavailable, err) // nobody reads it
	default:
		answer.Fail(w, err)
	}
}

func (d *Desk) thumb(w http.ResponseWriter, r *http.Request) {
	number, err := strconv.Atoi(r.PathValue("number"))
	if err != nil {
		answer.Missing(w, "picture")
		return
	}
	data, err := d.picture(r.PathValue("root"), number)
	switch {
	case err != nil:
		answer.Fail(w, err)
	case data == nil:
		answer.Missing(w, "picture")
	default:
		answer.Picture(w, data, true)
	}
}
