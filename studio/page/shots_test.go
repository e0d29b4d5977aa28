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
