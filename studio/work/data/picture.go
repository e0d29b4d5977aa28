package data

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/image/draw"

	"github.com/limner-ai/limner/curate/decode"
	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/rights"
	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/studio/work/answer"
)

// contentOf reads the digest in a request, or answers.
func contentOf(w http.ResponseWriter, r *http.Request, name string) (ledger.Digest, bool) {
	d, err := ledger.ParseDigest(strings.TrimPrefix(r.PathValue(name), "sha256:"))
	if err != nil {
		answer.Error(w, http.StatusBadRequest, errors.New(name+": want a SHA-256 of 64 hexadecimal digits"))
		return d, false
	}
	return d, true
}

// ruled gathers the facts of a copy and decides on it, or answers.
func (d *Desk) ruled(w http.ResponseWriter, r *http.Request) (*ledger.Ledger, rights.Facts, rights.Ruling, bool) {
	var none rights.Ruling
	content, ok := contentOf(w, r, "content")
	if !ok {
		return nil, rights.Facts{}, none, false
	}
	l, ok := d.ledger(w)
	if !ok {
		return nil, rights.Facts{}, none, false
	}
	f, err := rights.Gather(r.Context(), l, content)
	if err == nil && len(f.Places) == 0 {
		l.Close()
		answer.Missing(w, "picture in the ledger")
		return nil, f, none, false
	}
	p, perr := d.places.Home.Policy()
	if err = errors.Join(err, perr); err != nil {
		l.Close()
		answer.Fail(w, err)
		return nil, f, none, false
	}
	return l, f, rights.Decide(f, rights.Request{Purpose: "train", At: d.now().UTC()}, p), true
}

func (d *Desk) picture(w http.ResponseWriter, r *http.Request) {
	l, f, ruling, ok := d.ruled(w, r)
	if !ok {
		return
	}
	defer l.Close()
	for i := range f.Places {
		if !addressed(f.Places[i].Source.Location) {
			f.Places[i].Source.Location = ""
		}
	}
	answer.JSON(w, map[string]any{"facts": f, "ruling": ruling,
		"kept": d.places.Home.Objects().Has(digest.SHA256(f.Content))})
}

// addressed reports whether a location is an address rather than a folder.
func addressed(location string) bool { return strings.Contains(location, "://") }

const shownSide = 384 // pixels of the longer side

// shown draws the picture anew: what a file holds beside its picture, scripts
// among it, does not reach a browser.
func (d *Desk) shown(w http.ResponseWriter, r *http.Request) {
	content, ok := contentOf(w, r, "content")
	if !ok {
		return
	}
	data, err := d.places.Home.Objects().Get(digest.SHA256(content))
	if err != nil {
		answer.Missing(w, "picture: its bytes are not kept")
		return
	}
	limits := decode.Default()
	limits.Vector = shownSide
	p, err := decode.Bytes(r.Context(), data, limits)
	if err != nil {
		answer.Error(w, http.StatusUnprocessableEntity, errors.New("it cannot be decoded: "+err.Error()))
		return
	}
	var b bytes.Buffer
	if err := png.Encode(&b, fit(p.Image, shownSide)); err != nil {
		answer.Fail(w, err)
		return
	}
	answer.Picture(w, b.Bytes(), true)
}

// fit makes a picture no larger than a side.
func fit(m image.Image, side int) image.Image {
	size := m.Bounds().Size()
	longer := max(size.X, size.Y)
	if longer <= side {
		return m
	}
	small := image.NewNRGBA(image.Rect(0, 0, max(1, size.X*side/longer), max(1, size.Y*side/longer)))
	draw.ApproxBiLinear.Scale(small, small.Bounds(), m, m.Bounds(), draw.Src, nil)
	return small
}

const maxEvidence = 256 << 10 // bytes that are shown

// evidence shows what the decision on a copy rests on; no other evidence of the
// ledger can be had here, for some of it is private.
func (d *Desk) evidence(w http.ResponseWriter, r *http.Request) {
	wanted, ok := contentOf(w, r, "evidence")
	if !ok {
		return
	}
	l, f, ruling, ok := d.ruled(w, r)
	if !ok {
		return
	}
	defer l.Close()
	if !slices.Contains(cited(f, ruling), wanted) {
		answer.Missing(w, "evidence for the decision on this picture")
		return
	}
	text, err := l.Evidence(r.Context(), wanted)
	switch {
	case errors.Is(err, ledger.ErrNotFound), errors.Is(err, ledger.ErrErased):
		answer.Error(w, http.StatusNotFound, err)
		return
	case err != nil:
		answer.Fail(w, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(bytes.ToValidUTF8(text[:min(len(text), maxEvidence)], []byte("\uFFFD")))
}

// cited are the statements and signals that speak about a copy, and what the
// ruling names.
func cited(f rights.Facts, r rights.Ruling) []ledger.Digest {
	out := []ledger.Digest{}
	for _, s := range f.Statements {
		out = append(out, s.Evidence...)
	}
	for _, s := range f.Reservations {
		out = append(out, s.Evidence...)
	}
	for _, x := range r.Reasons {
		if x.Code != rights.ClaimHeld && x.Code != rights.ClaimUpheld && x.Code != rights.NearClaimed {
			out = append(out, x.Evidence...)
		}
	}
	return out
}
