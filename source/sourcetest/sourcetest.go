// Package sourcetest holds what every kind of source must do, as one suite that
// each runs on its own pictures.
package sourcetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/archive"
)

// Case is a source to be tested. It should have eight pictures or more, each of
// 64 bytes or more: with fewer, what is held in memory cannot be told.
type Case struct {
	Kind   source.Kind
	Config string
	Env    source.Env

	Paths   []string              // of all items, in order
	Refused map[string]source.Why // by path; nothing else may be refused
	// Mistakes are configurations that Kind.Open must refuse, each with the key
	// that its error must name.
	Mistakes map[string]string
}

// Run runs the suite.
func Run(t *testing.T, c Case) {
	t.Helper()
	t.Run("about", c.about)
	t.Run("items", c.items)
	t.Run("order", c.order)
	t.Run("stop", c.stop)
	t.Run("cancel", c.cancel)
	t.Run("memory", c.memory)
	t.Run("mistakes", c.mistakes)
}

func (c Case) open(t *testing.T) source.Source {
	t.Helper()
	s, err := c.Kind.Open(t.Context(), []byte(c.Config), c.Env)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// taken is what a source gave.
type taken struct {
	items   []source.Item
	refused []*source.Refused
}

func (c Case) take(t *testing.T, s source.Source) taken {
	t.Helper()
	var all taken
	for item, err := range s.Items(t.Context()) {
		var r *source.Refused
		switch {
		case errors.As(err, &r):
			all.refused = append(all.refused, r)
		case err != nil:
			t.Fatalf("after %d items: %v", len(all.items), err)
		default:
			all.items = append(all.items, item)
		}
	}
	return all
}

func (c Case) about(t *testing.T) {
	s := c.open(t)
	a, err := s.About(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains([]source.Type{source.Internal, source.Vendor, source.Open, source.Crawl, source.Usage}, a.Type) {
		t.Errorf("type %q", a.Type)
	}
	if a.Name == "" || a.Location == "" || a.Basis == "" {
		t.Errorf("name %q, location %q and basis %q must not be empty", a.Name, a.Location, a.Basis)
	}
	for i, s := range a.Statements {
		if s.Scope != source.Whole {
			t.Errorf("statement %d about the source has the scope %q", i, s.Scope)
		}
		checkStatement(t, fmt.Sprintf("statement %d about the source", i), s)
	}
	if c.Kind.Name == "" || c.Kind.Summary == "" || strings.Contains(c.Kind.Summary, "\n") {
		t.Errorf("kind %q: summary %q", c.Kind.Name, c.Kind.Summary)
	}
}

func checkStatement(t *testing.T, of string, s source.Statement) {
	t.Helper()
	switch {
	case !slices.Contains([]source.Form{source.Expression, source.DebianName, source.Text, source.Prose, source.Notice, source.Own}, s.Form):
		t.Errorf("%s: form %q", of, s.Form)
	case strings.TrimSpace(s.Written) == "":
		t.Errorf("%s: nothing is written", of)
	case s.Where == "":
		t.Errorf("%s: it does not say where %q stands", of, s.Written)
	case s.Evidence == nil && s.Scope != source.File:
		t.Errorf("%s: no evidence for %q of %s", of, s.Written, s.Where)
	case s.Evidence != nil && (s.Evidence.Name == "" || len(s.Evidence.Data) == 0):
		t.Errorf("%s: the evidence %q for %q is empty", of, s.Evidence.Name, s.Written)
	}
}

func (c Case) items(t *testing.T) {
	all := c.take(t, c.open(t))
	var paths []string
	seen := map[string]bool{}
	groups := map[string][]source.Statement{}
	for _, item := range all.items {
		paths = append(paths, item.Path)
		if clean, err := archive.Clean(item.Path); err != nil || clean != item.Path {
			t.Errorf("path %q is not clean: %v", item.Path, err)
		}
		if seen[item.Path] {
			t.Errorf("path %q comes twice", item.Path)
		}
		seen[item.Path] = true
		if len(item.Data) == 0 {
			t.Errorf("%s: no data", item.Path)
		}
		var group []source.Statement
		for i, s := range item.Statements {
			checkStatement(t, fmt.Sprintf("%s: statement %d", item.Path, i), s)
			switch s.Scope {
			case source.File:
			case source.Group:
				group = append(group, s)
				if item.Group == "" {
					t.Errorf("%s: a statement about a group, but no group", item.Path)
				}
			default:
				t.Errorf("%s: a statement with the scope %q belongs to About", item.Path, s.Scope)
			}
		}
		if before, ok := groups[item.Group]; ok && item.Group != "" && !reflect.DeepEqual(before, group) {
			t.Errorf("%s: its group %q is spoken of in other words than for a file before", item.Path, item.Group)
		}
		groups[item.Group] = group
		for _, caption := range item.Captions {
			if strings.TrimSpace(caption.Text) == "" {
				t.Errorf("%s: an empty caption", item.Path)
			}
		}
	}
	if !slices.Equal(paths, c.Paths) {
		t.Errorf("items %q, want %q", paths, c.Paths)
	}
	refused := map[string]source.Why{}
	for _, r := range all.refused {
		if r.Path == "" || r.Err == nil {
			t.Errorf("a refusal without a path or reason: %+v", r)
		}
		refused[r.Path] = r.Why
		if want, ok := c.Refused[r.Path]; !ok || want != r.Why {
			t.Errorf("refused: %v; want %q", r, want)
		}
	}
	for path, why := range c.Refused {
		if _, ok := refused[path]; !ok {
			t.Errorf("%s was not refused as %s", path, why)
		}
	}
}

// order walks one source twice, and another one that was opened anew.
func (c Case) order(t *testing.T) {
	s := c.open(t)
	first := timeless(c.take(t, s))
	if again := timeless(c.take(t, s)); !reflect.DeepEqual(first, again) {
		t.Error("the second walk gives something else than the first")
	}
	if other := timeless(c.take(t, c.open(t))); !reflect.DeepEqual(first, other) {
		t.Error("a source opened anew gives something else")
	}
}

// timeless writes down what was taken, without its times.
func timeless(all taken) []string {
	var out []string
	for _, item := range all.items {
		line := fmt.Sprintf("%s %x %q %q %q %v %q %q %q %q", item.Path, item.Data, item.Title, item.Creator, item.Holders,
			item.Captions, item.Keywords, item.Codepoints, item.Style, item.Group)
		for _, s := range item.Statements {
			line += fmt.Sprintf(" [%s %s %q %q %q]", s.Scope, s.Form, s.Written, s.Where, s.Flag)
		}
		for _, r := range item.Reservations {
			line += fmt.Sprintf(" [%s %s %s %q %q]", r.Protocol, r.Version, r.Value, r.Raw, r.Where)
		}
		out = append(out, line)
	}
	for _, r := range all.refused {
		out = append(out, fmt.Sprintf("%s %s", r.Path, r.Why))
	}
	return out
}

func (c Case) mistakes(t *testing.T) {
	for config, key := range c.Mistakes {
		s, err := c.Kind.Open(context.WithoutCancel(t.Context()), []byte(config), c.Env)
		switch {
		case err == nil:
			t.Errorf("%q is no mistake: %T", config, s)
		case !strings.Contains(err.Error(), key):
			t.Errorf("%q: the error does not name %q: %v", config, key, err)
		case strings.Contains(err.Error(), "\n"):
			t.Errorf("%q: the error has more than one line: %v", config, err)
		}
	}
}
