package openai_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/limner-ai/limner/studio/api"
	"github.com/limner-ai/limner/studio/api/apitest"
	"github.com/limner-ai/limner/studio/api/openai"
	"github.com/limner-ai/limner/studio/gate"
	"github.com/limner-ai/limner/studio/jobs"
)

func serve(t testing.TB, o jobs.Options) *httptest.Server {
	s := apitest.Open(t, o)
	links := api.NewLinks(s.Store)
	return apitest.Serve(t, gate.Options{}, openai.New(s, links), room{links})
}

type room struct{ links *api.Links }

func (r room) Routes(mux *http.ServeMux) { mux.Handle("GET "+api.LinksPath+"{digest}", r.links) }

type answer struct {
	Created int64 `json:"created"`
	Data    []struct {
		B64 []byte `json:"b64_json"`
		URL string `json:"url"`
	} `json:"data"`
	Format string `json:"output_format"`
	Size   string `json:"size"`
	Usage  struct {
		Input  int `json:"input_tokens"`
		Output int `json:"output_tokens"`
		Total  int `json:"total_tokens"`
	} `json:"usage"`
}

type fault struct {
	Error *struct {
		Message string  `json:"message"`
		Type    string  `json:"type"`
		Param   *string `json:"param"`
		Code    *string `json:"code"`
	} `json:"error"`
}

func size(t *testing.T, data []byte) (int, int, string) {
	t.Helper()
	c, kind, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("no picture: %v", err)
	}
	return c.Width, c.Height, kind
}

func TestModels(t *testing.T) {
	s := serve(t, jobs.Options{})
	var list struct {
		Object string `json:"object"`
		Data   []struct {
			ID     string `json:"id"`
			Object string `json:"object"`
			Owner  string `json:"owned_by"`
		} `json:"data"`
	}
	apitest.Ask(t, "GET", s.URL+"/v1/models", nil, 200, &list)
	if list.Object != "list" || len(list.Data) != 1 || list.Data[0].ID != apitest.Model || list.Data[0].Object != "model" || list.Data[0].Owner == "" {
		t.Errorf("models: %+v", list)
	}
	apitest.Ask(t, "GET", s.URL+"/v1/models/"+apitest.Model, nil, 200, nil)
	var f fault
	apitest.Ask(t, "GET", s.URL+"/v1/models/other", nil, 404, &f)
	if f.Error == nil || f.Error.Type != "invalid_request_error" || f.Error.Code == nil || *f.Error.Code != "model_not_found" {
		t.Errorf("unknown model: %+v", f.Error)
	}
}

func TestGenerations(t *testing.T) {
	s := serve(t, jobs.Options{})
	at := s.URL + "/v1/images/generations"
	var a answer
	apitest.Ask(t, "POST", at, `{"model":"gpt-image-1","prompt":"a red apple","n":2,"size":"32x24","seed":7,"user":"somebody"}`, 200, &a)
	if len(a.Data) != 2 || a.Created == 0 || a.Size != "32x24" || a.Format != "png" || a.Usage.Input != 3 || a.Usage.Output != 2 || a.Usage.Total != 5 {
		t.Fatalf("answer: %d pictures, %+v", len(a.Data), a.Usage)
	}
	for i, p := range a.Data {
		if !bytes.Equal(p.B64, apitest.Picture(32, 24, uint64(7+i))) {
			t.Errorf("picture %d is not that of seed %d", i, 7+i)
		}
	}
	apitest.Ask(t, "POST", at, `{"prompt":"x","output_format":"jpeg","output_compression":20}`, 200, &a)
	if w, h, kind := size(t, a.Data[0].B64); w != apitest.Side || h != apitest.Side || kind != "jpeg" {
		t.Errorf("a %s of %d×%d", kind, w, h)
	}
	for _, more := range []string{``, `,"output_format":"jpeg","output_compression":20`} {
		a = answer{}
		apitest.Ask(t, "POST", at, `{"prompt":"x","response_format":"url"`+more+`}`, 200, &a)
		if a.Data[0].B64 != nil {
			t.Error("both an address and a picture")
		}
		apitest.Ask(t, "GET", a.Data[0].URL, nil, 200, nil)
		// Another object, a longer time or another type would want another signature.
		for _, c := range [][2]string{{"until=1", "until=2"}, {"type=image", "type=text"}, {"sha256:", "sha256:0"}} {
			apitest.Ask(t, "GET", strings.Replace(strings.Replace(a.Data[0].URL, "%3A", ":", 1), c[0], c[1], 1), nil, 403, nil)
		}
	}
}

