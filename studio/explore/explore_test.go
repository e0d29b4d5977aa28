package explore_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/mark"
	"github.com/limner-ai/limner/mark/c2pa"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/model/vae"
	"github.com/limner-ai/limner/release"
	"github.com/limner-ai/limner/studio/explore"
	"github.com/limner-ai/limner/studio/gate"
	"github.com/limner-ai/limner/studio/paint"
)

const side = 8

// halves is a set of pictures that are light above or below, and say so.
type halves struct{}

func (halves) Len() int             { return 64 }
func (halves) Shape() (h, w, c int) { return side, side, 1 }
func (halves) Classes() []string    { return nil }
func (halves) Name(int) string      { return "half" }
func (s halves) Item(i int, pixels []float32) (picture.Label, error) {
	if err := picture.CheckItem(s, i, pixels); err != nil {
		return picture.Label{}, err
	}
	for k := range pixels {
		if pixels[k] = 0; (k < side*side/2) == (i%2 == 0) {
			pixels[k] = 1
		}
	}
	return picture.Label{Class: -1, Caption: fmt.Sprintf("a half, light %s, the %d", map[bool]string{true: "above", false: "below"}[i%2 == 0], i)}, nil
}

// library has that set alone.
type library struct{}

func (library) Has(d trained.Data) bool { return d.Root == "sha256:set" }

func (l library) Open(_ context.Context, d trained.Data) (picture.Set, error) {
	if !l.Has(d) {
		return nil, errors.New("another set")
	}
	return halves{}, nil
}

// bench is an explorer with a VAE that was never trained, and the model that
// comes with Limner.
type bench struct {
	*explore.Explorer
	store *objects.Store
	own   digest.SHA256
}

func newBench(t testing.TB) *bench { return newBenchOf(t, paint.Leaving{}) }

