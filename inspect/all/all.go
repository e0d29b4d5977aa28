// Package all lists the inspectors.
package all

import (
	"github.com/limner-ai/limner/inspect"
)

// Kinds lists the inspectors, in the order in which they report.
var Kinds = []inspect.Kind{}
