package index

import (
	"cmp"
	"context"
	"slices"
)

// found is a training picture held against a part of a query.
type found struct {
	picture  int
	at       place
	distance float64
}

func nearer(a, b found) int {
	return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.picture, b.picture))
}

// view is a part of a query as it is looked at.
type view struct {
	look *raster
	box  box
	held orientation // how the query is held in the look
	*patch
	order   []int // the pictures whose descriptors are nearest, the nearest first
	window  []uint8
	shade   float64 // deviation of the look's luma
	others  int     // pictures that are no near-duplicates of the first, to align with it
	removed bool    // the ground was made white
	// ground is the colour of the query's ground, which the look has no more: once the
	// nearest are found, the query as it came, which is plain, is held against pictures
	// over that. nil: the look is held against pictures over white.
	ground *[3]float32
	plain  *raster
	// handicap is what distances count for: more where a ground was taken away, since
	// what is gone cannot differ.
	handicap float64
}

// compare holds views against the descriptors of all pictures.
func (x *Index) compare(ctx context.Context, views []*view) error {
	c := x.ready()
	for some := range slices.Chunk(views, lanes) {
		if err := ctx.Err(); err != nil {
			return err
		}
		queries := make([][describeDim]int8, len(some))
		far, window := make([][]int32, len(some)), make([][]uint8, len(some))
		for l, v := range some {
			v.patch = newPatch(v.look, v.box)
			c.encode(&queries[l], describe(v.colour))
			far[l], window[l] = make([]int32, x.Len()), make([]uint8, x.Len())
		}
		c.nearest(queries, far, window)
		for l, v := range some {
			v.order, v.window, v.shade = least(far[l], distant), window[l], v.detail
			if v.ground != nil {
				v.patch = newPatch(v.plain, v.box)
			}
		}
	}
	return nil
}

// hold aligns a view with its nearest pictures, at most so many, and gives them
// with their distances, the nearest first. Those that skip names are left out. Exact
// holds the nearest against the pictures themselves, if these are at hand.
func (x *Index) hold(v *view, most int, exact bool, skip func(i int) bool) ([]found, error) {
	var all []found
	for _, i := range v.order {
		if len(all) == most {
			break
		}
		if !skip(i) {
			all = append(all, v.hold(i, x.thumb(i, v.ground), true, placeOf(windows[v.window[i]])))
		}
	}
	slices.SortFunc(all, nearer)
	if x.exact == nil || !exact {
		return all, nil
	}
	all = all[:min(len(all), compared)]
	for k, f := range all {
		r, err := x.look(f.picture, v.ground)
		if err != nil {
			return nil, err
		}
		all[k] = v.hold(f.picture, r, v.coarse(), f.at)
	}
	slices.SortFunc(all, nearer)
	return all, nil
}

// coarse says that the view has so few pixels that its finest details are more of
// its compression than of the picture.
func (v *view) coarse() bool {
	const least = 40
	return min((v.box.x1-v.box.x0)*float64(v.look.w), (v.box.y1-v.box.y0)*float64(v.look.h)) < least
}

// hold aligns a part of a query with picture i, which looks so, from a place on.
func (p *patch) hold(i int, r *raster, thumb bool, at place) found {
	t := newTarget(r, thumb)
	at = p.align(t, at)
	return found{i, at, p.distance(t, at)}
}

// match says it in shares of both pictures. What of the query lies beyond the
// training picture's edge is no part of the match.
func (x *Index) match(s seen) Match {
	at := s.at.box()
	clipped := box{max(at.x0, 0), max(at.y0, 0), min(at.x1, 1), min(at.y1, 1)}
	shown := box{(clipped.x0 - at.x0) / s.at.sx, (clipped.y0 - at.y0) / s.at.sy, (clipped.x1 - at.x0) / s.at.sx, (clipped.y1 - at.y0) / s.at.sy}
	query := s.view.box.within(shown)
	held := s.view.held
	return Match{Index: s.picture, Picture: x.pictures[s.picture], Distance: s.distance,
		Query: regionOf(held.back(query)), At: regionOf(clipped), Mirrored: held.mirrored, Turned: held.degrees()}
}

// judge holds the nearest against the nearest that is no near-duplicate of it, in
// the same view.
func (x *Index) judge(s seen, exact bool) (Judgement, error) {
	first := x.match(s)
	j := Judgement{D1: s.distance, Nearest: &first, plain: s.view.detail < leastDetail}
	rest, err := x.hold(s.view, s.view.others, exact, func(i int) bool {
		return !x.pictures[i].Trained || x.alike(s.picture, i)
	})
	if err != nil {
		return j, err
	}
	if len(rest) > 0 {
		other := x.match(seen{rest[0], s.view})
		j.Other, j.D2 = &other, rest[0].distance
	}
	j.measure()
	return j, nil
}

// least gives the indices of the k least values, the least first.
func least(far []int32, k int) []int {
	best := make([]int, 0, k+1)
	limit := int32(1<<31 - 1)
	for i, v := range far {
		if v >= limit {
			continue
		}
		at, _ := slices.BinarySearchFunc(best, v, func(j int, v int32) int {
			if far[j] <= v {
				return -1
			}
			return 1
		})
		best = slices.Insert(best, at, i)
		if len(best) > k {
			best = best[:k]
		}
		if len(best) == k {
			limit = far[best[k-1]]
		}
	}
	return best
}
