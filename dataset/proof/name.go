package proof

import (
	"fmt"
	"strconv"
	"strings"
)

// String writes the name as it is published: the root, a stroke, and the number
// of digests, without which the root could be taken for that of a tree of
// another height.
func (n Name) String() string { return n.Root.String() + "/" + strconv.FormatInt(n.Size, 10) }

// ParseName reads what String writes.
func ParseName(text string) (Name, error) {
	var n Name
	root, size, ok := strings.Cut(strings.TrimSpace(text), "/")
	if !ok {
		return n, fmt.Errorf("%.100q is not a set's name: it is sha256:, 64 hexadecimal digits, a stroke and the number of digests", text)
	}
	if err := n.Root.UnmarshalText([]byte(root)); err != nil {
		return n, err
	}
	v, err := strconv.ParseInt(size, 10, 64)
	if err != nil || v < 0 || strconv.FormatInt(v, 10) != size {
		return n, fmt.Errorf("%.40q is not a number of digests", size)
	}
	n.Size = v
	return n, nil
}
