// Package notice finds where packages speak of rights: their licence files, and
// the paragraphs of their README files.
package notice

import (
	"path"
	"regexp"
	"strings"
)

var (
	licence = regexp.MustCompile(`(?i)^(un)?(licen[cs]es?|copying|notices?|copyright)([-._ ].*)?$`)
	readme  = regexp.MustCompile(`(?i)^read[-_ ]?me([-._ ].*)?$`)
	// program matches extensions of files that only bear such a name.
	program = regexp.MustCompile(`(?i)\.(c|cc|cjs|css|go|h|html?|js|json|jsx|map|mjs|php|png|py|rb|rs|sh|svg|tsx?|ya?ml)$`)
)

// IsLicence reports whether a file's name is that of a licence: LICENSE,
// COPYING.md, NOTICE, LICENSE-GRAPHICS.
func IsLicence(name string) bool {
	base := path.Base(name)
	return licence.MatchString(base) && !program.MatchString(base)
}

// IsReadme reports whether a file's name is that of a README.
func IsReadme(name string) bool {
	base := path.Base(name)
	return readme.MatchString(base) && !program.MatchString(base)
}

// Paragraph is a paragraph of a text.
type Paragraph struct {
	Line int // of its beginning, from 1
	Text string
}

const (
	maxParagraphs = 200
	maxText       = 8 << 10
)

var (
	heading   = regexp.MustCompile(`^(#{1,6})\s+(.*)$`)
	underline = regexp.MustCompile(`^(=+|-{3,})\s*$`)
	listItem  = regexp.MustCompile(`^\s*([-*+]|\d+[.)])\s+`)
	fence     = regexp.MustCompile("^\\s*(```|~~~)")
	// markup is what a reader does not see as words: pictures, addresses, tags.
	markup = regexp.MustCompile(`!\[[^\]]*\]([(\[][^)\]]*[)\]])?|\]\([^)]*\)|\]\[[^\]]*\]|https?://\S+|<[^>]*>|^\s*\[[^\]]+\]:.*$`)
	words  = regexp.MustCompile(`(?i)licen[cs]|lizenz|copyright|copyleft|©|\(c\) \d{4}|\bowne[dr]s?\b|trade-?mark|commercial|belongs? to|rights reserved|public domain|creative commons|permission|permitted|attribution|proprietary|intellectual property`)
)

// Prose gives the paragraphs of a README, in Markdown or plain text, that speak
// of rights, and those below a heading that does. Each item of a list counts as
// a paragraph.
func Prose(text string) []Paragraph {
	var all []Paragraph
	below := 0 // level of the heading that speaks of rights, 0 for none
	at, lines := 0, []string(nil)
	flush := func() {
		p := strings.TrimSpace(strings.Join(lines, "\n"))
		if seen := visible(lines); seen != "" && (below > 0 || words.MatchString(seen)) && len(all) < maxParagraphs {
			if len(p) > maxText {
				p = strings.ToValidUTF8(p[:maxText], "")
			}
			all = append(all, Paragraph{at, p})
		}
		lines = nil
	}
	enter := func(level int, title string) {
		switch {
		case words.MatchString(visible([]string{title})):
			if below == 0 || level <= below {
				below = level
			}
		case below > 0 && level <= below:
			below = 0
		}
	}
	for i, line := range strings.Split(strings.ToValidUTF8(text, "\uFFFD"), "\n") {
		line = strings.TrimRight(line, "\r")
		h := heading.FindStringSubmatch(line)
		switch {
		case h != nil:
			flush()
			enter(len(h[1]), h[2])
		case underline.MatchString(line) && len(lines) == 1:
			title := lines[0]
			lines = nil
			level := 2
			if line[0] == '=' {
				level = 1
			}
			enter(level, title)
		case strings.TrimSpace(line) == "" || fence.MatchString(line):
			flush()
		default:
			if listItem.MatchString(line) {
				flush()
			}
			if len(lines) == 0 {
				at = i + 1
			}
			lines = append(lines, line)
		}
	}
	flush()
	return all
}

// visible is what a reader sees of some lines.
func visible(lines []string) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(strings.Trim(markup.ReplaceAllString(l, " "), " []*_`#>|-"))
		b.WriteByte(' ')
	}
	return strings.TrimSpace(b.String())
}
