package debian

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// matcher finds the stanza of an installed file. A copyright file names the
// paths of the source package; those of the installed package end like them, as
// a rule: "dat/a.png" is installed as "usr/share/game/dat/a.png". So the folder
// that corresponds to the root of the source is looked for: the one below which
// most files match a pattern.
type matcher struct {
	literals map[string]int   // stanza by path, the last that has it
	endings  map[string][]int // stanzas of literal patterns by their last two parts or more
	globs    []globbed        // patterns with wildcards, but those for everything
	all      int              // the last stanza for everything, -1 for none
	others   bool             // whether stanzas name files beside those of Debian's own folder
	roots    map[string]int   // files that match, by installed folder
}

type globbed struct {
	pattern string
	stanza  int
}

func newMatcher(c *copyright) *matcher {
	m := &matcher{literals: map[string]int{}, endings: map[string][]int{}, all: -1, roots: map[string]int{}}
	for i, s := range c.stanzas {
		for _, p := range s.patterns {
			m.others = m.others || p != "*" && !strings.HasPrefix(p, "debian/")
			name, plain := literal(p)
			switch {
			case p == "*":
				m.all = i
			case !plain:
				m.globs = append(m.globs, globbed{p, i})
			default:
				m.literals[name] = i
				for at := 0; at < len(name); at++ {
					if at == 0 || name[at-1] == '/' {
						if tail := name[at:]; strings.Contains(tail, "/") && !slices.Contains(m.endings[tail], i) {
							m.endings[tail] = append(m.endings[tail], i)
						}
					}
				}
			}
		}
	}
	return m
}

// below finds the last stanza that matches a path below the root; -1 for none.
// Patterns that begin with a wildcard match below any root, and do not count for
// finding it.
func (m *matcher) below(name string, anchored bool) int {
	best := -1
	if i, ok := m.literals[name]; ok {
		best = i
	}
	for _, g := range m.globs {
		if g.stanza > best && !(anchored && g.pattern[0] == '*') && glob(g.pattern, name) {
			best = g.stanza
		}
	}
	return best
}

// maxParts is how many folders deep an installed path is looked at.
const maxParts = 32

// installed is a file's path, for which an archive within the package counts as
// a folder, named without its extension.
type installed struct {
	name  string
	inner int // bytes of the path of the archive that it lies in, 0 for none
}

// cut is a way to see an installed path: a root, and what is below it.
type cut struct{ root, below string }

// cuts gives them all, the root "" first.
func (f installed) cuts() []cut {
	all := []cut{{"", f.name}}
	for i := 0; i < len(f.name) && len(all) < maxParts; i++ {
		if f.name[i] == '/' {
			all = append(all, cut{f.key(f.name[:i]), f.name[i+1:]})
		}
	}
	return all
}

// key names a root; archives that lie beside each other have theirs in common.
func (f installed) key(root string) string {
	if f.inner == 0 || len(root) < f.inner {
		return root
	}
	return path.Dir(f.name[:f.inner]) + "//" + root[f.inner:]
}

// learn counts which roots a file speaks for.
func (m *matcher) learn(f installed) {
	for _, c := range f.cuts() {
		if m.below(c.below, true) >= 0 {
			m.roots[c.root]++
		}
	}
}

// found is the stanza of a file, and the doubt about it.
type found struct {
	stanza int    // -1 for none
	flag   string // in words
}

// find gives the stanza of an installed file.
func (m *matcher) find(f installed) found {
	all := f.cuts()
	best := m.best(all)
	if within := slices.DeleteFunc(slices.Clone(all), func(c cut) bool { return !strings.Contains(c.root, "//") }); len(within) > 0 {
		if inner := m.best(within); m.roots[inner.root] > 0 {
			best = inner // an archive has its own
		}
	}
	i := m.below(best.below, false)
	switch {
	case i >= 0 && m.all > i:
		return found{m.all, "matches Files: *, which follows the stanza that names it"} // and so counts
	case i >= 0:
		return found{i, ""}
	}
	if i, flag := m.converted(best.below); i >= 0 {
		return found{i, flag}
	}
	for _, c := range all {
		if m.roots[best.root] > 0 {
			break // the root is known, and the end alone would be another file's
		}
		if stanzas := m.endings[c.below]; len(stanzas) == 1 {
			return found{stanzas[0], "matches only the end of a path"}
		} else if len(stanzas) > 1 {
			return found{stanzas[len(stanzas)-1], fmt.Sprintf("matches only the end of paths in %d stanzas", len(stanzas))}
		}
	}
	if m.all >= 0 && m.others {
		return found{m.all, "matches only Files: *"}
	}
	return found{m.all, ""}
}

// best gives the cut at the root that most files speak for; of equal ones the
// first, which is the shortest.
func (m *matcher) best(cuts []cut) cut {
	return slices.MaxFunc(cuts, func(a, b cut) int { return m.roots[a.root] - m.roots[b.root] })
}

// converted finds the stanza of the file from which an installed one was made by
// changing its format.
func (m *matcher) converted(name string) (stanza int, flag string) {
	ext := path.Ext(name)
	from := []string{".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".xcf", ".webp"}
	if !slices.Contains(from, strings.ToLower(ext)) {
		return -1, ""
	}
	stem := strings.TrimSuffix(name, ext)
	for _, other := range append(from, ".svg") {
		if other == ext {
			continue
		}
		if i := m.below(stem+other, false); i >= 0 {
			return i, fmt.Sprintf("matches only after its extension changed from %s to %s", other, ext)
		}
	}
	return -1, ""
}
