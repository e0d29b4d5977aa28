package watermark

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
)

// The mark lies on a lattice of square units. Each unit's mean luma is moved to
// where, divided by a step, its fraction is what the key wants there. What the
// key wants repeats every side units in both directions: one period is a cell.
// Its places are shared out at random between the pilot, which tells that there
// is a mark and where it lies, and two symbols of symbolBits bits, which carry
// the id: a bit of their code words moves a fraction by a half.
const (
	side        = 32
	area        = side * side
	symbols     = 2
	symbolBits  = 16
	symbolSigns = 288
	wordBytes   = symbolSigns / 8
	wordBlocks  = (wordBytes + aes.BlockSize - 1) / aes.BlockSize
	pilotPlaces = area - symbols*symbolSigns
)

// carrier is what a key says about the cell.
type carrier struct {
	turn  [area]uint16                 // fraction wanted at each place, in 1/65536
	pilot [area]bool                   // whether the place is the pilot's
	place [symbols][symbolSigns]uint16 // places of each symbol
	book  [symbols]cipher.Block        // its code words, as a key stream
}

// stream is the key stream of one purpose: AES-256 in counter mode under
// HMAC-SHA256(key, purpose).
func stream(k Key, purpose string) cipher.Block {
	mac := hmac.New(sha256.New, k[:])
	mac.Write([]byte("limner watermark 1: " + purpose))
	b, err := aes.NewCipher(mac.Sum(nil))
	if err != nil {
		panic(err) // 32 bytes are a key
	}
	return b
}

// fill fills dst with the key stream from the block numbered first.
func fill(dst []byte, b cipher.Block, first uint64) {
	var iv [aes.BlockSize]byte
	binary.BigEndian.PutUint64(iv[8:], first)
	clear(dst)
	cipher.NewCTR(b, iv[:]).XORKeyStream(dst, dst)
}

func newCarrier(k Key) *carrier {
	c := &carrier{}
	random := make([]byte, 6*area)
	fill(random, stream(k, "places"), 0)
	var order [area]uint16
	for i := range order {
		order[i] = uint16(i)
		c.turn[i] = binary.BigEndian.Uint16(random[4*area+2*i:])
	}
	for i := area - 1; i > 0; i-- { // Fisher and Yates
		j := binary.BigEndian.Uint32(random[4*i:]) % uint32(i+1)
		order[i], order[j] = order[j], order[i]
	}
	for _, p := range order[:pilotPlaces] {
		c.pilot[p] = true
	}
	for s, purpose := range [symbols]string{"first symbol", "second symbol"} {
		copy(c.place[s][:], order[pilotPlaces+s*symbolSigns:])
		c.book[s] = stream(k, purpose)
	}
	return c
}

// wanted are the fractions of the whole cell for an id, in turns from 0 to 1.
func (c *carrier) wanted(id uint32) *[area]float64 {
	turn := c.turn
	var word [wordBytes]byte
	for s := range symbols {
		value := uint64(id >> (symbolBits * s) & (1<<symbolBits - 1))
		fill(word[:], c.book[s], value*wordBlocks)
		for i, p := range c.place[s] {
			turn[p] += uint16(word[i/8]>>(i%8)&1) << 15
		}
	}
	var all [area]float64
	for i, t := range turn {
		all[i] = float64(t) / (1 << 16)
	}
	return &all
}
