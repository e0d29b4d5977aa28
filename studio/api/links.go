package api

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/objects"
)

// Links are addresses under which somebody who has no key can have one object
// for a while. They are signed with a key that this process made up, so none
// outlives it.
type Links struct {
	store *objects.Store
	key   []byte
	now   func() time.Time
}

// linkTime is how long an address is good: as long as OpenAI's.
const linkTime = time.Hour

// NewLinks makes addresses of objects in a store.
func NewLinks(store *objects.Store) *Links {
	key := make([]byte, 32)
	rand.Read(key) // never fails: crypto/rand
	return &Links{store, key, time.Now}
}

// LinksPath is where Links are served.
const LinksPath = "/objects/"

// Address is the whole address of an object, at the server that r was sent to.
func (l *Links) Address(r *http.Request, d digest.SHA256, kind string) string {
	q := url.Values{"type": {kind}, "until": {strconv.FormatInt(l.now().Add(linkTime).Unix(), 10)}}
	q.Set("signature", l.sign(d.String(), q))
	a := url.URL{Scheme: "http", Host: r.Host, Path: LinksPath + d.String(), RawQuery: q.Encode()}
	if r.TLS != nil {
		a.Scheme = "https"
	}
	return a.String()
}

func (l *Links) sign(name string, q url.Values) string {
	m := hmac.New(sha256.New, l.key)
	fmt.Fprintf(m, "%q %q %q", name, q.Get("type"), q.Get("until"))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// ServeHTTP gives out the object of a good address.
func (l *Links) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	until, err := strconv.ParseInt(q.Get("until"), 10, 64)
	name := r.PathValue("digest")
	var d digest.SHA256
	if !hmac.Equal([]byte(q.Get("signature")), []byte(l.sign(name, q))) || err != nil || l.now().Unix() > until || d.UnmarshalText([]byte(name)) != nil {
		http.Error(w, "this address is not good, or not any more", http.StatusForbidden)
		return
	}
	data, err := l.store.Get(d)
	if err != nil {
		http.Error(w, "this picture is gone", http.StatusNotFound)
		return
	}
	WriteObject(w, r, d, q.Get("type"), data)
}

// WriteObject answers with an object's bytes, which never change.
func WriteObject(w http.ResponseWriter, r *http.Request, d digest.SHA256, kind string, data []byte) {
	h := w.Header()
	tag := strconv.Quote(d.String())
	h.Set("ETag", tag)
	h.Set("Cache-Control", "private, max-age=31536000, immutable")
	h.Set("Content-Type", kind)
	// Whatever it is, it runs nothing when it is opened by itself.
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(data)))
	w.Write(data)
}
