package page_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/limner-ai/limner/studio/work/worktest"
)

// From a source to a data set and a claim, all on the page but for what is left
// to the command line.
func TestDataIsWalkedInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes long")
	}
	p := worktest.Places(t)
	b := open(t, newStudio(t, "", &p))
	b.visit("/data")
	b.until(`document.querySelector('[data-source=art]')`)
	b.press("[data-source=art] button") // take in what is new
	b.until(`document.querySelector('#messages').innerText.includes('3 new files')`)
	b.press("#room section button") // curate
	b.until(`document.querySelector('#messages').innerText.includes('fruit: 2 pictures')`)
	b.visit("/data")
	b.until(`document.querySelector('[data-source=art] .verdict.allow')?.innerText.includes('2 allowed')`)

	room := func(name, shows string) {
		t.Helper()
		b.press("#rooms label:has(input[value=" + name + "])")
		b.until(`location.hash === '#` + name + `' && ` + shows)
	}
	room("decisions", shown(".decisions", "3"))
	b.do(chromedp.Evaluate[chromedp.Void](`[...document.querySelectorAll('.decisions a')].find(a => a.innerText.includes('fig')).click()`))
	b.until(`document.querySelector('.evidence .reasons')?.innerText.includes('non-commercial')`)
	b.press(".reasons .link") // what it rests on
	b.until(`document.querySelector('.paper')?.innerText.includes('CC-BY-NC')`)
	b.do(chromedp.KeyEvent("\u001b"))
	room("coverage", `document.querySelector('.dimensions .bars')`)
	room("sets", `document.querySelector('#room .empty')`)
	m := worktest.Freeze(t, p)
	b.visit("/data#sets")
	b.do(chromedp.Reload())
	b.until(`document.querySelector('[data-set=fruit] .facts')?.innerText.includes('` + m.Root.Root.String() + `')`)
	if got := ask[string](b, `fetch(document.querySelector('[data-set=fruit] a[download]').href).then(r => r.text()).then(t => t.slice(257, 262))`); got != "ustar" {
		t.Errorf("the archive begins with %q", got)
	}

	room("claims", `document.querySelector('#room form')`)
	b.write("#holder", "Ann Artist")
	b.write("#contact", "ann@example.org")
	b.press("#room form summary")
	b.write("#paths", "art/app*")
	b.press("#room form .primary")
	b.until(`document.querySelector('#room article')?.innerText.includes('Ann Artist')`)
	text := ask[string](b, `document.querySelector('#room').innerText`)
	if !strings.Contains(text, "Open: what it names is held") || !strings.Contains(text, "1 copy") || strings.Contains(text, "ann@example.org") {
		t.Errorf("the claim says %s", text)
	}
	room("decisions", `document.querySelector('#room').innerText.includes('a claim is open')`)
	b.press("#rooms label:has(input[value=sets])")
	b.until(`document.querySelector('[data-set=fruit] a.button')`)
	b.press("[data-set=fruit] a.button")
	b.arrives(`location.pathname === '/train' && document.querySelector('#set')?.value === 'fruit' && document.querySelector('#begin').open`)
}

// A model comes in as a file; what is none is refused in words.
func TestAModelIsBroughtInInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes long")
	}
	s := newStudio(t, "", nil)
	b := open(t, s)
	folder := t.TempDir()
	file := filepath.Join(folder, "My model (1).safetensors")
	untrained(t, folder, "ring", "dot")
	text, err := os.ReadFile(filepath.Join(folder, "tiny-vae", "model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text[:len(text)/2], 0o644); err != nil {
		t.Fatal(err)
	}
	b.visit("/train")
	b.until(`document.querySelector('#bring form') && document.querySelector('#recipe option')`)
	b.press("#bring summary")
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#model-file"), []string{file}))
	b.until(`document.querySelector('#model-name').value === 'My-model-1-'`)
	b.press("#bring .primary")
	b.until(`document.querySelector('.message.problem')?.innerText.includes('no model')`)
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#model-file"), []string{file}))
	b.press("#bring .primary")
	b.until(`document.querySelector('#messages').innerText.includes('My-model-1- is here')`)
	b.visit("/?model=My-model-1-")
	b.until(`document.querySelector('#make.ready') && document.querySelector('#model').value === 'My-model-1-'`)
}
