package main

// adam writes one step of AdamW, with and without an average of the
// parameters. Everything is read before anything is written, so that a result
// may take the place of any source.
func (k *kernels) adam() {
	k.adamStep("adam", "one step of AdamW", "pmv")
	k.adamStep("adamAverage", "one step of AdamW that moves the average e too", "pmve")
}

func (k *kernels) adamStep(name, doc, states string) {
	var signature string
	for _, s := range states {
		signature += "to" + string(s-'a'+'A') + " []float32, "
	}
	for _, s := range states {
		signature += string(s) + " []float32, "
	}
	f := k.Func(name+"NEON", doc, signature+"grad []float32, tau1 float32, tau2 float32, pace float32, "+
		"unit float32, eps float32, decay float32, gain float32", "")
	free := []string{"R0", "R2", "R3", "R4", "R5", "R6", "R8", "R9", "R10"}
	var used []string
	pointer := func(name string) string {
		r := free[len(used)]
		used = append(used, r)
		f.I("MOVD %s, %s", f.Base(name), r)
		return r
	}
	from, to := map[rune]string{}, map[rune]string{}
	for _, s := range states {
		from[s], to[s] = pointer(string(s)), pointer("to"+string(s-'a'+'A'))
	}
	grad := pointer("grad")
	f.I("MOVD %s, %s", f.Len("grad"), count)
	top, n := 32, values{}
	for _, name := range []string{"tau1", "tau2", "pace", "unit", "eps", "decay", "gain"} {
		n[name] = spread(f, name, &top)
	}
	each(f, top, 1, used, func(g gen, at place) {
		x := map[rune]value{}
		for _, s := range states {
			x[s] = at.load(g, from[s])
		}
		d := at.load(g, grad)
		v := g.mulAdd(g.sub(g.mul(d, d), x['v']), n["tau2"], x['v'])
		m := g.mulAdd(g.sub(d, x['m']), n["tau1"], x['m'])
		step := g.div(g.mul(m, n["pace"]), g.mulAdd(g.sqrt(v), n["unit"], n["eps"]))
		p := g.reduce(g.sub(x['p'], step), x['p'], n["decay"])
		var e value
		if len(states) == 4 {
			e = g.mulAdd(g.sub(p, x['e']), n["gain"], x['e'])
		}
		at.store(g, m, to['m'])
		at.store(g, v, to['v'])
		at.store(g, p, to['p'])
		if len(states) == 4 {
			at.store(g, e, to['e'])
		}
	})
	f.I("RET")
}
