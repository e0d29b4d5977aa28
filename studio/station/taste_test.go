package station

import (
	"math"
	"math/rand/v2"
	"testing"
)

func near(a, b, within float64) bool { return math.Abs(a-b) <= within }

// With one attribute the posterior is that of a normal mean: precision
// 1/τ² + Σγ^k/σ², mean Σγ^k y/σ² over that.
func TestPosteriorOfOneAttribute(t *testing.T) {
	a := attribute(kindStyle, "flat")
	said := []bool{true, true, false, true}
	var rounds []Round
	precision, sum := 1/(.45*.45), 0.
	for i, keep := range said {
		rounds = append(rounds, Round{i, []Attribute{a}, keep})
		w := math.Pow(.99, float64(len(said)-1-i)) / (.8 * .8)
		precision += w
		if keep {
			sum += w
		} else {
			sum -= w
		}
	}
	got := learn(rounds)
	if want := sum / precision; !near(got.think(a), want, 1e-12) {
		t.Errorf("mean %v, want %v", got.think(a), want)
	}
	if got.kept[a] != 3 || got.shown[a] != 4 {
		t.Errorf("%d of %d", got.kept[a], got.shown[a])
	}
	if got.think(attribute(kindStyle, "3d")) != 0 {
		t.Error("something is thought of what was never met")
	}
}

// With two attributes that always come together, mean and covariance are those
// of the inverse of a 2×2 matrix, written out.
func TestSamplesHaveThePosteriorsMomentsOfTwoAttributes(t *testing.T) {
	a, b := attribute(kindGroup, "x"), attribute(kindThing, "y")
	var rounds []Round
	for i := range 6 {
		attributes := []Attribute{a, b}
		if i == 0 {
			attributes = attributes[:1]
		}
		rounds = append(rounds, Round{i, attributes, i != 2})
	}
	var p11, p12, p22, y1, y2 float64
	p11, p22 = 1/(.45*.45), 1/(.15*.15)
	for i := range 6 {
		w, y := math.Pow(.99, float64(5-i))/(.8*.8), 1.
		if i == 2 {
			y = -1
		}
		p11 += w
		y1 += w * y
		if i > 0 {
			p12, p22, y2 = p12+w, p22+w, y2+w*y
		}
	}
	det := p11*p22 - p12*p12
	m1, m2 := (p22*y1-p12*y2)/det, (p11*y2-p12*y1)/det
	v1, v2, v12 := p22/det, p11/det, -p12/det

	tst := learn(rounds)
	if !near(tst.think(a), m1, 1e-12) || !near(tst.think(b), m2, 1e-12) {
		t.Errorf("means %v %v, want %v %v", tst.think(a), tst.think(b), m1, m2)
	}
	const n = 40_000
	draw := rand.New(rand.NewPCG(1, 2))
	other := attribute(kindColour, "z")
	var s1, s2, s11, s22, s12, so, soo float64
	for range n {
		w := tst.sample([]Attribute{a, b, other}, draw)
		d1, d2, o := w[0]-m1, w[1]-m2, w[2]
		s1, s2, so = s1+d1, s2+d2, so+o
		s11, s22, s12, soo = s11+d1*d1, s22+d2*d2, s12+d1*d2, soo+o*o
	}
	// Five standard errors: of a mean σ/√n, of a variance σ²√(2/n).
	for name, c := range map[string][3]float64{
		"mean a": {s1 / n, 0, 5 * math.Sqrt(v1/n)}, "mean b": {s2 / n, 0, 5 * math.Sqrt(v2/n)},
		"variance a": {s11 / n, v1, 5 * v1 * math.Sqrt(2./n)}, "variance b": {s22 / n, v2, 5 * v2 * math.Sqrt(2./n)},
		"covariance": {s12 / n, v12, 5 * math.Sqrt((v1*v2+v12*v12)/n)},
		"mean other": {so / n, 0, 5 * .2 / math.Sqrt(n)}, "variance other": {soo / n, .04, 5 * .04 * math.Sqrt(2./n)},
	} {
		if !near(c[0], c[1], c[2]) {
			t.Errorf("%s is %v, want %v ± %v", name, c[0], c[1], c[2])
		}
	}
}

