package light

import "fmt"

// Directions is the number of directions that the network tells apart.
const Directions = 12

// The classes of windows without one direction: nothing that a direction could
// be told from, and light from two sides at once.
const (
	None    = "none"
	Crossed = "crossed"
)

// Classes are the network's: the directions by their degrees, 0 right and 90
// above, then Crossed and None.
func Classes() []string {
	var all []string
	for k := range Directions {
		all = append(all, fmt.Sprintf("%03d", k*360/Directions))
	}
	return append(all, Crossed, None)
}
