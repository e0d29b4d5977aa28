// Package idx reads picture sets in the IDX layout of MNIST: a file of
// pictures, and beside it one of labels, plain or gzipped.
package idx

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/limner-ai/limner/dataset/picture"
)

// Set is an IDX set in memory, a byte a pixel.
type Set struct {
	images    array // n × rows × columns
	labels    []byte
	classes   []string
	names     []string // one a part
	ends      []int    // where each part ends
	n         int
	size      int // side of the pictures handed out; 0: as stored
	channels  int
	top, left int // of the stored picture inside the one handed out
}

var _ picture.Set = (*Set)(nil)

// Open reads the set at src.Path: a folder that holds the files under the
// names of MNIST, or one file of pictures. Every byte is checked against the
// header before use. Pictures keep their extent, or with src.Size lie in the
// middle of a larger black square. With src.Channels 3 the grey is repeated.
//
// Classes are named after src.Labels, or after Fashion-MNIST if the path
// contains "fashion", or else by number. Without a file of labels the set has
// no classes.
func Open(src picture.Source) (*Set, error) {
	src, err := src.Check()
	if err != nil {
		return nil, fmt.Errorf("idx: %w", err)
	}
	if src.Channels == 4 {
		return nil, fmt.Errorf("idx: channels 4: pictures of this kind have no alpha; take 1 or 3")
	}
	parts, err := find(src.Path, src.Split)
	if err != nil {
		return nil, fmt.Errorf("idx: %w", err)
	}
	s := &Set{channels: max(src.Channels, 1)}
	for k, p := range parts {
		if err := s.add(p, k == 0); err != nil {
			return nil, fmt.Errorf("idx: %w", err)
		}
	}
	if src.Count > 0 && src.Count < s.n {
		s.n = src.Count
	}
	if err := s.place(src.Size); err != nil {
		return nil, fmt.Errorf("idx: %s: %w", src.Path, err)
	}
	if s.labels != nil {
		if s.classes, err = classNames(src, s.labels); err != nil {
			return nil, fmt.Errorf("idx: %s: %w", src.Path, err)
		}
	}
	return s, nil
}

// add appends the pictures and labels of one part.
func (s *Set) add(p part, first bool) error {
	images, err := readFile(p.images, 3)
	if err != nil {
		return err
	}
	n := images.dims[0]
	var labels []byte
	if p.labels != "" {
		l, err := readFile(p.labels, 1)
		if err != nil {
			return err
		}
		if l.dims[0] != n {
			return fmt.Errorf("%s has %d pictures, but %s has %d labels", p.images, n, p.labels, l.dims[0])
		}
		labels = l.data
	}
	switch {
	case first:
		s.images, s.labels = images, labels
	case !slices.Equal(images.dims[1:], s.images.dims[1:]):
		return fmt.Errorf("%s has pictures of %s, but the part before it %s", p.images, times(images.dims[1:]), times(s.images.dims[1:]))
	case (labels == nil) != (s.labels == nil):
		return fmt.Errorf("%s: only one of the two parts has labels", p.images)
	default:
		s.images.data = append(s.images.data, images.data...)
		s.labels = append(s.labels, labels...)
	}
	s.n += n
	s.names = append(s.names, p.name)
	s.ends = append(s.ends, s.n)
	return nil
}

// place centres the stored pictures in squares of the given side.
func (s *Set) place(size int) error {
	h, w := s.images.dims[1], s.images.dims[2]
	if size == 0 {
		return nil
	}
	if size < h || size < w {
		return fmt.Errorf("pictures of %d×%d do not fit into size %d: IDX pictures are framed, never shrunk", h, w, size)
	}
	s.size, s.top, s.left = size, (size-h)/2, (size-w)/2
	return nil
}

// Len is the number of pictures.
func (s *Set) Len() int { return s.n }

// Shape is the extent of every picture.
func (s *Set) Shape() (h, w, c int) {
	if s.size > 0 {
		return s.size, s.size, s.channels
	}
	return s.images.dims[1], s.images.dims[2], s.channels
}

// Classes names the classes; nil without labels.
func (s *Set) Classes() []string { return s.classes }

// Name is the part and the place in it, such as train/00042.
func (s *Set) Name(i int) string {
	k, begin := 0, 0
	for i >= s.ends[k] && k+1 < len(s.ends) {
		begin = s.ends[k]
		k++
	}
	return fmt.Sprintf("%s/%05d", s.names[k], i-begin)
}

// Item fills pixels with picture i.
func (s *Set) Item(i int, pixels []float32) (picture.Label, error) {
	if err := picture.CheckItem(s, i, pixels); err != nil {
		return picture.Label{}, fmt.Errorf("idx: %w", err)
	}
	label := picture.Label{Class: -1}
	if s.labels != nil {
		label.Class = int(s.labels[i])
	}
	if pixels == nil {
		return label, nil
	}
	h, w := s.images.dims[1], s.images.dims[2]
	_, stride, c := s.Shape()
	if s.size > 0 {
		clear(pixels)
	}
	stored := s.images.data[i*h*w : (i+1)*h*w]
	for y := range h {
		row := pixels[((y+s.top)*stride+s.left)*c:]
		for x, b := range stored[y*w : (y+1)*w] {
			v := float32(b) / 255
			for k := range c {
				row[x*c+k] = v
			}
		}
	}
	return label, nil
}

// FashionMNIST names the classes of Xiao, Rasul and Vollgraf,
// "Fashion-MNIST" (2017), table 2.
var FashionMNIST = []string{
	"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
	"Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
}

// classNames returns a name for every label.
func classNames(src picture.Source, labels []byte) ([]string, error) {
	at, most := 0, byte(0)
	for i, l := range labels {
		if l > most {
			at, most = i, l
		}
	}
	var names []string
	switch {
	case src.Labels == "fashion-mnist", src.Labels == "" && suggestsFashion(src.Path):
		names = FashionMNIST
	case src.Labels == "digits", src.Labels == "":
		// At least ten, so that a small part of MNIST has the classes of all.
		n := 10
		if src.Labels == "" {
			n = max(n, int(most)+1)
		}
		for i := range n {
			names = append(names, strconv.Itoa(i))
		}
	default:
		for name := range strings.SplitSeq(src.Labels, ",") {
			names = append(names, strings.TrimSpace(name))
		}
	}
	if int(most) >= len(names) {
		return nil, fmt.Errorf("picture %d has label %d, but there are %d class names; set labels", at, most, len(names))
	}
	for i, name := range names {
		if name == "" || bytes.ContainsRune([]byte(name), 0) || slices.Contains(names[:i], name) {
			return nil, fmt.Errorf("labels: class name %q is empty or given twice", name)
		}
	}
	return slices.Clone(names), nil
}
