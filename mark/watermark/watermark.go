// Package watermark hides an id in the pixels of a picture, and finds it again
// with a key, after the picture was compressed, made smaller or larger, cut or
// laid over a colour. How sure it may be is stated with each reading: see
// Reading.P.
//
// The mark is quantisation index modulation (Chen and Wornell, "Quantization
// index modulation", 2001): the picture is divided into square units, and the
// mean luma of each is moved a little, so that its remainder after division by a
// step is what the key and the id want there. What the picture shows does not
// disturb it, as it disturbs marks that are added, which matters where a picture
// has no more than some hundred units. The remainder is read as an angle, and the
// evidence is the sum of all angles after the key's are taken from them. The
// embedder tries attacks on what it makes and corrects it (see optimiser). Units
// are fixed to the picture's frame; what is wanted repeats every 32 units, so
// that parts of a picture carry it too.
package watermark

import (
	"crypto/rand"
	"errors"
	"fmt"
)

// Key is the secret that makes the mark and finds it. Whoever has it can read,
// forge and remove marks.
type Key [32]byte

// NewKey draws a key from the operating system.
func NewKey() (Key, error) {
	var k Key
	if _, err := rand.Read(k[:]); err != nil {
		return k, fmt.Errorf("watermark: no random key: %w", err)
	}
	return k, nil
}

// ErrNoRoom says that a picture is too small, too empty or too flat to carry a
// mark that could be found again. It is no reason to keep the picture back.
var ErrNoRoom = errors.New("watermark: the picture has no room for a mark that could be found again")

// Certain is the chance of error up to which a reading counts: of Found in a
// picture that was never marked with the key, and of a wrong ID.
const Certain = 1e-6

// Reading is what a detector found.
type Reading struct {
	// Found says that P is at most Certain.
	Found bool
	// ID is the id that the picture carries, if HasID.
	ID    uint32
	HasID bool
	// P bounds the chance of so strong a reading in a picture that was not
	// marked with the key: for any picture whatever, over the choice of the
	// key, with all places, sizes and turns counted that were looked at.
	P float64
	// IDError bounds the chance that ID is wrong, if HasID.
	IDError float64
	// Unit is the side of a unit of the mark in pixels of the picture, X and Y
	// are where a corner of the mark's lattice lies; Mirrored says that all this
	// is so in the picture's mirror image. Meaningful if Found.
	Unit, X, Y float64
	Mirrored   bool
}
