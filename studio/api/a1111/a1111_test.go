package a1111_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/limner-ai/limner/studio/api/a1111"
	"github.com/limner-ai/limner/studio/api/apitest"
	"github.com/limner-ai/limner/studio/gate"
	"github.com/limner-ai/limner/studio/jobs"
)

func serve(t testing.TB, o jobs.Options) string {
	return apitest.Serve(t, gate.Options{}, a1111.New(apitest.Open(t, o))).URL + "/sdapi/v1/"
}

type answer struct {
	Images     [][]byte       `json:"images"`
	Parameters map[string]any `json:"parameters"`
	Info       string         `json:"info"`
}

type about struct {
	Seed      uint64   `json:"seed"`
	Seeds     []uint64 `json:"all_seeds"`
	Steps     int      `json:"steps"`
	Sampler   string   `json:"sampler_name"`
	Guidance  float64  `json:"cfg_scale"`
	Infotexts []string `json:"infotexts"`
}

func TestTextToImage(t *testing.T) {
	at := serve(t, jobs.Options{})
	var a answer
	apitest.Ask(t, "POST", at+"txt2img", `{"prompt":"a red apple","negative_prompt":"blue","seed":5,"steps":9,"cfg_scale":2.5,"sampler_name":"Heun",
		"batch_size":2,"n_iter":2,"width":24,"height":16,"override_settings":{"sd_model_checkpoint":"test-flow [0123456789]"},"alwayson_scripts":{}}`, 200, &a)
	if len(a.Images) != 4 {
		t.Fatalf("%d pictures", len(a.Images))
	}
	for i, p := range a.Images {
		if !bytes.Equal(p, apitest.Picture(24, 16, uint64(5+i))) {
			t.Errorf("picture %d is not that of seed %d", i, 5+i)
		}
	}
	var info about
	if err := json.Unmarshal([]byte(a.Info), &info); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(info) != `{5 [5 6 7 8] 9 Heun 2.5 [a red apple a red apple a red apple a red apple]}` {
		t.Errorf("info: %v", info)
	}
	if a.Parameters["steps"] != 9. {
		t.Errorf("parameters: %v", a.Parameters)
	}
	apitest.Ask(t, "POST", at+"txt2img", `{"seed":-1,"send_images":false}`, 200, &a)
	if len(a.Images) != 0 {
		t.Error("pictures were sent that were not wanted")
	}
}

func TestImageToImage(t *testing.T) {
	at := serve(t, jobs.Options{})
	picture := base64.StdEncoding.EncodeToString(apitest.Picture(8, 8, 1))
	var a answer
	for _, text := range []string{picture, "data:image/png;base64," + picture} {
		apitest.Ask(t, "POST", at+"img2img", `{"prompt":"x","init_images":["`+text+`"],"mask":"`+picture+`","inpainting_mask_invert":1,"denoising_strength":0.4}`, 200, &a)
		if len(a.Images) != 1 || a.Parameters["init_images"] != nil {
			t.Fatalf("%d pictures, parameters %v", len(a.Images), a.Parameters)
		}
	}
	apitest.Ask(t, "POST", at+"img2img", `{"init_images":["`+picture+`"],"include_init_images":true}`, 200, &a)
	if a.Parameters["init_images"] == nil {
		t.Error("init_images did not come back")
	}
}

