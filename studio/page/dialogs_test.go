package page_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// What opens on a page keeps nobody out either, and takes and gives back the
// keyboard.
func TestDialogsInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes long")
	}
	script := axe(t)
	s := newStudio(t, "", nil)
	s.made(t, `{"model":"emoji","prompt":"a red apple","n":2,"seed":1}`)
	path := filepath.Join(t.TempDir(), "in.png")
	if err := os.WriteFile(path, disc("in", 3), 0o644); err != nil {
		t.Fatal(err)
	}
	b := open(t, s)
	for _, phone := range []bool{false, true} {
		b.dark(!phone)
		if phone {
			b.size(390, 844)
		}
		b.visit("/")
		b.until(`document.querySelector('#make.ready') && ` + shown("#stage", "2"))
		b.do(chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{path}))
		b.until(`document.querySelector('#mask')`)
		b.do(chromedp.Evaluate[chromedp.Void](script + `; undefined`))
		for name, opens := range map[string]string{
			"preferences": "[data-opens=preferences]", "large": "#stage .opens", "mask": "#mask",
		} {
			b.do(chromedp.Focus(chromedp.CSS(opens)), chromedp.KeyEvent("\r"))
			b.until(`document.querySelector('dialog[open]')?.contains(document.activeElement)`)
			found := ask[string](b, `axe.run({resultTypes: ['violations']}).then(r => r.violations.filter(v => ['serious', 'critical'].includes(v.impact))
				.flatMap(v => v.nodes.map(n => v.id + ': ' + n.html.slice(0, 160))).join('\n'))`)
			if found != "" {
				t.Errorf("%s, phone %v: %s", name, phone, found)
			}
			if wide := ask[int](b, `(d => d.scrollWidth - d.clientWidth)(document.querySelector('dialog[open]'))`); wide > 0 {
				t.Errorf("%s, phone %v: it is %d pixels too wide", name, phone, wide)
			}
			if folder := os.Getenv("LIMNER_SCREENSHOTS"); folder != "" {
				seen := run(b, chromedp.CaptureScreenshot())
				if err := os.WriteFile(filepath.Join(folder, "dialog-"+name+map[bool]string{true: "-phone"}[phone]+".png"), seen, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			b.do(chromedp.KeyEvent("\u001b"))
			b.until(`!document.querySelector('dialog[open]')`)
			if at := ask[bool](b, `document.activeElement?.matches(`+strings.ReplaceAll("`"+opens+"`", `"`, `\"`)+`) ?? false`); !at {
				t.Errorf("%s, phone %v: the keyboard does not come back to what opened it", name, phone)
			}
		}
	}
}
