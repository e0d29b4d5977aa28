package page_test

import (
	"testing"

	"github.com/limner-ai/limner/studio/gallery"
)

// Pictures that look alike are found, and the way from one to another is shown.
func TestLikenessInABrowser(t *testing.T) {
	s := newStudio(t, "", nil)
	s.made(t, `{"model":"emoji","prompt":"a red apple","n":2,"seed":1}`)
	s.made(t, `{"model":"emoji","prompt":"a green boat","n":1,"seed":2}`)
	b := open(t, s)
	b.visit("/gallery")
	b.until(shown("#found", "3"))
	b.press("#found .picture:nth-child(2) .opens")
	b.press("dialog[open] .about > .row:not(.apart) button:first-child")
	b.until(`document.querySelector('#above')?.innerText.includes('latents') && ` + shown("#found", "2"))
	// Discs of one prompt differ by little.
	if alt := ask[string](b, `document.querySelector('#found .opens').getAttribute('aria-label')`); alt != "a red apple: see it large" {
		t.Errorf("the likest is %q", alt)
	}
	b.press("#above button")
	b.until(`document.querySelectorAll('#found .picture').length === 3`)

	b.press("#found .picture:nth-child(1) .opens")
	b.press("dialog[open] .about > .row:not(.apart) button:nth-child(2)")
	b.until(`document.body.classList.contains('choosing')`)
	b.press("#found .picture:nth-child(3) .opens")
	b.until(shown(".movie .strip", "12") + ` && !document.body.classList.contains('choosing')`)
	b.until(`document.querySelector('.movie .strip [data-here]:not(:first-child)')`) // it moves
	if spec := b.last(); spec.From == nil || spec.To == nil || spec.N != 12 || spec.From.Image == spec.To.Image {
		t.Errorf("%+v", spec)
	}
}

// Nothing is recorded before there is consent, which is asked for in the words
// of the terms and can be withdrawn.
func TestConsentInABrowser(t *testing.T) {
	s := newStudio(t, "", nil)
	s.made(t, `{"model":"emoji","prompt":"a red apple","n":2,"seed":1}`)
	b := open(t, s)
	b.visit("/gallery")
	b.until(shown("#found", "2"))
	recorded := func() int {
		t.Helper()
		return ask[int](b, `fetch('/api/v1/gallery/usage').then(r => r.json()).then(own => own.events.length)`)
	}
	b.press("#found .picture:nth-child(1) [aria-label=Keep]")
	b.until(`document.querySelector('.message')?.innerText.includes('Nothing else was recorded')`)
	b.press(".message button")
	b.until(`document.querySelector('dialog.terms[open] .words')`)
	shown := ask[string](b, `[...document.querySelectorAll('dialog.terms .words p')].map(p => p.textContent).join('\n\n')`)
	if shown != gallery.Terms.Words {
		t.Errorf("the words that are shown are not those that are recorded: %q", shown)
	}
	if n := recorded(); n != 0 {
		t.Errorf("%d acts were recorded without consent", n)
	}
	b.press("dialog.terms .primary")
	b.until(`!document.querySelector('dialog[open]')`)
	b.press("#found .picture:nth-child(2) [aria-label=Keep]")
	b.until(`fetch('/api/v1/gallery/usage').then(r => r.json()).then(own => own.events.length === 1)`)

	b.press("[data-opens=preferences]")
	b.press("#consent")
	b.until(`document.querySelector('dialog.terms[open]')`)
	b.press("#withdraw")
	b.until(`!document.querySelector('dialog[open]')`)
	b.press("#found .picture:nth-child(1) [aria-label=Discard]")
	b.until(`document.querySelector('#found .picture').dataset.mark === 'discarded'`)
	if n := recorded(); n != 1 {
		t.Errorf("%d acts are recorded after consent was withdrawn", n)
	}
	b.press("[data-opens=preferences]")
	b.press("#consent")
	b.press("#erase")
	b.press("dialog.sure .primary")
	b.until(`fetch('/api/v1/gallery/usage').then(r => r.json()).then(own => own.events.length === 0 && own.consents.length === 0)`)
}
