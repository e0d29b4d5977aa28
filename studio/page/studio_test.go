package page_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"hash/fnv"
	"image"
	"image/color"
	"image/png"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/home"
	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/mark"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/family"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/model/vae"
	"github.com/limner-ai/limner/release"
	"github.com/limner-ai/limner/source/usage"
	"github.com/limner-ai/limner/studio/api"
	"github.com/limner-ai/limner/studio/api/v1"
	"github.com/limner-ai/limner/studio/explore"
	"github.com/limner-ai/limner/studio/gallery"
	"github.com/limner-ai/limner/studio/gate"
	"github.com/limner-ai/limner/studio/inspection"
	"github.com/limner-ai/limner/studio/jobs"
	"github.com/limner-ai/limner/studio/page"
	"github.com/limner-ai/limner/studio/paint"
	"github.com/limner-ai/limner/studio/station"
	"github.com/limner-ai/limner/studio/tracing"
	"github.com/limner-ai/limner/studio/work/curate"
	"github.com/limner-ai/limner/studio/work/data"
	"github.com/limner-ai/limner/studio/work/diagnose"
	"github.com/limner-ai/limner/studio/work/place"
	"github.com/limner-ai/limner/studio/work/refresh"
	"github.com/limner-ai/limner/studio/work/runs"
	"github.com/limner-ai/limner/studio/work/train"
	"github.com/limner-ai/limner/trace"
)

// easel stands for the worker that paints: it draws a disc in colours of the
// prompt and the seed. A prompt with the word "slowly" is never done.
type easel struct{}

func (easel) Kind() string                 { return paint.Kind }
func (easel) Group(json.RawMessage) string { return "" }
func (easel) Most() int                    { return 1 }
func (easel) AtOnce() int                  { return 4 }

func (easel) Check(_ context.Context, text json.RawMessage) (json.RawMessage, error) {
	var s paint.Spec
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, err
	}
	if strings.Contains(s.Prompt, "impossible") {
		return nil, fmt.Errorf("the model %s cannot paint what is impossible", s.Model)
	}
	if s.N < 0 || s.N > 64 {
		return nil, fmt.Errorf("%d pictures are not painted", s.N)
	}
	if s.Seed == nil {
		s.Seed = new(uint64)
	}
	if s.Model == "" {
		s.Model = "emoji"
	}
	s.N = max(1, s.N)
	return json.Marshal(s)
}

func (e easel) Run(_ context.Context, tasks []jobs.Task) error {
	for _, t := range tasks {
		t.Finish(e.paint(t))
	}
	return nil
}

func (easel) paint(t jobs.Task) error {
	var s paint.Spec
	if err := json.Unmarshal(t.Job().Spec, &s); err != nil {
		return err
	}
	for step := 1; strings.Contains(s.Prompt, "slowly"); step++ {
		select {
		case <-t.Context().Done():
			return t.Context().Err()
		case <-time.After(20 * time.Millisecond):
		}
		t.Progress(jobs.Progress{Stage: "painting", Done: float64(step % 20), Total: 20})
		t.Preview(jobs.Preview{Number: 0, Type: "image/png", Data: disc(s.Prompt, uint64(step))})
	}
	for i := range s.N {
		meta := paint.Meta{
			Number: i, Seed: *s.Seed, Index: s.First + i, Prompt: s.Prompt, Negative: s.Negative, Class: s.Class,
			Steps: s.Steps, Guidance: s.Guidance, Width: 64, Height: 64, Model: s.Model, Family: "flow", Rights: "all permitted",
		}
		if err := t.Result(disc(s.Prompt, *s.Seed+uint64(i)), "image/png", meta); err != nil {
			return err
		}
	}
	return nil
}