// Errors are FastAPI's.
func TestRefusals(t *testing.T) {
	at := serve(t, jobs.Options{})
	for _, c := range []struct {
		route, body string
		status      int
		field       string
	}{
		{"txt2img", `{"steps":0}`, 422, "steps"}, {"txt2img", `{"steps":"many"}`, 422, "steps"}, {"txt2img", `{"width":5000}`, 422, "width"},
		{"txt2img", `{"batch_size":60,"n_iter":60}`, 422, "n_iter"}, {"txt2img", `{"cfg_scale":-1}`, 422, "cfg_scale"},
		{"txt2img", `{"enable_hr":true}`, 422, "enable_hr"}, {"txt2img", `{"sampler_name":"DPM++ 9X"}`, 404, ""}, {"txt2img", `{"script_name":"x/y"}`, 422, ""},
		{"txt2img", `{"prompt":"impossible"}`, 400, ""}, {"txt2img", `{"prompt":"broken"}`, 500, ""}, {"txt2img", `{`, 400, ""}, {"txt2img", `null null`, 400, ""},
		{"txt2img", `{"override_settings":{"sd_model_checkpoint":"/etc/passwd"}}`, 404, ""},
		{"img2img", `{"prompt":"x"}`, 404, ""}, {"img2img", `{"init_images":["http://127.0.0.1/x.png"]}`, 422, "init_images"}, {"img2img", `{"init_images":["file:///etc/passwd"]}`, 422, "init_images"},
		{"img2img", `{"init_images":["/etc/passwd"]}`, 422, "init_images"}, {"img2img", `{"init_images":["aGVsbG8="]}`, 422, "init_images"},
		{"img2img", `{"init_images":["aGVsbG8=","aGVsbG8="]}`, 422, "init_images"},
		{"png-info", `{"image":"!"}`, 422, "image"}, {"options", `{"sd_model_checkpoint":"other"}`, 404, ""}, {"nothing", `{}`, 404, ""},
	} {
		var got struct{ Detail json.RawMessage }
		apitest.Ask(t, "POST", at+c.route, c.body, c.status, &got)
		var line string
		var fields []struct {
			Loc       []string
			Msg, Type string
		}
		switch {
		case c.field == "" && json.Unmarshal(got.Detail, &line) == nil && line != "":
		case c.field != "" && json.Unmarshal(got.Detail, &fields) == nil && len(fields) == 1 && len(fields[0].Loc) == 2 && fields[0].Loc[1] == c.field && fields[0].Msg != "":
		default:
			t.Errorf("%s %s: %s", c.route, c.body, got.Detail)
		}
	}
}

// What clients ask for when they begin.
func TestLists(t *testing.T) {
	at := serve(t, jobs.Options{})
	for _, route := range []string{"samplers", "schedulers", "upscalers", "latent-upscale-modes", "sd-vae", "sd-modules", "hypernetworks", "face-restorers", "realesrgan-models", "prompt-styles", "loras", "script-info", "extensions"} {
		var list []any
		apitest.Ask(t, "GET", at+route, nil, 200, &list)
		if list == nil {
			t.Errorf("%s: null in place of a list", route)
		}
	}
	for _, route := range []string{"embeddings", "scripts", "cmd-flags", "memory"} {
		var object map[string]any
		apitest.Ask(t, "GET", at+route, nil, 200, &object)
	}
	var models []struct {
		Title string `json:"title"`
		Name  string `json:"model_name"`
	}
	apitest.Ask(t, "GET", at+"sd-models", nil, 200, &models)
	if len(models) != 1 || models[0].Name != apitest.Model {
		t.Fatalf("models: %v", models)
	}
	apitest.Ask(t, "POST", at+"options", `{"sd_model_checkpoint":"`+models[0].Title+`","no_such_option":1}`, 200, nil)
	var o map[string]any
	apitest.Ask(t, "GET", at+"options", nil, 200, &o)
	if o["sd_model_checkpoint"] != models[0].Title {
		t.Errorf("options: %v", o)
	}
	var info struct{ Info string }
	apitest.Ask(t, "POST", at+"png-info", `{"image":"`+base64.StdEncoding.EncodeToString(apitest.Picture(2, 2, 1))+`"}`, 200, &info)
	if info.Info != "" {
		t.Errorf("a picture without settings says %q", info.Info)
	}
}

type progress struct {
	Progress float64
	State    struct {
		JobCount    int `json:"job_count"`
		Interrupted bool
	}
	Image []byte `json:"current_image"`
}

