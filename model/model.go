// Package model is the contract between a family of generators (a VAE, a
// GAN) and everything that trains, samples and measures them. A family
// describes its work as graphs; it never runs them.
package model

import (
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/nn"
)

// Pictures says what a model is trained on and makes.
type Pictures struct {
	Height   int      `json:"height"`
	Width    int      `json:"width"`
	Channels int      `json:"channels"`          // 1 grey, 3 RGB, 4 RGB and alpha, straight
	Classes  []string `json:"classes,omitempty"` // empty: unlabelled
}

// Family is a kind of generator. It has no state.
type Family interface {
	// Name is how run files and model files call the family: "vae", "gan".
	Name() string
	// New reads the family's part of a run file or of a model file: decode
	// fills a struct strictly (an unknown key is an error that names it),
	// leaves keys that are not given as they were, and may be called again
	// once a first reading has told which defaults apply.
	New(p Pictures, decode func(any) error) (Model, error)
}

// Model is one configured generator.
type Model interface {
	// Config is the family's configuration with its defaults filled in;
	// it marshals to JSON and back to an equal model.
	Config() any
	// Training builds the graphs of one iteration at a batch size.
	Training(batch int) (*Training, error)
	// Uses builds what the trained model can do, by name; see the Use
	// constants. A use that the family does not have is not in the list.
	Uses() []Use
	// Build returns the graph of a use at a batch size.
	Build(use Use, batch int) (*Call, error)
}

// Training is one iteration: its steps run in order on the same batch
// unless a step asks for a fresh one.
type Training struct {
	// States lists everything that lives between steps, with its initial
	// value: parameters, moments, averages.
	States []nn.State
	Steps  []Step
}

// Step is one compiled program of an iteration. Its graph may use the inputs
// InputImages, InputLabels and any of the schedule inputs; Limner feeds those
// that the graph has.
type Step struct {
	Name       string // "train", "discriminator", "generator"
	Graph      *graph.Graph
	Metrics    []Metric
	Updates    []nn.Update
	FreshBatch bool // draw another batch before this step
	Every      int  // run on every n-th iteration; 0 and 1 mean always
	// The step takes part from this progress of the run on and before that
	// one; an Until of 0 means up to the end.
	From, Until float64
}

// Due reports whether the step takes part in an iteration, counted from 0, at
// a progress of the run in [0, 1).
func (s Step) Due(iteration int, progress float64) bool {
	if s.Every > 1 && iteration%s.Every != 0 {
		return false
	}
	return progress >= s.From && (s.Until == 0 || progress < s.Until)
}

// Metric is a scalar of the graph that is logged under a name such as
// "loss/kl"; names share a plot by the part before the slash.
type Metric struct {
	Name  string
	Value *graph.Value
}

// Names of graph inputs that Limner knows how to feed.
const (
	InputImages   = "images"   // [batch h w c] in [0, 1]
	InputLabels   = "labels"   // [batch], class index as a number
	InputProgress = "progress" // scalar in [0, 1], how far the run is
	InputRate     = "rate"     // scalar, learning rate after its schedule
	InputLatents  = "latents"  // [batch z]
	InputTruncate = "truncate" // scalar, 1 for the whole prior
	InputTokens   = "tokens"   // [batch length], pieces of prompts; see Worded
	InputCodes    = "codes"    // [batch h w 2c], mean and standard deviation of a picture's latents; see Coded
)

// Use names something that a trained model can do.
type Use string

const (
	UseSample      Use = "sample"      // latents (and labels) → images
	UseEncode      Use = "encode"      // images (and labels) → mean and standard deviation of latents
	UseReconstruct Use = "reconstruct" // images (and labels) → images through the mean
	UseBound       Use = "bound"       // images (and labels) → per-picture ELBO terms and log importance weight of one latent draw, nats
	UseScore       Use = "score"       // images (and labels) → what a picture loses, [batch] each, of models without a bound: "psnr" in decibels, …
	UsePrepare     Use = "prepare"     // images → images as the model's likelihood sees them (binarised), by fresh noise; doing it twice changes nothing
	UseFeatures    Use = "features"    // images → features [batch d] and logits [batch classes]
	UseInvert      Use = "invert"      // latents (and labels), images → images of the latents, their mean square "loss" [batch] against those given, where these are not below 0, and its "gradient" [batch z] by the latents
	UseRead        Use = "read"        // tokens → what a text encoder makes of prompts; see package model/contrast and FlowModel
	UseLook        Use = "look"        // images → "embedding" [batch e] of unit length, to be compared with that of UseRead
)

// Bounder is a model whose UseBound can draw several latents a picture in
// one call: "log_weight" is [batch draws], the other outputs are averages
// over the draws, [batch]. Build(UseBound, batch) is Bound(batch, 1).
type Bounder interface {
	Bound(batch, draws int) (*Call, error)
}

// Call is a graph that uses a model, with named outputs. It reads the states
// of the trained model (its averaged weights where it has them).
type Call struct {
	Graph   *graph.Graph
	Latent  int // length of one latent vector, 0 if none
	Outputs []Output
}

// Output is a named result of a Call: "images", "mean", "std", "elbo", …
type Output struct {
	Name  string
	Value *graph.Value
}
