// Package robots reads robots.txt files as RFC 9309 says, and the lines that
// other protocols add to them. It also has that RFC's matching of paths, on
// which TDMRep, RSL and ai.txt build.
package robots

import (
	"bytes"
	"strings"
)

// MaxSize is how many bytes of a file are read. RFC 9309 section 2.5 asks for
// at least 500 KiB.
const MaxSize = 1 << 20

// Line is a line of a file that says something.
type Line struct {
	Number int    // counted from 1
	Key    string // in lower case: "disallow", "content-usage"
	Value  string // without comment and surrounding white space
	Global bool   // stands outside of any group
	agents map[string]bool
}

// File is a parsed file.
type File struct {
	Lines  []Line // all but those that name user agents
	Defect string // why some of it could not be read, or ""
	named  map[string]bool
}

// memberKeys are the keys whose lines belong to a group. Only allow and
// disallow end a list of user agents for allow and disallow themselves, since
// RFC 9309 section 2.2.4 wants other records not to interfere; any of them
// ends it for the others.
var memberKeys = map[string]bool{
	"allow": true, "disallow": true,
	"content-usage": true, "content-signal": true, "license": true, "crawl-delay": true,
}

// spellings maps wrong forms that are met in practice to what they mean. Only
// such are listed whose being skipped would lose a reservation.
var spellings = map[string]string{
	"useragent": "user-agent", "user agent": "user-agent",
	"disalow": "disallow", "dissallow": "disallow", "dissalow": "disallow",
	"disallaw": "disallow", "diasllow": "disallow", "dis-allow": "disallow",
	"content usage": "content-usage", "content_usage": "content-usage",
	"content signal": "content-signal", "content-signals": "content-signal", "content_signal": "content-signal",
	"licence": "license",
}

// Parse reads a file. It never fails: lines that are none of the format are
// skipped, as section 2.2.4 says, and a file that is too long or not text has
// a Defect.
func Parse(body []byte) *File {
	f := &File{named: map[string]bool{}}
	if len(body) > MaxSize {
		body = body[:MaxSize]
		if end := bytes.LastIndexAny(body, "\r\n"); end >= 0 {
			body = body[:end]
		}
		f.Defect = "the file is longer than 1 MiB; the rest was not read"
	}
	body = bytes.TrimPrefix(body, []byte("\xEF\xBB\xBF"))
	if bytes.IndexByte(body, 0) >= 0 {
		f.Defect = "the file is not UTF-8 text"
	}
	text := string(body)
	// The agents of the group at hand, for allow and disallow and for others.
	var access, others map[string]bool
	var accessOpen, othersOpen bool
	for number := 1; text != ""; number++ {
		end := strings.IndexAny(text, "\r\n")
		line := text
		if end < 0 {
			text = ""
		} else {
			line = text[:end]
			if strings.HasPrefix(text[end:], "\r\n") {
				end++
			}
			text = text[end+1:]
		}
		key, value, ok := split(line)
		if !ok {
			continue
		}
		if key == "user-agent" {
			token := productToken(value)
			if token == "" {
				token = value // matches no agent, but is a group of its own
			}
			if !accessOpen {
				access, accessOpen = map[string]bool{}, true
			}
			if !othersOpen {
				others, othersOpen = map[string]bool{}, true
			}
			access[token], others[token], f.named[token] = true, true, true
			continue
		}
		member := Line{Number: number, Key: key, Value: value}
		if key == "allow" || key == "disallow" {
			member.agents, accessOpen, othersOpen = access, false, false
		} else if memberKeys[key] {
			member.agents, othersOpen = others, false
		}
		member.Global = member.agents == nil
		f.Lines = append(f.Lines, member)
	}
	return f
}

// split takes a line apart. Without a colon it is one only if its first word
// is a key of which nothing must be lost.
func split(line string) (key, value string, ok bool) {
	line, _, _ = strings.Cut(line, "#")
	key, value, ok = strings.Cut(line, ":")
	if !ok {
		key, value, ok = strings.Cut(strings.Trim(line, " \t"), " ")
		if low := canonical(key); !ok || low != "disallow" && low != "user-agent" {
			return "", "", false
		}
	}
	return canonical(key), strings.Trim(value, " \t"), true
}

func canonical(key string) string {
	key = strings.ToLower(strings.Trim(key, " \t"))
	if right, wrong := spellings[key]; wrong {
		return right
	}
	return key
}

// productToken returns the product token with which a value begins, in lower
// case (section 2.2.1), "*" for all agents, and "" if there is none.
func productToken(value string) string {
	if strings.HasPrefix(value, "*") {
		return "*"
	}
	n := 0
	for n < len(value) {
		c := value[n] | 0x20
		if (c < 'a' || c > 'z') && value[n] != '-' && value[n] != '_' {
			break
		}
		n++
	}
	return strings.ToLower(value[:n])
}

// Select returns the lines that hold for an agent: those of all groups that
// name its product token, or else those of the groups for "*" (section 2.2.1),
// and the lines outside of any group. The agent is a product token, alone or
// at the start of a User-Agent header.
func (f *File) Select(agent string) []Line {
	token := productToken(agent)
	if token == "" || !f.named[token] {
		token = "*"
	}
	var lines []Line
	for _, l := range f.Lines {
		if l.Global || l.agents[token] {
			lines = append(lines, l)
		}
	}
	return lines
}
