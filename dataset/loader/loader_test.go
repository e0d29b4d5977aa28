package loader

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/limner-ai/limner/dataset/picture"
)

// count is a set of n pictures of 1×3 grey whose first value is their number.
type count struct {
	n     int
	item  func(i int) error // called for each Item, may be nil
	calls *atomic.Int64
}

func (s count) Len() int           { return s.n }
func (count) Shape() (h, w, c int) { return 1, 3, 1 }
func (count) Classes() []string    { return []string{"even", "odd"} }
func (count) Name(i int) string    { return fmt.Sprint(i) }
func value(i int, k int) float32   { return [3]float32{float32(i) / 255, 0.5, 1}[k] }
func label(i int) picture.Label    { return picture.Label{Class: i % 2, Caption: fmt.Sprint(i)} }
func number(p []float32) (i, f int) { // of a picture, and whether it is mirrored
	if p[0] == 1 {
		return int(p[2]*255 + 0.5), 1
	}
	return int(p[0]*255 + 0.5), 0
}

func (s count) Item(i int, p []float32) (picture.Label, error) {
	if s.calls != nil {
		s.calls.Add(1)
	}
	if s.item != nil {
		if err := s.item(i); err != nil {
			return picture.Label{}, err
		}
	}
	for k := range p {
		p[k] = value(i, k)
	}
	return label(i), nil
}

