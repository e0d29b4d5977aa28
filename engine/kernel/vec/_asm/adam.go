package main

import (
	"github.com/mmcloughlin/avo/reg"
)

// adam writes one step of AdamW, with and without an average of the
// parameters. Everything is read before anything is written, so that a result
// may take the place of any source.
func (g *gen) adam() {
	g.adamStep("adam", "one step of AdamW", "pmv")
	g.adamStep("adamAverage", "one step of AdamW that moves the average e too", "pmve")
}

func (g *gen) adamStep(name, doc, states string) {
	signature := "func("
	for _, s := range states {
		signature += "to" + string(s-'a'+'A') + ", "
	}
	for _, s := range states {
		signature += string(s) + ", "
	}
	g.begin(name, signature+"grad []float32, tau1, tau2, pace, unit, eps, decay, gain float32)", doc)
	from, to := map[rune]reg.Register{}, map[rune]reg.Register{}
	for _, s := range states {
		from[s], to[s] = base(string(s)), base("to"+string(s-'a'+'A'))
	}
	grad, n := base("grad"), length("grad")
	tau1, tau2, pace, unit := g.spread("tau1"), g.spread("tau2"), g.spread("pace"), g.spread("unit")
	eps, decay, gain := g.spread("eps"), g.spread("decay"), g.spread("gain")
	g.each(n, 1, func(at place, _ int) {
		x := map[rune]op{}
		for _, s := range states {
			x[s] = at.load(from[s])
		}
		d := at.load(grad)
		v := g.accumulate(x['v'], g.sub(g.mul(d, d), x['v']), tau2)
		m := g.accumulate(x['m'], g.sub(d, x['m']), tau1)
		step := g.div(g.mul(m, pace), g.mulAdd(g.sqrt(v), unit, eps))
		p := g.sub(x['p'], step)
		g.reduce(p, x['p'], decay)
		at.store(m, to['m'])
		at.store(v, to['v'])
		at.store(p, to['p'])
		if e, ok := x['e']; ok {
			at.store(g.accumulate(e, g.sub(p, e), gain), to['e'])
		}
	})
	g.end()
}
