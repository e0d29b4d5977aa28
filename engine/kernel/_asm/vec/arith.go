package main

import "github.com/limner-ai/limner/engine/kernel/_asm/neon"

type binary func(g gen, a, b value) value

// swap is f with its arguments the other way round.
func swap(f binary) binary { return func(g gen, a, b value) value { return f(g, b, a) } }

// arith writes arithmetic and choices.
func (k *kernels) arith() {
	for _, x := range []struct {
		name, params, doc string
		f                 binary
	}{
		{"add", "a b", "a + b", gen.add},
		{"sub", "a b", "a - b", gen.sub},
		{"mul", "a b", "a * b", gen.mul},
		{"div", "a b", "a / b", gen.div},
		{"max", "a b", "the larger of a and b, NaN if either is", gen.max},
		{"min", "a b", "the smaller of a and b, NaN if either is", gen.min},
		{"addS", "a s", "a + s", gen.add},
		{"mulS", "a s", "a * s", gen.mul},
		{"subFromS", "a s", "s - a", swap(gen.sub)},
		{"divIntoS", "a s", "s / a", swap(gen.div)},
		{"maxS", "a s", "the larger of a and s, NaN where a is", swap(gen.larger)},
		{"minS", "a s", "the smaller of a and s, NaN where a is", swap(gen.smaller)},
	} {
		k.kernel(x.name, x.params, x.doc, 4, func(g gen, v values) value { return x.f(g, v["a"], v[x.params[2:]]) })
	}
	for _, x := range []struct{ name, params, b, c string }{
		{"mulAdd", "a b c", "b", "c"},
		{"mulAddS", "a s c", "s", "c"},
		{"mulSAddS", "a s t", "s", "t"},
	} {
		k.kernel(x.name, x.params, "a*"+x.b+" + "+x.c+" rounded once", 4, func(g gen, v values) value {
			return g.mulAdd(v["a"], v[x.b], v[x.c])
		})
	}
	k.kernel("mulAddTwice", "a b c", "2*a*b + c rounded once", 4, func(g gen, v values) value {
		return g.mulAdd(g.add(v["a"], v["a"]), v["b"], v["c"])
	})
	for _, x := range []struct{ name, params, yes, no string }{
		{"select", "c a b", "a", "b"},
		{"selectVS", "c a t", "a", "t"},
		{"selectSV", "c s b", "s", "b"},
		{"selectSS", "c s t", "s", "t"},
	} {
		k.kernel(x.name, x.params, x.yes+" where c is not 0, else "+x.no, 4, func(g gen, v values) value {
			return g.blend(g.Do(neon.FCMEQ0, v["c"]), v[x.no], v[x.yes])
		})
	}
	k.kernel("fill", "s", "s everywhere", 4, func(g gen, v values) value { return v["s"] })
}

// comparisons writes the kernels whose result is 1 for true, 0 for false.
func (k *kernels) comparisons() {
	for _, x := range []struct {
		name, params, doc string
		f                 binary
	}{
		{"less", "a b", "a < b", gen.less},
		{"lessEq", "a b", "a <= b", gen.lessEq},
		{"equal", "a b", "a == b", gen.equal},
		{"lessS", "a s", "a < s", gen.less},
		{"lessEqS", "a s", "a <= s", gen.lessEq},
		{"greaterS", "a s", "a > s", swap(gen.less)},
		{"greaterEqS", "a s", "a >= s", swap(gen.lessEq)},
		{"equalS", "a s", "a == s", gen.equal},
	} {
		k.kernel(x.name, x.params, "1 where "+x.doc+", else 0", 4, func(g gen, v values) value {
			return g.and(x.f(g, v["a"], v[x.params[2:]]), c(1))
		})
	}
}
