package model

// Flow is a model that makes latents out of noise step by step, along the
// velocities that it predicts: dx/dt = v(x, t), from noise at t = 1 to
// pictures at t = 0.
type Flow interface {
	Worded
	// Grid is the extent of the latents of one picture.
	Grid() (h, w, c int)
	// Strides reports whether the model was taught to take large steps
	// (Frans et al., "One Step Diffusion via Shortcut Models", 2024).
	Strides() bool
	// Sampling is how its maker would sample it.
	Sampling() Sampling
}

// Sampling is how to go from noise to a picture.
type Sampling struct {
	Steps    int     `json:"steps"`
	Guidance float64 `json:"guidance"` // 1: none
	Sampler  string  `json:"sampler"`  // euler or heun
	// Projected lets guidance change what a picture shows and not how strongly:
	// of its pull only what is at right angles to the picture is taken, so that
	// more of it can be had before colours burn out. Sadat et al., "Eliminating
	// Oversaturation and Artifacts of High Guidance Scales in Diffusion Models"
	// (2025), section 4.1 with η = 0, without rescaling or momentum.
	Projected bool `json:"projected,omitempty"`
}

// What a Flow can do, beside UseEncode and UseReconstruct.
const (
	// UseVelocity is "noised" [batch h w c], "time" [batch], "stride" [batch],
	// and what UseRead gives, to "velocity" [batch h w c]. Stride is the length
	// of the step that will be taken, 0 for an infinitesimal one.
	UseVelocity Use = "velocity"
	// UseDecode is InputCoded [batch h w c] to "images".
	UseDecode Use = "decode"
)

// Names of the inputs and outputs of these uses.
const (
	InputNoised = "noised"
	InputTime   = "time"
	InputStride = "stride"
	InputCoded  = "coded"

	// Outputs of UseRead and inputs of UseVelocity.
	States  = "states"  // [batch n d]
	Pooled  = "pooled"  // [batch d]
	Present = "present" // [batch n], 0 where there is only filling
)
