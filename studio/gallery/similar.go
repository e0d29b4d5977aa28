package gallery

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"io/fs"
	"math"
	"slices"

	"github.com/limner-ai/limner/internal/digest"
)

// Looker tells what pictures look like.
type Looker interface {
	// Way says by what it tells, and changes if that does: a line for people.
	Way(ctx context.Context) (string, error)
	// Look gives a vector of unit length for each picture, a file's bytes; nil
	// for one that cannot be read. Their scalar products are likenesses.
	Look(ctx context.Context, pictures [][]byte) ([][]float32, error)
}

// Similar is what looks like a picture.
type Similar struct {
	Pictures []Picture `json:"pictures"` // the likest first
	Way      string    `json:"way"`      // by what they were compared
	Unseen   int       `json:"unseen"`   // pictures that were not looked at yet
}

// ErrBlind says that pictures cannot be compared.
var ErrBlind = errors.New("pictures cannot be compared here: there is no model that encodes them")

const (
	similar = 24  // pictures are found
	atOnce  = 256 // pictures are looked at for one request; the others are for the next
)

// Similar finds the pictures of the owner that look most like one of them.
func (g *Gallery) Similar(ctx context.Context, owner string, d digest.SHA256) (Similar, error) {
	out := Similar{Pictures: []Picture{}}
	if g.o.Looker == nil {
		return out, ErrBlind
	}
	if _, err := g.Picture(ctx, owner, d); err != nil {
		return out, err
	}
	if err := g.take(ctx); err != nil {
		return out, err
	}
	way, err := g.o.Looker.Way(ctx)
	if err != nil {
		return out, err
	}
	out.Way = way
	if err := g.look(ctx, owner, way, d); err != nil {
		return out, err
	}
	likes, err := g.likes(ctx, owner, way, d)
	if err != nil {
		return out, err
	}
	if out.Pictures, err = g.pictures(ctx, owner, likes); err != nil {
		return out, err
	}
	err = g.db.QueryRowContext(ctx, `SELECT count(*) FROM (`+sqlUnseen+`)`, owner, way, -1).Scan(&out.Unseen)
	return out, err
}

// look looks at d and at the newest pictures that were not looked at before.
func (g *Gallery) look(ctx context.Context, owner, way string, d digest.SHA256) error {
	g.looking.Lock()
	defer g.looking.Unlock()
	rows, err := g.db.QueryContext(ctx, sqlUnseen, owner, way, atOnce)
	if err != nil {
		return err
	}
	all := []digest.SHA256{d}
	for rows.Next() {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			rows.Close()
			return err
		}
		if one := digest.SHA256(b); one != d {
			all = append(all, one)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if len(all) == 1 {
		var seen int
		err := g.db.QueryRowContext(ctx, `SELECT count(*) FROM look WHERE digest = ? AND way = ?`, d[:], way).Scan(&seen)
		if err != nil || seen > 0 {
			return err
		}
	}
	for group := range slices.Chunk(all, 64) {
		if err := g.lookAt(ctx, way, group); err != nil {
			return err
		}
	}
	return nil
}

func (g *Gallery) lookAt(ctx context.Context, way string, group []digest.SHA256) error {
	files := make([][]byte, len(group))
	for i, d := range group {
		data, err := g.o.Store.Get(d)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		files[i] = data // what is gone looks like nothing
	}
	vectors, err := g.o.Looker.Look(ctx, files)
	if err != nil {
		return err
	}
	return g.change(ctx, func(tx *sql.Tx) error {
		for i, v := range vectors {
			if _, err := tx.Exec(sqlLook, group[i][:], way, encode(v)); err != nil {
				return err
			}
		}
		return nil
	})
}

// like is how much a picture is like another.
type like struct {
	digest   digest.SHA256
	likeness float64
}

// likes are the pictures that look most like d, without d itself.
func (g *Gallery) likes(ctx context.Context, owner, way string, d digest.SHA256) ([]like, error) {
	var own []byte
	if err := g.db.QueryRowContext(ctx, `SELECT vector FROM look WHERE digest = ? AND way = ?`, d[:], way).Scan(&own); err != nil {
		return nil, err
	}
	rows, err := g.db.QueryContext(ctx, sqlLooks, owner, way)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []like
	for rows.Next() {
		var id, vector sql.RawBytes
		if err := rows.Scan(&id, &vector); err != nil {
			return nil, err
		}
		if one := digest.SHA256(id); one != d && len(vector) == len(own) && len(own) > 0 {
			out = append(out, like{one, product(own, vector)})
		}
	}
	slices.SortFunc(out, func(a, b like) int {
		return cmp.Or(cmp.Compare(b.likeness, a.likeness), digest.Compare(a.digest, b.digest))
	})
	return out[:min(len(out), similar)], rows.Err()
}

func encode(v []float32) []byte {
	b := make([]byte, 0, 4*len(v))
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

// product is the scalar product of two encoded vectors of one length.
func product(a, b []byte) float64 {
	sum := 0.
	for i := 0; i+4 <= len(a); i += 4 {
		sum += float64(math.Float32frombits(binary.LittleEndian.Uint32(a[i:]))) * float64(math.Float32frombits(binary.LittleEndian.Uint32(b[i:])))
	}
	return sum
}
