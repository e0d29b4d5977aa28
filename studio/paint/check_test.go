package paint

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/box"
	"github.com/limner-ai/limner/model/family"
)

func TestMistakesAreToldInALine(t *testing.T) {
	w, store := studio(t)
	dot := uploaded(t, store, 8, 8, func(int, int) color.NRGBA { return red })
	wide := uploaded(t, store, 16, 4, func(int, int) color.NRGBA { return red })
	black := uploaded(t, store, 8, 8, func(int, int) color.NRGBA { return color.NRGBA{A: 255} })
	junk, err := store.Put([]byte("junk"))
	if err != nil {
		t.Fatal(err)
	}
	for spec, want := range map[string]string{
		`{`:                                "cannot be read",
		`[]`:                               "cannot be read",
		`{} {}`:                            "something follows",
		`{"promt":"x"}`:                    `unknown field "promt"`,
		`{"n":-1}`:                         "n: want 1 to 64",
		`{"n":65}`:                         "n: want 1 to 64",
		`{"n":1e99}`:                       "cannot be read",
		`{"first":-1}`:                     "first:",
		`{"first":9999999999}`:             "first:",
		`{"steps":201}`:                    "steps:",
		`{"steps":100,"n":64}`:             "at most 4096 steps in all",
		`{"guidance":-1}`:                  "guidance:",
		`{"guidance":101}`:                 "guidance:",
		`{"sampler":"ddim"}`:               "sampler: want euler or heun",
		`{"truncation":0.5}`:               "no truncation",
		`{"class":"bag"}`:                  "leave out the class",
		`{"model":"nowhere"}`:              `no model "nowhere"`,
		`{"model":"../clothes"}`:           "no model",
		`{"model":"plain","prompt":"x"}`:   "cannot take words",
		`{"model":"plain","steps":4}`:      "in one go",
		`{"model":"clothes","prompt":"x"}`: `no class "x"`,
		`{"model":"clothes","n":2,"from":{"seed":1},"to":{"seed":2}}`: "wants a class",
		`{"model":"forger","background":"transparent"}`:               "no transparent pictures",
		`{"strength":0.5}`:                                                       "want an image",
		`{"from":{"seed":1},"n":2}`:                                              "both from and to",
		`{"from":{"seed":1},"to":{}}`:                                            "at least 2 pictures",
		`{"width":4096}`:                                                         "width and height",
		`{"format":"gif"}`:                                                       "format:",
		`{"background":"red"}`:                                                   "background:",
		`{"background":"transparent","format":"jpeg"}`:                           "no transparency",
		`{"prompt":"` + strings.Repeat("ä", MaxPrompt+1) + `"}`:                  "4001 characters",
		`{"prompt":"` + strings.Repeat("x", maxSpec) + `"}`:                      "bytes",
		`{"image":"sha256:00"}`:                                                  "not a digest",
		`{"image":"/etc/passwd"}`:                                                "not a digest",
		fmt.Sprintf(`{"image":%q}`, digest.SHA256{1}):                            "upload it first",
		fmt.Sprintf(`{"image":%q}`, junk):                                        "cannot be read",
		fmt.Sprintf(`{"image":%q,"strength":2}`, dot):                            "strength:",
		fmt.Sprintf(`{"mask":%q}`, dot):                                          "want an image",
		fmt.Sprintf(`{"image":%q,"mask":%q}`, dot, wide):                         "same proportions",
		fmt.Sprintf(`{"image":%q,"mask":%q}`, dot, black):                        "marks nothing",
		fmt.Sprintf(`{"image":%q,"mask":%q,"mask_kind":"x"}`, dot, dot):          "mask_kind:",
		fmt.Sprintf(`{"image":%q,"mask":%q,"style":%q}`, dot, dot, dot):          "cannot go with a style",
		fmt.Sprintf(`{"image":%q,"style":%q}`, dot, dot):                         "cannot mix",
		fmt.Sprintf(`{"image":%q,"n":2,"from":{"seed":1},"to":{"seed":2}}`, dot): "without image",
	} {
		_, err := w.Check(context.Background(), json.RawMessage(spec))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") || len(err.Error()) > 400 {
			t.Errorf("%.80s: %v, want %q", spec, err, want)
		}
	}
}

