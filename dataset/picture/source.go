package picture

import "fmt"

// Split names a part of a set.
type Split string

// The parts. The empty Split means Train.
const (
	Train Split = "train"
	Test  Split = "test"
	All   Split = "all"
)

// Source says which set to open and how its pictures are to look. The zero
// value of a field leaves the choice to the kind.
type Source struct {
	// Kind is a kind of set: frozen, idx, folder or shapes.
	Kind string `yaml:"kind" json:"kind"`
	// Path is a folder or file; shapes needs none.
	Path string `yaml:"path,omitempty" json:"path,omitempty"`
	// Split is train (the default), test or all.
	Split Split `yaml:"split,omitempty" json:"split,omitempty"`
	// Size is the side of the square pictures in pixels.
	Size int `yaml:"size,omitempty" json:"size,omitempty"`
	// Channels is 1 (grey), 3 (RGB) or, where the pictures of the kind have
	// transparent parts, 4 (RGB and straight alpha).
	Channels int `yaml:"channels,omitempty" json:"channels,omitempty"`
	// Count is the number of pictures that shapes draws; of other kinds, the
	// first Count pictures are taken.
	Count int `yaml:"count,omitempty" json:"count,omitempty"`
	// Seed is the seed of shapes.
	Seed uint64 `yaml:"seed,omitempty" json:"seed,omitempty"`
	// Vary lists what differs between the pictures of shapes besides their
	// kind: colour, texture, ground, size, place, angle, light. Empty means
	// all; a single "none" leaves only the kind.
	Vary []string `yaml:"vary,omitempty" json:"vary,omitempty"`
	// Combinations makes the test split of shapes hold combinations of kind,
	// colour and place that its training split never shows; captions then name
	// the place, in several wordings.
	Combinations bool `yaml:"combinations,omitempty" json:"combinations,omitempty"`
	// Labels names the classes of an idx set: "fashion-mnist", "digits", or
	// the names themselves with commas between; what the classes of shapes are:
	// kind (the default), colour, or with combinations place.
	Labels string `yaml:"labels,omitempty" json:"labels,omitempty"`
	// Holdout is the share of a folder without train and test sub-folders
	// that makes the test split; 0 means 0.1.
	Holdout float64 `yaml:"holdout,omitempty" json:"holdout,omitempty"`
	// Background is the colour, "#rrggbb", under the transparent parts of a
	// folder's or a frozen set's pictures; white by default, none with 4
	// channels.
	Background string `yaml:"background,omitempty" json:"background,omitempty"`
	// MemoryMB bounds the decoded pictures that a folder keeps, in MiB;
	// a larger folder is decoded anew as it is read. 0 means 1024.
	MemoryMB int `yaml:"memory_mb,omitempty" json:"memory_mb,omitempty"`
}

const maxSide = 4096

// Check returns src with Split filled in, or an error that names the first
// field out of range. Kind and Path are left to whoever opens the set.
func (src Source) Check() (Source, error) {
	switch src.Split {
	case "":
		src.Split = Train
	case Train, Test, All:
	default:
		return src, fmt.Errorf("split %q is not train, test or all", src.Split)
	}
	switch {
	case src.Size < 0 || src.Size > maxSide:
		return src, fmt.Errorf("size %d is not within 1 to %d pixels", src.Size, maxSide)
	case src.Channels != 0 && src.Channels != 1 && src.Channels != 3 && src.Channels != 4:
		return src, fmt.Errorf("channels %d is neither 1 (grey), 3 (RGB) nor 4 (RGB and alpha)", src.Channels)
	case src.Channels == 4 && src.Background != "":
		return src, fmt.Errorf("background %s: pictures of 4 channels keep their alpha and have none", src.Background)
	case src.Count < 0:
		return src, fmt.Errorf("count %d is negative", src.Count)
	case !(src.Holdout >= 0 && src.Holdout < 1):
		return src, fmt.Errorf("holdout %v is not a share within 0 to 1", src.Holdout)
	case src.MemoryMB < 0:
		return src, fmt.Errorf("memory_mb %d is negative", src.MemoryMB)
	}
	return src, nil
}
