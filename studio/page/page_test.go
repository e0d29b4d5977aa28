package page_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/limner-ai/limner/studio/api/apitest"
	"github.com/limner-ai/limner/studio/page"
)

func get(t *testing.T, s *studio, path string) (status int, head http.Header, body string) {
	t.Helper()
	r, err := http.Get(s.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, r.Header, string(b)
}

var (
	address = regexp.MustCompile(`(?:href|src)="([^"]*)"`)
	inline  = regexp.MustCompile(`(?i)<style|\sstyle=|\son\w+=|<script[^>]*>[^<]|javascript:`)
)

// Every page is whole: what it names is there, and nothing on it would be
// stopped by the policy.
func TestPagesAreWhole(t *testing.T) {
	s := newStudio(t, "", nil)
	seen := map[string]bool{}
	for _, path := range []string{"/", "/gallery", "/explore", "/train", "/data", "/station"} {
		status, head, body := get(t, s, path)
		if status != http.StatusOK || head.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%s: %d %s", path, status, head.Get("Content-Type"))
		}
		if !strings.Contains(head.Get("Content-Security-Policy"), "script-src 'self'") {
			t.Errorf("%s: the policy is %q", path, head.Get("Content-Security-Policy"))
		}
		if found := inline.FindString(body); found != "" {
			t.Errorf("%s: %q is inline", path, found)
		}
		if !strings.Contains(body, `aria-current="page"`) || !strings.Contains(body, `<html lang="en">`) {
			t.Errorf("%s: the frame is not whole", path)
		}
		for _, m := range address.FindAllStringSubmatch(body, -1) {
			to, _, _ := strings.Cut(m[1], "#")
			if to == "" || seen[to] {
				continue
			}
			seen[to] = true
			if strings.Contains(to, "//") {
				t.Errorf("%s: %s leads elsewhere", path, to)
			}
			if status, head, _ := get(t, s, to); status != http.StatusOK || strings.HasPrefix(to, "/asset/") && !strings.Contains(head.Get("Cache-Control"), "immutable") {
				t.Errorf("%s: %s is %d, %q", path, to, status, head.Get("Cache-Control"))
			}
		}
	}
}

// What modules import from each other is there.
func TestModulesAreWhole(t *testing.T) {
	s := newStudio(t, "", nil)
	_, _, body := get(t, s, "/gallery")
	first := regexp.MustCompile(`/asset/\w+/gallery\.js`).FindString(body)
	if first == "" {
		t.Fatal("the page names no module of its own")
	}
	folder := strings.TrimSuffix(first, "gallery.js")
	seen, todo := map[string]bool{}, []string{"gallery.js", "frame.js", "make.js", "explore.js", "train.js", "data.js", "station.js"}
	imports := regexp.MustCompile(`from '\./([^']+)'`)
	for len(todo) > 0 {
		name := todo[0]
		todo = todo[1:]
		if seen[name] {
			continue
		}
		seen[name] = true
		status, head, text := get(t, s, folder+name)
		if status != http.StatusOK || head.Get("Content-Type") != "text/javascript; charset=utf-8" {
			t.Errorf("%s: %d %s", name, status, head.Get("Content-Type"))
		}
		for _, m := range imports.FindAllStringSubmatch(text, -1) {
			todo = append(todo, m[1])
		}
	}
	if len(seen) < 10 {
		t.Errorf("only %d modules", len(seen))
	}
}

func TestWhatIsNotThere(t *testing.T) {
	s := newStudio(t, "", nil)
	for path, want := range map[string]string{
		"/nothing":            "There is nothing here",
		"/asset/0/studio.css": "no such asset",
		"/asset/../page.go":   "",
		"/?job=nothing":       "There is no such job",
	} {
		status, _, body := get(t, s, path)
		if !strings.Contains(body, want) || status != http.StatusNotFound && !strings.Contains(path, "job") {
			t.Errorf("%s: %d, want %q", path, status, want)
		}
	}
	if r, err := http.Post(s.URL+"/gallery", "text/plain", nil); err != nil || r.StatusCode < 400 {
		t.Errorf("a page took a POST: %v, %v", r.StatusCode, err)
	}
}

// A browser without JavaScript sends the form, waits on a page that looks again,
// and sees the picture.
func TestWithoutJavaScript(t *testing.T) {
	s := newStudio(t, "", nil)
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for name, value := range map[string]string{"prompt": `a <b>"red"</b> apple, slowly`, "model": "emoji", "n": "2", "seed": "7", "steps": "4", "guidance": ""} {
		if err := form.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	file, err := form.CreateFormFile("image", "apple.png")
	if err != nil {
		t.Fatal(err)
	}
	file.Write(disc("apple", 1))
	form.Close()
	r, err := http.Post(s.URL+"/make", form.FormDataContentType(), &b)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(r.Body)
	r.Body.Close()
	if !strings.Contains(string(body), `http-equiv="refresh"`) || !strings.Contains(string(body), "This page looks again") {
		t.Errorf("the page does not wait: %s", body)
	}
	if !strings.Contains(string(body), `a &lt;b&gt;&#34;red&#34;&lt;/b&gt; apple, slowly</textarea>`) || !strings.Contains(string(body), `value="7"`) {
		t.Error("the form lost what was filled in, or took it for HTML")
	}
	job := r.Request.URL.Query().Get("job")
	if j, err := s.queue.Job(t.Context(), "local", job); err != nil || !strings.Contains(string(j.Spec), `"image":"sha256:`) || !strings.Contains(string(j.Spec), `"steps":4`) {
		t.Errorf("%s, %v", j.Spec, err)
	}

	j := s.made(t, `{"model":"emoji","prompt":"a pear","n":2,"seed":1}`)
	_, _, page := get(t, s, "/?job="+url.QueryEscape(j.ID))
	if strings.Contains(page, "http-equiv") || strings.Count(page, `<img src="/api/v1/objects/sha256:`) != 2 {
		t.Errorf("the pictures are not shown: %s", page)
	}

	r, err = http.PostForm(s.URL+"/make", url.Values{"prompt": {"something impossible"}, "model": {"emoji"}})
	if err != nil {
		t.Fatal(err)
	}
	body, _ = io.ReadAll(r.Body)
	r.Body.Close()
	if !strings.Contains(string(body), "cannot paint what is impossible") || !strings.Contains(string(body), "something impossible</textarea>") {
		t.Errorf("a refusal is not told: %s", body)
	}
}

func FuzzMake(f *testing.F) {
	f.Add("n=3&seed=18446744073709551615&steps=-1&guidance=NaN", "job=j1&prompt=%ff")
	f.Add("seed=99999999999999999999&n=1e9&truncation=Inf", "problem=<script>")
	s := apitest.Still(f)
	p, err := page.New(page.Options{Studio: s, Jobs: s.Queue, Models: s.Models})
	if err != nil {
		f.Fatal(err)
	}
	mux := http.NewServeMux()
	p.Routes(mux)
	f.Fuzz(func(t *testing.T, body, query string) {
		post := httptest.NewRequest(http.MethodPost, "/make", strings.NewReader(body))
		post.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		look := httptest.NewRequest(http.MethodGet, "/", nil)
		look.URL.RawQuery = query
		for _, r := range []*http.Request{post, look} {
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, r)
			if w.Code >= http.StatusInternalServerError {
				t.Errorf("%s %s: %d %s", r.Method, r.URL, w.Code, w.Body)
			}
			if strings.Count(w.Body.String(), "<script") > 3 {
				t.Errorf("%s %s: a script came in: %s", r.Method, r.URL, w.Body)
			}
		}
	})
}