func newBenchOf(t testing.TB, l paint.Leaving) *bench {
	t.Helper()
	home := t.TempDir()
	manifest := trained.Manifest{
		Name: "tiny", Family: "vae", Config: json.RawMessage(`{"net":"dense","hidden":[6],"latent":3,"likelihood":"bernoulli"}`),
		Pictures: model.Pictures{Height: side, Width: side, Channels: 1}, Data: trained.Data{Root: "sha256:set"},
	}
	m, err := manifest.Build([]model.Family{vae.Family{}})
	if err != nil {
		t.Fatal(err)
	}
	training, err := m.Training(2)
	if err != nil {
		t.Fatal(err)
	}
	weights := map[string]*tensor.Tensor{}
	for _, s := range training.States {
		w := tensor.New(s.Shape...)
		tensor.Philox{Seed: 1, Stream: tensor.StreamOf(strings.TrimPrefix(s.Name, "ema/"))}.Normal(w.Data, 0)
		weights[s.Name] = w
	}
	if err := os.MkdirAll(filepath.Join(home, "tiny"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := trained.New(m, manifest, weights, nil).Save(filepath.Join(home, "tiny", trained.FileName)); err != nil {
		t.Fatal(err)
	}
	shelf := paint.NewShelf(paint.ShelfOptions{Folders: []string{home}, Threads: 1})
	t.Cleanup(shelf.Close)
	b := &bench{store: objects.Open(filepath.Join(home, "objects"))}
	var file bytes.Buffer
	grey := image.NewGray(image.Rect(0, 0, side, side))
	for i := range grey.Pix {
		grey.Pix[i] = uint8(4 * i)
	}
	if err := png.Encode(&file, grey); err != nil {
		t.Fatal(err)
	}
	if b.own, err = b.store.Put(file.Bytes()); err != nil {
		t.Fatal(err)
	}
	b.Explorer = explore.New(explore.Options{
		Shelf: shelf, Store: b.store,
		Owns: func(ctx context.Context, _ digest.SHA256) (bool, error) { return gate.Owner(ctx) == gate.Local, nil },
		Sets: library{}, Leaving: l,
	})
	return b
}

// What one sees while looking around says where it comes from, too, and what a
// picture was moved from; what is held back elsewhere is held back here.
func TestMarks(t *testing.T) {
	m, err := mark.Open(mark.Options{Dir: t.TempDir(), Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	press := &release.Press{Marker: m, Policy: release.Withhold}
	b := newBenchOf(t, paint.Leaving{Press: press})
	ids := map[string]bool{}
	for _, x := range []float64{0, 1} {
		data, err := b.Draw(t.Context(), explore.Tile{Model: "tiny", N: 2, X: x, Step: .1})
		if err != nil {
			t.Fatal(err)
		}
		r, err := mark.Read(data, m.Trust())
		if err != nil || r.XMP == nil || r.Credentials == nil || r.Credentials.State != c2pa.Trusted || r.Origin == nil || ids[r.Origin.ID] {
			t.Fatalf("a tile has %+v, %v", r, err)
		}
		ids[r.Origin.ID] = true
	}
	data, err := b.Move(t.Context(), "tiny", b.own, map[string]float64{"above": 2})
	if err != nil {
		t.Fatal(err)
	}
	if r, err := mark.Read(data, m.Trust()); err != nil || r.Credentials == nil || len(r.Origin.Inputs) != 1 {
		t.Errorf("a moved picture has %+v, %v", r, err)
	}
	looks := 0
	press.Guard = func(context.Context, string, *image.NRGBA) (release.Near, bool, error) {
		looks++
		return release.Near{TooNear: looks == 3}, true, nil
	}
	if _, err := b.Draw(t.Context(), explore.Tile{Model: "tiny", N: 2, Step: .1}); !errors.Is(err, release.ErrWithheld) {
		t.Errorf("a tile whose third picture is a copy: %v", err)
	}
}

func decoded(t *testing.T, data []byte) *image.NRGBA {
	t.Helper()
	m, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	out := image.NewNRGBA(m.Bounds())
	for y := range m.Bounds().Dy() {
		for x := range m.Bounds().Dx() {
			out.Set(x, y, m.At(x, y))
		}
	}
	return out
}

func (b *bench) draw(t *testing.T, tile explore.Tile) *image.NRGBA {
	t.Helper()
	data, err := b.Draw(t.Context(), tile)
	if err != nil {
		t.Fatal(err)
	}
	return decoded(t, data)
}

// part is a square of a picture.
func part(m *image.NRGBA, x, y, size int) []byte {
	var out []byte
	for j := range size {
		for i := range size {
			c := m.NRGBAAt(x*size+i, y*size+j)
			out = append(out, c.R, c.G, c.B, c.A)
		}
	}
	return out
}

// A point of the map is the same picture on whichever tile it lies, and the map
// closes on itself.
func TestMap(t *testing.T) {
	b := newBench(t)
	at := explore.Tile{Model: "tiny", Seed: 5, X: 1, Y: -2, Step: .5, N: 4}
	whole := b.draw(t, at)
	if whole.Rect.Dx() != 4*side || whole.Rect.Dy() != 4*side {
		t.Fatalf("the tile is %v", whole.Rect)
	}
	for _, p := range []image.Point{{0, 0}, {3, 0}, {1, 2}} {
		one := at
		one.N, one.X, one.Y = 1, at.X+float64(p.X)*at.Step, at.Y+float64(p.Y)*at.Step
		if !bytes.Equal(part(b.draw(t, one), 0, 0, side), part(whole, p.X, p.Y, side)) {
			t.Errorf("the picture at %v is another on a tile of its own", p)
		}
		one.X, one.Y = one.X+2*math.Pi, one.Y-4*math.Pi
		if d := distance(part(b.draw(t, one), 0, 0, side), part(whole, p.X, p.Y, side)); d > 1 {
			t.Errorf("once around, %v differs by %d levels", p, d)
		}
	}
	if bytes.Equal(part(whole, 0, 0, side), part(whole, 3, 3, side)) {
		t.Error("the map is the same everywhere")
	}
	other := at
	if other.Seed = 6; bytes.Equal(b.draw(t, other).Pix, whole.Pix) {
		t.Error("another seed is the same map")
	}
}

// distance is the most that a value of two pictures' pixels differs by as it is
// seen: the colour of what is almost transparent means nothing.
func distance(a, b []byte) int {
	most := 0
	for i := range a {
		x, y := int(a[i]), int(b[i])
		if i%4 < 3 {
			x, y = x*int(a[i|3])/255, y*int(b[i|3])/255
		}
		most = max(most, max(x-y, y-x))
	}
	return most
}

// The corners of a plane are what their prompts and seeds give alone, and
// beyond them it goes on with the same.
func TestPlane(t *testing.T) {
	b := newBench(t)
	corners := []explore.Corner{{"a red apple", 1}, {"a moon", 2}, {"a cat", 3}, {"a leaf", 3}}
	whole := b.draw(t, explore.Tile{Step: 1, N: 2, Corners: corners})
	size := whole.Rect.Dx() / 2
	for i, c := range corners {
		if i%2 == 1 {
			continue // two tell enough
		}
		same := []explore.Corner{c, c, c, c}
		x, y := i%2, i/2
		alone := b.draw(t, explore.Tile{X: .3, Y: .6, N: 1, Corners: same})
		if d := distance(part(alone, 0, 0, size), part(whole, x, y, size)); d > 2 {
			t.Errorf("corner %d differs by %d levels from its prompt alone", i, d)
		}
	}
	beyond := b.draw(t, explore.Tile{X: -3, Y: -.5, N: 1, Corners: corners})
	if !bytes.Equal(part(beyond, 0, 0, size), part(whole, 0, 0, size)) {
		t.Error("beyond the first corner there is something else")
	}
	if bytes.Equal(part(whole, 0, 0, size), part(whole, 1, 1, size)) {
		t.Error("two corners are the same")
	}
}

func TestMove(t *testing.T) {
	b := newBench(t)
	names, err := b.Attributes(t.Context(), "tiny")
	if err != nil || strings.Join(names, " ") != "above below" {
		t.Fatalf("%v, %v", names, err)
	}
	move := func(amounts map[string]float64) *image.NRGBA {
		t.Helper()
		data, err := b.Move(t.Context(), "tiny", b.own, amounts)
		if err != nil {
			t.Fatal(err)
		}
		return decoded(t, data)
	}
	still := move(map[string]float64{"above": 0})
	for i := range side * side {
		if got := still.Pix[4*i]; got != uint8(4*i) {
			t.Fatalf("moved by nothing, pixel %d is %d", i, got)
		}
	}
	toward := move(map[string]float64{"above": 2})
	if bytes.Equal(toward.Pix, still.Pix) {
		t.Error("nothing moved")
	}
	// Of two attributes, one is the lack of the other.
	if d := distance(move(map[string]float64{"above": 1, "below": 1}).Pix, still.Pix); d > 1 {
		t.Errorf("forth and back is %d levels away", d)
	}
	if _, err := b.Move(gate.WithOwner(t.Context(), "eve"), "tiny", b.own, map[string]float64{"above": 1}); err == nil {
		t.Error("eve moved another's picture")
	}
}

func TestHandlers(t *testing.T) {
	b := newBench(t)
	mux := http.NewServeMux()
	b.Routes(mux)
	own := "image=" + url.QueryEscape(b.own.String())
	for path, want := range map[string]struct {
		status int
		text   string
	}{
		"/models":                                                      {200, `"name":"tiny"`},
		"/attributes?model=tiny":                                       {200, `["above","below"]`},
		"/attributes?model=emoji":                                      {400, "wants a VAE"},
		"/attributes?model=no":                                         {404, "there is no model"},
		"/attributes?model=..%2f..%2fetc":                              {404, "there is no model"},
		"/tile?model=tiny&n=2&step=.1":                                 {200, "PNG"},
		"/tile?model=tiny&n=5":                                         {400, "1 to 4"},
		"/tile?model=tiny&n=x":                                         {400, "whole number"},
		"/tile?model=tiny&x=NaN":                                       {400, "numbers up to"},
		"/tile?model=tiny&y=1e300":                                     {400, "numbers up to"},
		"/tile?model=tiny&seed=-1":                                     {400, "seed"},
		"/tile?model=tiny&corner=1:a":                                  {400, "4 corners"},
		"/tile?model=tiny&class=x":                                     {400, "without classes"},
		"/tile?model=no":                                               {404, "there is no model"},
		"/move?model=tiny&toward=above:1":                              {400, "image"},
		"/move?model=tiny&" + own:                                      {200, "PNG"},
		"/move?model=tiny&toward=above&" + own:                         {400, "attribute:amount"},
		"/move?model=tiny&toward=above:NaN&" + own:                     {400, "from -10 to 10"},
		"/move?model=tiny&toward=wings:1&" + own:                       {400, "wings"},
		"/tile?model=tiny&prompt=" + strings.Repeat("x", 5000):         {400, "bytes"},
		"/tile?model=tiny&corner=1:a&corner=2:b&corner=3:c&corner=4:d": {400, "flow"},
		"/move?model=tiny&toward=above:1&image=sha256:" + strings.Repeat("0", 64): {400, "upload it first"},
	} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest("GET", "/api/v1/explore"+path, nil))
		if w.Code != want.status || !strings.Contains(w.Body.String(), want.text) {
			t.Errorf("%.80s: %d %.200q, want %d with %q", path, w.Code, w.Body, want.status, want.text)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", "/api/v1/explore/tile?model=tiny", nil).WithContext(gone))
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("a tile was painted for nobody: %d", w.Code)
	}
}

func FuzzTile(f *testing.F) {
	f.Add("model=tiny&x=1&y=2&n=2&step=.5&seed=3")
	f.Add("model=tiny&corner=1:a&corner=:&corner=x&n=-1")
	b := newBench(f)
	mux := http.NewServeMux()
	b.Routes(mux)
	f.Fuzz(func(t *testing.T, query string) {
		if strings.Contains(query, "emoji") || !strings.Contains(query, "tiny") {
			return // it paints, but not quickly
		}
		for _, path := range []string{"tile", "move"} {
			r := httptest.NewRequest("GET", "/api/v1/explore/"+path, nil)
			r.URL.RawQuery = query
			if r.URL.Query().Get("model") != "tiny" {
				return
			}
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, r)
			if w.Code >= 500 {
				t.Errorf("%s?%s: %d %s", path, query, w.Code, w.Body)
			}
		}
	})
}
