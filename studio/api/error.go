package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/limner-ai/limner/studio/gate"
	"github.com/limner-ai/limner/studio/jobs"
	"github.com/limner-ai/limner/studio/paint"
)

// Error is an answer that is none: what each API writes in its own shape.
type Error struct {
	Status  int
	Code    string        // a word for programs; may be empty
	Param   string        // of the request, that it is about; may be empty
	Message string        // a line for people
	After   time.Duration // when to ask again; 0: nothing is said
	Err     error
}

func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Bad says that a parameter of a request is not as it must be.
func Bad(param, format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Param: param, Message: fmt.Sprintf(format, args...)}
}

// StatusGone is that of a request whose client has left; nobody sees it but the
// log. Other servers use it too.
const StatusGone = 499

// Explain turns what went wrong into an answer. What is the server's own fault
// is told to Fault, and not to the client.
func (s *Studio) Explain(ctx context.Context, err error) *Error {
	var (
		ours    *Error
		refused *jobs.RefusedError
		full    *jobs.FullError
		limit   *gate.LimitError
		unknown *paint.UnknownError
		large   *http.MaxBytesError
	)
	switch {
	case errors.As(err, &ours):
		return ours
	case errors.As(err, &unknown):
		return &Error{Status: 404, Code: "model_not_found", Param: "model", Message: unknown.Error(), Err: err}
	case errors.As(err, &refused):
		return &Error{Status: 400, Message: plain(refused), Err: err}
	case errors.As(err, &full):
		return &Error{Status: 429, Code: "queue_full", Message: full.Error(), After: full.RetryAfter, Err: err}
	case errors.As(err, &limit):
		return &Error{Status: 429, Code: "rate_limit_exceeded", Message: limit.Error(), After: limit.After, Err: err}
	case errors.As(err, &large):
		return &Error{Status: 413, Code: "too_large", Message: fmt.Sprintf("the request is larger than %d bytes", large.Limit), Err: err}
	case errors.Is(err, jobs.ErrUnknown):
		return &Error{Status: 404, Code: "not_found", Message: "there is no such job", Err: err}
	case errors.Is(err, jobs.ErrClosed):
		return &Error{Status: 503, Code: "stopping", Message: "the server stops; what it accepted is done when it runs again", After: 5 * time.Second, Err: err}
	case errors.Is(err, context.Canceled):
		return &Error{Status: StatusGone, Message: "the client has gone", Err: err}
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{Status: 504, Message: "it took too long", Err: err}
	}
	if s.Fault != nil {
		s.Fault(ctx, err)
	}
	return &Error{Status: 500, Code: "internal", Message: "something went wrong inside; the log of the server has it under request " + gate.RequestID(ctx), Err: err}
}

// plain is an error in one line.
func plain(err error) string {
	return strings.Join(strings.Fields(err.Error()), " ")
}

// Unreadable says what is wrong with a body of JSON.
func Unreadable(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return err
	}
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return &Error{Status: http.StatusBadRequest, Param: kind.Field, Message: fmt.Sprintf("%s: a JSON %s cannot stand here", kind.Field, kind.Value), Err: err}
	}
	return &Error{Status: http.StatusBadRequest, Message: "the body is no JSON that this route takes: " + plain(err), Err: err}
}
