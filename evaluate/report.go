package evaluate

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/limner-ai/limner/engine/kernel/isa"
	"github.com/limner-ai/limner/evaluate/copying"
	"github.com/limner-ai/limner/evaluate/edit"
	"github.com/limner-ai/limner/evaluate/factors"
	"github.com/limner-ai/limner/evaluate/fidelity"
	"github.com/limner-ai/limner/evaluate/likelihood"
	"github.com/limner-ai/limner/internal/basis"
	"github.com/limner-ai/limner/model/trained"
)

// Report is what an evaluation found and everything that it depends on.
// Parts that the model has no use for are nil.
type Report struct {
	Model          Model              `json:"model"`
	Data           Data               `json:"data"`
	Seed           uint64             `json:"seed"`
	Samples        int                `json:"samples,omitempty"` // n
	Truncation     float64            `json:"truncation"`
	Features       *Features          `json:"features,omitempty"`
	Fidelity       *fidelity.Report   `json:"fidelity,omitempty"`
	Coarse         *Coarse            `json:"coarse,omitempty"`
	Agreement      *Agreement         `json:"agreement,omitempty"`
	Reconstruction *Reconstruction    `json:"reconstruction,omitempty"`
	Likelihood     *likelihood.Result `json:"likelihood,omitempty"`
	Copying        *copying.Report    `json:"copying,omitempty"`
	Alignment      *Alignment         `json:"alignment,omitempty"`
	Understanding  *Understanding     `json:"understanding,omitempty"` // of a network that holds words against pictures
	Factors        *factors.Report    `json:"factors,omitempty"`       // of drawn shapes
	Edit           *edit.Report       `json:"edit,omitempty"`          // of pictures as prompts
	Accuracy       *Share             `json:"accuracy,omitempty"`      // of a classifier
	Notes          []string           `json:"notes,omitempty"`
	Code           string             `json:"code"`
	Machine        Machine            `json:"machine"`
	Date           time.Time          `json:"date"`
	Seconds        float64            `json:"seconds"`
}

// Model names what was measured.
type Model struct {
	Name       string `json:"name"`
	Family     string `json:"family"`
	Digest     string `json:"digest"`
	Iterations int    `json:"iterations"`
	Images     int    `json:"images"`
	// Basis is the ground on which the training pictures were used.
	Basis basis.Basis `json:"basis"`
}

// Data names what it was measured on.
type Data struct {
	Kind  string `json:"kind"`
	Path  string `json:"path,omitempty"`
	Train Part   `json:"train"`
	Test  Part   `json:"test"`
}

// Part is a split of a set.
type Part struct {
	Pictures int    `json:"pictures"`
	Root     string `json:"root"`
}

// Features names the network in whose features samples are compared.
type Features struct {
	Name     string  `json:"name"`
	Digest   string  `json:"digest"`
	Dim      int     `json:"dim"`
	Accuracy float64 `json:"accuracy,omitempty"` // on its own held-out pictures
	Classes  bool    `json:"classes"`            // it tells just the model's classes apart
}

// Agreement is how often the network sees the class that was asked for.
type Agreement struct {
	Generated Share `json:"generated"`
	HeldOut   Share `json:"held_out"` // the same of real pictures
}

// Share is a share of n.
type Share struct {
	Value float64 `json:"value"`
	N     int     `json:"n"`
}

// Machine is what the evaluation ran on.
type Machine struct {
	Processor string `json:"processor"`
	System    string `json:"system"`
	Threads   int    `json:"threads"`
	ISA       string `json:"isa"`
}

func newReport(m *trained.Model, opt Options) *Report {
	f := m.Manifest
	r := &Report{
		Model: Model{f.Name, f.Family, m.Digest, f.Made.Iterations, f.Made.Images, f.Data.Basis},
		Seed:  opt.Seed, Truncation: opt.Truncation,
		Code: trained.CodeVersion(), Date: time.Now().UTC().Truncate(time.Second),
		Machine: Machine{processor(), runtime.GOOS + "/" + runtime.GOARCH, opt.Threads, isa.Active().String()},
	}
	if r.Machine.Threads == 0 {
		r.Machine.Threads = runtime.GOMAXPROCS(0)
	}
	return r
}

// processor is the name that the processor gives itself, where the system
// tells.
func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return fmt.Sprintf("%s × %d", strings.TrimSpace(value), runtime.NumCPU())
		}
	}
	return runtime.GOARCH
}
