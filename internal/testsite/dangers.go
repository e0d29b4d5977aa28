package testsite

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Dangers are the cases of servers that err or mean harm.
func Dangers() []Case {
	picture := func(name, says, want string, a Answer) Case {
		return Case{Name: name, About: "server", Says: says, Files: map[string]Answer{"/a.png": a}, Want: want, Requested: true, Aborts: true}
	}
	shows := func(name, says, want, src string) Case {
		return Case{Name: name, About: "server", Says: says, Want: want, Files: map[string]Answer{
			"/": {Header: []string{"Content-Type: text/html"}, Body: `<img src="` + src + `">`}}}
	}
	moved := func(to string) Answer { return Answer{Status: http.StatusFound, Header: []string{"Location: " + to}} }
	chain := picture("redirect-chain", "three redirects to the picture", kept, moved("/b.png"))
	chain.Files["/b.png"], chain.Files["/c.png"], chain.Files["/d.png"] = moved("/c.png"), moved("{origin}/d.png"), Picture("d")
	long := picture("redirect-long", "seven redirects", "malformed", moved("/1.png"))
	for i := 1; i < 7; i++ {
		long.Files[fmt.Sprintf("/%d.png", i)] = moved(fmt.Sprintf("/%d.png", i+1))
	}
	long.Files["/7.png"] = Picture("7")
	loop := picture("redirect-loop", "redirects in a circle", "malformed", moved("/b.png"))
	loop.Files["/b.png"] = moved("/a.png")

	return []Case{
		picture("redirect-inside", "redirects to a private address", "unsafe", moved("http://127.0.0.2:{port}/a.png")),
		picture("redirect-name", "redirects to a name of a private address", "unsafe", moved("http://x.inside.test:{port}/a.png")),
		picture("redirect-file", "redirects to a file of one's own", "unsafe", moved("file:///etc/passwd")),
		picture("redirect-denied", "redirects to what another host denies", "denied", moved("http://robots-deny.test:{port}/b.png")),
		chain, long, loop,
		{Name: "x.inside", About: "server", Says: "its name has a private address", Want: "unsafe"},
		{Name: "tls-nobody", About: "server", Says: "a certificate of nobody's", Want: "unsafe"},
		shows("shows-inside", "shows a picture at a private address", "nothing", "http://127.0.0.2/a.png"),
		shows("shows-metadata", "shows a picture at a cloud's metadata", "nothing", "http://169.254.169.254/a.png"),
		shows("shows-password", "shows a picture with a password in its address", "nothing", "http://u:p@shows-password.test:{port}/a.png"),
		shows("shows-data", "shows a picture that is an address", "nothing", "data:image/png;base64,AAAA"),
		shows("shows-srcset", "offers 90,000 sizes", "unreachable", `" srcset="`+strings.Repeat("/x.png 1x,", 90_000)),
		picture("length-10-gb", "a body of 10 GB, as stated", "too large", Answer{Header: []string{"Content-Type: image/png", "Content-Length: 10000000000"}}),
		picture("stream-10-gb", "a body of 10 GB, unstated", "too large", Answer{Serve: stream}),
		picture("gzip-bomb", "1 GiB in 1 MiB of gzip", "too large", Answer{Header: []string{"Content-Type: image/png", "Content-Encoding: gzip"}, Body: bomb()}),
		picture("png-bomb", "60,000 by 60,000 pixels in 200 bytes", "too large", Answer{Header: []string{"Content-Type: image/png"}, Body: vast()}),
		picture("zip", "a zip archive under a picture's name", "malformed", Answer{Header: []string{"Content-Type: image/png"}, Body: "PK\x03\x04" + strings.Repeat("\x00", 100)}),
		picture("encoding", "a content encoding of nobody's", "malformed", Answer{Header: []string{"Content-Type: image/png", "Content-Encoding: rot13"}, Body: "n"}),
		picture("html", "a page under a picture's name", "malformed", Answer{Header: []string{"Content-Type: text/html"}, Body: "<p>"}),
		picture("untyped", "a picture without a type", kept, Answer{Header: []string{"Content-Type: "}, Body: string(square("untyped"))}),
		picture("cut-off", "a body shorter than stated", "unreachable", Answer{Header: []string{"Content-Type: image/png", "Content-Length: 5000"}, Body: "\x89PNG"}),
		picture("empty", "an empty file", "malformed", Answer{Header: []string{"Content-Type: image/png"}}),
		picture("gone", "status 404", "unreachable", Answer{Status: 404}),
		picture("busy", "status 503 each time", "unreachable", Answer{Status: 503, Header: []string{"Retry-After: 5"}}),
		picture("away", "status 429, come back in a day", "unreachable", Answer{Status: 429, Header: []string{"Retry-After: 86400"}}),
		picture("slow-loris", "a byte now and then", "unreachable", Answer{Serve: drip}),
		picture("slow-header", "a header without end", "unreachable", Answer{Serve: hang}),
		picture("long-header", "a header of 200 KB", "unreachable", Answer{Header: []string{"X-Long: " + strings.Repeat("a", 200_000)}}),
		{Name: "huge-page", About: "server", Says: "a page of 5 MiB", Want: "too large", Aborts: true, Files: map[string]Answer{
			"/": {Header: []string{"Content-Type: text/html"}, Body: strings.Repeat("<p>", 5<<20/3)}}},
	}
}

func stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "image/png")
	block := make([]byte, 1<<20)
	for n := 0; n < 10_000 && r.Context().Err() == nil; n++ {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}

// bomb is 64 gzip members of 16 MiB of nothing.
func bomb() string {
	var member bytes.Buffer
	z := gzip.NewWriter(&member)
	z.Write(make([]byte, 16<<20))
	z.Close()
	return strings.Repeat(member.String(), 64)
}

func drip(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "image/png")
	for r.Context().Err() == nil {
		w.Write([]byte{0})
		w.(http.Flusher).Flush()
		wait(r.Context(), 20*time.Millisecond)
	}
}