func TestRefusals(t *testing.T) {
	s := serve(t, jobs.Options{})
	for _, c := range []struct {
		body   string
		status int
		param  string
	}{
		{`{}`, 400, "prompt"}, {`{"prompt":5}`, 400, "prompt"}, {`{"prompt":"x"`, 400, ""}, {`{"prompt":"x"} {}`, 400, ""}, {``, 400, ""}, {`[]`, 400, ""},
		{`{"prompt":"x","n":0}`, 400, "n"}, {`{"prompt":"x","n":11}`, 400, "n"}, {`{"prompt":"x","n":1e99}`, 400, "n"},
		{`{"prompt":"x","size":"1x"}`, 400, "size"}, {`{"prompt":"x","size":"9999x9999"}`, 400, "size"}, {`{"prompt":"x","size":"-1x5"}`, 400, "size"},
		{`{"prompt":"x","seed":-1}`, 400, "seed"}, {`{"prompt":"x","guidance":-1}`, 400, "guidance"}, {`{"prompt":"x","strength":2}`, 400, "strength"},
		{`{"prompt":"x","response_format":"file"}`, 400, "response_format"}, {`{"prompt":"x","output_format":"gif"}`, 400, "output_format"},
		{`{"prompt":"x","background":"transparent","output_format":"jpeg"}`, 400, "background"}, {`{"prompt":"x","partial_images":2}`, 400, "partial_images"},
		{`{"prompt":"x","stream":true,"response_format":"url"}`, 400, "response_format"},
		{`{"prompt":"x","model":"other"}`, 404, "model"}, {`{"prompt":"x","model":"../../etc/passwd"}`, 404, "model"},
		{`{"prompt":"` + strings.Repeat("x", 32001) + `"}`, 400, "prompt"},
		{`{"prompt":"impossible"}`, 400, ""}, {`{"prompt":"broken"}`, 500, ""},
	} {
		var f fault
		apitest.Ask(t, "POST", s.URL+"/v1/images/generations", c.body, c.status, &f)
		if f.Error == nil || f.Error.Message == "" || f.Error.Type == "" {
			t.Errorf("%.60s: %+v", c.body, f.Error)
			continue
		}
		got := ""
		if f.Error.Param != nil {
			got = *f.Error.Param
		}
		if got != c.param {
			t.Errorf("%.60s: param %q, want %q", c.body, got, c.param)
		}
	}
	var f fault
	apitest.Ask(t, "GET", s.URL+"/v1/chat/completions", nil, 404, &f)
	if f.Error == nil || *f.Error.Code != "unknown_url" {
		t.Errorf("unknown route: %+v", f.Error)
	}
}

// A full queue is a 429 that says when to come again.
func TestFull(t *testing.T) {
	s := apitest.Open(t, jobs.Options{PerOwner: 1})
	w := apitest.Serve(t, gate.Options{}, openai.New(s, api.NewLinks(s.Store)))
	if _, err := s.Submit(t.Context(), "paint", 0, json.RawMessage(`{"prompt":"slowly","n":1}`)); err != nil {
		t.Fatal(err)
	}
	var f fault
	resp := apitest.Ask(t, "POST", w.URL+"/v1/images/generations", `{"prompt":"x"}`, 429, &f)
	if f.Error.Type != "rate_limit_error" || resp.Header.Get("Retry-After") == "" {
		t.Errorf("%+v, Retry-After %q", f.Error, resp.Header.Get("Retry-After"))
	}
}

// form is a multipart body.
func form(t testing.TB, files map[string][]byte, fields map[string]string) (body []byte, kind string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, data := range files {
		f, err := w.CreateFormFile(name, "../"+name+".png")
		if err != nil {
			t.Fatal(err)
		}
		f.Write(data)
	}
	for name, text := range fields {
		w.WriteField(name, text)
	}
	w.Close()
	return b.Bytes(), w.FormDataContentType()
}

