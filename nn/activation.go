package nn

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/limner-ai/limner/engine/graph"
)

// Activation is an elementwise nonlinearity that run files call by name.
type Activation struct {
	Name string
	// Gain is the factor that restores the second moment of a standard
	// normal: initialise the layer before it by KaimingIn(Gain).
	Gain  float64
	Apply func(*graph.Value) *graph.Value
}

var activations = []Activation{
	{"relu", math.Sqrt2, ReLU},
	{"leaky_relu", math.Sqrt(2 / (1 + .2*.2)), func(x *graph.Value) *graph.Value { return x.LeakyReLU(.2) }},
	{"silu", 1.676532, SiLU},
	{"gelu", 1.533531, GELU},
	{"elu", 1.245191, ELU},
	{"tanh", 1.592537, (*graph.Value).Tanh},
}

// ActivationNamed looks an activation up: relu, leaky_relu (slope 0.2),
// silu, gelu, elu or tanh.
func ActivationNamed(name string) (Activation, error) {
	i := slices.IndexFunc(activations, func(a Activation) bool { return a.Name == name })
	if i < 0 {
		var names []string
		for _, a := range activations {
			names = append(names, a.Name)
		}
		return Activation{}, fmt.Errorf("activation %q is not known; take one of %s", name, strings.Join(names, ", "))
	}
	return activations[i], nil
}

// ReLU is max(x, 0).
func ReLU(x *graph.Value) *graph.Value { return x.LeakyReLU(0) }

// SiLU is x·σ(x): Hendrycks and Gimpel (2016).
func SiLU(x *graph.Value) *graph.Value { return x.Mul(x.Sigmoid()) }

// GELU is x·Φ(x) by the error function: Hendrycks and Gimpel (2016).
func GELU(x *graph.Value) *graph.Value {
	return x.Mul(x.MulScalar(math.Sqrt2 / 2).Erf().AddScalar(1).MulScalar(.5))
}

// ELU is x where x > 0, else exp(x) − 1: Clevert et al. (2015), α = 1.
func ELU(x *graph.Value) *graph.Value {
	zero := x.Graph().Full(0)
	return graph.Select(x.Greater(zero), x, x.Min(zero).Exp().AddScalar(-1))
}
