package concept

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestSame(t *testing.T) {
	for want, names := range map[Concept][]string{
		"emoji:1f939":                      {"1f939", "1F939.png", "1f939-1f3fb-200d-2640-fe0f.webp", "emoji_u1f939_1f3ff_200d_2642.svg", "U+1F939 U+1F3FD", "🤹🏽‍♀️", "🤹", "assets/1f939-1f3fb.svg", `a\b\1f939.svg`},
		"emoji:1f9d1-200d-1f33e":           {"1f468-200d-1f33e", "1f469-1f3fe-200d-1f33e", "1f9d1-200d-1f33e", "👩🏿‍🌾"}, // farmer
		"emoji:1f9d1":                      {"1f468", "1f469-1f3ff", "1f9d1"},
		"emoji:1f9d2":                      {"👦", "👧🏻", "🧒"},
		"emoji:2764":                       {"2764", "2764-fe0f", "❤️", "❤"},
		"emoji:35-20e3":                    {"0035-20e3", "0035-fe0f-20e3", "5️⃣"},
		"emoji:1f3fd":                      {"1f3fd"}, // the tone itself
		"emoji:2640":                       {"2640", "2640-fe0f"},
		"emoji:1f46a":                      {"1f46a", "1f468-200d-1f469-200d-1f467-200d-1f466", "1f469-200d-1f466", "1f9d1-200d-1f9d2"},
		"emoji:1f9d1-200d-2764-200d-1f9d1": {"1f491", "1f491-1f3fb", "1f468-200d-2764-fe0f-200d-1f468", "1f469-1f3fb-200d-2764-200d-1f468-1f3ff"},
		"emoji:1f91d":                      {"1f91d", "1f91d-1f3fb", "1faf1-1f3fb-200d-1faf2-1f3ff"}, // handshake
		"emoji:1f6b6":                      {"1f6b6", "1f6b6-1f3fb-200d-2640-fe0f-200d-27a1-fe0f", "1f6b6-200d-27a1"},
		"emoji:1f408-200d-2b1b":            {"1f408-200d-2b1b", "🐈‍⬛"},
		"emoji:1f1e9-1f1ea":                {"1f1e9-1f1ea", "🇩🇪"},
		"emoji:1f3f4-e0067-e0062-e0065-e006e-e0067-e007f": {"1f3f4-e0067-e0062-e0065-e006e-e0067-e007f"},
		"name:face":            {"face", "Face.svg", "FACE_2", "face-01"},
		"name:beef":            {"beef"},
		"name:person juggling": {"Woman juggling: medium-dark skin tone", "man-juggling", "man_juggling_light_skin_tone", "Person Juggling"},
		"name:red balloon":     {"red balloon", "Red-Balloon 3.png", "red__balloon"},
		"name:strasse":         {"Straße", "STRASSE"},
		"name:café":            {"café", "cafe\u0301", "CAFÉ"},
		"name:7":               {"7", "７.png"},
		"name:犬":               {"犬.jpg"},
		"":                     {"", "---", ".png", "skin tone"},
	} {
		for _, name := range names {
			if got := Of(name); got != want {
				t.Errorf("%q is %q, want %q", name, got, want)
			}
		}
	}
}

// A concept of a concept's own words or points is itself.
func FuzzOf(f *testing.F) {
	for _, s := range []string{"1f939-1f3fb-200d-2640-fe0f.webp", "Woman juggling: light skin tone", "🤹🏽‍♀️", "\xff\u200d", "200d-200d", "woman man 12"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c := Of(s)
		if words, ok := strings.CutPrefix(string(c), "name:"); ok {
			if again := Name(words); again != c && !strings.ContainsRune(words, '\ufffd') {
				t.Errorf("%q becomes %q and then %q", s, c, again)
			}
		} else if points, ok := strings.CutPrefix(string(c), "emoji:"); ok {
			if p, ok := parsePoints(points); ok && Emoji(p) != c {
				t.Errorf("%q becomes %q and then %q", s, c, Emoji(p))
			}
		} else if c != "" {
			t.Errorf("%q becomes %q", s, c)
		}
	})
}

func random(r *rand.Rand, concepts, clusters, n int) []Item {
	items := make([]Item, n)
	for i := range items {
		items[i] = Item{Name("thing " + string(rune('a'+r.IntN(26))) + strings.Repeat("x", r.IntN(concepts/26+1))), r.IntN(2*clusters) - clusters}
	}
	return items
}

func TestNothingStraddles(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 30 {
		items := random(r, 200, 40, 300)
		held, err := HeldOut(items, 0.3, "")
		if err != nil {
			t.Fatal(err)
		}
		concepts, clusters := map[Concept]bool{}, map[int]bool{}
		for i, it := range items {
			if side, ok := concepts[it.Concept]; ok && side != held[i] {
				t.Fatalf("%s lies on both sides", it.Concept)
			}
			concepts[it.Concept] = held[i]
			if it.Cluster < 0 {
				continue
			}
			if side, ok := clusters[it.Cluster]; ok && side != held[i] {
				t.Fatalf("cluster %d lies on both sides", it.Cluster)
			}
			clusters[it.Cluster] = held[i]
		}
		// The order does not matter.
		order := r.Perm(len(items))
		shuffled := make([]Item, len(items))
		for i, k := range order {
			shuffled[i] = items[k]
		}
		again, _ := HeldOut(shuffled, 0.3, "")
		for i, k := range order {
			if again[i] != held[k] {
				t.Fatal("the order matters")
			}
		}
	}
}

func TestShare(t *testing.T) {
	var items []Item
	for i := range 4000 {
		items = append(items, Item{Emoji([]rune{rune(0x1f300 + i%1000), rune(0x2190 + i/1000)}), -1})
	}
	for _, share := range []float64{0, 0.1, 0.5, 1} {
		held, err := HeldOut(items, share, "")
		n := 0
		for _, h := range held {
			if h {
				n++
			}
		}
		if got := float64(n) / float64(len(items)); err != nil || got < share-0.03 || got > share+0.03 || share == 0 && n > 0 || share == 1 && n < len(items) {
			t.Errorf("share %v: %v, %v", share, got, err)
		}
	}
	// More pictures move none; a larger share only adds; a salt moves many.
	small, _ := HeldOut(items[:1000], 0.2, "")
	whole, _ := HeldOut(items, 0.2, "")
	more, _ := HeldOut(items, 0.4, "")
	salted, _ := HeldOut(items, 0.2, "x")
	if !slices.Equal(small, whole[:1000]) || slices.Equal(whole, salted) {
		t.Error("what else there is matters, or the salt does not")
	}
	for i := range whole {
		if whole[i] && !more[i] {
			t.Fatal("a larger share let go of a concept")
		}
	}
	// Pairs joined by a cluster are held out as often as single ones.
	for i := range items {
		items[i].Cluster = i / 2
	}
	joined, _ := HeldOut(items, 0.2, "")
	n := 0
	for _, h := range joined {
		if h {
			n++
		}
	}
	if n < 650 || n > 950 {
		t.Errorf("%d of 4000 in joined pairs are held out", n)
	}
}

func TestRefused(t *testing.T) {
	for _, share := range []float64{-0.1, 1.1} {
		if _, err := HeldOut(nil, share, ""); err == nil {
			t.Errorf("share %v passed", share)
		}
	}
	if _, err := HeldOut([]Item{{"name:a", -1}, {"", 3}}, 0.5, ""); err == nil || !strings.Contains(err.Error(), "picture 1") {
		t.Errorf("%v", err)
	}
}
