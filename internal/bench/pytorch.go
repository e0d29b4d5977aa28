package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"time"
)

// Peer is a PyTorch process that does the same iterations on request; see
// internal/golden/bench.py.
type Peer struct {
	Torch  string
	Layout string
	RSS    float64 // MiB, the peak so far

	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

// StartPeer starts python on the script for a case's work.
func StartPeer(ctx context.Context, python, script, work, layout string, batch, threads int) (*Peer, error) {
	cmd := exec.CommandContext(ctx, python, script, work, "--layout", layout, "--batch", strconv.Itoa(batch), "--threads", strconv.Itoa(threads))
	// One pool of threads, and freed memory kept for the next step.
	cmd.Env = append(os.Environ(), "OMP_NUM_THREADS="+strconv.Itoa(threads), "OPENBLAS_NUM_THREADS=1",
		"MALLOC_TRIM_THRESHOLD_=1000000000", "MALLOC_MMAP_THRESHOLD_=1000000000", "MALLOC_TOP_PAD_=100000000")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w; name a Python with torch by --python", python, err)
	}
	p := &Peer{cmd: cmd, in: in, out: bufio.NewScanner(out), Layout: layout}
	var ready struct{ Torch string }
	if err := p.read(&ready); err != nil {
		p.Close()
		return nil, err
	}
	p.Torch = ready.Torch
	return p, nil
}

func (p *Peer) read(v any) error {
	if !p.out.Scan() {
		return fmt.Errorf("the PyTorch process ended early: does %s have torch?", p.cmd.Path)
	}
	if err := json.Unmarshal(p.out.Bytes(), v); err != nil {
		return fmt.Errorf("the PyTorch process says %q: %w", p.out.Text(), err)
	}
	return nil
}

// Run does n iterations and returns the seconds of each.
func (p *Peer) Run(n int) ([]float64, error) {
	if _, err := fmt.Fprintln(p.in, n); err != nil {
		return nil, fmt.Errorf("the PyTorch process is gone: %w", err)
	}
	var answer struct{ MS, RSS json.RawMessage }
	if err := p.read(&answer); err != nil {
		return nil, err
	}
	var ms []float64
	if err := json.Unmarshal(answer.MS, &ms); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(answer.RSS, &p.RSS); err != nil {
		return nil, err
	}
	for i := range ms {
		ms[i] /= 1e3
	}
	return ms, nil
}

// Close ends the process.
func (p *Peer) Close() {
	p.in.Close()
	_ = p.cmd.Wait() // its exit says nothing about the times it gave
}

// Comparison is one case beside PyTorch, from one run in which both took
// turns. Seconds are medians.
type Comparison struct {
	Name    string  `json:"name"`
	Limner  float64 `json:"limner_seconds"`
	PyTorch float64 `json:"pytorch_seconds"` // of its faster layout
	Ratio   float64 `json:"ratio"`           // median of PyTorch's time over Limner's, turn by turn
	Torch   string  `json:"torch"`
	Layout  string  `json:"layout"`
	Memory  int64   `json:"limner_bytes"` // states, inputs and arena
	RSS     float64 `json:"pytorch_mib"`  // peak resident size of the process
	Own     float64 `json:"limner_mib"`   // peak resident size of this process so far
	Turns   int     `json:"turns"`
}

// Compare alternates short turns of a loaded case and of PyTorch in both
// memory layouts, and keeps the layout in which PyTorch is faster.
func Compare(ctx context.Context, c Case, it *Iteration, python, script string, threads, turns int) (Comparison, error) {
	var peers []*Peer
	for _, layout := range []string{"nhwc", "nchw"} {
		p, err := StartPeer(ctx, python, script, c.PyTorch, layout, c.Batch, threads)
		if err != nil {
			return Comparison{}, err
		}
		defer p.Close()
		peers = append(peers, p)
	}
	const perTurn = 2
	own := make([]float64, 0, turns)
	their := make([][]float64, len(peers))
	for range 2 {
		if err := it.Run(); err != nil {
			return Comparison{}, err
		}
	}
	for range turns {
		begin := time.Now()
		for range perTurn {
			if err := it.Run(); err != nil {
				return Comparison{}, err
			}
		}
		own = append(own, time.Since(begin).Seconds()/perTurn)
		for i, p := range peers {
			s, err := p.Run(perTurn)
			if err != nil {
				return Comparison{}, err
			}
			their[i] = append(their[i], (s[0]+s[1])/perTurn)
		}
	}
	best := 0
	for i := range their {
		if Median(their[i]) < Median(their[best]) {
			best = i
		}
	}
	ratios := make([]float64, turns)
	for i := range ratios {
		ratios[i] = their[best][i] / own[i]
	}
	slices.Sort(ratios)
	return Comparison{
		Name: c.Name, Limner: Median(own), PyTorch: Median(their[best]), Ratio: Median(ratios),
		Torch: peers[best].Torch, Layout: peers[best].Layout, Memory: it.Memory, RSS: peers[best].RSS,
		Own: peakResident(), Turns: turns,
	}, nil
}
