package fetch

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}

func port(t *testing.T, s *httptest.Server) uint16 {
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil {
		t.Fatal(err)
	}
	return uint16(n)
}

func serve(t *testing.T, h http.HandlerFunc) (*httptest.Server, *Client) {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	c := New(Options{Agent: "Test (+x)", Networks: loopback, Ports: []uint16{port(t, s)}, Limits: Limits{
		Header: 8 << 10, Body: 1 << 16, Wait: time.Second, Total: 10 * time.Second, Rate: 1000, Window: 300 * time.Millisecond}})
	t.Cleanup(c.Close)
	return s, c
}

func TestGet(t *testing.T) {
	s, c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
		if r.Header.Get("Cookie") != "" || r.Header.Get("Referer") != "" || r.Header.Get("Authorization") != "" {
			t.Errorf("sent %v", r.Header)
		}
		fmt.Fprint(w, r.UserAgent(), r.Header.Get("Accept"))
	})
	for range 2 {
		got, err := c.Get(t.Context(), Request{URL: s.URL, Header: http.Header{"Accept": {"image/*"}}})
		if err != nil || string(got.Body) != "Test (+x)image/*" || got.Status != 200 || got.Received != int64(len(got.Body)) {
			t.Fatalf("%+v, %v", got, err)
		}
	}
}

func packed(t testing.TB, encoding string, n int) []byte {
	var b bytes.Buffer
	var w io.WriteCloser
	switch encoding {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "br":
		w = brotli.NewWriter(&b)
	case "zstd":
		z, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		w = z
	}
	w.Write(bytes.Repeat([]byte("a"), n))
	w.Close()
	return b.Bytes()
}

