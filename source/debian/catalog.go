package debian

import (
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/limner-ai/limner/source"
)

// catalogFile describes the furniture of a Sweet Home 3D library (sh3f): keys
// such as "name#3", and "license" of the whole.
const catalogFile = "PluginFurnitureCatalog.properties"

// piece is what a catalog says of one picture.
type piece struct {
	name, creator string
	keywords      []string
}

// catalog reads a catalog: what it says of the library, and of pictures by their
// paths in it.
func catalog(e *source.Evidence) ([]source.Statement, map[string]piece) {
	said := properties(e.Data)
	var statements []source.Statement
	if l := said["license"]; l != "" {
		statements = []source.Statement{{Form: source.Expression, Written: l, Where: e.Name + " license", Evidence: e}}
	}
	pieces := map[string]piece{}
	for key, icon := range said {
		number, ok := strings.CutPrefix(key, "icon#")
		if !ok {
			continue
		}
		p := piece{name: said["name#"+number], creator: said["creator#"+number]}
		for _, k := range append(strings.Split(said["tags#"+number], ","), said["category#"+number]) {
			if k = strings.TrimSpace(k); k != "" {
				p.keywords = append(p.keywords, k)
			}
		}
		pieces[path.Clean(strings.TrimLeft(icon, "/"))] = p
	}
	return statements, pieces
}

// properties reads a Java properties file (java.util.Properties, Java 21): of a
// key that comes twice the last counts.
func properties(data []byte) map[string]string {
	text := string(data)
	if !utf8.ValidString(text) {
		text, _ = charmap.ISO8859_1.NewDecoder().String(text)
	}
	out := map[string]string{}
	key, value, open := "", "", false
	for line := range strings.Lines(text) {
		line = strings.TrimLeft(strings.TrimRight(line, "\r\n"), " \t\f")
		if !open && (line == "" || line[0] == '#' || line[0] == '!') {
			continue
		}
		more := (len(line)-len(strings.TrimRight(line, `\`)))%2 == 1
		if more {
			line = line[:len(line)-1]
		}
		if open {
			value += line
		} else {
			at := separator(line)
			key, value = unescape(line[:at]), strings.TrimLeft(line[at:], " \t\f")
			if value != "" && (value[0] == '=' || value[0] == ':') {
				value = strings.TrimLeft(value[1:], " \t\f")
			}
		}
		if open = more; !open {
			out[key] = strings.TrimSpace(unescape(value))
		}
	}
	return out
}

// separator finds where a key ends.
func separator(line string) int {
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '=', ':', ' ', '\t', '\f':
			return i
		}
	}
	return len(line)
}

func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch s[i] {
		case 'n', 'r', 't', 'f':
			b.WriteByte(' ')
		case 'u':
			if i+4 < len(s) {
				if r, err := strconv.ParseUint(s[i+1:i+5], 16, 16); err == nil {
					b.WriteRune(rune(r))
					i += 4
				}
			}
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}
