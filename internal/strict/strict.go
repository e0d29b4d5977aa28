// Package strict reads YAML documents that people write: an unknown key is an
// error that suggests a known one, a value that does not fit is one too, and
// every error is one line that names the line of the document.
package strict

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/limner-ai/limner/internal/nearest"
)

// Error is a mistake at a line of a document.
type Error struct {
	Line int
	Text string
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Text) }

// Explain turns an error of the parser, which spans lines and draws arrows,
// into one line. It suggests a key of dst for one that does not exist; dst may
// be nil.
func Explain(err error, dst any) error {
	if err == nil {
		return nil
	}
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	var e yaml.Error
	if !errors.As(err, &e) {
		return errors.New(oneLine(err.Error()))
	}
	line := 0
	if t := e.GetToken(); t != nil && t.Position != nil {
		line = t.Position.Line
	}
	var unknown *yaml.UnknownFieldError
	if errors.As(err, &unknown) && unknown.Token != nil {
		key := unknown.Token.Value
		return &Error{line, fmt.Sprintf("unknown key %q%s", key, nearest.Hint(key, keysOf(reflect.TypeOf(dst))))}
	}
	text := oneLine(e.GetMessage())
	var mismatch *yaml.TypeError
	if errors.As(err, &mismatch) {
		text = fmt.Sprintf("%q does not fit: want %s", e.GetToken().Value, kindOf(mismatch.DstType))
		if mismatch.StructFieldName != nil {
			text += " for " + strings.ToLower(*mismatch.StructFieldName)
		}
	}
	return &Error{line, text}
}

func kindOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Int, reflect.Int64, reflect.Int32, reflect.Uint64, reflect.Uint32, reflect.Uint:
		return "a whole number"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a text"
	case reflect.Slice, reflect.Array:
		return "a list"
	}
	return "keys and values"
}

// field is a key of a struct.
type field struct {
	key string
	typ reflect.Type
}

// fields lists the keys that decode into a struct type, those of inlined
// structs among them.
func fields(t reflect.Type) []field {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	var out []field
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("yaml")
		if tag == "" {
			tag = f.Tag.Get("json")
		}
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case !f.IsExported() || name == "-":
		case options == "inline":
			out = append(out, fields(f.Type)...)
		case name == "":
			out = append(out, field{strings.ToLower(f.Name), f.Type})
		default:
			out = append(out, field{name, f.Type})
		}
	}
	return out
}

// keysOf lists the keys that decode into t, those of nested structs and of
// structs in lists too.
func keysOf(t reflect.Type) []string {
	for t != nil && (t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice) {
		t = t.Elem()
	}
	var keys []string
	for _, f := range fields(t) {
		keys = append(keys, f.key)
		keys = append(keys, keysOf(f.typ)...)
	}
	return keys
}

// whole refuses a fraction where a whole number is wanted; the parser would
// cut it off in silence.
func whole(n ast.Node, t reflect.Type) error {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil {
		return nil
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		for _, kv := range n.Values {
			if err := whole(kv, t); err != nil {
				return err
			}
		}
	case *ast.MappingValueNode:
		for _, f := range fields(t) {
			if f.key == n.Key.String() {
				return whole(n.Value, f.typ)
			}
		}
	case *ast.SequenceNode:
		if t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
			for _, v := range n.Values {
				if err := whole(v, t.Elem()); err != nil {
					return err
				}
			}
		}
	case *ast.FloatNode:
		if t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64 && n.Value != math.Trunc(n.Value) {
			return &Error{n.GetToken().Position.Line, fmt.Sprintf("%q does not fit: want a whole number", n.GetToken().Value)}
		}
	}
	return nil
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// YAML reads one document into dst, a pointer to a struct that holds the
// defaults.
func YAML(text []byte, dst any) error {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return Explain(err, dst)
	}
	var body ast.Node
	for _, d := range file.Docs {
		if d.Body == nil {
			continue
		}
		if body != nil {
			return &Error{d.Body.GetToken().Position.Line, "the file is one YAML document, this is a second"}
		}
		body = d.Body
	}
	if body == nil {
		return errors.New("the file is empty")
	}
	return Node(body, dst)
}

// Node reads a part of a document into dst, as YAML does.
func Node(n ast.Node, dst any) error {
	if err := Explain(yaml.NodeToValue(n, dst, yaml.Strict()), dst); err != nil {
		return err
	}
	return whole(n, reflect.TypeOf(dst))
}
