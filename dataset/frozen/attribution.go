package frozen

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/limner-ai/limner/internal/atomicfile"
)

// credit is who is to be named for pictures of one source under one licence.
type credit struct{ licence, source, holders string }

// attribution writes who must be named: for each licence and source the rights
// holders, and how many of the pictures are theirs. What one picture owes is in
// the index.
func (f *freezer) attribution(m Manifest) error {
	credits := map[credit]int{}
	for r, err := range readIndex(filepath.Join(f.dir, IndexFile)) {
		if err != nil {
			return err
		}
		credits[credit{r.Licence, r.Source, cmp.Or(r.Holders, r.Creator)}]++
	}
	keys := slices.SortedFunc(maps.Keys(credits), func(a, b credit) int {
		return cmp.Or(cmp.Compare(a.licence, b.licence), cmp.Compare(a.source, b.source), cmp.Compare(a.holders, b.holders))
	})
	return atomicfile.Write(filepath.Join(f.dir, AttributionFile), 0o644, func(w io.Writer) error {
		b := bufio.NewWriter(w)
		fmt.Fprintf(b, "# Attribution of the data set %s\n\n", line(m.Name))
		fmt.Fprintf(b, "%d pictures; root %s over %d digests.\n", m.Pictures, m.Root.Root, m.Root.Size)
		last := credit{licence: "\x00"}
		for _, k := range keys {
			if k.licence != last.licence {
				fmt.Fprintf(b, "\n## %s\n", line(cmp.Or(k.licence, "no licence stated")))
			}
			if k.licence != last.licence || k.source != last.source {
				fmt.Fprintf(b, "\n### From %s\n\n", line(k.source))
			}
			fmt.Fprintf(b, "- %s: %d\n", line(cmp.Or(k.holders, "no holder named")), credits[k])
			last = k
		}
		return b.Flush()
	})
}

// line is a stranger's text as it may stand in a line of Markdown.
func line(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return strings.NewReplacer("\\", "\\\\", "*", "\\*", "_", "\\_", "`", "\\`", "[", "\\[", "]", "\\]", "<", "&lt;", "#", "\\#", "|", "\\|").Replace(s)
}
