// Package fetch gets files from servers that nobody vouches for. It speaks
// http and https, to public addresses alone, checked each time that a name has
// been resolved; keeps no cookies, uses no proxy and no credentials, and
// verifies certificates; and everything that a server may send is bounded in
// size and time. A client never has more than one connection to a host.
package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"
)

// Errors that tell why nothing was got; all others are of the network.
var (
	ErrUnsafe   = errors.New("this address must not be asked")
	ErrTooLarge = errors.New("larger than the limit")
	ErrSlow     = errors.New("too slow")
	ErrEncoding = errors.New("the content encoding cannot be read")
)

// MaxRedirects is how many redirects are followed at most.
const MaxRedirects = 5

// Limits of one answer. Zero fields have the default that is named.
type Limits struct {
	Header int64         // bytes of the header: 64 KiB
	Body   int64         // bytes of the body, as sent and decoded: 32 MiB
	Ratio  int64         // decoded to sent bytes, beyond the first MiB: 100
	Wait   time.Duration // for a connection, and for the header: 30 seconds
	Total  time.Duration // from the request to the end of the body: 5 minutes
	Rate   int64         // bytes a second of a body, at least: 1024
	Window time.Duration // over which the rate is measured: 10 seconds
}

// Options say how a client works.
type Options struct {
	Agent string // User-Agent
	// Networks hold addresses that may be asked though they are not public, and
	// Ports those besides 80 and 443: for tests and one's own network.
	Networks []netip.Prefix
	Ports    []uint16
	// Lookup resolves names, the system's resolver if nil, and Roots hold the
	// certificates that are trusted, the system's if nil.
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error)
	Roots  *x509.CertPool
	Limits Limits
}

// Client gets files. It may be used by several goroutines.
type Client struct {
	options   Options
	dialer    net.Dialer
	transport *http.Transport
}

// New returns a client.
func New(o Options) *Client {
	l := &o.Limits
	setDefault(&l.Header, 64<<10)
	setDefault(&l.Body, 32<<20)
	setDefault(&l.Ratio, 100)
	setDefault(&l.Wait, 30*time.Second)
	setDefault(&l.Total, 5*time.Minute)
	setDefault(&l.Rate, 1024)
	setDefault(&l.Window, 10*time.Second)
	if o.Lookup == nil {
		o.Lookup = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	c := &Client{options: o, dialer: net.Dialer{Timeout: l.Wait}}
	c.transport = &http.Transport{
		DialContext:            c.dial,
		TLSClientConfig:        &tls.Config{RootCAs: o.Roots},
		TLSHandshakeTimeout:    l.Wait,
		ResponseHeaderTimeout:  l.Wait,
		MaxResponseHeaderBytes: l.Header,
		MaxConnsPerHost:        1,
		MaxIdleConns:           64,
		IdleConnTimeout:        time.Minute,
		DisableCompression:     true,
	}
	return c
}

func setDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// Close ends idle connections.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// Request is what to get.
type Request struct {
	URL    string
	Header http.Header // beside User-Agent and Accept-Encoding
	Body   int64       // greatest size in bytes; 0 means that of the limits
	// Redirects is how many are followed, at most MaxRedirects. One beyond is
	// an answer like any other.
	Redirects int
	// Hop, if not nil, is called before each request with its address, and the
	// function that it returns when that answer has been read. Its error ends
	// the chain.
	Hop func(ctx context.Context, address string) (done func(), err error)
	// Judge, if not nil, is called with the last answer before its body is
	// read. After its error nothing is read, and the error is returned as is.
	Judge func(*Response) error
}

// Response is an answer.
type Response struct {
	URL      string // that answered
	Status   int
	Header   http.Header
	Location string // where a redirect leads, absolute; else empty
	Body     []byte // decoded; nil unless the status is 2xx
	Received int64  // bytes of the body as sent
}

// Get asks for a file.
func (c *Client) Get(ctx context.Context, r Request) (*Response, error) {
	address := r.URL
	for hops := 0; ; hops++ {
		got, follow, err := c.hop(ctx, address, r, hops < min(r.Redirects, MaxRedirects))
		if err != nil || !follow {
			return got, err
		}
		address = got.Location
	}
}

// hop makes one request. It reports whether the answer is a redirect to be
// followed; Judge is not asked about those.
func (c *Client) hop(ctx context.Context, address string, r Request, more bool) (_ *Response, follow bool, err error) {
	u, err := check(address)
	if err != nil {
		return nil, false, err
	}
	if r.Hop != nil {
		done, err := r.Hop(ctx, address)
		if err != nil {
			return nil, false, err
		}
		defer done()
	}
	ctx, cancel := context.WithTimeoutCause(ctx, c.options.Limits.Total, fmt.Errorf("%w: not done after %v", ErrSlow, c.options.Limits.Total))
	defer cancel()
	ctx, slow := context.WithCancelCause(ctx)
	defer slow(nil)

	req := (&http.Request{Method: http.MethodGet, URL: u, Host: u.Host, Header: http.Header{}}).WithContext(ctx)
	for key, values := range r.Header {
		req.Header[key] = values
	}
	req.Header.Set("User-Agent", c.options.Agent)
	req.Header.Set("Accept-Encoding", "gzip, br, zstd")
	answer, err := c.transport.RoundTrip(req)
	if err != nil {
		return nil, false, because(ctx, err)
	}
	defer answer.Body.Close()
	got := &Response{URL: address, Status: answer.StatusCode, Header: answer.Header}
	if to := answer.Header.Get("Location"); to != "" && answer.StatusCode/100 == 3 && answer.StatusCode != 304 {
		if next, err := u.Parse(to); err == nil {
			next.Fragment = ""
			got.Location = next.String()
		}
	}
	if more && got.Location != "" {
		c.drain(answer.Body, slow)
		return got, true, nil
	}
	if r.Judge != nil {
		if err := r.Judge(got); err != nil {
			return got, false, err
		}
	}
	if answer.StatusCode/100 != 2 {
		c.drain(answer.Body, slow)
		return got, false, nil
	}
	limit := c.options.Limits.Body
	if r.Body > 0 {
		limit = min(limit, r.Body)
	}
	body := &watched{r: answer.Body}
	stop := body.watch(c.options.Limits, slow)
	raw, err := read(body, answer.ContentLength, limit)
	stop()
	got.Received = body.n.Load()
	if err != nil {
		return got, false, because(ctx, err)
	}
	ratio := c.options.Limits.Ratio
	got.Body, err = Decode(answer.Header.Values("Content-Encoding"), raw, min(limit, max(1<<20, ratio*int64(len(raw)))))
	return got, false, err
}

// check parses an address and refuses what no request should hold.
func check(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %v", ErrUnsafe, err)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("%w: %q is neither http nor https", ErrUnsafe, u.Scheme)
	case u.Hostname() == "":
		return nil, fmt.Errorf("%w: %q has no host", ErrUnsafe, address)
	case u.User != nil:
		return nil, fmt.Errorf("%w: it holds a name or password", ErrUnsafe)
	}
	return u, nil
}

// because returns the cause for which a request was given up, if there is one.
func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return fmt.Errorf("%w: %v", ErrSlow, err)
	}
	return err
}

// drain reads a little that nobody wants, so that the connection can be kept.
func (c *Client) drain(body io.Reader, giveUp context.CancelCauseFunc) {
	w := &watched{r: body}
	defer w.watch(c.options.Limits, giveUp)()
	io.CopyN(io.Discard, w, 4<<10)
}
