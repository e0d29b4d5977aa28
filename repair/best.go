package repair

import (
	"context"
	"fmt"

	"github.com/limner-ai/limner/generate"
)

// Best makes each picture of a request of times, from seeds that follow each
// other by stride, and keeps of each the one in which the panel finds the least
// fault. The first of equals is kept, so that the choice is reproducible, and the
// picture says by its seed which one it is: to make it again needs no panel.
func Best(ctx context.Context, g *generate.Generator, q generate.Request, of int, p *Panel, progress func(done, total int)) (*generate.Pictures, []Verdict, error) {
	if of < 1 {
		return nil, nil, fmt.Errorf("the best of %d pictures: want at least 1", of)
	}
	var best *generate.Pictures
	var verdicts []Verdict
	for i := range of {
		one := q
		one.Seed = q.Seed + uint64(i)*stride
		made, err := g.Make(ctx, one)
		if err != nil {
			return nil, nil, err
		}
		if best == nil {
			best, verdicts = made, make([]Verdict, len(made.Items))
		}
		for k := range made.Items {
			m, err := picture(made.Images, k)
			if err != nil {
				return nil, nil, err
			}
			v, err := p.Judge(ctx, m)
			if err != nil {
				return nil, nil, err
			}
			if i == 0 || v.Fault < verdicts[k].Fault {
				verdicts[k], best.Items[k] = v, made.Items[k]
				copy(best.Images.Row(k), made.Images.Row(k))
			}
		}
		if progress != nil {
			progress(i+1, of)
		}
	}
	return best, verdicts, nil
}

// stride keeps the seeds of tries apart from those that people count up.
const stride = 1_000_003
