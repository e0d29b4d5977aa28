package text

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

var corpus = []string{
	"a red apple, 3d emoji", "roter Apfel, 3d emoji", "赤いリンゴ, 3d emoji", "red heart, flat emoji",
	"rotes Herz, flat emoji", "赤いハート, flat emoji", "man health worker: medium-dark skin tone",
	"manzana roja", "pomme rouge", "Красное яблоко", "red apple and red heart", "a green apple",
	"man getting haircut: dark skin tone", "woman health worker: dark skin tone", "persona con piel oscura",
	"dunkle Hautfarbe, mittelhelle Hautfarbe", "やや濃い肌色, やや薄い肌色", "medium-light skin tone", "woman getting massage",
	"Frau beim Haareschneiden: mittelhelle Hautfarbe", "散髪される女: 濃い肌色", "зелёное яблоко", "pomme verte", "manzana verde",
}

func learnt(t testing.TB, vocabulary int) *Tokeniser {
	t.Helper()
	k, err := Learn(slices.Values(corpus), vocabulary)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestRoundTrip(t *testing.T) {
	k := learnt(t, 400)
	for _, s := range []string{
		"", " ", "a", "A Red APPLE,\t3D\n", "Fußgängerzone, 100 % größer", "una manzana roja", "une pomme écarlate…",
		"赤いリンゴとスーパーカー", "красное яблоко", "🍎👩🏿‍🚀1️⃣🇩🇪", "x\x00y\x1b[31mz\u0085w", "\xff\xfe broken \xe3\x81", "ﬁ ½ Ｗｉｄｅ",
		"İstanbul", "e\u0301" + strings.Repeat("\u0301", 100), strings.Repeat("supercalifragilistic", 20), "한국어 글자", "भारत",
	} {
		if got := k.Decode(k.Encode(s)); got != Normal(s) {
			t.Errorf("%q came back as %q, want %q", s, got, Normal(s))
		}
	}
}

func TestNormal(t *testing.T) {
	for s, want := range map[string]string{
		" A  Red\tAPPLE \r\n": "a red apple", "x\x00\x07y": "x y", "ﬁ": "fi", "ＡＢＣ": "abc", "ｶﾞ": "ガ",
		"Ärger": "ärger", "\x00": "", "a\u00a0b": "a b", "\xffA": "\xffa",
	} {
		if got := Normal(s); got != want {
			t.Errorf("%q became %q, want %q", s, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	for s, want := range map[string]string{
		"red apple, 3d":      " red| apple|,| 3|d",
		"散髪される女":             " 散髪|される|女",
		"旗: キルギス":            " 旗|:| キルギス",
		"スーパーマンa":            " スーパーマン|a",
		"2024":               " 2|0|2|4",
		"👩🏿\u200d🚀 ❤\ufe0f!": " 👩🏿\u200d🚀| ❤\ufe0f|!",
		"don't":              " don|'|t",
	} {
		if got := strings.Join(slices.Collect(words(s)), "|"); got != want {
			t.Errorf("%q was split into %q, want %q", s, got, want)
		}
	}
	long := strings.Repeat("語", 100)
	for w := range words(long) {
		if len(w) > longest || !utf8.ValidString(w) {
			t.Errorf("a word of %d bytes: %q", len(w), w)
		}
	}
}

// The first joins of the example in Sennrich et al., section 3.2, with the
// spaces that stand before words here: "es" and "st" are equally frequent.
func TestLearnsTheMostFrequentPair(t *testing.T) {
	var text []string
	for w, n := range map[string]int{"low": 5, "lower": 2, "newest": 6, "widest": 3} {
		text = append(text, strings.Repeat(w+" ", n))
	}
	k, err := Learn(slices.Values(text), firstMerge+6)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"es", "est", " l", " lo", " low", " n"}
	if got := k.pieces[firstMerge:]; !slices.Equal(got, want) {
		t.Errorf("learnt %q, want %q", got, want)
	}
	var pieces []string
	for _, p := range k.Encode("lowest") {
		pieces = append(pieces, k.pieces[p])
	}
	if !slices.Equal(pieces, []string{" low", "est"}) {
		t.Errorf("lowest is %q", pieces)
	}
}

// The order of the corpus changes nothing, and counts are kept as a simpler
// trainer finds them anew at each step.
func TestLearnIsDeterministic(t *testing.T) {
	k := learnt(t, 380)
	back := slices.Clone(corpus)
	slices.Reverse(back)
	again, err := Learn(slices.Values(back), 380)
	if err != nil || !slices.Equal(k.pieces, again.pieces) {
		t.Errorf("another order gave other pieces: %v", err)
	}
	if want := slowly(corpus, 380); !slices.Equal(k.pieces, want.pieces) {
		t.Errorf("learnt %q,\nwant %q", k.pieces[firstMerge:], want.pieces[firstMerge:])
	}
}

// slowly is Learn by counting everything at each step.
func slowly(corpus []string, vocabulary int) *Tokeniser {
	k := Bytes()
	for k.Vocabulary() < vocabulary {
		count := map[[2]int]int{}
		for _, s := range corpus {
			for w := range words(Normal(s)) {
				p := k.word(nil, w)
				for i := range len(p) - 1 {
					count[[2]int{p[i], p[i+1]}]++
				}
			}
		}
		var best [2]int
		for p, n := range count {
			a := k.pieces[p[0]] + "\x00" + k.pieces[p[1]]
			b := k.pieces[best[0]] + "\x00" + k.pieces[best[1]]
			if n > count[best] || n == count[best] && a < b {
				best = p
			}
		}
		if count[best] < 2 {
			break
		}
		k.merge(best)
	}
	return k
}

func TestLearnErrors(t *testing.T) {
	for _, n := range []int{-1, 0, Least - 1, Most + 1} {
		if _, err := Learn(slices.Values(corpus), n); err == nil {
			t.Errorf("a vocabulary of %d was accepted", n)
		}
	}
	k, err := Learn(slices.Values([]string{"", "x"}), 1000)
	if err != nil || k.Vocabulary() != Least {
		t.Errorf("a corpus where nothing repeats gave %d pieces, %v", k.Vocabulary(), err)
	}
}

func TestFill(t *testing.T) {
	k := learnt(t, 400)
	fill := func(n int, s string) []float32 {
		dst := make([]float32, n)
		for i := range dst {
			dst[i] = -7
		}
		k.Fill(dst, s)
		return dst
	}
	if got := fill(4, " \n"); !slices.Equal(got, []float32{Start, End, Pad, Pad}) {
		t.Errorf("an empty prompt is %v", got)
	}
	p := k.Encode("a red apple")
	want := make([]float32, 12)
	want[0], want[len(p)+1] = Start, End
	for i, x := range p {
		want[1+i] = float32(x)
	}
	if got := fill(12, "a red apple"); !slices.Equal(got, want) {
		t.Errorf("a prompt is %v, want %v", got, want)
	}
	if got := fill(3, "a red apple"); !slices.Equal(got, []float32{Start, float32(p[0]), End}) {
		t.Errorf("a prompt that is cut is %v", got)
	}
	if got := fill(2, "a red apple"); !slices.Equal(got, []float32{Start, End}) {
		t.Errorf("a prompt without room is %v", got)
	}
	// Of a prompt without end the same is read as of its beginning.
	for _, unit := range []string{"red apple ", "赤", "\u0301", "\xff", "🍎", "a"} {
		n := 10_000_000 / len(unit)
		if got, want := fill(32, strings.Repeat(unit, n)), fill(32, strings.Repeat(unit, 1000)); !slices.Equal(got, want) {
			t.Errorf("10 MB of %q are %v, want %v", unit, got, want)
		}
	}
}

func TestDecodeOfAnything(t *testing.T) {
	k := learnt(t, 400)
	if got := k.Decode([]int{-1, Start, firstByte + 'x', 1 << 30, End, Pad, firstByte + ' '}); got != "x " {
		t.Errorf("decoded %q", got)
	}
}

func FuzzRoundTrip(f *testing.F) {
	k := learnt(f, 400)
	for _, s := range corpus {
		f.Add(s)
	}
	f.Add("\xff\u0301Å\u200d🍎\u0000")
	f.Fuzz(func(t *testing.T, s string) {
		if got := k.Decode(k.Encode(s)); got != Normal(s) {
			t.Errorf("%q came back as %q, want %q", s, got, Normal(s))
		}
		dst := make([]float32, 8)
		k.Fill(dst, s)
		if dst[0] != Start || slices.Max(dst) >= float32(k.Vocabulary()) || !slices.Contains(dst, End) {
			t.Errorf("%q is %v", s, dst)
		}
	})
}
