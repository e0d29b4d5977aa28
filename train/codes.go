package train

import (
	"errors"
	"fmt"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
)

// codeBatch is how many pictures are encoded at once.
const codeBatch = 32

// codes are the latents of all pictures of a set, encoded once: an epoch
// later they would be the same.
type codes struct {
	row int       // values of one picture
	all []float32 // [pictures row]
}

// encodeSet computes the codes of all pictures. Those that cannot be read are
// left at zero; the loader never names them.
func (r *run) encodeSet(m model.Coded, set picture.Set) (*codes, error) {
	call, err := m.Code(codeBatch)
	if err != nil {
		return nil, err
	}
	exe, err := r.engine.Load([]*graph.Value{call.Outputs[0].Value}, nil, r.states)
	if err != nil {
		return nil, fmt.Errorf("compiling the encoder: %w", err)
	}
	in := exe.Input(model.InputImages)
	if in == nil {
		return nil, errors.New("the model's encoder reads no pictures")
	}
	n, length := set.Len(), len(in.Data)/codeBatch
	out := exe.Output(0)
	c := &codes{row: len(out.Data) / codeBatch}
	c.all = make([]float32, n*c.row)
	for at := 0; at < n; at += codeBatch {
		count := min(codeBatch, n-at)
		for k := range count {
			if _, err := set.Item(at+k, in.Data[k*length:(k+1)*length]); err != nil && !picture.IsSkip(err) {
				return nil, fmt.Errorf("picture %d (%s): %w", at+k, set.Name(at+k), err)
			}
		}
		if err := exe.Run(0, 0); err != nil {
			return nil, err
		}
		copy(c.all[at*c.row:], exe.Output(0).Data[:count*c.row])
	}
	return c, nil
}

// fill copies the codes of a batch.
func (c *codes) fill(dst []float32, items []int) {
	for k, item := range items {
		copy(dst[k*c.row:(k+1)*c.row], c.all[item*c.row:])
	}
}

// codeShape is the shape of one picture's codes.
func codeShape(m model.Coded) (tensor.Shape, error) {
	call, err := m.Code(1)
	if err != nil {
		return nil, err
	}
	return call.Outputs[0].Value.Shape()[1:], nil
}
