//go:build ignore

// Convert makes brisque.safetensors of the two files that OpenCV has for BRISQUE
// (Debian's package opencv-data: usr/share/opencv4/quality; Apache-2.0):
//
//	go run convert.go brisque_model_live.yml brisque_range_live.yml brisque.safetensors
package main

import (
	"bytes"
	"log"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model/safetensors"
)

func main() {
	log.SetFlags(0)
	model, rang := read(os.Args[1]), read(os.Args[2])
	vectors := numbers(model, "support_vectors:", "decision_functions:")
	weights := numbers(model, "alpha:", "index:")
	if len(weights) == 0 {
		weights = numbers(model, "alpha:", "\x00")
	}
	limits := numbers(rang, "data:", "\x00")
	t := map[string]*tensor.Tensor{
		"vectors": of(vectors, len(vectors)/36, 36),
		"weights": of(weights, len(weights)),
		"rho":     of(numbers(model, "rho:", "alpha:"), 1),
		"low":     of(limits[:36], 36),
		"high":    of(limits[36:], 36),
	}
	var out bytes.Buffer
	if err := safetensors.Write(&out, t, map[string]string{
		"source":  "OpenCV 4.6.0, brisque_model_live.yml and brisque_range_live.yml",
		"licence": "Apache-2.0",
	}); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(os.Args[3], out.Bytes(), 0o644); err != nil {
		log.Fatal(err)
	}
}

func read(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	return string(b)
}

var number = regexp.MustCompile(`-?[0-9]+\.[0-9]*(e[-+][0-9]+)?`)

// numbers are those between two words.
func numbers(s, from, to string) []float32 {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	var out []float32
	for _, m := range number.FindAllString(s, -1) {
		v, err := strconv.ParseFloat(m, 64)
		if err != nil {
			log.Fatal(err)
		}
		out = append(out, float32(v))
	}
	return out
}

func of(v []float32, shape ...int) *tensor.Tensor {
	t := tensor.New(shape...)
	if copy(t.Data, v) != len(v) || len(v) != len(t.Data) {
		log.Fatalf("%d numbers for %v", len(v), shape)
	}
	return t
}
