package page_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/limner-ai/limner/studio/jobs"
	"github.com/limner-ai/limner/studio/paint"
)

// tab is a page of a browser without a screen. What is wrong on it, a policy
// that is broken or an error that nobody catches, fails the test.
type tab struct {
	context.Context
	t *testing.T
	s *studio
}

// patience bounds a step, so that a test that waits for what never comes ends.
const patience = 60 * time.Second

// open starts a browser; without one the test is skipped.
func open(t *testing.T, s *studio) *tab {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes long")
	}
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("there is no Chromium (Debian's chromium) to walk the pages with")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.Flag("force-color-profile", "srgb"), chromedp.Flag("hide-scrollbars", true), chromedp.WSURLReadTimeout(patience))
	allocator, endBrowser := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, endTab := chromedp.NewContext(allocator)
	t.Cleanup(func() { endTab(); endBrowser() })
	b := &tab{ctx, t, s}
	if err := chromedp.Do(ctx); err != nil { // without a limit of time: it would be the browser's
		t.Fatal(err)
	}
	var mu sync.Mutex
	var wrong []string
	err := chromedp.Listen(ctx, func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			what := e.ExceptionDetails.Text
			if e.ExceptionDetails.Exception != nil {
				what += " " + e.ExceptionDetails.Exception.Description
			}
			wrong = append(wrong, what)
		case *log.EventEntryAdded:
			if e.Entry.Level == log.EntryLevelError && e.Entry.Source == log.EntrySourceSecurity {
				wrong = append(wrong, e.Entry.Text)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		for _, w := range wrong {
			t.Errorf("on the page: %s", w)
		}
	})
	b.size(1280, 800)
	return b
}

// run takes a step, or fails the test.
func run[T any](b *tab, step chromedp.Action[T]) T {
	b.t.Helper()
	ctx, end := context.WithTimeout(b.Context, patience)
	defer end()
	value, err := chromedp.Run(ctx, step)
	if err == nil {
		return value
	}
	text, _ := chromedp.Run(b.Context, chromedp.Evaluate[string](`document.querySelector('#messages').innerText + ' | ' + document.querySelector('main').innerText`))
	if folder := os.Getenv("LIMNER_SCREENSHOTS"); folder != "" {
		if seen, err := chromedp.Run(b.Context, chromedp.CaptureScreenshot()); err == nil {
			_ = os.WriteFile(filepath.Join(folder, "failed.png"), seen, 0o644)
		}
	}
	b.t.Fatalf("%v, on a page that says: %.1500s", err, text)
	return value
}

// do takes steps that give nothing.
func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	run(b, chromedp.Steps(steps...))
}

func (b *tab) visit(path string) { b.t.Helper(); b.do(chromedp.Navigate(b.s.URL + path)) }

// size makes the page as large as a window; a narrow one is a phone.
func (b *tab) size(w, h int64) {
	b.t.Helper()
	if w > 600 {
		b.do(chromedp.EmulateViewport(w, h))
		return
	}
	b.do(chromedp.EmulateViewport(w, h, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulateScale(2)))
}

func (b *tab) dark(on bool) {
	b.t.Helper()
	value := map[bool]string{false: "light", true: "dark"}[on]
	_, err := chromedp.Call(b.Context, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: value}},
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// until waits until an expression is true on the page.
func (b *tab) until(expression string) {
	b.t.Helper()
	b.do(b.waits(expression))
}

// arrives waits until a page that a press leads to has been loaded, on which an
// expression is true: what waits on the page before ends with it.
func (b *tab) arrives(expression string) {
	b.t.Helper()
	ctx, end := context.WithTimeout(b.Context, patience)
	defer end()
	for ctx.Err() == nil {
		if _, err := chromedp.Run(ctx, b.waits(expression)); err == nil {
			return
		}
	}
	b.until(expression)
}

func (b *tab) waits(expression string) chromedp.Action[chromedp.Void] {
	return chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingInterval(50*time.Millisecond), chromedp.WithPollingTimeout(patience/2))
}

