package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// Stream writes server-sent events (WHATWG HTML, section 9.2).
type Stream struct {
	mu sync.Mutex
	w  http.ResponseWriter
	c  *http.ResponseController
	// stop ends the comments that keep the connection.
	stop chan struct{}
	once sync.Once
}

// beat is how often a comment is sent, so that nothing in between takes a quiet
// connection for a dead one.
const beat = 15 * time.Second

// NewStream begins an answer that is a stream; the caller closes it.
func NewStream(w http.ResponseWriter) *Stream {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would hold events back
	s := &Stream{w: w, c: http.NewResponseController(w), stop: make(chan struct{})}
	w.WriteHeader(http.StatusOK)
	s.c.Flush()
	go func() {
		t := time.NewTicker(beat)
		defer t.Stop()
		for {
			select {
			case <-t.C:
				s.write([]byte(": still here\n\n"))
			case <-s.stop:
				return
			}
		}
	}()
	return s
}

// Send writes an event whose data is JSON. An error is a client who has gone.
func (s *Stream) Send(event string, data any) error {
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "event: %s\ndata: %s\n\n", event, text)
	return s.write(b.Bytes())
}

func (s *Stream) write(b []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.stop:
		return http.ErrHandlerTimeout
	default:
	}
	if _, err := s.w.Write(b); err != nil {
		return err
	}
	return s.c.Flush()
}

// Close ends the stream.
func (s *Stream) Close() {
	s.mu.Lock() // a comment under way must not outlive the handler
	defer s.mu.Unlock()
	s.once.Do(func() { close(s.stop) })
}

// WriteJSON writes an answer.
func WriteJSON(w http.ResponseWriter, status int, kind string, v any) {
	text, err := json.Marshal(v)
	if err != nil { // NaN and infinity alone, which requests cannot hold
		http.Error(w, "the answer cannot be written", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	w.Write(append(text, '\n'))
}