// What is left open is filled in, and then stays.
func TestWhatIsLeftOpenIsFilledIn(t *testing.T) {
	w, store := studio(t)
	dot := uploaded(t, store, 8, 8, func(int, int) color.NRGBA { return red })
	fill := func(spec string) (s Spec) {
		t.Helper()
		first := tasks(t, w, spec)[0].spec
		if again := tasks(t, w, string(first))[0].spec; !bytes.Equal(first, again) {
			t.Errorf("%s became %s", first, again)
		}
		if err := json.Unmarshal(first, &s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	boxed, err := box.Open(family.All(), nil)
	if err != nil {
		t.Fatal(err)
	}
	way := boxed.Model.(model.Flow).Sampling()
	if s := fill(`{"prompt":"x"}`); s.N != 1 || s.Seed == nil || s.Steps != way.Steps || s.Guidance != way.Guidance || s.Sampler != way.Sampler || s.Strength != nil {
		t.Errorf("%+v", s)
	}
	if a, b := fill(`{}`), fill(`{}`); *a.Seed == *b.Seed && *a.Seed == *fill(`{}`).Seed {
		t.Error("no seed is drawn")
	}
	if s := fill(fmt.Sprintf(`{"image":%q,"format":"jpg"}`, dot)); *s.Strength != .6 || s.Format != "jpeg" {
		t.Errorf("%+v", s)
	}
	white := uploaded(t, store, 8, 8, func(int, int) color.NRGBA { return color.NRGBA{255, 255, 255, 255} })
	if s := fill(fmt.Sprintf(`{"image":%q,"mask":%q}`, dot, white)); *s.Strength != 1 {
		t.Errorf("%+v", s)
	}
	if s := fill(`{"model":"clothes","prompt":"ANKLE-boot"}`); s.Class != "Ankle boot" || s.Prompt != "" || s.Truncation != 1 {
		t.Errorf("%+v", s)
	}
}

func FuzzCheck(f *testing.F) {
	w, store := studio(f)
	dot := uploaded(f, store, 8, 8, func(int, int) color.NRGBA { return red })
	for _, s := range []string{
		`{"prompt":"x","n":3,"seed":18446744073709551615}`, `{"model":"plain","n":2,"from":{"seed":1},"to":{"image":"` + dot.String() + `"}}`,
		`{"model":"clothes","image":"` + dot.String() + `","mask":"` + dot.String() + `","strength":1}`, `{"width":7,"height":0,"background":"#00ff00"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		checked, err := w.Check(context.Background(), text)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Fatalf("%q", err)
			}
			return
		}
		s, err := parse(checked)
		if err != nil {
			t.Fatal(err)
		}
		if s.N < 1 || s.N > MaxPictures || s.Steps > MaxSteps || s.Seed == nil || max(s.Width, s.Height) > MaxSide || w.Group(checked) == "" {
			t.Fatalf("%s was let in", checked)
		}
		if again, err := w.Check(context.Background(), checked); err != nil || !bytes.Equal(again, checked) {
			t.Fatalf("%s became %s, %v", checked, again, err)
		}
	})
}

func TestUpload(t *testing.T) {
	_, store := studio(t)
	ctx := context.Background()
	m := image.NewGray(image.Rect(0, 0, 3, 2))
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	// A camera that was held upright: EXIF orientation 6, and a secret place.
	const exif = "Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00 my home"
	turned := append([]byte("\xff\xd8\xff\xe1\x00"+string(rune(len(exif)+2))+exif), b.Bytes()[2:]...)
	up, err := Upload(ctx, store, turned)
	if err != nil || up.Width != 2 || up.Height != 3 || up.Settings != nil {
		t.Fatalf("%+v, %v", up, err)
	}
	kept, err := store.Get(up.Digest)
	if err != nil || bytes.Contains(kept, []byte("home")) || !bytes.HasPrefix(kept, []byte("\x89PNG")) {
		t.Error("what is kept is not the picture alone", err)
	}
	b.Reset()
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 8000, 8000))); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"nothing": nil, "words": []byte("words"), "cut off": turned[:40], "huge": b.Bytes()} {
		if _, err := Upload(ctx, store, data); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

// A picture that was made here brings its settings back.
func TestSettingsComeBack(t *testing.T) {
	w, store := studio(t)
	f := made(t, w, `{"model":"clothes","class":"bag","seed":18446744073709551615,"first":3,"width":16}`)
	up, err := Upload(context.Background(), store, f.files[0])
	if o := up.Settings; err != nil || o == nil || o.Seed != 1<<64-1 || o.First != 3 || o.Class != "Bag" || o.Width != 16 {
		t.Errorf("%+v, %v", up.Settings, err)
	}
}
