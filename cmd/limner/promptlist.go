package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
)

// Bounds of a list of prompts.
const (
	maxPrompts     = 10_000
	maxPromptBytes = 1 << 20
)

// readPrompts reads a prompt a line, leaving out empty lines.
func readPrompts(path string, stdin io.Reader) ([]string, error) {
	name, r := path, stdin
	if path == "-" {
		name = "standard input"
	} else {
		file, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("cannot read the prompts: %w", err)
		}
		defer file.Close()
		r = file
	}
	var prompts []string
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxPromptBytes)
	for lines.Scan() {
		if s := strings.TrimSpace(lines.Text()); s != "" {
			prompts = append(prompts, s)
		}
		if len(prompts) > maxPrompts {
			return nil, fmt.Errorf("%s: more than %d prompts: split the file", name, maxPrompts)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: cannot read the prompts: line %d: %w", name, len(prompts)+1, err)
	}
	if len(prompts) == 0 {
		return nil, fmt.Errorf("%s: there is no prompt: write one a line", name)
	}
	return prompts, nil
}