// A call under way shows its progress and a picture of the moment, and ends when
// it is interrupted, with what was made by then.
func TestProgressAndInterrupt(t *testing.T) {
	at := serve(t, jobs.Options{})
	var p progress
	apitest.Ask(t, "GET", at+"progress", nil, 200, &p)
	if p.Progress != 0 || p.State.JobCount != 0 {
		t.Errorf("nothing is under way: %+v", p)
	}
	apitest.Ask(t, "POST", at+"interrupt", nil, 200, nil)
	apitest.Ask(t, "POST", at+"skip", nil, 200, nil)
	ended := make(chan answer, 1)
	go func() {
		var a answer
		defer func() { ended <- a }()
		resp, err := http.Post(at+"txt2img", "application/json", bytes.NewReader([]byte(`{"prompt":"slowly"}`)))
		if err != nil {
			t.Error(err)
			return
		}
		defer resp.Body.Close()
		if err := json.NewDecoder(resp.Body).Decode(&a); err != nil || resp.StatusCode != 200 {
			t.Errorf("status %d, %v", resp.StatusCode, err)
		}
	}()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		p = progress{}
		apitest.Ask(t, "GET", at+"progress?skip_current_image=false", nil, 200, &p)
		if p.State.JobCount == 1 && p.Progress > 0 && p.Image != nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("no picture of the moment: %+v", p)
		}
	}
	apitest.Ask(t, "GET", at+"progress?skip_current_image=true", nil, 200, &p)
	apitest.Ask(t, "POST", at+"interrupt", nil, 200, nil)
	if a := <-ended; len(a.Images) != 0 || a.Info == "" {
		t.Errorf("interrupted at the first step: %d pictures", len(a.Images))
	}
}

// If the client leaves, its job is cancelled.
func TestLeave(t *testing.T) {
	s := apitest.Open(t, jobs.Options{})
	at := apitest.Serve(t, gate.Options{}, a1111.New(s)).URL + "/sdapi/v1/"
	ctx, leave := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, "POST", at+"txt2img", bytes.NewReader([]byte(`{"prompt":"slowly"}`)))
	if err != nil {
		t.Fatal(err)
	}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		if resp, err := http.DefaultClient.Do(r); err == nil {
			resp.Body.Close()
			t.Error("a call that never ends was answered")
		}
	}()
	state := func() jobs.State {
		list, err := s.Queue.List(t.Context(), jobs.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 0 {
			return ""
		}
		return list[0].State
	}
	await := func(want jobs.State) {
		for deadline := time.Now().Add(20 * time.Second); state() != want; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("the job is %s, want %s", state(), want)
			}
		}
	}
	await(jobs.Running)
	leave()
	<-gone
	await(jobs.Cancelled)
}

// Whatever a body is, it is answered, and never by a fault of the server's.
func FuzzBodies(f *testing.F) {
	mux := http.NewServeMux()
	a1111.New(apitest.Still(f)).Routes(mux)
	picture := base64.StdEncoding.EncodeToString(apitest.Picture(2, 2, 1))
	f.Add(uint8(0), []byte(`{"prompt":"x","seed":-1,"width":8,"height":8,"styles":[],"sampler_index":"Euler"}`))
	f.Add(uint8(1), []byte(`{"init_images":["`+picture+`"],"mask":"`+picture+`","inpainting_mask_invert":true,"width":8,"height":8}`))
	f.Add(uint8(2), []byte(`{"image":"data:image/png;base64,`+picture+`"}`))
	f.Add(uint8(3), []byte(`{"sd_model_checkpoint":"test-flow [0123456789]"}`))
	f.Add(uint8(0), []byte(`null`))
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		if bytes.Contains(body, []byte("slowly")) || bytes.Contains(body, []byte("broken")) || bytes.Contains(body, []byte(`\u`)) {
			t.Skip() // the easel's own words
		}
		route := []string{"txt2img", "img2img", "png-info", "options"}[which%4]
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest("POST", "/sdapi/v1/"+route, bytes.NewReader(body)))
		if w.Code >= 500 && w.Code != 507 || !json.Valid(w.Body.Bytes()) {
			t.Fatalf("status %d: %.200s", w.Code, w.Body.Bytes())
		}
	})
}
