package gate

import (
	"io"
	"net/http"
	"time"
)

// recorder notes what is answered, and gives a client that does not read only
// so long.
type recorder struct {
	http.ResponseWriter
	control  *http.ResponseController
	patience time.Duration
	status   int
	bytes    int64
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= 200 {
		r.status = status
	}
	r.hurry()
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	r.hurry()
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Flush sends what was written; handlers that stream look for it.
func (r *recorder) Flush() { r.control.Flush() }

// hurry bounds the next piece, and not the whole answer, which may be a stream
// that lasts for hours.
func (r *recorder) hurry() { r.control.SetWriteDeadline(time.Now().Add(r.patience)) }

// body gives a client that does not send only so long for each piece, and for
// all of them.
type body struct {
	io.ReadCloser
	control  *http.ResponseController
	patience time.Duration
	until    time.Time
}

func (b *body) Read(p []byte) (int, error) {
	next := time.Now().Add(b.patience)
	if next.After(b.until) {
		next = b.until
	}
	b.control.SetReadDeadline(next)
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		// The server goes on to read, to notice that the client has left; that
		// must not end by this deadline.
		b.control.SetReadDeadline(time.Time{})
	}
	return n, err
}

func (b *body) Close() error {
	b.control.SetReadDeadline(time.Time{})
	return b.ReadCloser.Close()
}
