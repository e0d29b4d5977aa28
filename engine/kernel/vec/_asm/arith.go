package main

// arith writes arithmetic, comparisons and choices.
func (g *gen) arith() {
	for _, k := range []struct {
		name, doc string
		f         func(a, b op) op
	}{
		{"add", "a + b", g.add},
		{"sub", "a - b", g.sub},
		{"mul", "a * b", g.mul},
		{"div", "a / b", g.div},
		{"max", "the larger of a and b, NaN if either is", g.max},
		{"min", "the smaller of a and b, NaN if either is", g.min},
		{"less", "1 where a < b, else 0", g.truth(less)},
		{"lessEq", "1 where a <= b, else 0", g.truth(lessEq)},
		{"equal", "1 where a == b, else 0", g.truth(equal)},
	} {
		g.kernel(k.name, "a b", k.doc, 4, g.one, func(v values) op { return k.f(v["a"], v["b"]) })
	}
	swap := func(f func(a, b op) op) func(a, b op) op { return func(a, b op) op { return f(b, a) } }
	for _, k := range []struct {
		name, doc string
		f         func(a, s op) op
	}{
		{"addS", "a + s", g.add},
		{"mulS", "a * s", g.mul},
		{"subFromS", "s - a", swap(g.sub)},
		{"divIntoS", "s / a", swap(g.div)},
		{"maxS", "the larger of a and s, NaN where a is", swap(g.maxBA)},
		{"minS", "the smaller of a and s, NaN where a is", swap(g.minBA)},
		{"lessS", "1 where a < s, else 0", g.truth(less)},
		{"lessEqS", "1 where a <= s, else 0", g.truth(lessEq)},
		{"greaterS", "1 where a > s, else 0", g.truth(greater)},
		{"greaterEqS", "1 where a >= s, else 0", g.truth(greaterEq)},
		{"equalS", "1 where a == s, else 0", g.truth(equal)},
	} {
		g.kernel(k.name, "a s", k.doc, 4, g.one, func(v values) op { return k.f(v["a"], v["s"]) })
	}
	g.kernel("mulAdd", "a b c", "a*b + c rounded once", 4, nil, func(v values) op { return g.mulAdd(v["a"], v["b"], v["c"]) })
	g.kernel("mulAddS", "a s c", "a*s + c rounded once", 4, nil, func(v values) op { return g.mulAdd(v["a"], v["s"], v["c"]) })
	g.kernel("mulSAddS", "a s t", "a*s + t rounded once", 4, nil, func(v values) op { return g.mulAdd(v["a"], v["s"], v["t"]) })

	for _, k := range []struct{ name, params, yes, no string }{
		{"select", "c a b", "a", "b"},
		{"selectVS", "c a t", "a", "t"},
		{"selectSV", "c s b", "s", "b"},
		{"selectSS", "c s t", "s", "t"},
	} {
		g.kernel(k.name, k.params, k.yes+" where c is not 0, else "+k.no, 4, func() { g.hold(0) }, func(v values) op {
			return g.blend(g.cmp(notEqual, v["c"], g.c(0)), v[k.yes], v[k.no])
		})
	}
	g.kernel("fill", "s", "s everywhere", 4, nil, func(v values) op { return v["s"] })
}

// one keeps 1 in a register, which the comparisons need.
func (g *gen) one() { g.hold(1) }

// truth is 1 where the comparison holds, else 0.
func (g *gen) truth(pred int) func(a, b op) op {
	return func(a, b op) op { return g.keep(g.cmp(pred, a, b), g.c(1)) }
}