func start(t *testing.T, s picture.Set, opt Options) *Loader {
	t.Helper()
	l, err := New(t.Context(), s, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

// batch is what one Next gave.
type batch struct {
	pixels []float32
	labels []picture.Label
	after  Position
}

func take(t *testing.T, l *Loader, batches int) []batch {
	t.Helper()
	var all []batch
	images, classes := make([]float32, l.opt.Batch*3), make([]float32, l.opt.Batch)
	for range batches {
		n, err := l.Next(images, classes)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		b := batch{slices.Clone(images[:3*n]), slices.Clone(l.Labels()), l.Position()}
		for i := range b.labels {
			if classes[i] != float32(b.labels[i].Class) {
				t.Fatalf("class %v beside label %v", classes[i], b.labels[i])
			}
		}
		all = append(all, b)
	}
	return all
}

func same(a, b []batch) bool {
	return slices.EqualFunc(a, b, func(a, b batch) bool {
		return slices.Equal(a.pixels, b.pixels) && slices.Equal(a.labels, b.labels) && a.after == b.after
	})
}

// epochs sorts what batches hold by epoch.
func epochs(all []batch, begin Position) (numbers [][]int, flips int) {
	at := begin
	for _, b := range all {
		for len(numbers) <= at.Epoch {
			numbers = append(numbers, nil)
		}
		for k := 0; k < len(b.pixels); k += 3 {
			i, f := number(b.pixels[k:])
			numbers[at.Epoch] = append(numbers[at.Epoch], i)
			flips += f
		}
		at = b.after
	}
	return numbers, flips
}

func TestEpochs(t *testing.T) {
	const n = 23
	for _, c := range []struct {
		opt   Options
		sizes []int // of the batches of an epoch
	}{
		{Options{Batch: 5}, []int{5, 5, 5, 5, 3}},
		{Options{Batch: 5, Shuffle: true}, []int{5, 5, 5, 5, 3}},
		{Options{Batch: 5, Shuffle: true, Drop: true}, []int{5, 5, 5, 5}},
		{Options{Batch: 23, Drop: true}, []int{23}},
		{Options{Batch: 40}, []int{23}},
		{Options{Batch: 1, Shuffle: true, Prefetch: 60}, slices.Repeat([]int{1}, 23)},
	} {
		c.opt.Epochs = 3
		all := take(t, start(t, count{n: n}, c.opt), 1000)
		var sizes, whole []int
		for _, b := range all {
			sizes = append(sizes, len(b.labels))
			for k, l := range b.labels {
				if i, _ := number(b.pixels[3*k:]); label(i) != l {
					t.Fatalf("picture %d has label %v", i, l)
				}
			}
		}
		for range 3 {
			whole = append(whole, c.sizes...)
		}
		if !slices.Equal(sizes, whole) {
			t.Errorf("%+v: batches of %v, want %v", c.opt, sizes, whole)
		}
		numbers, flips := epochs(all, Position{})
		if flips > 0 {
			t.Errorf("%+v: mirrored unasked", c.opt)
		}
		for e, order := range numbers {
			ascending := slices.IsSorted(order)
			sorted := slices.Compact(slices.Sorted(slices.Values(order)))
			total := n
			if c.opt.Drop {
				total = n / c.opt.Batch * c.opt.Batch
			}
			if len(sorted) != total || len(order) != total || ascending == c.opt.Shuffle {
				t.Errorf("%+v: epoch %d is %v", c.opt, e, order)
			}
		}
		if c.opt.Shuffle && slices.Equal(numbers[0], numbers[1]) {
			t.Errorf("%+v: two epochs have the same order", c.opt)
		}
	}
}

// A loader that starts anywhere continues as the first one did, whatever
// else is running.
func TestResume(t *testing.T) {
	for _, drop := range []bool{false, true} {
		opt := Options{Batch: 4, Seed: 5, Shuffle: true, Flip: true, Drop: drop, Workers: 1, Prefetch: 1}
		whole := take(t, start(t, count{n: 22}, opt), 20)
		at := Position{}
		for k := range 12 {
			opt.Start, opt.Workers, opt.Prefetch = at, 1+k%3, 1+k%7
			if rest := take(t, start(t, count{n: 22}, opt), 20-k); !same(rest, whole[k:]) {
				t.Fatalf("drop %v: from %+v on it differs", drop, at)
			}
			at = whole[k].after
		}
		opt.Seed++
		opt.Start = Position{}
		if same(take(t, start(t, count{n: 22}, opt), 20), whole) {
			t.Error("the seed has no influence")
		}
	}
	// A place that is no batch's beginning, and an epoch's end.
	l := start(t, count{n: 10}, Options{Batch: 4, Start: Position{Epoch: 2, Index: 3}})
	if b := take(t, l, 2); b[0].labels[0] != label(3) || b[1].after != (Position{Epoch: 3}) || len(b[1].labels) != 3 {
		t.Errorf("%+v", b)
	}
	l = start(t, count{n: 10}, Options{Batch: 4, Drop: true, Start: Position{Epoch: 2, Index: 8}})
	if l.Position() != (Position{Epoch: 3}) {
		t.Errorf("an end without a batch is %+v", l.Position())
	}
}

func TestFlip(t *testing.T) {
	opt := Options{Batch: 50, Flip: true, Seed: 3, Epochs: 10}
	all := take(t, start(t, count{n: 100}, opt), 20)
	if _, flips := epochs(all, Position{}); flips < 430 || flips > 570 { // 4.4 sigma
		t.Errorf("%d of 1000 mirrored", flips)
	}
	if slices.Equal(all[0].pixels, all[2].pixels) {
		t.Error("two epochs mirror the same pictures")
	}
	p := []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12} // 2×3×2
	mirror(p, 2, 3, 2)
	if !slices.Equal(p, []float32{5, 6, 3, 4, 1, 2, 11, 12, 9, 10, 7, 8}) {
		t.Errorf("mirrored to %v", p)
	}
}

func TestSigned(t *testing.T) {
	b := take(t, start(t, count{n: 256}, Options{Batch: 256, Signed: true}), 1)[0]
	for i := range 256 {
		for k := range 3 {
			if got, want := b.pixels[3*i+k], 2*value(i, k)-1; got != want {
				t.Fatalf("%v, want %v", got, want)
			}
		}
	}
	if b.pixels[0] != -1 || b.pixels[2] != 1 || b.pixels[1] != 0 {
		t.Errorf("ends are %v", b.pixels[:3])
	}
}

// All 24 orders of four pictures come equally often.
func TestPermuteUniform(t *testing.T) {
	const trials = 24_000
	seen := map[[4]int32]int{}
	for e := range trials {
		var o [4]int32
		permute(o[:], 9, e)
		seen[o]++
	}
	chi := 0.0
	for _, k := range seen {
		chi += float64((k-trials/24)*(k-trials/24)) / (trials / 24)
	}
	if len(seen) != 24 || chi > 49.7 { // 0.1 % point of χ² with 23 degrees
		t.Errorf("%d orders, χ² = %.1f", len(seen), chi)
	}
}

func TestSkippedPicturesAreReplaced(t *testing.T) {
	gone := &picture.Skip{Path: "x", Err: errors.New("gone")}
	bad := func(i int) error {
		if i == 3 || i == 4 || i == 9 {
			return gone
		}
		return nil
	}
	l := start(t, count{n: 10, item: bad}, Options{Batch: 10})
	numbers, _ := epochs(take(t, l, 1), Position{})
	if !slices.Equal(numbers[0], []int{0, 1, 2, 5, 5, 5, 6, 7, 8, 0}) {
		t.Errorf("%v", numbers[0])
	}
	l.Close()
	if n, err := l.Skipped(); n != 3 || !errors.Is(err, gone) {
		t.Errorf("skipped %d, %v", n, err)
	}
	l = start(t, count{n: 10, item: func(int) error { return gone }}, Options{Batch: 2})
	if _, err := l.Next(make([]float32, 6), nil); !errors.Is(err, gone) {
		t.Errorf("error is %v", err)
	}
}

func TestErrorsAreFinal(t *testing.T) {
	fire := errors.New("disk on fire")
	l := start(t, count{n: 10, item: func(i int) error {
		if i == 5 {
			return fire
		}
		return nil
	}}, Options{Batch: 2})
	images := make([]float32, 6)
	for range 2 {
		if _, err := l.Next(images, nil); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if n, err := l.Next(images, nil); n != 0 || !errors.Is(err, fire) {
			t.Errorf("%d, %v", n, err)
		}
	}
	if l.Position() != (Position{Index: 4}) {
		t.Errorf("position %+v", l.Position())
	}
}

func TestEnds(t *testing.T) {
	before := runtime.NumGoroutine()
	images := make([]float32, 6)

	l := start(t, count{n: 10}, Options{Batch: 2})
	l.Close()
	l.Close()
	if _, err := l.Next(images, nil); err != ErrClosed {
		t.Errorf("after Close: %v", err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	held := make(chan struct{})
	l, err := New(ctx, count{n: 10, item: func(int) error { <-held; return nil }}, Options{Batch: 2})
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(10*time.Millisecond, cancel)
	if _, err := l.Next(images, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	close(held)
	l.Close()

	l = start(t, count{n: 3}, Options{Batch: 2, Epochs: 1})
	for _, want := range []error{nil, nil, io.EOF, io.EOF} {
		if _, err := l.Next(images, nil); err != want {
			t.Errorf("%v, want %v", err, want)
		}
	}
	l.Close()
	for range 200 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("%d goroutines, before %d", runtime.NumGoroutine(), before)
}

// The loader reads ahead, but only so far.
func TestPrefetchIsBounded(t *testing.T) {
	var calls atomic.Int64
	l := start(t, count{n: 100, calls: &calls}, Options{Batch: 2, Workers: 3, Prefetch: 4})
	settle := func(want int64) {
		t.Helper()
		for range 400 {
			if calls.Load() == want {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		time.Sleep(20 * time.Millisecond)
		if got := calls.Load(); got != want {
			t.Fatalf("%d pictures read, want %d", got, want)
		}
	}
	settle(8)
	take(t, l, 3)
	settle(14)
}

func TestNextAllocatesNothing(t *testing.T) {
	s := constant{}
	l := start(t, s, Options{Batch: 8, Shuffle: true, Flip: true, Signed: true})
	images, classes := make([]float32, 8*12), make([]float32, 8)
	step := func() {
		if _, err := l.Next(images, classes); err != nil {
			t.Fatal(err)
		}
	}
	for range 50 {
		step()
	}
	if n := testing.AllocsPerRun(500, step); n > 0 { // counts all goroutines
		t.Errorf("%v allocations a batch", n)
	}
}

// constant is a set whose Item allocates nothing.
type constant struct{}

func (constant) Len() int             { return 30 }
func (constant) Shape() (h, w, c int) { return 2, 2, 3 }
func (constant) Classes() []string    { return nil }
func (constant) Name(int) string      { return "it" }
func (constant) Item(int, []float32) (picture.Label, error) {
	return picture.Label{Class: -1, Caption: "it"}, nil
}

func TestBadOptions(t *testing.T) {
	for _, opt := range []Options{
		{}, {Batch: -1}, {Batch: 1, Workers: -1}, {Batch: 1, Prefetch: -1}, {Batch: 1, Epochs: -1},
		{Batch: 11, Drop: true}, {Batch: 1, Start: Position{Epoch: -1}},
		{Batch: 1, Start: Position{Index: -1}}, {Batch: 1, Start: Position{Index: 11}},
	} {
		if l, err := New(t.Context(), count{n: 10}, opt); err == nil {
			l.Close()
			t.Errorf("%+v passed", opt)
		}
	}
	l := start(t, count{n: 10}, Options{Batch: 2})
	for _, n := range []int{5, 7} {
		if _, err := l.Next(make([]float32, n), nil); err == nil {
			t.Errorf("a buffer of %d passed", n)
		}
	}
	if _, err := l.Next(make([]float32, 6), make([]float32, 1)); err == nil {
		t.Error("a buffer of 1 class passed")
	}
	if n, err := l.Next(make([]float32, 6), nil); n != 2 || err != nil {
		t.Errorf("after a refused buffer: %d, %v", n, err)
	}
}

// Groups of 1, 3 and 8 pictures give 2 each an epoch; what a large one has
// comes up in turn, the same after a resumption.
func TestGroups(t *testing.T) {
	groups := [][]int{{4}, {0, 1, 2}, {5, 6, 7, 8, 9, 10, 11, 12}}
	opt := Options{Batch: 6, Seed: 3, Shuffle: true, Drop: true, Groups: groups, Each: 2}
	all := take(t, start(t, count{n: 13}, opt), 12)
	seen := make([]int, 13)
	for _, b := range all {
		in := make([]int, len(groups))
		for _, l := range b.labels {
			i, err := strconv.Atoi(l.Caption)
			if err != nil {
				t.Fatal(err)
			}
			seen[i]++
			for g, members := range groups {
				if slices.Contains(members, i) {
					in[g]++
				}
			}
		}
		if !slices.Equal(in, []int{2, 2, 2}) {
			t.Errorf("an epoch has %v of the groups", in)
		}
	}
	if want := []int{8, 8, 8, 0, 24, 3, 3, 3, 3, 3, 3, 3, 3}; !slices.Equal(seen, want) {
		t.Errorf("12 epochs gave %v, want %v", seen, want)
	}
	opt.Start = Position{Epoch: 7}
	if again := take(t, start(t, count{n: 13}, opt), 5); !same(again, all[7:]) {
		t.Error("it goes on with others")
	}
}

func TestBadGroups(t *testing.T) {
	for _, o := range []Options{
		{Batch: 1, Groups: [][]int{{0}}},
		{Batch: 1, Groups: [][]int{}, Each: 1},
		{Batch: 1, Groups: [][]int{{}}, Each: 1},
		{Batch: 1, Groups: [][]int{{13}}, Each: 1},
		{Batch: 1, Groups: [][]int{{-1}}, Each: 1},
	} {
		if l, err := New(context.Background(), count{n: 13}, o); err == nil {
			l.Close()
			t.Errorf("%+v was accepted", o)
		}
	}
}
