package page_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/limner-ai/limner/internal/home"
	"github.com/limner-ai/limner/studio/work/place"
)

// TestScreenshots draws the pages for the documentation into the folder
// LIMNER_SCREENSHOTS, painted by the models of the folder LIMNER_MODELS. What is
// on Train and Data are the runs and the home folder that LIMNER_RUNS and
// LIMNER_HOME name.
func TestScreenshots(t *testing.T) {
	folder, models := os.Getenv("LIMNER_SCREENSHOTS"), os.Getenv("LIMNER_MODELS")
	if folder == "" || models == "" {
		t.Skip("LIMNER_SCREENSHOTS and LIMNER_MODELS name no folders")
	}
	p := place.Default()
	p.Home = home.Home(os.Getenv("LIMNER_HOME"))
	p.Runs = os.Getenv("LIMNER_RUNS")
	s := newStudio(t, models, &p)
	for _, spec := range []string{
		`{"prompt":"a pizza, 3d","n":4,"seed":5}`, `{"prompt":"a green apple, flat","n":4,"seed":3}`,
		`{"prompt":"a blue heart, twemoji","n":2,"seed":2}`, `{"prompt":"an orange, 3d","n":4,"seed":1}`,
		`{"prompt":"a red apple, 3d","n":4,"seed":1}`,
	} {
		s.made(t, spec)
	}
	b := open(t, s)
	shoot := func(name string) {
		t.Helper()
		time.Sleep(500 * time.Millisecond) // what moves has come to rest
		seen := run(b, chromedp.CaptureScreenshot())
		if err := os.WriteFile(filepath.Join(folder, "studio-"+name+".png"), seen, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	looks := []struct {
		name string
		w, h int64
		dark bool
	}{{"", 1280, 800, false}, {"-dark", 1280, 800, true}, {"-phone", 390, 844, false}, {"-phone-dark", 390, 844, true}}
	for _, l := range looks {
		b.dark(l.dark)
		b.size(l.w, l.h)
		b.visit("/")
		b.until(`document.querySelector('#make.ready') && ` + shown("#stage", "4"))
		b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector('#prompt').value = 'a red apple, 3d'`))
		shoot("make" + l.name)
		b.visit("/gallery")
		b.until(shown("#found", "6"))
		shoot("gallery" + l.name)
		b.visit("/explore")
		b.until(shown(".sheet", "2"))
		shoot("explore" + l.name)
		if l.dark { // the others differ in colours alone
			continue
		}
		b.press("#ways label:has(input[value=plane])")
		b.until(shown(".plane-cells", "25") + ` && document.querySelector('.large-point:not(.waiting) img[src]')`)
		shoot("plane" + l.name)
		b.visit("/train")
		b.until(`document.querySelector('#stage .chart path, #stage .empty')`)
		shoot("train" + l.name)
		b.visit("/data")
		b.until(`document.querySelector('#room .sources, #room .empty')`)
		time.Sleep(4 * time.Second) // decisions are counted
		shoot("data" + l.name)
		b.visit("/station")
		b.until(`!document.querySelector('#keep').disabled && ` + shown("#picture:not(.waiting)", "1"))
		for _, verdict := range []string{"#keep", "#skip", "#keep"} {
			b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector('` + verdict + `').click()`))
			time.Sleep(time.Second)
			b.until(`!document.querySelector('#keep').disabled && ` + shown("#picture:not(.waiting)", "1"))
		}
		shoot("station" + l.name)
	}
}

// TestScreenshotsOfFaults draws what inspectors and traces show, by the model
// that comes with Limner, into the folder LIMNER_SCREENSHOTS.
func TestScreenshotsOfFaults(t *testing.T) {
	folder := os.Getenv("LIMNER_SCREENSHOTS")
	if folder == "" {
		t.Skip("LIMNER_SCREENSHOTS names no folder")
	}
	p := place.Default()
	p.Home, p.Sets = home.Home(os.Getenv("LIMNER_HOME")), []string{os.Getenv("LIMNER_SETS")}
	p.Runs = t.TempDir()
	s := newStudio(t, t.TempDir(), &p)
	for _, spec := range []string{
		`{"prompt":"a waving hand, 3d","n":2,"seed":5}`, `{"prompt":"a red apple, 3d","n":4,"seed":1}`,
	} {
		s.made(t, spec)
	}
	b := open(t, s)
	shoot := func(name string) {
		t.Helper()
		time.Sleep(500 * time.Millisecond) // what moves has come to rest
		seen := run(b, chromedp.CaptureScreenshot())
		if err := os.WriteFile(filepath.Join(folder, "studio-"+name+".png"), seen, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b.visit("/report")
	b.until(`document.querySelector('#report .empty input')`)
	b.write("#n", "16")
	b.press("#report .primary")
	for range 20 {
		if _, err := chromedp.Run(b.Context, b.waits(`document.querySelector('[data-inspector]')`)); err == nil {
			break
		}
	}
	for _, l := range []struct {
		name string
		w, h int64
		dark bool
	}{{"", 1440, 900, false}, {"-dark", 1440, 900, true}, {"-phone", 390, 844, false}, {"-phone-dark", 390, 844, true}} {
		b.dark(l.dark)
		b.size(l.w, l.h)
		b.visit("/report")
		b.until(`document.querySelector('[data-inspector]')`)
		shoot("report" + l.name)
		b.visit("/gallery")
		b.until(shown("#found", "6"))
		b.press("#found .picture:nth-child(5) .opens")
		b.press("dialog[open] .findings button")
		b.until(`document.querySelector('dialog[open] .finding')`)
		b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector('dialog[open] .finding:not(:disabled):not([aria-pressed=true])')?.click(); document.querySelector('dialog[open] .findings').scrollIntoView({block: 'nearest'})`))
		shoot("findings" + l.name)
		b.do(chromedp.Evaluate[chromedp.Void](`location.href = document.querySelector('dialog[open] .findings a').href`))
		b.arrives(`location.pathname === '/trace' && document.querySelector('[data-part=credentials] .verdict.allow')`)
		b.until(shown("[data-part=nearest]", "4"))
		shoot("trace" + l.name)
		b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector('[data-part=nearest]').scrollIntoView()`))
		shoot("trace-nearest" + l.name)
	}
}
