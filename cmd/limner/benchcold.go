package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/internal/bench"
	"github.com/limner-ai/limner/model/family"
	"github.com/limner-ai/limner/model/sampler"
)

// coldPrompt is what the first picture of a process is to show.
const coldPrompt = "a red apple, 3d"

// cold starts processes by turns: limner generate, whose time counts, and one
// that does the same and says how long each phase took. The first turn, after
// which all files are in the system's memory, is not counted.
func (b *benchmark) cold(ctx context.Context, j job, f *flowModel) (bench.Start, error) {
	self, err := os.Executable()
	if err != nil {
		return bench.Start{}, fmt.Errorf("the program's own file, to start it again: %w", err)
	}
	path, err := f.file()
	if err != nil {
		return bench.Start{}, err
	}
	dir, err := os.MkdirTemp("", "limner-bench")
	if err != nil {
		return bench.Start{}, fmt.Errorf("a folder for pictures: %w", err)
	}
	defer os.RemoveAll(dir)
	asked := []string{"--model", path, "--steps", strconv.Itoa(j.steps), "--guidance", strconv.FormatFloat(j.guidance, 'g', -1, 64),
		"--threads", strconv.Itoa(b.threads), "--output", filepath.Join(dir, "first.png")}
	if f.sampler.Worded() {
		asked = append(asked, coldPrompt)
	}
	var turns [][]bench.Phase
	var totals []float64
	for i := range b.turns + 1 {
		begin := time.Now()
		if _, err := start(ctx, self, slices.Concat([]string{"generate", "-n", "1"}, asked)); err != nil {
			return bench.Start{}, err
		}
		total := time.Since(begin).Seconds()
		phases, err := phasesOf(ctx, self, asked)
		if err != nil {
			return bench.Start{}, err
		}
		if i > 0 {
			turns, totals = append(turns, phases), append(totals, total)
		}
	}
	return bench.NewStart(j.name, j.steps, turns, totals), nil
}

// phasesOf starts the process that tells its phases, and adds its end.
func phasesOf(ctx context.Context, self string, asked []string) ([]bench.Phase, error) {
	begin := time.Now()
	said, err := start(ctx, self, slices.Concat([]string{"bench", phasesName, "--since", strconv.FormatInt(begin.UnixNano(), 10)}, asked))
	if err != nil {
		return nil, err
	}
	end := bench.Phase{Name: "end of the process", Seconds: time.Since(begin).Seconds()}
	var phases []bench.Phase
	if err := json.Unmarshal(said, &phases); err != nil {
		return nil, fmt.Errorf("the process that was started says %q: %w", said, err)
	}
	for _, p := range phases {
		end.Seconds -= p.Seconds
	}
	return append(phases, end), nil
}

// start runs this program again and returns what it prints.
func start(ctx context.Context, self string, args []string) ([]byte, error) {
	c := exec.CommandContext(ctx, self, args...)
	var out, said bytes.Buffer
	c.Stdout, c.Stderr = &out, &said
	if err := c.Run(); err != nil {
		return nil, fmt.Errorf("limner %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(said.String()))
	}
	return out.Bytes(), nil
}

// phasesName is the command that the cold start starts.
const phasesName = "first-picture"

// newPhases makes one picture as limner generate does, and prints how long
// each phase took.
func newPhases() *cobra.Command {
	var p firstPicture
	var since int64
	c := &cobra.Command{
		Use:    phasesName + " [WORDS]",
		Short:  "Make one picture as generate does and print what took how long",
		Hidden: true,
		Args:   args(0, 1, "the words of a prompt"),
		RunE: func(c *cobra.Command, given []string) error {
			p.watch.at = time.Unix(0, since)
			p.watch.lap("start of the process")
			p.prompt = strings.Join(given, "")
			if err := p.make(); err != nil {
				return err
			}
			return writeJSON(c.OutOrStdout(), p.watch.phases)
		},
	}
	f := c.Flags()
	f.StringVar(&p.model, "model", "", "model file")
	f.StringVar(&p.out, "output", "", "PNG to write")
	f.IntVar(&p.steps, "steps", coldSteps, "steps of the sampler")
	f.Float64Var(&p.guidance, "guidance", 1, "weight of the prompt")
	f.IntVar(&p.threads, "threads", 0, "threads to use; 0: one a processor")
	f.Int64Var(&since, "since", time.Now().UnixNano(), "when the process was started, in nanoseconds since 1970")
	return c
}

// stopwatch notes how long phases take.
type stopwatch struct {
	at     time.Time
	phases []bench.Phase
}

func (w *stopwatch) lap(name string) {
	now := time.Now()
	w.phases = append(w.phases, bench.Phase{Name: name, Seconds: now.Sub(w.at).Seconds()})
	w.at = now
}

type firstPicture struct {
	model, out, prompt string
	sampling
	threads int
	watch   stopwatch
}

func (p *firstPicture) make() error {
	g, err := generate.Open(p.model, family.All(), p.threads)
	if err != nil {
		return err
	}
	defer g.Close()
	p.watch.lap("reading and verifying the model")
	s, err := sampler.New(g.Model)
	if err != nil {
		return err
	}
	if err := s.Prepare(p.guidance); err != nil {
		return err
	}
	p.watch.lap("building and compiling graphs")
	told, err := s.Read(p.prompt)
	if err != nil {
		return err
	}
	p.watch.lap("reading the prompt")
	latents, err := s.Paint(sampler.Request{
		Noise: s.Noise(1, 0, 1), Prompts: told, Options: sampler.Options{Steps: p.steps, Guidance: p.guidance},
	})
	if err != nil {
		return err
	}
	p.watch.lap("sampling")
	images, err := s.Decode(latents)
	if err != nil {
		return err
	}
	p.watch.lap("decoding")
	items := []generate.Item{{Seed: 1, Class: -1, Prompt: p.prompt}}
	if err := g.Write(p.out, &generate.Pictures{Images: images, Items: items}, generate.Look{}); err != nil {
		return err
	}
	p.watch.lap("writing the PNG")
	return nil
}
