// Package kinds lists the kinds of sources that Limner has.
package kinds

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/limner-ai/limner/internal/nearest"
	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/debian"
	"github.com/limner-ai/limner/source/folder"
	"github.com/limner-ai/limner/source/npm"
	"github.com/limner-ai/limner/source/open"
	"github.com/limner-ai/limner/source/usage"
	"github.com/limner-ai/limner/source/vendor"
	"github.com/limner-ai/limner/source/web"
)

// All returns the kinds, by name.
func All() []source.Kind {
	all := []source.Kind{
		debian.Kind,
		folder.Kind,
		npm.Kind,
		open.Kind,
		usage.Kind,
		vendor.Kind,
		web.Kind,
	}
	slices.SortFunc(all, func(a, b source.Kind) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// Find returns the kind of that name.
func Find(name string) (source.Kind, error) {
	var names []string
	for _, k := range All() {
		if k.Name == name {
			return k, nil
		}
		names = append(names, k.Name)
	}
	return source.Kind{}, fmt.Errorf("kind: there is no kind of source %q%s", name, nearest.Hint(name, names))
}
