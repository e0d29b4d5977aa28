package paint

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/mark"
	"github.com/limner-ai/limner/mark/c2pa"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/release"
	"github.com/limner-ai/limner/studio/jobs"
)

// press marks pictures with keys of its own, and finds that all of them are
// copies.
func press(t testing.TB, p release.Policy) *release.Press {
	t.Helper()
	m, err := mark.Open(mark.Options{Dir: t.TempDir(), Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return &release.Press{Marker: m, Policy: p, Guard: func(context.Context, string, *image.NRGBA) (release.Near, bool, error) {
		return release.Near{TooNear: true, Whose: "apple.svg (MIT)"}, true, nil
	}}
}

// What leaves is marked in every format; its original stays, and is what the
// next picture is painted on.
func TestPicturesLeaveWithMarks(t *testing.T) {
	w, store := studio(t)
	originals := OpenOriginals(t.TempDir())
	w.leaving = Leaving{Press: press(t, release.Flag), Originals: originals}
	for _, format := range []string{"png", "jpeg", "webp"} {
		x := made(t, w, `{"model":"plain","n":1,"seed":3,"width":64,"height":64,"format":"`+format+`"}`)
		file, meta := x.files[0], x.metas[0]
		r, err := mark.Read(file, w.leaving.Press.Marker.Trust())
		if err != nil || r.XMP == nil || r.Credentials == nil || r.Credentials.State != c2pa.Trusted {
			t.Fatalf("%s: %+v, %v", format, r, err)
		}
		if meta.ID == "" || meta.Near != "apple.svg (MIT)" || r.Origin != nil && r.Origin.ID != meta.ID {
			t.Errorf("%s: %+v", format, meta)
		}
		d, err := store.Put(file)
		if err != nil {
			t.Fatal(err)
		}
		kept, err := originals.Get(d)
		if err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		bare, err := png.Decode(bytes.NewReader(kept))
		if err != nil {
			t.Fatal(err)
		}
		back, err := w.leaving.Picture(t.Context(), store, d)
		if err != nil || !slices.Equal(back.Pix, straight(bare).Pix) {
			t.Errorf("%s: the next picture is not painted on the original: %v", format, err)
		}
		// It goes when the file has gone.
		if err := errors.Join(originals.Sweep(t.Context(), store), store.Erase(d)); err != nil {
			t.Fatal(err)
		}
		if _, err := originals.Get(d); err != nil {
			t.Errorf("%s: the original went before its picture", format)
		}
		if err := originals.Sweep(t.Context(), store); err != nil {
			t.Fatal(err)
		}
		if _, err := originals.Get(d); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: the original of what is gone is still there: %v", format, err)
		}
	}
}

// A picture that was painted on another says so, by that one's credentials.
func TestPicturesNameWhatTheyWereMadeFrom(t *testing.T) {
	w, store := studio(t)
	w.leaving = Leaving{Press: press(t, release.Allow), Originals: OpenOriginals(t.TempDir())}
	first := made(t, w, `{"model":"plain","n":1,"seed":3}`)
	d, err := store.Put(first.files[0])
	if err != nil {
		t.Fatal(err)
	}
	second := made(t, w, `{"model":"plain","n":1,"seed":4,"image":"`+d.String()+`","strength":0.5}`)
	r, err := mark.Read(second.files[0], w.leaving.Press.Marker.Trust())
	if err != nil || r.Credentials == nil || len(r.Credentials.Manifests) != 2 || len(r.Origin.Inputs) != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}

// What was brought with credentials keeps them as an ingredient, though only its
// pixels are painted on; of what has none nothing more is kept.
func TestCredentialsOfUploadsAreCarriedOn(t *testing.T) {
	w, store := studio(t)
	elsewhere := press(t, release.Allow).Marker
	w.leaving = Leaving{Press: press(t, release.Allow), Sent: OpenOriginals(t.TempDir())}
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewNRGBA(image.Rect(0, 0, 32, 32))); err != nil {
		t.Fatal(err)
	}
	signed, err := elsewhere.Seal(b.Bytes(), mark.About{Title: "theirs", Model: mark.Model{Name: "another"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		file      []byte
		manifests int
	}{{signed, 2}, {disk(t), 1}} {
		up, err := Upload(t.Context(), store, x.file)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.leaving.Brought(up.Digest, x.file); err != nil {
			t.Fatal(err)
		}
		made := made(t, w, `{"model":"plain","n":1,"seed":4,"image":"`+up.Digest.String()+`","strength":0.5}`)
		r, err := mark.Read(made.files[0], w.leaving.Press.Marker.Trust())
		if err != nil || r.Credentials == nil || len(r.Credentials.Manifests) != x.manifests {
			t.Errorf("want %d manifests: %+v, %v", x.manifests, r, err)
		}
		if _, err := w.leaving.Sent.Get(up.Digest); (err == nil) != (x.manifests == 2) {
			t.Errorf("the file is kept: %v", err == nil)
		}
	}
}

// disk is a picture that says nothing.
func disk(t *testing.T) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 16, 16))
	for i := range m.Pix {
		m.Pix[i] = uint8(i)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWithheldPicturesAreNotGiven(t *testing.T) {
	w, _ := studio(t)
	w.leaving = Leaving{Press: press(t, release.Withhold)}
	x := tasks(t, w, `{"model":"plain","n":2,"seed":3}`)[0]
	if err := w.Run(t.Context(), []jobs.Task{x}); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(x.err, release.ErrWithheld) || len(x.files) != 0 {
		t.Errorf("%v, %d results", x.err, len(x.files))
	}
}

// In the place of a picture that is held back another one of the seed is given;
// where each is held back, the job has a picture less.
func TestAnotherPictureForOneHeldBack(t *testing.T) {
	w, _ := studio(t)
	var seen []string // pixels of the first pictures of the seed
	w.leaving = Leaving{Press: press(t, release.Withhold)}
	var mu sync.Mutex
	w.leaving.Press.Guard = func(_ context.Context, _ string, m *image.NRGBA) (release.Near, bool, error) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, string(m.Pix))
		return release.Near{}, true, nil
	}
	for first := range 2 * (1 + release.Others) {
		made(t, w, fmt.Sprintf(`{"model":"plain","n":1,"seed":3,"first":%d}`, first))
	}
	for _, c := range []struct {
		near    []int
		indices []int
	}{{nil, []int{0, 1}}, {[]int{0}, []int{2, 1}}, {[]int{0, 2}, []int{4, 1}}, {[]int{0, 2, 4, 6, 8, 10}, []int{1}}} {
		w.leaving.Press.Guard = func(_ context.Context, _ string, m *image.NRGBA) (release.Near, bool, error) {
			return release.Near{TooNear: slices.ContainsFunc(c.near, func(i int) bool { return seen[i] == string(m.Pix) })}, true, nil
		}
		x := made(t, w, `{"model":"plain","n":2,"seed":3}`)
		var indices []int
		for _, m := range x.metas {
			indices = append(indices, m.Index)
		}
		if !slices.Equal(indices, c.indices) {
			t.Errorf("near are %v: pictures %v, want %v", c.near, indices, c.indices)
		}
		if last := x.progress[len(x.progress)-1].Stage; strings.Contains(last, "1 of 2 held back") != (len(indices) == 1) {
			t.Errorf("%v: %q", indices, last)
		}
	}
}

func BenchmarkLeave(b *testing.B) {
	for _, side := range []int{64, 256, 1024} {
		b.Run(image.Pt(side, side).String(), func(b *testing.B) {
			l := Leaving{Press: press(b, release.Allow)}
			m := image.NewNRGBA(image.Rect(0, 0, side, side))
			for i := range m.Pix {
				m.Pix[i] = uint8(i*7 + i/side)
			}
			for i := range b.N {
				o := generate.Origin{Seed: uint64(i), Width: side, Height: side, Model: "emoji"}
				if _, err := l.Leave(b.Context(), &generate.Generator{Model: &trained.Model{}}, "png", release.Picture{Image: m, Origin: o}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
