package page_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/limner-ai/limner/internal/home"
	"github.com/limner-ai/limner/studio/gate"
	"github.com/limner-ai/limner/studio/jobs"
	"github.com/limner-ai/limner/studio/work/place"
	"github.com/limner-ai/limner/studio/work/train"
)

// pages are those of the navigation.
var pages = []string{"/", "/gallery", "/explore", "/train", "/data", "/trace", "/station", "/report"}

func TestGalleryInABrowser(t *testing.T) {
	s := newStudio(t, "", nil)
	s.made(t, `{"model":"emoji","prompt":"a red apple","n":2,"seed":1}`)
	s.made(t, `{"model":"emoji","prompt":"a green boat","n":1,"seed":2}`)
	b := open(t, s)
	b.visit("/gallery")
	b.until(shown("#found", "3"))
	b.write("#words", "boat")
	b.until(`document.querySelectorAll('#found .picture').length === 1`)
	b.press("#found .picture [aria-label=Keep]")
	b.until(`document.querySelector('#found .picture').dataset.mark === 'kept'`)
	b.write("#words", "zebra")
	b.until(`document.querySelectorAll('#found .picture').length === 0`)
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector('#words').value = ''`))
	b.press("#search label:has(input[value=kept])")
	b.until(`document.querySelectorAll('#found .picture').length === 1`)

	// Large, with what it was made by; and its settings go to Make.
	b.press("#found .opens")
	b.until(`document.querySelector('dialog[open] .facts')?.innerText.includes('emoji')`)
	b.press(`dialog[open] [aria-label="Use its settings"]`)
	b.arrives(`location.pathname === '/' && document.querySelector('#prompt')?.value === 'a green boat' && document.querySelector('#seed').value === '2'`)
}

func TestExploreInABrowser(t *testing.T) {
	b := open(t, newStudio(t, "", nil))
	b.visit("/explore")
	b.until(`document.querySelector('#which')?.value === 'tiny-vae'`)
	b.until(shown(".sheet", "1"))
	for _, way := range []string{"plane", "slide", "mix"} {
		b.press("#ways label:has(input[value=" + way + "])")
		b.until(`document.querySelector('#ways input[value=` + way + `]').checked && document.querySelector('#place').children.length > 0`)
	}
}

// A VAE that was trained here is walked: pictures are moved by sliders along what
// its set tells apart, and one takes the class of another.
func TestSlidersInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes long")
	}
	base := t.TempDir()
	p := place.Places{Home: home.Home(filepath.Join(base, "home")), Runs: filepath.Join(base, "runs")}
	s := newStudio(t, p.Runs, &p)
	for name, conditional := range map[string]string{"plain": "false", "told": "true"} {
		spec, err := json.Marshal(train.Spec{Run: name, Config: `model: {family: vae, net: dense, hidden: [32], latent: 4, conditional: ` + conditional + `}
data: {kind: shapes, size: 16, channels: 3, count: 400}
train: {batch: 16, steps: 80, rate: 2e-3}
every: {log: 20, sample: 80, checkpoint: 80, validate: 0}
`})
		if err != nil {
			t.Fatal(err)
		}
		j, err := s.queue.Submit(t.Context(), jobs.Submission{Kind: train.Kind, Owner: gate.Local, Spec: spec})
		if err != nil {
			t.Fatal(err)
		}
		if j, err = s.queue.Wait(t.Context(), gate.Local, j.ID); err != nil || j.State != jobs.Done {
			t.Fatalf("%+v, %v", j, err)
		}
	}
	s.made(t, `{"model":"plain","n":2,"seed":3}`)
	b := open(t, s)
	b.visit("/explore")
	b.until(`document.querySelector('#which')?.value === 'plain'`)
	b.until(shown(".sheet", "1"))
	choose := func(picker, picture int) {
		t.Helper()
		b.press(".picker:nth-child(" + strconv.Itoa(picker) + ") button")
		b.until(shown("dialog[open] .pictures", "2"))
		b.press("dialog[open] .pictures li:nth-child(" + strconv.Itoa(picture) + ") .opens")
		b.until(`!document.querySelector('dialog[open]')`)
	}
	b.press("#ways label:has(input[value=slide])")
	b.until(`document.querySelectorAll('.sliders input').length > 1`)
	choose(1, 1)
	const moved = `document.querySelector('.sliding .pair > :nth-child(2) .frame:not(.waiting) img')`
	b.until(moved + `?.naturalWidth === 16`)
	before := ask[string](b, moved+`.src`)
	b.do(chromedp.Focus(chromedp.CSS(".sliders input")), chromedp.KeyEvent(kb.End))
	b.until(moved + ` && ` + moved + `.src.includes('toward') && ` + moved + `.complete && ` + moved + `.naturalWidth === 16`)
	if after := ask[string](b, moved+`.src`); after == before || !strings.Contains(after, "%3A3") {
		t.Errorf("it was moved to %s", after)
	}
	b.press(".exploring .row.apart button") // all to the middle
	b.until(moved + `?.src === ` + strconv.Quote(before))

	b.press("#ways label:has(input[value=mix])")
	b.until(`document.querySelector('#which').value === 'told'`)
	choose(1, 1)
	choose(2, 2)
	b.press(".mixing .primary")
	b.until(shown(".mixing > :nth-child(3) .frame:not(.waiting)", "1"))
	if spec := b.last(); spec.Model != "told" || spec.Image == spec.Style {
		t.Errorf("%+v", spec)
	}
}

func TestTrainInABrowser(t *testing.T) {
	s := newStudio(t, "", nil)
	b := open(t, s)
	b.visit("/train")
	b.until(`document.querySelector('#recipe option') && document.querySelector('#stage .empty')`)
	b.press("#begin > summary")
	// Small enough that a machine with much else to do shows something soon, and
	// long enough that it is stopped on the way.
	b.write("#name", "small")
	b.press("#begin #new details:nth-of-type(2) summary")
	b.write("#config", `model: {family: vae, net: dense, hidden: [16], latent: 2}
data: {kind: shapes, size: 16}
train: {batch: 8, images: 8000000, rate: 1e-3}
every: {log: 1, sample: 50, checkpoint: 20}
`)
	b.press("#new .primary")
	b.until(`document.querySelector('#stage .chart path')`)
	drawn := ask[string](b, `document.querySelector('#stage .chart path').getAttribute('d')`)
	quoted, err := json.Marshal(drawn)
	if err != nil {
		t.Fatal(err)
	}
	b.until(`document.querySelector('#stage .chart path').getAttribute('d') !== ` + string(quoted))
	b.press("[data-does=stop]")
	b.until(`document.querySelector('[data-does=resume]')`)
	list, err := s.queue.List(b.Context, jobs.Filter{Kind: train.Kind})
	if err != nil || len(list) != 1 || list[0].State != jobs.Cancelled {
		t.Fatalf("%+v, %v", list, err)
	}
	b.press("[data-does=resume]")
	b.until(`document.querySelector('[data-does=stop]')`)
	b.press("[data-does=stop]")
	b.until(`document.querySelector('[data-does=resume]')`)
}

func TestDataInABrowser(t *testing.T) {
	b := open(t, newStudio(t, "", nil))
	b.visit("/data")
	b.until(`document.querySelector('#room .empty')`)
	for _, room := range []string{"decisions", "coverage", "sets", "claims", "sources"} {
		b.press("#rooms label:has(input[value=" + room + "])")
		b.until(`location.hash === '#` + room + `' && document.querySelector('#room').innerText.length > 20 && !document.querySelector('#room [role=status]')`)
	}
}

func TestStationInABrowser(t *testing.T) {
	s := newStudio(t, "", nil)
	b := open(t, s)
	b.visit("/station")
	b.until(shown("#picture:not(.waiting)", "1") + ` && document.querySelector('#why').innerText.includes('draw')`)
	now := `document.querySelector('#picture img')?.src`
	next := func(step func()) {
		t.Helper()
		before := ask[string](b, now)
		step()
		b.until(`!document.querySelector('#keep').disabled && ` + now + ` !== '` + before + `' && ` + shown("#picture:not(.waiting)", "1"))
	}
	next(func() { b.press("#keep") })
	next(func() { b.do(chromedp.KeyEvent(kb.ArrowLeft)) })
	next(func() { // thrown to the right
		b.do(chromedp.Evaluate[chromedp.Void](`(() => {
			const card = document.querySelector('#card'), at = (type, x) => card.dispatchEvent(new PointerEvent(type, {clientX: x, clientY: 200, button: 0, pointerId: 1, bubbles: true}));
			card.setPointerCapture = () => {};
			at('pointerdown', 200); at('pointermove', 260); at('pointermove', 330); at('pointerup', 330);
		})()`))
	})
	states := ask[string](b, `[...document.querySelectorAll('#past button')].map(e => e.getAttribute('aria-pressed')).sort().join()`)
	if states != "false,true,true" {
		t.Errorf("what has been is %s", states)
	}
	kept := ask[int](b, `fetch('/api/v1/gallery?mark=kept').then(r => r.json()).then(a => a.pictures.length)`)
	if kept != 2 {
		t.Errorf("the gallery has kept %d", kept)
	}
	// Another mind about one that was kept; then one thing is forgotten, then all.
	b.press("#past button[aria-pressed=true]")
	b.until(`document.querySelector('#tally').innerText === '1 of 3 kept'`)
	before := ask[int](b, `document.querySelectorAll('#taste .balance').length`)
	b.press("#taste button")
	b.until(`document.querySelectorAll('#taste .balance').length === ` + strconv.Itoa(before-1))
	b.press("#forget")
	b.press("dialog.sure .primary")
	b.until(`document.querySelector('#history').hidden && document.querySelector('#taste .nothing')`)
}

// axe finds what keeps people out. It is there where npm put it: the folder is
// LIMNER_AXE, or one that is made here.
func axe(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("LIMNER_AXE")
	if folder == "" {
		folder = t.TempDir()
		npm, err := exec.LookPath("npm")
		if err != nil {
			t.Skip("there is no npm to fetch axe-core with: accessibility is not checked")
		}
		// What npm looks for beyond the package itself takes long and is of no use here.
		c := exec.CommandContext(context.Background(), npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", folder, "axe-core@4.14.1")
		if out, err := c.CombinedOutput(); err != nil {
			t.Skipf("axe-core cannot be fetched, accessibility is not checked: %v, %.200s", err, out)
		}
	}
	text, err := os.ReadFile(filepath.Join(folder, "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Skipf("axe-core is not there, accessibility is not checked: %v", err)
	}
	return string(text)
}

// Nothing keeps people out, be it light or dark, at a desk or on a phone.
func TestAccessibilityInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes long")
	}
	script := axe(t)
	s := newStudio(t, "", nil)
	s.made(t, `{"model":"emoji","prompt":"a red apple","n":2,"seed":1}`)
	b := open(t, s)
	ready := map[string]string{
		"/":        `document.querySelector('#make.ready') && ` + shown("#stage", "2"),
		"/gallery": shown("#found", "2"),
		"/explore": shown(".sheet", "1"),
		"/train":   `document.querySelector('#recipe option') && document.querySelector('#stage .empty')`,
		"/data":    `document.querySelector('#room .empty')`,
		"/trace":   `document.querySelector('#source .picker') && document.querySelector('#answer .empty')`,
		"/report":  `document.querySelector('#which option') && document.querySelector('#report .empty')`,
		"/station": `!document.querySelector('#keep').disabled && ` + shown("#picture:not(.waiting)", "1"),
	}
	for i, path := range pages {
		for j, phone := range []bool{false, true} {
			b.dark((i+j)%2 == 1)
			if phone {
				b.size(390, 844)
			} else {
				b.size(1280, 800)
			}
			b.visit(path)
			b.until(ready[path])
			b.do(chromedp.Evaluate[chromedp.Void](script + `; undefined`))
			for _, opened := range []string{"", `document.querySelectorAll('details').forEach(d => { d.open = true })`} {
				if opened != "" {
					b.do(chromedp.Evaluate[chromedp.Void](opened))
				}
				found := ask[string](b, `axe.run({resultTypes: ['violations']}).then(r => r.violations.filter(v => ['serious', 'critical'].includes(v.impact))
					.flatMap(v => v.nodes.slice(0, 3).map(n => v.id + ': ' + n.html.slice(0, 160) + ' ' + (n.any[0]?.message ?? ''))).join('\n'))`)
				for line := range strings.SplitSeq(strings.TrimSpace(found), "\n") {
					if line != "" {
						t.Errorf("%s, phone %v: %s", path, phone, line)
					}
				}
			}
			if wide := ask[int](b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); wide > 0 {
				t.Errorf("%s, phone %v: it is %d pixels too wide", path, phone, wide)
			}
		}
	}
}
