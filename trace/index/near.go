package index

import (
	"context"
	"image"
)

// So many pictures are aligned where there is little time.
const (
	quick       = 16
	quickOthers = 8
)

// Near says whether a picture just made is too near to one that was trained on:
// the judgement of the whole of it, without its parts and other grounds than
// white, and if that finds nothing the tests of package copying, of its features too
// where look is that of the network whose features the index holds; nil leaves them out.
// It takes a few hundredths of a second on a core for ten thousand pictures.
func (x *Index) Near(ctx context.Context, m *image.NRGBA, look Look) (Judgement, error) {
	if m.Rect.Dx() < leastSide || m.Rect.Dy() < leastSide {
		return Judgement{}, ErrSmall
	}
	v := &view{look: onGround(m, working, white), box: whole, others: quickOthers}
	if err := x.compare(ctx, []*view{v}); err != nil {
		return Judgement{}, err
	}
	all, err := x.hold(v, quick, true, func(i int) bool { return !x.pictures[i].Trained })
	if err != nil {
		return Judgement{}, err
	}
	if len(all) == 0 {
		var j Judgement
		j.measure()
		return j, nil
	}
	j, err := x.judge(seen{all[0], v}, true)
	if err != nil || j.Extent != None {
		return j, err
	}
	c, err := x.copied(ctx, m, v.order, look)
	if err != nil || c.Extent == None {
		return j, err
	}
	return c, nil
}
