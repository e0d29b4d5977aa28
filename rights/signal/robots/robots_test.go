package robots

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/limner-ai/limner/rights/signal"
)

// The table of RFC 9309 section 2.2.2 and 2.2.3, and what Google documents of
// the special characters.
func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, path string
		want          bool
	}{
		{"/foo/bar?baz=quz", "/foo/bar?baz=quz", true},
		{"/foo/bar?baz=https://foo.bar", "/foo/bar?baz=https%3A%2F%2Ffoo.bar", false},
		{"/foo/bar?baz=https%3A%2F%2Ffoo.bar", "/foo/bar?baz=https%3a%2f%2ffoo.bar", true},
		{"/foo/bar/\u30C4", "/foo/bar/%E3%83%84", true},
		{"/foo/bar/%E3%83%84", "/foo/bar/%e3%83%84", true},
		{"/foo/bar/%62%61%7A", "/foo/bar/baz", true},
		{"/path/file-with-a-%2A.html", "/path/file-with-a-*.html", true},
		{"/path/file-with-a-%2A.html", "/path/file-with-a-x.html", false},
		{"/path/foo-%24", "/path/foo-$", true},
		{"/path/foo-%24", "/path/foo-", false},
		{"/allow/this/exactly$", "/allow/this/exactly", true},
		{"/allow/this/exactly$", "/allow/this/exactly/", false},
		{"/this/*/exactly", "/this/is/exactly/it", true},
		{"/this/*/exactly", "/this/exactly", false},
		{"/fish", "/fish.html", true},
		{"/fish", "/Fish.asp", false},
		{"/fish/", "/fish", false},
		{"/*.php", "/folder/any.php.file.html", true},
		{"/*.php", "/windows.PHP", false},
		{"/*.php$", "/filename.php", true},
		{"/*.php$", "/filename.php?parameters", false},
		{"/fish*.php", "/fishheads/catfish.php?id=1", true},
		{"/a*bc$", "/abcbc", true},
		{"/a*bc$", "/abcb", false},
		{"/aa*aa$", "/aaa", false},
		{"*.jpg", "/x/y.jpg", true},
		{"*", "/", true},
		{"/$", "/", true},
		{"/$", "/a", false},
		{"$", "/", false},
		{"/a$b", "/a$b", true},
		{"", "/", false},
		{"/%zz", "/%zz", true},
		{"/a%", "/a%", true},
	} {
		if _, got := Match(c.pattern, c.path); got != c.want {
			t.Errorf("%q on %q: %v", c.pattern, c.path, got)
		}
	}
	if n, _ := Match("/\u00e9*", "/%C3%A9"); n != len("/%C3%A9*") {
		t.Errorf("%d octets", n)
	}
}

// Many stars must not take exponential time: this would not end.
func TestMatchIsLinear(t *testing.T) {
	if _, ok := Match("/"+strings.Repeat("*a", 20_000)+"b$", "/"+strings.Repeat("a", 60_000)); ok {
		t.Error("matched")
	}
}

const file = "\xEF\xBB\xBF" + `Disallow: /global/
User-agent: foobot   # a comment
Crawl-delay: 2
User-Agent: BarBot/1.2
Sitemap: https://example.com/map.xml
Allow : /example/page/
Disallow: /example/page/disallowed.gif
DISALLOW: /example/
Disallow: /tie
Allow: /tie

user-agent: quxbot

User-agent: *
Disallow: *.gif$
Disallow /nocolon/
disalow: /typo/
Disallow: private/
Disallow:
Allow: /publications/

User-agent: foobot
Disallow: /second/
`

func TestAccess(t *testing.T) {
	for _, c := range []struct {
		agent, path string
		want        signal.Value
		line        int // 0 if no rule matches
	}{
		{"foobot", "/example/page/a.gif", signal.Allow, 6},
		{"foobot", "/example/page/disallowed.gif", signal.Deny, 7},
		{"FooBot/2.1 (+https://example.com)", "/example/x", signal.Deny, 8},
		{"barbot", "/example/x", signal.Deny, 8},
		{"barbot", "/second/", signal.Allow, 0},
		{"foobot", "/second/", signal.Deny, 23},
		{"foobot", "/tie", signal.Allow, 10},
		{"foobot", "/a.gif", signal.Allow, 0},
		{"quxbot", "/a.gif", signal.Deny, 15}, // shares the group of the next user-agent line
		{"other", "/a.gif", signal.Deny, 15},
		{"other", "/a.gif?x", signal.Allow, 0},
		{"other", "/nocolon/", signal.Deny, 16},
		{"other", "/typo/", signal.Deny, 17},
		{"other", "/private/x", signal.Deny, 18},
		{"other", "/publications/x", signal.Allow, 20},
		{"", "/typo/", signal.Deny, 17},
		{"foo", "/second/", signal.Allow, 0},
		{"other", "/global/x", signal.Deny, 1},
		{"other", "/robots.txt", signal.Allow, 0},
	} {
		u := &url.URL{Scheme: "https", Host: "example.com"}
		u.Path, u.RawQuery, _ = strings.Cut(c.path, "?")
		got := Access(signal.Fetched{Status: 200, Body: []byte(file)}, u, c.agent)
		where := "robots.txt"
		if c.line > 0 {
			where += fmt.Sprintf(" line %d", c.line)
		}
		if len(got) != 1 || got[0].Value != c.want || got[0].Where != where || got[0].Usage != signal.Crawl {
			t.Errorf("%s on %s: %v; want %v at %s", c.agent, c.path, got, c.want, where)
		}
	}
}

