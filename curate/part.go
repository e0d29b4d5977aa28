package curate

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/limner-ai/limner/internal/atomicfile"
	"github.com/limner-ai/limner/internal/digest"
)

// partSize is how many copies a part has. Parts are the unit of work: each is
// a function of its copies and the recipe, and its file is there whole or not
// at all.
const partSize = 512

// header is the first line of a part's file.
type header struct {
	Part int `json:"part"`
	// Made is the digest of all that the part is made of.
	Made digest.SHA256 `json:"made_of"`
	// Body is the digest of the lines below.
	Body digest.SHA256 `json:"body"`
	// Again says that a picture was left out for a reason that may be gone.
	Again bool `json:"again,omitempty"`
}

// record is a line of a part: a copy, and what became of it.
type record struct {
	Candidate
	Prepared  *prepared  `json:"prepared,omitempty"`
	Rejection *Rejection `json:"rejection,omitempty"`
}

// refused is the reason for which a copy is not even opened, "" for none.
func (c *Candidate) refused() (Why, string) {
	switch c.Decision {
	case Allow:
		return "", ""
	case Quarantine:
		return Quarantined, c.Reason
	}
	return Denied, c.Reason
}

// job is a copy to be prepared, or one with the same bytes as an earlier one.
type job struct {
	Candidate
	Same bool `json:"same"`
}

// madeOf is the digest of all that the records of a part follow from.
func (r *Recipe) madeOf(part int, jobs []job) (digest.SHA256, error) {
	h := sha256.New()
	e := json.NewEncoder(h)
	fmt.Fprintln(h, "limner curate part v1", runtime.Version(), part)
	err := e.Encode([]any{r.Size, r.Fit, r.Background, r.Limits})
	for i := range jobs {
		err = errors.Join(err, e.Encode(&jobs[i]))
	}
	return digest.SHA256(h.Sum(nil)), err
}

func partPath(dir string, part int) string {
	return filepath.Join(dir, "parts", fmt.Sprintf("%05d.jsonl", part))
}

func writePart(dir string, h header, records []record) error {
	var body bytes.Buffer
	e := json.NewEncoder(&body)
	e.SetEscapeHTML(false)
	for i := range records {
		if err := e.Encode(&records[i]); err != nil {
			return fmt.Errorf("part %d: %w", h.Part, err)
		}
		if j := records[i].Rejection; j != nil && j.Why.passing() {
			h.Again = true
		}
	}
	h.Body = sha256.Sum256(body.Bytes())
	return atomicfile.Write(partPath(dir, h.Part), 0o644, func(w io.Writer) error {
		if err := json.NewEncoder(w).Encode(h); err != nil {
			return err
		}
		_, err := w.Write(body.Bytes())
		return err
	})
}

// errStale is a part that has to be made again.
var errStale = errors.New("the part is not what it was; run again")

// readPart gives the records of a part one after another, after its header has
// been found good.
func readPart(dir string, part int, good func(header) bool, each func(*record) error) error {
	f, err := os.Open(partPath(dir, part))
	if err != nil {
		return err
	}
	defer f.Close()
	b := bufio.NewReaderSize(f, 1<<16)
	line, err := b.ReadBytes('\n')
	if err != nil {
		return errStale
	}
	var h header
	if json.Unmarshal(line, &h) != nil || h.Part != part || !good(h) {
		return errStale
	}
	sum := sha256.New()
	d := json.NewDecoder(io.TeeReader(b, sum))
	for {
		var x record
		err := d.Decode(&x)
		if err == io.EOF {
			break
		}
		if err != nil {
			return errStale
		}
		if err := each(&x); err != nil {
			return err
		}
	}
	if digest.SHA256(sum.Sum(nil)) != h.Body {
		return errStale
	}
	return nil
}
