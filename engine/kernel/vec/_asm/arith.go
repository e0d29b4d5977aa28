package main

// arith writes arithmetic and choices.
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
	} {
		g.kernel(k.name, "a b", k.doc, 4, nil, func(v values) op { return k.f(v["a"], v["b"]) })
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
	} {
		g.kernel(k.name, "a s", k.doc, 4, nil, func(v values) op { return k.f(v["a"], v["s"]) })
	}
	g.kernel("mulAdd", "a b c", "a*b + c rounded once", 4, nil, func(v values) op { return g.mulAdd(v["a"], v["b"], v["c"]) })
	g.kernel("mulAddTwice", "a b c", "2*a*b + c rounded once", 4, nil, func(v values) op { return g.twice(v["a"], v["b"], v["c"]) })
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

// twice is (2*a)*b + c into c, which is lost.
func (g *gen) twice(a, b, c op) op { return g.accumulate(c, g.add(a, a), b) }

// comparisons writes the kernels whose result is 1 for true, 0 for false.
func (g *gen) comparisons() {
	for _, k := range []struct {
		name, params, doc string
		pred              int
	}{
		{"less", "a b", "a < b", less},
		{"lessEq", "a b", "a <= b", lessEq},
		{"equal", "a b", "a == b", equal},
		{"lessS", "a s", "a < s", less},
		{"lessEqS", "a s", "a <= s", lessEq},
		{"greaterS", "a s", "a > s", greater},
		{"greaterEqS", "a s", "a >= s", greaterEq},
		{"equalS", "a s", "a == s", equal},
	} {
		g.kernel(k.name, k.params, "1 where "+k.doc+", else 0", 4, func() { g.hold(1) }, func(v values) op {
			return g.keep(g.cmp(k.pred, v["a"], v[k.params[2:]]), g.c(1))
		})
	}
}
