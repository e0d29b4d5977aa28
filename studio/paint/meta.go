package paint

import (
	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/repair"
)

// Meta is what a picture's jobs.Result.Meta holds, as JSON.
type Meta struct {
	Number int    `json:"number"` // among the pictures of the job, from 0 on
	Seed   uint64 `json:"seed"`
	Index  int    `json:"index"` // of the picture of the seed

	Prompt     string   `json:"prompt,omitempty"`
	Negative   string   `json:"negative,omitempty"`
	Class      string   `json:"class,omitempty"`
	How        string   `json:"how,omitempty"` // variation, inpainting, interpolation, mixture
	Steps      int      `json:"steps,omitempty"`
	Sampler    string   `json:"sampler,omitempty"`
	Guidance   float64  `json:"guidance,omitempty"`
	Truncation float64  `json:"truncation,omitempty"`
	Strength   *float64 `json:"strength,omitempty"`
	Share      float64  `json:"share,omitempty"` // of the way of an interpolation

	Width       int    `json:"width"` // of the file
	Height      int    `json:"height"`
	Model       string `json:"model"`
	Family      string `json:"family"`
	ModelDigest string `json:"model_digest"`
	Rights      string `json:"rights"`
	// Parameters are those of the picture as AUTOMATIC1111 writes them.
	Parameters string `json:"parameters"`
	// ID is that of the marks, in hexadecimal. Near says which training picture it
	// lies too near to.
	ID   string `json:"id,omitempty"`
	Near string `json:"near,omitempty"`

	Repaired *Repaired `json:"repaired,omitempty"`
}

// Repaired says what a repair has changed.
type Repaired struct {
	From   digest.SHA256  `json:"from"`  // the picture as it was
	Share  float64        `json:"share"` // of the picture that was painted anew
	Tries  int            `json:"tries"`
	Before repair.Verdict `json:"before"`
	After  repair.Verdict `json:"after"`
}
