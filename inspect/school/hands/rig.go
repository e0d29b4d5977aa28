package hands

import (
	"errors"
	"fmt"
	"math"

	"github.com/qmuntal/gltf"
	"github.com/qmuntal/gltf/modeler"
	"gonum.org/v1/gonum/spatial/r3"
)

// Fingers from the thumb on, as the joints of a rig and the bits of masks count
// them; palm is what is no finger.
const (
	thumb = iota
	index
	middle
	ring
	little
	fingers
	palm = fingers
)

// rig is a hand's mesh and skeleton, palm towards +Z, fingers towards +Y, its
// length from the wrist to the middle finger's tip 1, the wrist at the origin.
type rig struct {
	points  []r3.Vec
	faces   [][3]int
	joints  [][4]int // of a point
	weights [][4]float64
	at      []r3.Vec // of each joint
	parent  []int    // -1: the wrist's
	chain   [fingers][]int
	part    []int // of each point: the finger that moves it, or palm
	thumbX  float64
}

// joints of a finger from its root on, and of the thumb, by their names in WebXR
// Hand Input ("Skeleton Joints").
var (
	fingerNames = [fingers]string{"thumb", "index-finger", "middle-finger", "ring-finger", "pinky-finger"}
	boneNames   = []string{"metacarpal", "phalanx-proximal", "phalanx-intermediate", "phalanx-distal", "tip"}
)

// readRig reads a hand of @webxr-input-profiles/assets.
func readRig(path string) (*rig, error) {
	doc, err := gltf.Open(path)
	if err != nil {
		return nil, err
	}
	if len(doc.Meshes) != 1 || len(doc.Skins) != 1 || len(doc.Meshes[0].Primitives) != 1 {
		return nil, fmt.Errorf("%s: want one mesh with one skin", path)
	}
	r := &rig{}
	if err := r.readMesh(doc); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	names := map[string]int{}
	for j, node := range doc.Skins[0].Joints {
		n := doc.Nodes[node]
		names[n.Name] = j
		r.at = append(r.at, r3.Vec{X: n.Translation[0], Y: n.Translation[1], Z: n.Translation[2]})
		r.parent = append(r.parent, -1)
	}
	wrist, ok := names["wrist"]
	if !ok {
		return nil, fmt.Errorf("%s: the joint wrist is missing", path)
	}
	for f, finger := range fingerNames {
		last := wrist
		for _, bone := range boneNames {
			j, ok := names[finger+"-"+bone]
			if !ok && f == thumb && bone == "phalanx-intermediate" {
				continue
			}
			if !ok {
				return nil, fmt.Errorf("%s: the joint %s-%s is missing", path, finger, bone)
			}
			r.parent[j], last = last, j
			r.chain[f] = append(r.chain[f], j)
		}
	}
	r.place(wrist)
	r.findParts()
	return r, nil
}

func (r *rig) readMesh(doc *gltf.Document) error {
	p := doc.Meshes[0].Primitives[0]
	accessor := func(name string) (*gltf.Accessor, error) {
		i, ok := p.Attributes[name]
		if !ok || i >= len(doc.Accessors) {
			return nil, fmt.Errorf("the mesh lacks %s", name)
		}
		return doc.Accessors[i], nil
	}
	position, err1 := accessor(gltf.POSITION)
	joint, err2 := accessor(gltf.JOINTS_0)
	weight, err3 := accessor(gltf.WEIGHTS_0)
	if err := errors.Join(err1, err2, err3); err != nil || p.Indices == nil {
		return errors.Join(err, errors.New("the mesh is not complete"))
	}
	points, err1 := modeler.ReadPosition(doc, position, nil)
	joints, err2 := modeler.ReadJoints(doc, joint, nil)
	weights, err3 := modeler.ReadWeights(doc, weight, nil)
	indices, err4 := modeler.ReadIndices(doc, doc.Accessors[*p.Indices], nil)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return err
	}
	for i, v := range points {
		r.points = append(r.points, r3.Vec{X: float64(v[0]), Y: float64(v[1]), Z: float64(v[2])})
		var js [4]int
		var ws [4]float64
		for k := range js {
			js[k], ws[k] = int(joints[i][k]), float64(weights[i][k])
		}
		r.joints, r.weights = append(r.joints, js), append(r.weights, ws)
	}
	for i := 0; i+2 < len(indices); i += 3 {
		r.faces = append(r.faces, [3]int{int(indices[i]), int(indices[i+1]), int(indices[i+2])})
	}
	return nil
}

// place turns and scales everything into the frame of a rig.
func (r *rig) place(wrist int) {
	root := func(f int) r3.Vec { return r.at[r.chain[f][1]] }
	tip := r.at[r.chain[middle][4]]
	up := r3.Unit(r3.Sub(root(middle), r.at[wrist]))
	side := r3.Sub(root(index), root(little))
	out := r3.Unit(r3.Cross(side, up))
	// The thumb lies before the palm.
	if r3.Dot(out, r3.Sub(r.at[r.chain[thumb][3]], root(index))) < 0 {
		out = r3.Scale(-1, out)
	}
	right := r3.Cross(up, out)
	scale := 1 / r3.Norm(r3.Sub(tip, r.at[wrist]))
	origin := r.at[wrist]
	move := func(v r3.Vec) r3.Vec {
		v = r3.Scale(scale, r3.Sub(v, origin))
		return r3.Vec{X: r3.Dot(v, right), Y: r3.Dot(v, up), Z: r3.Dot(v, out)}
	}
	for i, v := range r.points {
		r.points[i] = move(v)
	}
	for i, v := range r.at {
		r.at[i] = move(v)
	}
	r.thumbX = math.Copysign(1, r.at[r.chain[thumb][3]].X)
}

// findParts gives each point to the finger whose joints, from the knuckle on,
// weigh most for it.
func (r *rig) findParts() {
	of := make([]int, len(r.at))
	for j := range of {
		of[j] = palm
	}
	for f, chain := range r.chain {
		for _, j := range chain[1:] {
			of[j] = f
		}
	}
	for i := range r.points {
		var sum [fingers + 1]float64
		for k, j := range r.joints[i] {
			sum[of[j]] += r.weights[i][k]
		}
		best := palm
		for f, w := range sum {
			if w > sum[best] {
				best = f
			}
		}
		r.part = append(r.part, best)
	}
}
