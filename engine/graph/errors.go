package graph

import (
	"fmt"
	"strings"

	"github.com/limner-ai/limner/engine/tensor"
)

// ShapeError says which primitive was given operands that do not fit it.
type ShapeError struct {
	Op     Op
	Shapes []tensor.Shape
	Detail string
}

func (e *ShapeError) Error() string {
	var s []string
	for _, x := range e.Shapes {
		s = append(s, x.String())
	}
	msg := e.Op.String()
	if len(s) > 0 {
		msg += " of " + strings.Join(s, " and ")
	}
	return msg + ": " + e.Detail
}

func mismatch(op Op, detail string, in ...*Value) {
	panic(&ShapeError{Op: op, Shapes: shapesOf(in), Detail: detail})
}

// Catch runs build and returns the ShapeError that it panicked with, if any.
// Other panics pass through.
func Catch(build func()) (err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *ShapeError:
			err = fmt.Errorf("building the graph: %w", e)
		default:
			panic(e)
		}
	}()
	build()
	return nil
}
