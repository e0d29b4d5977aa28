package picture

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/limner-ai/limner/internal/digest"
)

// Root names the content of a set: the same pictures with the same labels
// have the same root, in whatever order and under whatever names they lie.
type Root = digest.SHA256

// Digest computes the root of s: the SHA-256 of a format line and its sorted
// item digests. It reads every picture once, on all processors. Pictures that
// cannot be read (*Skip) are no part of it.
func Digest(ctx context.Context, s Set) (Root, error) {
	items := make([]Root, s.Len())
	read := make([]bool, s.Len())
	g, ctx := errgroup.WithContext(ctx)
	var next atomic.Int64
	for range runtime.GOMAXPROCS(0) {
		g.Go(func() error {
			d := newDigester(s)
			for {
				i := int(next.Add(1)) - 1
				if i >= len(items) {
					return nil
				}
				if err := ctx.Err(); err != nil {
					return err
				}
				err := d.item(i, &items[i])
				if err != nil && !IsSkip(err) {
					return err
				}
				read[i] = err == nil
			}
		})
	}
	if err := g.Wait(); err != nil {
		return Root{}, fmt.Errorf("set digest: %w", err)
	}
	kept := items[:0]
	for i := range items {
		if read[i] {
			kept = append(kept, items[i])
		}
	}
	if len(kept) == 0 {
		return Root{}, errors.New("set digest: no picture could be read")
	}
	slices.SortFunc(kept, digest.Compare)
	h := sha256.New()
	h.Write([]byte("limner picture set v1\n"))
	for i := range kept {
		h.Write(kept[i][:])
	}
	return Root(h.Sum(nil)), nil
}

// digester holds one goroutine's buffers.
type digester struct {
	set     Set
	classes []string
	h, w, c int
	pixels  []float32
	level   []uint8
	message []byte
}

func newDigester(s Set) *digester {
	h, w, c := s.Shape()
	n := h * w * c
	return &digester{set: s, classes: s.Classes(), h: h, w: w, c: c,
		pixels: make([]float32, n), level: make([]uint8, n)}
}

// item digests picture i: a format line, the shape, the 8-bit levels, and the
// class name and caption, each behind its length. A class counts by its name,
// because its index depends on the other classes.
func (d *digester) item(i int, out *Root) error {
	label, err := d.set.Item(i, d.pixels)
	if err != nil {
		return err
	}
	Bytes(d.level, d.pixels)
	m := append(d.message[:0], "limner picture v1\n"...)
	for _, n := range [...]int{d.h, d.w, d.c} {
		m = binary.LittleEndian.AppendUint32(m, uint32(n))
	}
	m = append(m, d.level...)
	class := ""
	if label.Class >= 0 {
		class = d.classes[label.Class]
	}
	for _, text := range [...]string{class, label.Caption} {
		m = binary.LittleEndian.AppendUint32(m, uint32(len(text)))
		m = append(m, text...)
	}
	d.message = m
	*out = sha256.Sum256(m)
	return nil
}
