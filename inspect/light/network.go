package light

import (
	"bytes"
	_ "embed"
	"fmt"
	"image"
	"math"
	"math/cmplx"
	"slices"
	"sync"

	"github.com/limner-ai/limner/inspect/plane"
	"github.com/limner-ai/limner/inspect/segment"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/classifier"
	"github.com/limner-ai/limner/model/trained"
)

//go:embed light.safetensors
var weights []byte

// batch is how many windows of one picture are looked at.
const batch = 48

// network is the classifier of windows. One picture is looked at at a time.
type network struct {
	sync.Mutex
	engine *trained.CPU
	call   *trained.Call
}

func newNetwork(threads int) (*network, error) {
	n := &network{engine: trained.NewCPU(threads)}
	m, err := trained.Read("light.safetensors", bytes.NewReader(weights), int64(len(weights)), []model.Family{classifier.Family{}}, n.engine)
	if err == nil && !slices.Equal(m.Manifest.Pictures.Classes, Classes()) {
		err = fmt.Errorf("the network knows the classes %q", m.Manifest.Pictures.Classes)
	}
	if err == nil {
		n.call, err = m.Call(model.UseFeatures, batch)
	}
	if err != nil {
		n.engine.Close()
		return nil, fmt.Errorf("light: %w", err)
	}
	return n, nil
}

// view is what the network says of one window.
type view struct {
	square image.Rectangle // on the canvas
	region int             // that the window was cut around, −1: none
	// toward points where the light comes from; its length, from 0 to 1, is how
	// sure the network is of that.
	toward  complex128
	outline complex128 // the same by the region's outline, see outline
	crossed float64    // the chance of light from two sides
	none    float64    // and that nothing can be told
}

// views are the windows of a canvas: the whole, halves of it side by side, and
// one around each of its larger regions.
func views(c *Canvas, seg *segment.Map) []view {
	list := []view{{square: image.Rect(0, 0, Side, Side), region: -1}}
	for _, side := range []int{Side * 3 / 4, Side / 2} {
		for y := 0; y+side <= Side; y += 8 {
			for x := 0; x+side <= Side; x += 8 {
				list = append(list, view{square: image.Rect(x, y, x+side, y+side), region: -1})
			}
		}
	}
	var regions []int
	for r, n := range seg.Size {
		if n >= leastRegion && n <= mostRegion {
			regions = append(regions, r)
		}
	}
	slices.SortStableFunc(regions, func(a, b int) int { return seg.Size[b] - seg.Size[a] })
	luminance := plane.New(Side, Side)
	for i := range luminance.V {
		luminance.V[i] = .2126*plane.Linear(c.Level[0].V[i]) + .7152*plane.Linear(c.Level[1].V[i]) + .0722*plane.Linear(c.Level[2].V[i])
	}
	for _, r := range regions {
		if len(list) == batch {
			break
		}
		box := seg.Box(r)
		side := min(Side, max(20, max(box.Dx(), box.Dy())*6/5))
		at := box.Min.Add(box.Max).Sub(image.Pt(side, side)).Div(2)
		list = append(list, view{square: image.Rectangle{at, at.Add(image.Pt(side, side))}, region: r, outline: outline(luminance, seg, r)})
	}
	return list
}

const (
	leastRegion = 70 // pixels of the canvas
	mostRegion  = Side * Side / 3
)

// look fills in what the network says of the views.
func (n *network) look(c *Canvas, list []view) error {
	n.Lock()
	defer n.Unlock()
	in := n.call.Input(model.InputImages)
	const length = Window * Window * 3
	clear(in.Data)
	for i := range list {
		c.Look(in.Data[i*length:][:length], Window, list[i].square)
	}
	if err := n.call.Run(0, 0); err != nil {
		return fmt.Errorf("light: %w", err)
	}
	logits := n.call.Output("logits")
	for i := range list {
		p := softmax(logits.Row(i))
		v := &list[i]
		for k := range Directions {
			v.toward += cmplx.Rect(p[k], 2*math.Pi*float64(k)/Directions)
		}
		v.crossed, v.none = p[Directions], p[Directions+1]
	}
	return nil
}

func softmax(logits []float32) []float64 {
	p := make([]float64, len(logits))
	most, sum := slices.Max(logits), 0.
	for i, l := range logits {
		p[i] = math.Exp(float64(l - most))
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}
