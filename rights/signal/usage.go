package signal

import (
	"fmt"
	"math/bits"
	"strings"
)

// Usage is a set of uses of a resource.
type Usage uint16

// The single uses. A protocol's term maps to the set of those that it covers.
const (
	Crawl           Usage = 1 << iota // requesting the resource
	Search                            // an index that leads people to the resource
	Index                             // an index inside of an AI system
	Input                             // input of a trained model: inference, grounding
	TrainGenerative                   // training a model that generates
	TrainOther                        // training any other model
	Mine                              // other analysis for patterns and trends

	Training = TrainGenerative | TrainOther
	AI       = Training | Input | Index
	Mining   = AI | Mine // text and data mining, Directive (EU) 2019/790 art. 2(2)
	Any      = Mining | Search
)

var usageNames = [...]string{"crawl", "search", "index", "input", "train-generative", "train-other", "mine"}

// String lists the uses in a fixed order, separated by plus signs.
func (u Usage) String() string {
	var names []string
	for i, name := range usageNames {
		if u&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, "+")
}

// MarshalText writes what String returns.
func (u Usage) MarshalText() ([]byte, error) {
	if bits.Len16(uint16(u)) > len(usageNames) {
		return nil, fmt.Errorf("signal: %#x is no set of uses", uint16(u))
	}
	return []byte(u.String()), nil
}

// UnmarshalText reads what MarshalText wrote.
func (u *Usage) UnmarshalText(b []byte) error {
	*u = 0
	if string(b) == "nothing" {
		return nil
	}
next:
	for word := range strings.SplitSeq(string(b), "+") {
		for i, name := range usageNames {
			if word == name {
				*u |= 1 << i
				continue next
			}
		}
		return fmt.Errorf("signal: %q is no use; use %s", word, strings.Join(usageNames[:], ", "))
	}
	return nil
}
