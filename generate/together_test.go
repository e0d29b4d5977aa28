package generate

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/internal/basis"
	"github.com/limner-ai/limner/model/box"
	"github.com/limner-ai/limner/model/family"
	"github.com/limner-ai/limner/model/gan"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/model/vae"
)

// Pieces of requests, alike and not, are what the requests alone give.
func TestPiecesAreAsAlone(t *testing.T) {
	image := one(noise(5, 1), 0)
	pieces := []Piece{
		{Request{Seed: 1, N: 5, Class: "bag"}, 1, 4},
		{Request{Seed: 2, N: 2, Class: "Ankle boot"}, 0, 2},
		{Request{Seed: 3, N: 3, Class: "bag", Image: image, Strength: .5}, 2, 3},
		{Request{Seed: 4, N: 1, Class: "bag", Truncation: .5}, 0, 1},
		{Request{Seed: 5, N: 4, Class: "bag", From: &End{Seed: 3}, To: &End{Image: image}}, 1, 3},
		{Request{Seed: 6, N: 2, Image: image, Strength: 0, Class: "bag"}, 1, 2},
		{Request{Seed: 7, N: 1}, 2, 3},
	}
	for _, path := range []string{untrained(t, vae.Family{}, vaeConfig, clothes...), untrained(t, gan.Family{}, ganConfig, clothes...)} {
		g := opened(t, path)
		bad := append(slices.Clone(pieces), Piece{Request{N: 1, Prompt: "words"}, 0, 1}, Piece{Request{N: 1, Class: "bag"}, 0, 2})
		for i, m := range g.MakeTogether(context.Background(), bad) {
			if i >= len(pieces) {
				if m.Err == nil || m.Pictures != nil {
					t.Errorf("piece %d was made", i)
				}
				continue
			}
			if m.Err != nil {
				t.Fatal(i, m.Err)
			}
			p := pieces[i]
			all := make1(t, g, p.Request)
			if want := some(all.Images, p.From, p.To-p.From); !slices.Equal(m.Images.Data, want) || !slices.Equal(m.Items, all.Items[p.From:p.To]) {
				t.Errorf("piece %d is another alone", i)
			}
		}
	}
}

// boxed is the model that comes with Limner.
func boxed(t *testing.T) *Generator {
	t.Helper()
	cpu := trained.NewCPU(2)
	m, err := box.Open(family.All(), cpu)
	if err != nil {
		t.Fatal(err)
	}
	g, err := New(m, cpu)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	return g
}

// Steps are told with what is to become of them, whoever is painted together;
// one that stops does not stop the other, and nobody's bits change.
func TestStepsAreTold(t *testing.T) {
	g := boxed(t)
	apple := Request{Prompt: "a red apple", Seed: 3, N: 1, Steps: 3, Guidance: 1}
	car := Request{Prompt: "a blue car", Seed: 4, N: 2, Steps: 3, Guidance: 1}
	want := make1(t, g, car)
	var steps [][3]int
	var last *tensor.Tensor
	car.Each = func(s Step) (err error) {
		steps = append(steps, [3]int{s.Picture, s.Step, s.Of})
		last, err = s.Clean()
		return err
	}
	enough := errors.New("enough")
	apple.Each = func(s Step) error {
		if s.Step == 2 {
			return enough
		}
		return nil
	}
	made := g.MakeTogether(context.Background(), []Piece{{apple, 0, 1}, {car, 0, 2}})
	if !errors.Is(made[0].Err, enough) || made[1].Err != nil || !slices.Equal(made[1].Images.Data, want.Images.Data) {
		t.Fatal(made[0].Err, made[1].Err)
	}
	// How many go together is the sampler's business.
	slices.SortFunc(steps, func(a, b [3]int) int { return slices.Compare(a[:], b[:]) })
	if !slices.Equal(steps, [][3]int{{0, 1, 3}, {0, 2, 3}, {0, 3, 3}, {1, 1, 3}, {1, 2, 3}, {1, 3, 3}}) {
		t.Error(steps)
	}
	if !slices.Equal(last.Data, want.Images.Row(1)) { // with Euler the last estimate is the picture
		t.Error("the last estimate is not the picture")
	}
	ctx, cancel := context.WithCancel(context.Background())
	told := 0
	car.Each = func(Step) error { told++; cancel(); return nil }
	if made := g.MakeTogether(ctx, []Piece{{car, 0, 2}}); !errors.Is(made[0].Err, context.Canceled) || told != 1 {
		t.Error(made[0].Err, told)
	}
}

// Painting in a mask tells its steps too, and keeps what lies outside.
func TestRoundsAreTold(t *testing.T) {
	image, mask := one(noise(5, 1), 0), tensor.New(1, 8, 8, 1)
	mask.Data[9] = 1
	for path, want := range map[string]int{untrained(t, vae.Family{}, vaeConfig): rounds / 2, untrained(t, gan.Family{}, ganConfig): searchSteps / 2} {
		g := opened(t, path)
		told := 0
		q := Request{N: 1, Image: image, Mask: mask, Strength: .5}
		q.Each = func(s Step) error {
			clean, err := s.Clean()
			if told++; err != nil || s.Of != want || s.Step != told || clean.Data[0] != image.Data[0] {
				t.Fatalf("%+v, %v", s, err)
			}
			if told == 3 {
				return errors.New("enough")
			}
			return nil
		}
		if _, err := g.Make(context.Background(), q); err == nil || err.Error() != "enough" || told != 3 {
			t.Error(told, err)
		}
	}
}

func TestRightsNameAllParts(t *testing.T) {
	g := opened(t, untrained(t, vae.Family{}, vaeConfig))
	recorded := basis.Basis{Status: basis.Recorded, Set: "emoji", Root: "r1", Licences: map[string]int{"MIT": 2}}
	other := basis.Basis{Status: basis.Recorded, Set: "photos", Root: "r2", Licences: map[string]int{"CC0-1.0": 5}}
	drawn := basis.Basis{Status: basis.Drawn}
	data := func(b basis.Basis) trained.Data { return trained.Data{Basis: b} }
	g.Manifest.Data.Basis = recorded
	g.Manifest.Parts = map[string]trained.Origin{
		"words": {Data: data(recorded)}, "autoencoder": {Data: data(drawn), From: &trained.Origin{Data: data(other)}},
	}
	const want = "recorded: data set emoji, root r1, MIT 2; its autoencoder: drawn by Limner itself; its autoencoder: recorded: data set photos, root r2, CC0-1.0 5"
	if got := g.Origin(Request{}, []Item{{}}).Rights; got != want {
		t.Error(got)
	}
	g.Manifest.Parts["words"], g.Manifest.From = trained.Origin{}, &trained.Origin{Data: data(recorded)}
	if got := g.Rights(); !strings.HasSuffix(got, "; its words: unknown: trained on loose files, for which no basis is recorded") {
		t.Error(got)
	}
}
