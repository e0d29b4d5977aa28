package svg

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"strings"
	"sync"
	"testing"
	"time"
)

var usual = Limits{Side: 64, Ratio: 20, Elements: 10_000, Depth: 64}

func document(body string) []byte {
	return []byte(`<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 8 8">` + body + `</svg>`)
}

func rasterise(t *testing.T, doc []byte, l Limits) (*image.NRGBA, error) {
	t.Helper()
	if err := Start(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	return Rasterise(ctx, doc, l)
}

// The renderer is the one that was published, whole and unchanged.
func TestModule(t *testing.T) {
	z, err := gzip.NewReader(bytes.NewReader(module))
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	if _, err := io.Copy(h, z); err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != "22bf6e9f9a100d972da0411a69c5ba504367fc1fa87b3b64e3f35e53926d2d70" {
		t.Errorf("the module is %s", got)
	}
}

// What is drawn, seen in the middle of the four quarters of 8×8 units.
func TestDrawing(t *testing.T) {
	const r, g, b, none = "ff0000ff", "00ff00ff", "0000ffff", "00000000"
	for name, c := range map[string]struct {
		body string
		want [4]string // top left, top right, bottom left, bottom right
	}{
		"nothing":     {"", [4]string{none, none, none, none}},
		"rect":        {`<rect width="4" height="8" fill="#f00"/>`, [4]string{r, none, r, none}},
		"path":        {`<path d="M4 0h4v4h-4z" fill="lime"/>`, [4]string{none, g, none, none}},
		"half":        {`<rect width="8" height="8" fill="red" opacity=".5"/>`, [4]string{"ff000080", "ff000080", "ff000080", "ff000080"}},
		"use":         {`<defs><rect id="a" width="4" height="4" fill="blue"/></defs><use href="#a" x="4" y="4"/>`, [4]string{none, none, none, b}},
		"xlink":       {`<defs><rect id="a" width="4" height="4" fill="blue"/></defs><use xlink:href="#a" y="4"/>`, [4]string{none, none, b, none}},
		"clip":        {`<clipPath id="c"><rect width="8" height="4"/></clipPath><rect width="8" height="8" fill="red" clip-path="url(#c)"/>`, [4]string{r, r, none, none}},
		"mask":        {`<mask id="m"><rect width="4" height="8" fill="#fff"/></mask><rect width="8" height="8" fill="red" mask="url(#m)"/>`, [4]string{r, none, r, none}},
		"class":       {`<style>.a{fill:#00f}</style><rect class="a" width="8" height="4"/>`, [4]string{b, b, none, none}},
		"inline":      {`<rect style="fill:lime" width="8" height="4" fill="red"/>`, [4]string{g, g, none, none}},
		"gradient":    {`<linearGradient id="g"><stop offset=".5" stop-color="red"/><stop offset=".5" stop-color="blue"/></linearGradient><rect width="8" height="8" fill="url(#g)"/>`, [4]string{r, b, r, b}},
		"turned":      {`<g transform="rotate(90 4 4)"><rect width="4" height="8" fill="red"/></g>`, [4]string{r, r, none, none}},
		"even-odd":    {`<path fill-rule="evenodd" fill="red" d="M0 0h8v8h-8zM4 0v4h4v-4z"/>`, [4]string{r, none, r, r}},
		"own picture": {`<image width="4" height="8" preserveAspectRatio="none" href="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="/>`, [4]string{"", none, "", none}},
		"script":      {`<script>alert(1)</script><rect width="4" height="4" fill="red" onload="x()"/>`, [4]string{r, none, none, none}},
	} {
		m, err := rasterise(t, document(c.body), usual)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i, want := range c.want {
			p := m.NRGBAAt(16+32*(i%2), 16+32*(i/2))
			if got := fmt.Sprintf("%02x%02x%02x%02x", p.R, p.G, p.B, p.A); want != "" && got != want {
				t.Errorf("%s: quarter %d is %s, want %s", name, i, got, want)
			}
		}
		if c.want[0] == "" && m.NRGBAAt(16, 16).A == 0 {
			t.Errorf("%s: not drawn", name)
		}
	}
}

func TestExtent(t *testing.T) {
	for attributes, want := range map[string]image.Point{
		`viewBox="0 0 10 5"`:                         {64, 32},
		`viewBox="0 0 5 10"`:                         {32, 64},
		`width="3in" height="1in"`:                   {64, 22},
		`width="30" height="30" viewBox="0 0 20 10"`: {64, 64},
		`viewBox="-5 -5 2e9 2e9"`:                    {64, 64},
	} {
		m, err := rasterise(t, []byte(`<svg xmlns="http://www.w3.org/2000/svg" `+attributes+`/>`), usual)
		if err != nil || m.Rect.Dy() < want.Y-1 || m.Rect.Dy() > want.Y || m.Rect.Dx() != want.X {
			t.Errorf("%s: %v, %v, want %v", attributes, m, err, want)
		}
	}
}

// Text is set in the fonts that Limner brings, whatever the machine has.
func TestText(t *testing.T) {
	ink := func(family, text string) (n int) {
		m, err := rasterise(t, document(`<text y="7" font-size="8" font-family="`+family+`">`+text+`</text>`), usual)
		if err != nil {
			t.Fatal(err)
		}
		for i := 3; i < len(m.Pix); i += 4 {
			n += int(m.Pix[i])
		}
		return n
	}
	i, w := ink("sans-serif", "i"), ink("sans-serif", "W")
	if i < 10*255 || w < 2*i {
		t.Errorf("an i has %d ink and a W %d", i, w)
	}
	if unknown := ink("No Such Font", "W"); unknown < i {
		t.Errorf("a W of an unknown font has %d ink", unknown)
	}
}

func TestRefused(t *testing.T) {
	svg := `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">`
	laughs := `<!DOCTYPE svg [<!ENTITY a "ha">`
	for c := 'b'; c <= 'z'; c++ {
		laughs += fmt.Sprintf(`<!ENTITY %c "%s">`, c, strings.Repeat(fmt.Sprintf("&%c;", c-1), 10))
	}
	for name, c := range map[string]struct {
		doc  string
		want error
	}{
		"empty":              {"", ErrDamaged},
		"words":              {"hello", ErrDamaged},
		"HTML":               {"<html><svg/></html>", ErrUnsupported},
		"no namespace":       {`<svg viewBox="0 0 8 8"/>`, ErrDamaged},
		"cut off":            {svg + `<rect width="`, ErrDamaged},
		"unclosed":           {svg + `<rect>`, ErrDamaged},
		"Latin-1":            {`<?xml version="1.0" encoding="ISO-8859-1"?>` + svg + "</svg>", ErrUnsupported},
		"no extent":          {`<svg xmlns="http://www.w3.org/2000/svg" width="0" height="0"/>`, ErrDamaged},
		"long":               {`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 1"/>`, ErrTooLarge},
		"deep":               {svg + strings.Repeat("<g>", 100) + strings.Repeat("</g>", 100) + "</svg>", ErrTooLarge},
		"many":               {svg + strings.Repeat("<g/>", 20_000) + "</svg>", ErrTooLarge},
		"entities":           {laughs + "]>" + svg + "<title>&z;</title></svg>", ErrDamaged},
		"entities in a path": {laughs + "]>" + svg + `<path d="&z;"/></svg>`, ErrDamaged},
		"loop of entities":   {`<!DOCTYPE svg [<!ENTITY a "&b;"><!ENTITY b "&a;">]>` + svg + "<title>&a;</title></svg>", ErrDamaged},
		"many entities":      {"<!DOCTYPE svg [" + strings.Repeat(`<!ENTITY a "b">`, 70) + "]>" + svg + "</svg>", ErrTooLarge},
		"doctype":            {"<!DOCTYPE svg [" + strings.Repeat(" ", 10_000) + "]>" + svg + "</svg>", ErrTooLarge},
		"file":               {svg + `<image href="file:///etc/passwd"/></svg>`, ErrUnsupported},
		"web":                {svg + `<image href="https://example.org/x.png"/></svg>`, ErrUnsupported},
		"other document":     {svg + `<use href="other.svg#a"/></svg>`, ErrUnsupported},
		"filter picture":     {svg + `<filter id="f"><feImage href="a.png"/></filter></svg>`, ErrUnsupported},
	} {
		m, err := rasterise(t, []byte(c.doc), usual)
		if m != nil || !errors.Is(err, c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// Entities as drawing programs write them are expanded.
func TestEntity(t *testing.T) {
	m, err := rasterise(t, []byte(`<!DOCTYPE svg [<!ENTITY c "lime"><!ENTITY ns "http://www.w3.org/2000/svg">]><svg xmlns="&ns;" viewBox="0 0 8 8"><rect width="8" height="8" fill="&c;"/></svg>`), usual)
	if err != nil || m.NRGBAAt(5, 5) != (color.NRGBA{G: 255, A: 255}) {
		t.Errorf("%v", err)
	}
}

// Documents that would take for ever or eat the memory end with an error, and
// the next document is drawn as if nothing had been.
func TestHostile(t *testing.T) {
	uses := `<g id="u0"><rect width="1" height="1"/></g>`
	for i := range 12 {
		uses += fmt.Sprintf(`<g id="u%d">%s</g>`, i+1, strings.Repeat(fmt.Sprintf(`<use href="#u%d"/>`, i), 12))
	}
	blur := `<filter id="f" x="-1e6" y="-1e6" width="2e6" height="2e6"><feGaussianBlur stdDeviation="1e5"/></filter>` +
		strings.Repeat(`<g filter="url(#f)">`, 40) + `<rect width="8" height="8"/>` + strings.Repeat(`</g>`, 40)
	for name, body := range map[string]string{
		"uses of uses": uses,
		"filters":      blur,
		"own use":      `<g id="a"><use href="#a"/></g>`,
		"pattern":      `<pattern id="p" width="1e-9" height="1e-9" patternUnits="userSpaceOnUse"><rect width="1" height="1"/></pattern><rect width="8" height="8" fill="url(#p)"/>`,
		"dashes":       `<path d="M0 0H1e9" stroke="red" stroke-dasharray="1e-6"/>`,
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		begin := time.Now()
		_, err := Rasterise(ctx, document(body), usual)
		if took := time.Since(begin); took > 15*time.Second {
			t.Errorf("%s: took %v (%v)", name, took, err)
		}
		cancel()
	}
	m, err := rasterise(t, document(`<rect width="8" height="8" fill="lime"/>`), usual)
	if err != nil || m.NRGBAAt(5, 5) != (color.NRGBA{G: 255, A: 255}) {
		t.Errorf("afterwards: %v", err)
	}
}

func TestSameBitsAtOnce(t *testing.T) {
	doc := document(`<radialGradient id="g"><stop stop-color="#fa0"/><stop offset="1" stop-color="#05c"/></radialGradient><circle cx="4" cy="4" r="3.3" fill="url(#g)" transform="rotate(17)"/>`)
	want, err := rasterise(t, doc, usual)
	if err != nil {
		t.Fatal(err)
	}
	// The same on every machine, too.
	if got := hex.EncodeToString(func() []byte { h := sha256.Sum256(want.Pix); return h[:8] }()); got != "b735267f56e4528b" {
		t.Errorf("the pixels' digest is %s", got)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 3 {
				if m, err := Rasterise(context.Background(), doc, usual); err != nil || !bytes.Equal(m.Pix, want.Pix) {
					t.Errorf("differs: %v", err)
				}
			}
		})
	}
	wg.Wait()
}

func FuzzInspect(f *testing.F) {
	f.Add(document(`<rect width="8" height="8"/><text>a</text>`))
	f.Add([]byte(`<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg"><use href="x"/></svg>`))
	f.Add([]byte("\xff<svg"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := inspect(b, usual); err != nil && !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrUnsupported) {
			t.Errorf("%v", err)
		}
	})
}
