package intake

import (
	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/source"
)

// proofs keeps evidence that many statements share from being hashed and sent
// again and again. It remembers what this batch and the last one used.
type proofs struct {
	now, last map[*source.Evidence]ledger.Digest
}

func (p *proofs) next() {
	p.last, p.now = p.now, map[*source.Evidence]ledger.Digest{}
}

// keep gives the evidence's digest and the bytes that the batch grew by.
func (p *proofs) keep(b *ledger.Batch, e *source.Evidence) (ledger.Digest, int) {
	if known, ok := p.now[e]; ok {
		return known, 0
	}
	if known, ok := p.last[e]; ok {
		p.now[e] = known
		return known, 0
	}
	d := b.Keep(e.Data)
	p.now[e] = d
	return d, len(e.Data)
}