// ask evaluates an expression on the page.
func ask[T any](b *tab, expression string) T {
	b.t.Helper()
	return run(b, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

func (b *tab) press(selector string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

func (b *tab) write(selector, text string) {
	b.t.Helper()
	b.do(chromedp.Focus(chromedp.CSS(selector)), chromedp.Evaluate[chromedp.Void](`document.activeElement.value = ""`), chromedp.KeyEvent(text))
}

// shown is true once there are so many pictures that are drawn.
func shown(selector, n string) string {
	return `[...document.querySelectorAll("` + selector + ` img")].filter(i => i.complete && i.naturalWidth > 0).length >= ` + n
}

// last is what was asked for most recently.
func (b *tab) last() (s paint.Spec) {
	b.t.Helper()
	list, err := b.s.queue.List(b.Context, jobs.Filter{Kind: paint.Kind, Limit: 1})
	if err != nil || len(list) == 0 {
		b.t.Fatalf("%v, %v", list, err)
	}
	if err := json.Unmarshal(list[0].Spec, &s); err != nil {
		b.t.Fatal(err)
	}
	return s
}

func TestMakeInABrowser(t *testing.T) {
	b := open(t, newStudio(t, "", nil))
	b.visit("/")
	b.until(`document.querySelector('#make.ready') && document.querySelector('.invitation')`)
	b.write("#prompt", "a red apple")
	b.press("#dice")
	b.press("#lock")
	b.press("#go")
	b.until(shown("#stage .run[data-state=done]", "4"))
	if s := b.last(); s.Prompt != "a red apple" || s.N != 4 || s.Model != "emoji" {
		t.Errorf("%+v", s)
	}

	// One that is never done: its preview is seen, and it is cancelled.
	b.write("#prompt", "a green pear, slowly")
	b.do(chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(kb.ModifierCtrl)))
	b.until(shown("#stage .run:first-child .frame.preview", "1"))
	b.until(`document.querySelector('#stage .run:first-child [role=progressbar]').getAttribute('aria-valuenow') > 0`)
	b.press("#stage .run:first-child .follower button")
	b.until(`document.querySelector('#stage .run:first-child').dataset.state === 'cancelled'`)

	// Settings come back from a picture on the stage.
	b.press(`#stage .run[data-state=done] .picture:nth-child(2) .opens`)
	b.press(`dialog[open] [aria-label="Use its settings"]`)
	b.until(`document.querySelector('#prompt').value === 'a red apple' && document.querySelector('#n').value === '1'`)
	b.press("#go")
	b.until(shown("#stage .run[data-state=done] .pictures[data-count='1']", "1"))
	if s := b.last(); s.First != 1 || s.N != 1 {
		t.Errorf("it is not the second picture again: %+v", s)
	}

	// A refusal is said, in the studio's words.
	b.write("#prompt", "something impossible")
	b.press("#go")
	b.until(`document.querySelector('.message.problem')?.innerText.includes('impossible')`)
}

func TestGridInABrowser(t *testing.T) {
	b := open(t, newStudio(t, "", nil))
	b.visit("/")
	b.until(`document.querySelector('#make.ready')`)
	b.write("#prompt", "a boat")
	b.press("#grid summary")
	b.write("#x-values", "5..7")
	b.write("#y-values", "1, 2.5")
	b.press("#compare")
	b.until(shown(".compared", "6"))
	heads := ask[string](b, `[...document.querySelectorAll('.compared th')].map(e => e.innerText).join('|')`)
	if heads != "Seed 5|Seed 6|Seed 7|Guidance 1|Guidance 2.5" {
		t.Errorf("the labels are %s", heads)
	}
	list, err := b.s.queue.List(b.Context, jobs.Filter{Kind: paint.Kind})
	if err != nil || len(list) != 6 {
		t.Errorf("%d jobs, %v", len(list), err)
	}
	b.until(`!document.querySelector('.run button:not([hidden]):last-of-type').disabled`)
}

func TestMaskInABrowser(t *testing.T) {
	b := open(t, newStudio(t, "", nil))
	path := filepath.Join(t.TempDir(), "in.png")
	if err := os.WriteFile(path, disc("in", 3), 0o644); err != nil {
		t.Fatal(err)
	}
	b.visit("/")
	b.until(`document.querySelector('#make.ready')`)
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{path}))
	b.press("#mask")
	b.until(`document.activeElement?.id === 'mask-canvas'`)
	// By hand in the upper left, by keyboard in the middle, and one stroke that
	// is taken back.
	box := ask[struct{ X, Y, Width float64 }](b, `(({x, y, width}) => ({x, y, width}))(document.querySelector('#mask-canvas').getBoundingClientRect())`)
	b.do(chromedp.MouseClickXY(box.X+box.Width*.2, box.Y+box.Width*.2))
	b.do(chromedp.Focus(chromedp.CSS("#mask-canvas")), chromedp.KeyEvent(kb.ArrowRight+kb.ArrowRight+" "))
	b.do(chromedp.MouseClickXY(box.X+box.Width*.8, box.Y+box.Width*.8))
	b.press("#mask-undo")
	b.press("#mask-use")
	b.until(shown("#input .over", "0") + ` && document.querySelector('#input img.over')`)
	b.write("#prompt", "a worm")
	b.press("#go")
	b.until(shown("#stage .run[data-state=done]", "4"))
	spec := b.last()
	data, err := b.s.store.Get(spec.Mask)
	if err != nil {
		t.Fatalf("%+v: %v", spec, err)
	}
	m, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	light := func(x, y float64) bool {
		at := image.Pt(int(x*float64(m.Bounds().Dx())), int(y*float64(m.Bounds().Dy())))
		r, _, _, _ := m.At(at.X, at.Y).RGBA()
		return r > 0x8000
	}
	if !light(.2, .2) || light(.8, .8) || light(.2, .8) {
		t.Errorf("the mask is not what was painted: %v %v %v", light(.2, .2), light(.8, .8), light(.2, .8))
	}
	// The brush was where the mouse was, two steps to the right of it.
	if !light(.2+20./512, .2) {
		t.Error("the keyboard painted nothing")
	}
	if spec.Strength == nil || *spec.Strength != 1 {
		t.Errorf("the strength inside a mask is %v", spec.Strength)
	}
}

// A picture that says how it was made fills the form in.
func TestSettingsReturnInABrowser(t *testing.T) {
	b := open(t, newStudio(t, "", nil))
	path := filepath.Join(t.TempDir(), "made.png")
	if err := os.WriteFile(path, withParameters("a blue fish\nNegative prompt: red\nSteps: 6, Sampler: euler, CFG scale: 2.5, Seed: 18446744073709551615, Size: 64x64"), 0o644); err != nil {
		t.Fatal(err)
	}
	b.visit("/")
	b.until(`document.querySelector('#make.ready')`)
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{path}))
	b.until(`document.querySelector('#prompt').value === 'a blue fish'`)
	form := ask[string](b, `['negative', 'steps', 'guidance', 'seed', 'sampler'].map(id => document.getElementById(id).value).join('|')`)
	if form != "red|6|2.5|18446744073709551615|euler" {
		t.Errorf("the form says %s", form)
	}
	b.press("#go")
	b.until(shown("#stage .run[data-state=done]", "1"))
	if s := b.last(); s.Seed == nil || *s.Seed != 1<<64-1 {
		t.Errorf("the seed became %v", s.Seed)
	}
}
