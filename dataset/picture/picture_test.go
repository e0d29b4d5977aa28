package picture_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/dataset/picture"
)

// tiny is a set of 1×2 grey pictures.
type tiny struct {
	pixels  [][2]uint8
	labels  []picture.Label
	classes []string
	fail    map[int]error
}

func (s tiny) Len() int                { return len(s.pixels) }
func (tiny) Shape() (h, w, c int)      { return 1, 2, 1 }
func (s tiny) Classes() []string       { return s.classes }
func (tiny) Name(i int) string         { return fmt.Sprint(i) }
func (s tiny) Skipped() []picture.Skip { return []picture.Skip{{Path: "a", Err: errors.New("b")}} }

func (s tiny) Item(i int, p []float32) (picture.Label, error) {
	if err := s.fail[i]; err != nil {
		return picture.Label{}, err
	}
	picture.Unit(p, s.pixels[i][:])
	return s.labels[i], nil
}

func digest(t *testing.T, s picture.Set) picture.Root {
	t.Helper()
	r, err := picture.Digest(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func example() tiny {
	return tiny{
		pixels:  [][2]uint8{{1, 2}, {3, 4}, {250, 255}},
		labels:  []picture.Label{{Class: 0, Caption: "x"}, {Class: 1}, {Class: 1, Caption: "y"}},
		classes: []string{"cat", "dog"},
	}
}

// The format written out by hand, so that a change of it does not pass
// unnoticed: model files cite it.
func TestDigestFormat(t *testing.T) {
	item := func(a, b byte, class, caption string) [32]byte {
		m := "limner picture v1\n\x01\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00" + string([]byte{a, b})
		m += string([]byte{byte(len(class)), 0, 0, 0}) + class + string([]byte{byte(len(caption)), 0, 0, 0}) + caption
		return sha256.Sum256([]byte(m))
	}
	items := [][32]byte{item(1, 2, "cat", "x"), item(3, 4, "dog", ""), item(250, 255, "dog", "y")}
	slices.SortFunc(items, func(a, b [32]byte) int { return strings.Compare(string(a[:]), string(b[:])) })
	all := "limner picture set v1\n"
	for _, i := range items {
		all += string(i[:])
	}
	if got, want := digest(t, example()), sha256.Sum256([]byte(all)); got != want {
		t.Errorf("digest %v, want %x", got, want)
	}
}

func TestDigestSeesContentAlone(t *testing.T) {
	whole := digest(t, example())
	for name, change := range map[string]func(*tiny){
		"pixel":      func(s *tiny) { s.pixels[1][0]++ },
		"class":      func(s *tiny) { s.labels[1].Class = 0 },
		"class name": func(s *tiny) { s.classes[1] = "wolf" },
		"no class":   func(s *tiny) { s.labels[1].Class = -1 },
		"caption":    func(s *tiny) { s.labels[0].Caption = "z" },
		"shift":      func(s *tiny) { s.classes[0], s.labels[0].Caption = "ca", "tx" },
		"fewer":      func(s *tiny) { s.fail = map[int]error{2: &picture.Skip{Path: "p", Err: errors.New("gone")}} },
		"doubled":    func(s *tiny) { s.pixels = append(s.pixels, s.pixels[0]); s.labels = append(s.labels, s.labels[0]) },
	} {
		s := example()
		change(&s)
		if digest(t, s) == whole {
			t.Errorf("%s: digest did not change", name)
		}
	}
	s := example()
	s.classes, s.labels = []string{"dog", "cat"}, slices.Clone(s.labels)
	for i := range s.labels {
		s.labels[i].Class = 1 - s.labels[i].Class
	}
	if digest(t, s) != whole {
		t.Error("digest depends on the order of the classes")
	}
}

func TestDigestErrors(t *testing.T) {
	s := example()
	broken := errors.New("disk on fire")
	s.fail = map[int]error{1: broken}
	if _, err := picture.Digest(context.Background(), s); !errors.Is(err, broken) {
		t.Errorf("error is %v", err)
	}
	gone := &picture.Skip{Path: "p", Err: errors.New("gone")}
	s.fail = map[int]error{0: gone, 1: gone, 2: gone}
	if r, err := picture.Digest(context.Background(), s); err == nil {
		t.Errorf("an unreadable set has the digest %v", r)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := picture.Digest(ctx, example()); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}

func TestRootText(t *testing.T) {
	r := digest(t, example())
	text, err := json.Marshal(r)
	if err != nil || string(text) != `"`+r.String()+`"` || len(r.String()) != 7+64 {
		t.Fatalf("%s, %v", text, err)
	}
	var back picture.Root
	if err := json.Unmarshal(text, &back); err != nil || back != r {
		t.Fatalf("%v, %v", back, err)
	}
	for _, bad := range []string{"", r.String()[7:], r.String() + "00", strings.Replace(r.String(), ":", "-", 1), "sha256:" + strings.Repeat("g", 64)} {
		if err := back.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q was taken for a root", bad)
		}
	}
}

func TestLevelsSurvive(t *testing.T) {
	levels := make([]uint8, 256)
	for i := range levels {
		levels[i] = uint8(i)
	}
	values, back := make([]float32, 256), make([]uint8, 256)
	picture.Unit(values, levels)
	picture.Bytes(back, values)
	if !slices.Equal(levels, back) || values[255] != 1 || values[0] != 0 {
		t.Errorf("%v", back)
	}
	picture.Bytes(back[:3], []float32{-0.5, 1.5, 0.5})
	if back[0] != 0 || back[1] != 255 || back[2] != 128 {
		t.Errorf("clamped to %v", back[:3])
	}
}

func TestSourceCheck(t *testing.T) {
	if src, err := (picture.Source{}).Check(); err != nil || src.Split != picture.Train {
		t.Errorf("%+v, %v", src, err)
	}
	for _, bad := range []picture.Source{
		{Split: "validation"}, {Size: -1}, {Size: 1 << 20}, {Channels: 2}, {Channels: 5}, {Channels: 4, Background: "#ffffff"}, {Count: -1},
		{Holdout: -0.1}, {Holdout: 1}, {MemoryMB: -1},
	} {
		if _, err := bad.Check(); err == nil {
			t.Errorf("%+v passed", bad)
		}
	}
}

func TestSkip(t *testing.T) {
	inner := errors.New("torn")
	err := fmt.Errorf("folder: %w", &picture.Skip{Path: "a/b.png", Err: inner})
	if !picture.IsSkip(err) || !errors.Is(err, inner) || err.Error() != "folder: a/b.png: torn" {
		t.Errorf("%v", err)
	}
	if picture.IsSkip(inner) || picture.IsSkip(nil) {
		t.Error("other errors are taken for skips")
	}
	if len(picture.Skipped(example())) != 1 || picture.Skipped(struct{ picture.Set }{example()}) != nil {
		t.Error("Skipped does not ask the set")
	}
}