// disc draws a picture that depends on a prompt and a seed.
func disc(prompt string, seed uint64) []byte {
	h := fnv.New64a()
	fmt.Fprint(h, prompt)
	hue := float64(h.Sum64()%360) + 8*float64(seed%12)
	m := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for y := range 64 {
		for x := range 64 {
			d := math.Hypot(float64(x)-31.5, float64(y)-31.5)
			level := func(shift float64) uint8 {
				return uint8(150 + 90*math.Cos((hue+shift)*math.Pi/180) + .25*float64(31-y))
			}
			m.SetNRGBA(x, y, color.NRGBA{level(0), level(120), level(240), uint8(255 * max(0, min(1, 27-d)))})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// untrained writes a small VAE as it is before training into a folder of
// models, with weights large enough that its pictures differ.
func untrained(t testing.TB, folder string, classes ...string) {
	t.Helper()
	manifest := trained.Manifest{
		Name: "tiny", Family: "vae", Config: json.RawMessage(`{"net":"dense","hidden":[6],"latent":3,"likelihood":"bernoulli"}`),
		Pictures: model.Pictures{Height: 8, Width: 8, Channels: 1, Classes: classes},
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
	if err := os.MkdirAll(filepath.Join(folder, "tiny-vae"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := trained.New(m, manifest, weights, nil).Save(filepath.Join(folder, "tiny-vae", trained.FileName)); err != nil {
		t.Fatal(err)
	}
}

// studio is a whole studio, but for who paints.
type studio struct {
	*httptest.Server
	queue  *jobs.Queue
	store  *objects.Store
	places place.Places
}

// keeper tells the gallery of what is kept in a stream.
type keeper struct{ *gallery.Gallery }

func (k keeper) Keep(ctx context.Context, owner string, picture digest.SHA256, keep bool) error {
	_, err := k.Act(ctx, owner, picture, map[bool]string{true: string(usage.Kept)}[keep])
	return err
}

// newStudio opens one. With models of a folder there is no easel: they really
// paint. Its runs and data lie in places, which are new if nil.
func newStudio(t testing.TB, models string, places *place.Places) *studio {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx, base := context.Background(), t.TempDir()
	if places == nil {
		places = &place.Places{Home: home.Home(filepath.Join(base, "home")), Runs: filepath.Join(base, "runs"), Curated: filepath.Join(base, "curated")}
	}
	store := objects.Open(filepath.Join(base, "objects"))
	folder := models
	if folder == "" {
		folder = filepath.Join(base, "models")
		untrained(t, folder, "ring", "dot")
	}
	shelf := paint.NewShelf(paint.ShelfOptions{Folders: []string{folder}})
	var worker jobs.Worker = easel{}
	leaving := paint.Leaving{Originals: paint.OpenOriginals(filepath.Join(base, "originals"))}
	if models != "" {
		marker, err := mark.Open(mark.Options{Dir: filepath.Join(base, "marks"), Version: "test"})
		must(err)
		leaving.Press = &release.Press{Marker: marker, Policy: release.Allow}
		worker = paint.NewWorker(shelf, store, leaving)
	}
	library := place.NewLibrary(*places)
	queue, err := jobs.Open(ctx, filepath.Join(base, "queue"), store, []jobs.Worker{worker,
		train.New(train.Options{Places: *places, Families: family.All(), Threads: 1}), refresh.New(places.Home, "", nil), curate.New(*places, nil),
		diagnose.New(diagnose.Options{Shelf: shelf, Library: library, Cache: filepath.Join(base, "inspected")})}, jobs.Options{})
	must(err)
	uploads, err := api.OpenUploads(filepath.Join(base, "uploads"), store)
	must(err)
	records, err := usage.Open(filepath.Join(base, "usage"))
	must(err)
	made, err := gallery.Open(ctx, filepath.Join(base, "gallery.db"), gallery.Options{
		Queue: queue, Store: store, Models: shelf, Looker: gallery.Latents{Shelf: shelf}, Usage: records,
	})
	must(err)
	stream, err := station.Open(ctx, filepath.Join(base, "station.db"), station.Options{
		Queue: queue, Pictures: store, Keeper: keeper{made}, Seed: func() uint64 { return 7 },
	})
	must(err)
	rooms := &api.Studio{Queue: queue, Models: shelf, Store: store, Uploads: uploads}
	pages, err := page.New(page.Options{Studio: rooms, Jobs: queue, Models: shelf})
	must(err)
	ours, err := v1.New(rooms, v1.Options{Sets: places.Sets, Imports: folder})
	must(err)
	mux := http.NewServeMux()
	ours.Routes(mux)
	made.Routes(mux)
	explore.New(explore.Options{Shelf: shelf, Store: store, Owns: rooms.Owns, Sets: library}).Routes(mux)
	looking := inspection.New(inspection.Options{Threads: 1, Owns: rooms.Owns, Picture: func(ctx context.Context, d digest.SHA256) (*image.NRGBA, error) {
		return leaving.Picture(ctx, store, d)
	}})
	looking.Routes(mux)
	tracing.New(tracing.Options{Store: store, Models: shelf, Sets: trace.OpenIndexes(filepath.Join(base, "trace")), Marks: filepath.Join(base, "marks"), Owns: rooms.Owns}).Routes(mux)
	runs.New(*places).Routes(mux)
	data.New(*places).Routes(mux)
	stream.Routes(mux)
	pages.Routes(mux)
	s := &studio{httptest.NewServer(gate.New(gate.Options{MaxBody: func(*http.Request) int64 { return 32 << 20 }}, mux)), queue, store, *places}
	t.Cleanup(func() {
		ended, cancel := context.WithCancel(ctx)
		cancel() // nothing is waited for
		_ = queue.Close(ended)
		s.Server.CloseClientConnections()
		s.Server.Close()
		_ = stream.Close()
		_ = looking.Close()
		_ = made.Close()
		_ = records.Close()
		shelf.Close()
	})
	return s
}

// made has the studio paint something and gives the job.
func (s *studio) made(t testing.TB, spec string) jobs.Job {
	t.Helper()
	ctx := context.Background()
	j, err := s.queue.Submit(ctx, jobs.Submission{Kind: paint.Kind, Owner: gate.Local, Spec: json.RawMessage(spec)})
	if err != nil {
		t.Fatal(err)
	}
	if j, err = s.queue.Wait(ctx, gate.Local, j.ID); err != nil || j.State != jobs.Done {
		t.Fatalf("%+v, %v", j, err)
	}
	return j
}

// withParameters is a picture with a text as AUTOMATIC1111's web interface
// writes it.
func withParameters(text string) []byte {
	data := disc("made elsewhere", 1)
	chunk := append([]byte("tEXtparameters\x00"), text...)
	var b []byte
	b = append(b, data[:33]...) // signature and header
	b = binary.BigEndian.AppendUint32(b, uint32(len(chunk)-4))
	b = append(b, chunk...)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(chunk))
	return append(b, data[33:]...)
}