// viewer is somebody who likes flat pictures and animals, and says so most of
// the time.
func likes(p Prompt, draw *rand.Rand) bool {
	chance := .08
	if p.Style == "flat" {
		chance += .42
	}
	if p.Group == "animals" || p.Group == "sea" || p.Group == "small animals" {
		chance += .42
	}
	return draw.Float64() < chance
}

// listen plays rounds and gives the share liked in each stretch of ten.
func listen(c *chooser, rounds []Round, recent []Prompt, seed uint64, n int, drop func(Round) Round) ([]Round, []Prompt, []float64) {
	person := rand.New(rand.NewPCG(seed, 77))
	var shares []float64
	liked := 0
	for i := range n {
		known := make([]Round, len(rounds))
		for k, r := range rounds {
			known[k] = drop(r)
		}
		got := c.choose(learn(known), recent, seed, len(rounds), .15)
		keep := likes(got.Prompt, person)
		rounds = append(rounds, Round{len(rounds), got.Prompt.Attributes(), keep})
		recent = append(recent, got.Prompt)
		if keep {
			liked++
		}
		if (i+1)%10 == 0 {
			shares = append(shares, float64(liked)/10)
			liked = 0
		}
	}
	return rounds, recent, shares
}

func corpus(t testing.TB) Corpus {
	t.Helper()
	c, err := ReadCorpus(corpusText)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// All of it is seeded, so that it comes out the same each time: the margins are
// for those who change what is learnt.
func TestAListenerIsLearntAndForgotten(t *testing.T) {
	c := newChooser(corpus(t))
	const people = 12
	var first, last, after, without float64
	for seed := range uint64(people) {
		same := func(r Round) Round { return r }
		rounds, recent, shares := listen(c, nil, nil, seed, 60, same)
		first += shares[0] / people
		last += (shares[4] + shares[5]) / 2 / people
		// Forgotten altogether: what was said before is not known.
		_, _, again := listen(c, nil, recent, seed+1000, 10, same)
		after += again[0] / people
		// Somebody who never learns, on the same chooser.
		_, _, never := listen(c, rounds[:0:0], nil, seed, 60, func(Round) Round { return Round{} })
		without += (never[4] + never[5]) / 2 / people
	}
	t.Logf("liked: %.2f at the start, %.2f after 60 rounds, %.2f after forgetting, %.2f without learning", first, last, after, without)
	if last < first+.2 || last < 1.5*first {
		t.Errorf("the share liked went from %.2f to %.2f", first, last)
	}
	if last < without+.2 {
		t.Errorf("%.2f with learning, %.2f without", last, without)
	}
	if after > first+.12 {
		t.Errorf("%.2f after forgetting, %.2f at the start", after, first)
	}
}

func TestOneAttributeIsForgotten(t *testing.T) {
	flat, animals := attribute(kindStyle, "flat"), attribute(kindGroup, "animals")
	c := newChooser(corpus(t))
	rounds, _, _ := listen(c, nil, nil, 5, 60, func(r Round) Round { return r })
	before := learn(rounds)
	for i, r := range rounds {
		var left []Attribute
		for _, a := range r.Attributes {
			if a != flat {
				left = append(left, a)
			}
		}
		rounds[i].Attributes = left
	}
	after := learn(rounds)
	if before.think(flat) < .2 || after.think(flat) != 0 || after.shown[flat] != 0 {
		t.Errorf("flat was worth %v and is worth %v", before.think(flat), after.think(flat))
	}
	if before.think(animals) < .1 || after.think(animals) < .1 {
		t.Errorf("animals were worth %v and are worth %v", before.think(animals), after.think(animals))
	}
}

func BenchmarkLearn400(b *testing.B) {
	c := newChooser(corpus(b))
	var rounds []Round
	draw := rand.New(rand.NewPCG(1, 1))
	for i := range remember {
		rounds = append(rounds, Round{i, c.corpus[draw.IntN(len(c.corpus))].Attributes(), draw.IntN(2) == 0})
	}
	for b.Loop() {
		learn(rounds)
	}
}
