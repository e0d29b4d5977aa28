package page_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// A picture that was made here is looked at, traced, and found again when
// nothing of what it said is left.
func TestTraceInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes long")
	}
	s := newStudio(t, t.TempDir(), nil) // with the model that comes with Limner
	j := s.made(t, `{"prompt":"a red apple","n":1,"seed":1,"steps":2}`)
	b := open(t, s)
	b.visit("/gallery")
	b.until(shown("#found", "1"))
	b.press("#found .opens")
	b.press("dialog[open] .findings button")
	b.until(`document.querySelectorAll('dialog[open] .finding').length > 0`)
	said := ask[string](b, `document.querySelector('dialog[open] .findings').innerText`)
	if !strings.Contains(said, "%") && !strings.Contains(said, "not judged") {
		t.Errorf("the inspectors say %s", said)
	}
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector('dialog[open] .finding:not(:disabled):not([aria-pressed=true])')?.click()`))
	if ask[bool](b, `Boolean(document.querySelector('dialog[open] .finding:not(:disabled)'))`) {
		b.until(`document.querySelector('dialog[open] .large .heat, dialog[open] .large .region')`)
	}
	b.press("dialog[open] .findings a")
	b.arrives(`location.pathname === '/trace' && document.querySelector('[data-part=credentials] .verdict.allow')`)
	b.until(shown("[data-part=nearest]", "4"))
	text := ask[string](b, `document.querySelector('#answer').innerText`)
	for _, want := range []string{"trusted credentials", "Licences", "MIT", "The nearest training pictures", "% away"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in what is told: %.2000s", want, text)
		}
	}
	// A file without anything: it is looked for by its looks, and not kept.
	path := filepath.Join(t.TempDir(), "bare.png")
	if err := os.WriteFile(path, disc("in", 3), 0o644); err != nil {
		t.Fatal(err)
	}
	b.press("#source button")
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#picker-file"), []string{path}))
	b.until(`document.querySelector('[data-part=credentials]')?.innerText.includes('There are none')`)
	if err := os.WriteFile(path, []byte("no picture"), 0o644); err != nil {
		t.Fatal(err)
	}
	b.press("#source button")
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#picker-file"), []string{path}))
	b.until(`document.querySelector('.message.problem')?.innerText.includes('cannot be read') && document.querySelector('#answer .empty')`)
	if j.Results == nil {
		t.Error("nothing was made")
	}
}

// A faulty picture is repaired with one press, and seen before and after.
func TestRepairInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes long")
	}
	s := newStudio(t, t.TempDir(), nil)
	s.made(t, `{"prompt":"a red apple","n":1,"seed":1,"steps":2}`)
	b := open(t, s)
	b.visit("/gallery")
	b.until(shown("#found", "1"))
	// Whatever inspectors find in it, here they are said to find a fault.
	b.do(chromedp.Evaluate[chromedp.Void](`(() => {
		const real = window.fetch;
		window.fetch = async (address, request) => {
			const answer = await real(address, request);
			if (!String(address).endsWith('/inspections')) return answer;
			const report = await answer.json();
			const values = btoa(String.fromCharCode(...Array(16).fill(0).map((_, i) => 16 * i)));
			report.findings = [{inspector: 'blur', summary: '', applies: true, score: 1, probability: 0.93, faulty: true, fault: 'blur', sentence: 'It is blurred in the middle.',
				regions: [{box: {Min: {X: 16, Y: 16}, Max: {X: 48, Y: 48}}, score: 1}], heat: {width: 4, height: 4, values}}];
			return new Response(JSON.stringify(report), {status: 200, headers: {'Content-Type': 'application/json'}});
		};
	})()`))
	b.press("#found .opens")
	b.press("dialog[open] .findings button")
	b.until(`document.querySelector('dialog[open] .finding[aria-pressed=true]') && document.querySelector('dialog[open] .large .heat') && document.querySelector('dialog[open] .large .region')`)
	b.press("dialog[open] .findings .primary")
	// It ends in a repaired picture, or in the sentence that there was none to be had.
	b.until(`document.querySelector('dialog[open] .comparing, dialog[open] .follower .problem')`)
	list := ask[string](b, `fetch('/api/v1/jobs?limit=1').then(r => r.text())`)
	if !strings.Contains(list, `"repair":{}`) {
		t.Errorf("no repair was asked for: %s", list)
	}
	if ask[bool](b, `Boolean(document.querySelector('dialog[open] .comparing'))`) {
		b.do(chromedp.Evaluate[chromedp.Void](`(e => { e.value = '20'; e.dispatchEvent(new Event('input')); })(document.querySelector('dialog[open] .compare input'))`))
		b.until(`document.querySelector('dialog[open] .comparing .between').style.left === '20%' && document.querySelector('dialog[open] .gained')`)
	}
}

// A model is looked at, and what goes wrong with it is told.
func TestReportInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes long")
	}
	b := open(t, newStudio(t, t.TempDir(), nil))
	b.visit("/report")
	b.until(`document.querySelector('#report .empty input')`)
	b.write("#n", "4")
	b.press("#report .primary")
	b.until(`document.querySelector('#again .follower, [data-inspector]')`)
	for range 4 {
		if ask[bool](b, `Boolean(document.querySelector('[data-inspector]'))`) {
			break
		}
		b.do(b.waits(`document.querySelector('[data-inspector]') || performance.now() > 25000`))
	}
	b.until(`document.querySelector('[data-inspector] .rates') && document.querySelector('#report .totals')?.innerText.includes('were made and looked at')`)
}