func TestForms(t *testing.T) {
	s := serve(t, jobs.Options{})
	picture := apitest.Picture(8, 8, 1)
	type files = map[string][]byte
	type fields = map[string]string
	for _, c := range []struct {
		route  string
		files  files
		fields fields
		status int
	}{
		{"edits", files{"image": picture}, fields{"prompt": "x", "n": "2", "seed": "3", "strength": ".5"}, 200},
		{"edits", files{"image[]": picture, "mask": picture}, fields{"prompt": "x", "stream": "false"}, 200},
		{"variations", files{"image": picture}, fields{"n": "2"}, 200},
		{"edits", nil, fields{"prompt": "x"}, 400},
		{"edits", files{"image": picture}, nil, 400},
		{"edits", files{"image": []byte("no picture")}, fields{"prompt": "x"}, 400},
		{"edits", files{"image": picture[:40]}, fields{"prompt": "x"}, 400},
		{"edits", files{"image": picture}, fields{"prompt": "x", "n": "two"}, 400},
		{"edits", files{"image": picture}, fields{"prompt": "x", "strength": "NaN"}, 400},
		{"variations", files{"image": picture, "mask": picture}, nil, 400},
	} {
		body, kind := form(t, c.files, c.fields)
		resp, err := http.Post(s.URL+"/v1/images/"+c.route, kind, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			fault
			answer
		}
		if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || resp.StatusCode != c.status || (got.Error == nil) != (c.status == 200) {
			t.Errorf("%s %v: status %d, want %d; %+v, %v", c.route, c.fields, resp.StatusCode, c.status, got.Error, err)
		}
		if want := c.fields["n"]; c.status == 200 && want == "2" && len(got.Data) != 2 {
			t.Errorf("%s: %d pictures", c.route, len(got.Data))
		}
		resp.Body.Close()
	}
	apitest.Ask(t, "POST", s.URL+"/v1/images/edits", `{"prompt":"x"}`, 415, nil)
}

func TestStream(t *testing.T) {
	s := serve(t, jobs.Options{})
	resp, err := http.Post(s.URL+"/v1/images/generations", "application/json", strings.NewReader(`{"prompt":"seen","stream":true,"partial_images":2}`))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if kind := resp.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Fatalf("content type %s", kind)
	}
	var kinds []string
	in := bufio.NewScanner(resp.Body)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		data, ok := strings.CutPrefix(in.Text(), "data: ")
		if !ok {
			continue
		}
		var e struct {
			Type  string `json:"type"`
			B64   string `json:"b64_json"`
			Index *int   `json:"partial_image_index"`
		}
		if err := json.Unmarshal([]byte(data), &e); err != nil {
			t.Fatal(err)
		}
		picture, err := base64.StdEncoding.DecodeString(e.B64)
		if err != nil {
			t.Fatal(err)
		}
		size(t, picture)
		kinds = append(kinds, e.Type)
	}
	// A slow reader may lose pictures of the moment, never the last.
	if n := len(kinds); n == 0 || n > 3 || kinds[n-1] != "image_generation.completed" {
		t.Errorf("events: %v", kinds)
	}
	resp, err = http.Post(s.URL+"/v1/images/generations", "application/json", strings.NewReader(`{"prompt":"broken","stream":true}`))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var b bytes.Buffer
	b.ReadFrom(resp.Body)
	if !strings.HasPrefix(b.String(), "event: error\n") || !strings.Contains(b.String(), `"error":{`) {
		t.Errorf("a stream that fails says %q", b.String())
	}
}

// Whatever a body is, it is answered by a picture or an error in OpenAI's shape,
// never by a fault of the server's.
func FuzzGenerations(f *testing.F) {
	s := apitest.Still(f)
	mux := http.NewServeMux()
	openai.New(s, api.NewLinks(s.Store)).Routes(mux)
	picture := apitest.Picture(4, 4, 1)
	body, kind := form(f, map[string][]byte{"image": picture}, map[string]string{"prompt": "x"})
	f.Add(uint8(0), "application/json", []byte(`{"prompt":"x","n":1,"size":"8x8","seed":18446744073709551615}`))
	f.Add(uint8(1), kind, body)
	f.Add(uint8(2), kind, body[:len(body)/2])
	f.Fuzz(func(t *testing.T, which uint8, kind string, body []byte) {
		if bytes.Contains(body, []byte("slowly")) || bytes.Contains(body, []byte("broken")) {
			t.Skip() // the easel's own words
		}
		route := []string{"generations", "edits", "variations"}[which%3]
		r := httptest.NewRequest("POST", "/v1/images/"+route, bytes.NewReader(body))
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		if strings.HasPrefix(w.Header().Get("Content-Type"), "text/event-stream") {
			return
		}
		var got fault
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code >= 500 && w.Code != 507 || (w.Code == 200) != (got.Error == nil) {
			t.Fatalf("status %d: %v: %.200s", w.Code, err, w.Body.Bytes())
		}
	})
}