func TestDecode(t *testing.T) {
	for _, encoding := range []string{"gzip", "br", "zstd"} {
		data := packed(t, encoding, 10_000)
		got, err := Decode([]string{encoding}, data, 10_000)
		if err != nil || len(got) != 10_000 {
			t.Errorf("%s: %d bytes, %v", encoding, len(got), err)
		}
		if _, err := Decode([]string{encoding}, data, 9_999); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %v", encoding, err)
		}
		if _, err := Decode([]string{encoding}, data[:len(data)/2], 10_000); !errors.Is(err, ErrEncoding) {
			t.Errorf("%s cut off: %v", encoding, err)
		}
	}
	for _, bad := range []string{"compress", "gzip, gzip, gzip", "sdch"} {
		if _, err := Decode([]string{bad}, nil, 10); !errors.Is(err, ErrEncoding) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if got, err := Decode([]string{"", "identity"}, []byte("a"), 10); err != nil || string(got) != "a" {
		t.Errorf("%s, %v", got, err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, encoding := range []string{"gzip", "br", "zstd"} {
		f.Add(encoding, packed(f, encoding, 100))
	}
	f.Add("gzip, br", []byte("x"))
	f.Fuzz(func(t *testing.T, encoding string, data []byte) {
		const limit = 1 << 16
		if got, err := Decode([]string{encoding}, data, limit); err == nil && len(got) > max(limit, len(data)) {
			t.Errorf("%d bytes", len(got))
		}
	})
}

// Each way in which a server may be a bad one, and why nothing is got.
func TestBadServers(t *testing.T) {
	bomb := packed(t, "gzip", 8<<20)
	hang := make(chan struct{})
	s, c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		flush := w.(http.Flusher).Flush
		switch r.URL.Path {
		case "/stated":
			w.Header().Set("Content-Length", "10000000000")
			flush()
		case "/stream":
			for r.Context().Err() == nil {
				w.Write(make([]byte, 1<<15))
			}
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(bomb)
		case "/header":
			for i := range 1000 {
				w.Header().Add("X-"+strconv.Itoa(i), strings.Repeat("a", 100))
			}
		case "/nothing":
			select {
			case <-hang:
			case <-r.Context().Done():
			}
		case "/drip":
			for r.Context().Err() == nil {
				w.Write([]byte("a"))
				flush()
				time.Sleep(5 * time.Millisecond)
			}
		case "/drip-404":
			w.WriteHeader(404)
			for r.Context().Err() == nil {
				w.Write([]byte("a"))
				flush()
				time.Sleep(5 * time.Millisecond)
			}
		case "/short":
			w.Header().Set("Content-Length", "100")
			w.Write([]byte("a"))
		case "/away":
			http.Redirect(w, r, "http://192.168.7.7/", http.StatusFound)
		case "/scheme":
			w.Header().Set("Location", "file:///etc/passwd")
			w.WriteHeader(302)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusMovedPermanently)
		}
	})
	t.Cleanup(func() { close(hang) })
	for path, want := range map[string]error{
		"/stated": ErrTooLarge, "/stream": ErrTooLarge, "/bomb": ErrTooLarge, "/nothing": ErrSlow, "/drip": ErrSlow,
		"/away": ErrUnsafe, "/scheme": ErrUnsafe, "/header": nil, "/short": io.ErrUnexpectedEOF,
	} {
		_, err := c.Get(t.Context(), Request{URL: s.URL + path, Redirects: 5})
		if err == nil || want != nil && !errors.Is(err, want) || path == "/drip" && !strings.Contains(err.Error(), "a second") {
			t.Errorf("%s: %v", path, err)
		}
	}
	hops := 0
	got, err := c.Get(t.Context(), Request{URL: s.URL + "/loop", Redirects: 99, Hop: func(context.Context, string) (func(), error) {
		hops++
		return func() {}, nil
	}})
	if err != nil || got.Status != 301 || hops != 1+MaxRedirects || got.Location != s.URL+"/loop" {
		t.Errorf("%+v, %v, %d requests", got, err, hops)
	}
	if got, err := c.Get(t.Context(), Request{URL: s.URL + "/drip-404"}); err == nil && got.Status != 404 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestJudge(t *testing.T) {
	wrote := make(chan int, 1)
	s, c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Robots-Tag", "noai")
		w.Header().Set("Content-Length", "20000000")
		w.(http.Flusher).Flush()
		n := 0
		for r.Context().Err() == nil && n < 20000000 {
			k, err := w.Write(make([]byte, 1<<16))
			n += k
			if err != nil {
				break
			}
		}
		wrote <- n
	})
	no := errors.New("reserved")
	got, err := c.Get(t.Context(), Request{URL: s.URL, Judge: func(r *Response) error {
		if r.Header.Get("X-Robots-Tag") == "noai" && r.Body == nil {
			return no
		}
		return nil
	}})
	if err != no || got.Body != nil {
		t.Errorf("%+v, %v", got, err)
	}
	if n := <-wrote; n >= 20000000 {
		t.Errorf("the server got rid of %d bytes", n)
	}
	if _, err := c.Get(t.Context(), Request{URL: s.URL, Hop: func(context.Context, string) (func(), error) { return nil, no }}); err != no {
		t.Errorf("%v", err)
	}
}

func TestCertificates(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "a") }))
	s.Config.ErrorLog = nil
	t.Cleanup(s.Close)
	s.Config.SetKeepAlivesEnabled(false)
	o := Options{Networks: loopback, Ports: []uint16{port(t, s)}}
	if _, err := New(o).Get(t.Context(), Request{URL: s.URL}); err == nil {
		t.Error("a certificate of nobody's is believed")
	}
	o.Roots = x509.NewCertPool()
	o.Roots.AddCert(s.Certificate())
	if got, err := New(o).Get(t.Context(), Request{URL: s.URL}); err != nil || string(got.Body) != "a" {
		t.Errorf("%+v, %v", got, err)
	}
	o.Lookup = func(context.Context, string) ([]netip.Addr, error) { return []netip.Addr{loopback[0].Addr()}, nil }
	if _, err := New(o).Get(t.Context(), Request{URL: "https://other.test:" + strconv.Itoa(int(port(t, s)))}); err == nil {
		t.Error("a certificate of another name is believed")
	}
}

func TestProxiesAreNotAsked(t *testing.T) {
	if New(Options{}).transport.Proxy != nil {
		t.Error("a proxy would be asked, which resolves names itself")
	}
}