func TestStatus(t *testing.T) {
	u, _ := url.Parse("https://example.com/a")
	for status, want := range map[int]signal.Value{
		0: signal.Deny, 200: signal.Deny, 301: signal.Unknown, 400: signal.Allow, 401: signal.Allow,
		403: signal.Allow, 404: signal.Allow, 410: signal.Allow, 429: signal.Deny, 500: signal.Deny, 503: signal.Deny, 999: signal.Deny,
	} {
		got := Access(signal.Fetched{Status: status, Body: []byte("User-agent: *\nDisallow: /")}, u, "x")
		if v := signal.Combine(got, signal.Crawl).Value; v != want {
			t.Errorf("status %d: %v; want %v", status, v, want)
		}
	}
}

func TestLimit(t *testing.T) {
	u, _ := url.Parse("https://example.com/a")
	// 500 KiB of other lines before the rule must not hide it.
	body := strings.Repeat("# filler\n", 500<<10/9) + "User-agent: *\nDisallow: /a\n"
	if got := Access(signal.Fetched{Status: 200, Body: []byte(body)}, u, "x"); got[0].Value != signal.Deny || len(got) != 1 {
		t.Errorf("%v", got)
	}
	body = "User-agent: *\nAllow: /\n" + strings.Repeat("# filler\n", MaxSize/9) + "Disallow: /a\n"
	got := Access(signal.Fetched{Status: 200, Body: []byte(body)}, u, "x")
	if v := signal.Combine(got, signal.Crawl).Value; v != signal.Unknown {
		t.Errorf("a file that was not read to its end: %v, %v", v, got)
	}
	// UTF-16 must not read as a file without rules.
	got = Access(signal.Fetched{Status: 200, Body: []byte("\xFF\xFEU\x00s\x00e\x00r\x00")}, u, "x")
	if v := signal.Combine(got, signal.Crawl).Value; v != signal.Unknown {
		t.Errorf("UTF-16: %v, %v", v, got)
	}
}

func TestLineEnds(t *testing.T) {
	for _, end := range []string{"\n", "\r\n", "\r"} {
		f := Parse([]byte("User-agent: a" + end + end + "Disallow: /x" + end))
		if len(f.Lines) != 1 || f.Lines[0].Number != 3 || f.Lines[0].Value != "/x" {
			t.Errorf("%q: %+v", end, f.Lines)
		}
	}
}

func TestRules(t *testing.T) {
	f := Parse([]byte(`Content-Usage: global
User-agent: a
Content-Usage: none
User-agent: b
Content-Usage: /x one
Content-Usage: /x/	two
Content-Usage: /x/ three
Content-Usage: /y/
Disallow: /
`))
	for _, c := range []struct{ agent, path, want string }{
		{"a", "/x/", "none global"},
		{"b", "/x/1", "two three global"},
		{"b", "/x1", "one global"},
		{"b", "/z", "global"},
		{"b", "/y/", " global"},
		{"c", "/", "global"},
	} {
		var got []string
		for _, r := range f.Rules("content-usage", &url.URL{Path: c.path}, c.agent) {
			got = append(got, r.Statement)
			if r.Global != (r.Statement == "global") {
				t.Errorf("%+v", r)
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s on %s: %q; want %q", c.agent, c.path, s, c.want)
		}
	}
	// For allow and disallow the unknown record between them does not part them.
	if got := f.access(signal.Signal{}, &url.URL{Path: "/"}, "a"); got[0].Value != signal.Deny {
		t.Errorf("%v", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(file), "foobot", "/example/%C3%A9?x=*$")
	f.Add([]byte("user-agent:*\rallow:/*$\r\ncontent-usage:/ a\ndisallow"), "", "")
	f.Add([]byte("\xEF\xBB\xBF\x00:#\xFF"), "*", "*")
	f.Fuzz(func(t *testing.T, body []byte, agent, path string) {
		u := &url.URL{Path: path}
		got := Access(signal.Fetched{Status: 200, Body: body}, u, agent)
		if len(got) == 0 || got[0].Value != signal.Allow && got[0].Value != signal.Deny {
			t.Fatalf("%v", got)
		}
		// What is denied to everyone at the end stays denied, whatever precedes.
		if Parse(body).Defect != "" || strings.Contains(strings.ToLower(string(body)), "allow") {
			return
		}
		all := append([]byte("user-agent: *\ndisallow: /\n"), body...)
		if got := Access(signal.Fetched{Status: 200, Body: all}, u, "zzz"); Path(u) != "/robots.txt" && strings.HasPrefix(Path(u), "/") &&
			!strings.Contains(strings.ToLower(string(body)), "zzz") && got[0].Value != signal.Deny {
			t.Fatalf("%v", got)
		}
	})
}

func FuzzMatch(f *testing.F) {
	f.Add("/a*b$", "/axxb")
	f.Add("/%e3%83%84", "/ツ")
	f.Add("*$*", "%")
	f.Fuzz(func(t *testing.T, pattern, path string) {
		_, got := Match(pattern, path)
		if want := pattern != "" && slow(normal(pattern, true), normal(path, false)); got != want {
			t.Errorf("%q on %q: %v; backtracking says %v", pattern, path, got, want)
		}
	})
}

// slow matches with the set of all places at which the pattern so far can end.
func slow(pattern, path string) bool {
	at := map[int]bool{0: true}
	for i := 0; i < len(pattern); i++ {
		next := map[int]bool{}
		for p := range at {
			switch c := pattern[i]; {
			case c == '*':
				for q := p; q <= len(path); q++ {
					next[q] = true
				}
			case c == '$' && i == len(pattern)-1:
				if p == len(path) {
					next[p] = true
				}
			case p < len(path) && path[p] == c:
				next[p+1] = true
			}
		}
		at = next
	}
	return len(at) > 0
}
