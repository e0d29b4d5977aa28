package train

import (
	"fmt"

	"github.com/limner-ai/limner/engine/kernel/isa"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model/trained"
)

// setPrecision chooses the engine that learns.
func (r *run) setPrecision(p tensor.Precision) error {
	r.tutor = r.engine
	if p == tensor.Float32 {
		return nil
	}
	e, ok := r.engine.(interface {
		At(tensor.Precision) trained.Engine
	})
	if !ok {
		return fmt.Errorf("train.precision: this engine knows no %s", p)
	}
	r.tutor = e.At(p)
	if !isa.BFloat16(isa.Active()) {
		r.notes = append(r.notes, fmt.Sprintf("%s is no faster here than float32: the processor does not multiply it, so operands are rounded to it", p))
	}
	return nil
}
