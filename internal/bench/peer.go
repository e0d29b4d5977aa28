package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
)

// Peer is a PyTorch process that does the same work on request; see
// internal/golden/bench.py.
type Peer struct {
	Torch    string // its version
	BLAS     string // whose matrix products it calls: mkl, openblas, …
	Threads  int    // of that library
	Variants []string
	RSS      float64 // MiB, the peak so far beyond what torch itself takes

	cmd *exec.Cmd
	in  *json.Encoder
	end io.Closer
	out *bufio.Scanner
}

// StartPeer starts python on the script. OpenBLAS has threads of its own,
// which help or hinder by the work, so their number is given apart.
func StartPeer(ctx context.Context, python, script string, threads, blas int) (*Peer, error) {
	cmd := exec.CommandContext(ctx, python, script, "--threads", strconv.Itoa(threads), "--blas-threads", strconv.Itoa(blas))
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
	p := &Peer{cmd: cmd, in: json.NewEncoder(in), end: in, out: bufio.NewScanner(out), Threads: blas}
	if err := p.read(p); err != nil {
		p.Close()
		return nil, err
	}
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

func (p *Peer) ask(question, answer any) error {
	if err := p.in.Encode(question); err != nil {
		return fmt.Errorf("the PyTorch process is gone: %w", err)
	}
	return p.read(answer)
}

// Load prepares work, in one layout or, if that is "", in all that apply, and
// leaves the ways to do it in Variants.
func (p *Peer) Load(work map[string]any, layout string) error {
	return p.ask(map[string]any{"load": work, "layout": layout}, p)
}

// Run does n iterations of a variant after warm ones and returns the seconds
// of one.
func (p *Peer) Run(variant, n, warm int) (float64, error) {
	var answer struct{ MS float64 }
	if err := p.ask(map[string]any{"run": n, "variant": variant, "warm": warm}, &answer); err != nil {
		return 0, err
	}
	return answer.MS / 1e3, nil
}

// Peak asks for the peak of memory.
func (p *Peer) Peak() error { return p.ask(map[string]any{"memory": true}, p) }

// Close ends the process.
func (p *Peer) Close() {
	p.end.Close()
	_ = p.cmd.Wait() // its exit says nothing about the times it gave
}
