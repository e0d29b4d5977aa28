package aitxt

import (
	"net/url"
	"testing"

	"github.com/limner-ai/limner/rights/signal"
)

// As the generator writes it where all kinds are refused, and where pictures
// are permitted.
const (
	refused   = "# Spawning AI\n# Prevent datasets from using the following file types\n\nUser-Agent: *\nDisallow: *.txt\nDisallow: *.jpg\nDisallow: /\nDisallow: *\n"
	permitted = "User-Agent: *\nDisallow: *.txt\nAllow: *.jpg\nAllow: *.png$\nDisallow: *.png$\n"
)

func TestRead(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		path   string
		want   string
	}{
		{200, refused, "/a/b.jpg", "deny"},
		{200, refused, "/a/b.webp", "deny"},
		{200, permitted, "/b.jpg", "allow"},
		{200, permitted, "/b.txt", "deny"},
		{200, permitted, "/b.png", "deny"}, // as long, so what denies holds
		{200, permitted, "/b.webp", "unknown"},
		{200, "user-agent: other\ndisallow: /", "/a", "unknown"},
		{200, "user-agent: limner\ndisallow: /\nuser-agent: *\nallow: /", "/a", "deny"},
		{200, "disallow: jpg", "/jpg", "deny"},
		{200, "allow: /", "/a", "unknown"},
		{200, "<!DOCTYPE html><title>not found</title>", "/a", "unknown"},
		{200, "", "/a", "unknown"},
		{404, refused, "/a", "unknown"},
		{500, permitted, "/a.jpg", "barred"},
		{0, permitted, "/a.jpg", "barred"},
		{200, permitted + "\x00", "/a.jpg", "barred"},
	} {
		got := signal.Combine(Read(signal.Fetched{Status: c.status, Body: []byte(c.body)}, &url.URL{Path: c.path}, "limner/1"), signal.TrainGenerative)
		v := got.Value.String()
		if len(got.Reasons) > 0 && got.Reasons[0].Defect != "" {
			v = "barred"
		}
		if v != c.want {
			t.Errorf("%d %.30q %s: %s; want %s", c.status, c.body, c.path, v, c.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(refused), "/a.jpg")
	f.Add([]byte(permitted), "/a.png")
	f.Fuzz(func(t *testing.T, body []byte, path string) {
		for _, s := range Read(signal.Fetched{Status: 200, Body: body}, &url.URL{Path: path}, "limner") {
			if s.Value == signal.Allow && s.Raw == "" {
				t.Errorf("%v", s)
			}
		}
	})
}
