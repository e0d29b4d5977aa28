package fetch

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// read reads a body whole, or nothing of one that is said to be too long.
func read(body io.Reader, stated, limit int64) ([]byte, error) {
	if stated > limit {
		return nil, fmt.Errorf("%w: %d bytes, of %d", ErrTooLarge, stated, limit)
	}
	var b bytes.Buffer
	if stated > 0 {
		b.Grow(int(stated) + bytes.MinRead)
	}
	if _, err := b.ReadFrom(io.LimitReader(body, limit+1)); err != nil {
		return nil, err
	}
	if int64(b.Len()) > limit {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, limit)
	}
	return b.Bytes(), nil
}

// watched counts what is read.
type watched struct {
	r io.Reader
	n atomic.Int64
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	w.n.Add(int64(n))
	return n, err
}

// watch gives up on a body that arrives slower than the limits ask, until stop
// is called.
func (w *watched) watch(l Limits, giveUp context.CancelCauseFunc) (stop func()) {
	done := make(chan struct{})
	go func() {
		tick := time.NewTicker(l.Window)
		defer tick.Stop()
		for last := int64(0); ; {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			n := w.n.Load()
			if float64(n-last) < float64(l.Rate)*l.Window.Seconds() {
				giveUp(fmt.Errorf("%w: less than %d bytes a second", ErrSlow, l.Rate))
				return
			}
			last = n
		}
	}()
	return func() { close(done) }
}

// maxWindow is how much memory a zstd stream may ask for (RFC 9659).
const maxWindow = 8 << 20

// Decode undoes the content encodings (RFC 9110 section 8.4), given as the
// values of the header field, of data that may become limit bytes long:
// gzip, deflate, br, zstd, and at most two of them.
func Decode(encodings []string, data []byte, limit int64) ([]byte, error) {
	var names []string
	for name := range strings.SplitSeq(strings.Join(encodings, ","), ",") {
		if name = strings.ToLower(strings.TrimSpace(name)); name != "" && name != "identity" {
			names = append(names, name)
		}
	}
	if len(names) > 2 {
		return nil, fmt.Errorf("%w: %d of them", ErrEncoding, len(names))
	}
	for i := len(names) - 1; i >= 0; i-- {
		r, err := decoder(names[i], bytes.NewReader(data))
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %v", ErrEncoding, names[i], err)
		}
		data, err = io.ReadAll(io.LimitReader(r, limit+1))
		r.Close()
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %v", ErrEncoding, names[i], err)
		}
		if int64(len(data)) > limit {
			return nil, fmt.Errorf("%w: unpacked from %s, more than %d bytes", ErrTooLarge, names[i], limit)
		}
	}
	return data, nil
}

func decoder(name string, r io.Reader) (io.ReadCloser, error) {
	switch name {
	case "gzip", "x-gzip":
		return gzip.NewReader(r)
	case "deflate":
		return zlib.NewReader(r)
	case "br":
		return io.NopCloser(brotli.NewReader(r)), nil
	case "zstd":
		d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	}
	return nil, fmt.Errorf("it is not one of gzip, deflate, br and zstd")
}
