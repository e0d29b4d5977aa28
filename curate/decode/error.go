package decode

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// Kind says in what way a file could not be decoded.
type Kind string

// The kinds.
const (
	Damaged     Kind = "damaged"     // not what its format demands, or cut off
	TooLarge    Kind = "too large"   // above one of the limits
	Unsupported Kind = "unsupported" // no format, or a part of one, that is read here
	TooSlow     Kind = "too slow"    // not done within Limits.Time
)

// Error is a file that could not be decoded. It concerns this file only.
type Error struct {
	Kind   Kind
	Format Format // "" if it was not recognised
	Err    error
}

func (e *Error) Error() string {
	if e.Format == "" {
		return fmt.Sprintf("%s picture: %v", e.Kind, e.Err)
	}
	return fmt.Sprintf("%s %s: %v", e.Kind, e.Format, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of the *Error that err wraps, or "".
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}

func damaged(f Format, err error) error {
	var e *Error
	switch {
	case errors.As(err, &e):
		return err
	// Package png gives an early end as text only.
	case errors.Is(err, io.EOF) || strings.Contains(err.Error(), io.ErrUnexpectedEOF.Error()):
		err = fmt.Errorf("cut off: %w", err)
	// These packages name what they cannot do in a type of their own each.
	case strings.Contains(err.Error(), "unsupported"):
		return &Error{Kind: Unsupported, Format: f, Err: err}
	}
	return &Error{Kind: Damaged, Format: f, Err: err}
}
