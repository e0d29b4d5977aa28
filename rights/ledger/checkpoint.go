package ledger

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint is a signed statement of the whole log at one size. Whoever holds
// one can later prove that the log still begins with the same entries: a data
// set, a model or a public page carries its Note.
type Checkpoint struct {
	Origin string    // the ledger's name, unique to it
	Size   int64     // number of entries
	Root   tlog.Hash // Merkle tree head over them (RFC 6962, section 2.1)
	// Note is the statement with its Ed25519 signature, as text: a signed note
	// (C2SP signed-note) whose body is a checkpoint (C2SP tlog-checkpoint).
	Note []byte
}

// maxNote is the most of a checkpoint that is read, in bytes.
const maxNote = 1 << 16

// ParseCheckpoint reads a signed checkpoint and checks its signature against
// the ledger's public key, in the form that [Ledger.Key] gives.
func ParseCheckpoint(text []byte, key string) (Checkpoint, error) {
	v, err := note.NewVerifier(strings.TrimSpace(key))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("the ledger's public key %q cannot be read: %w", key, err)
	}
	if len(text) > maxNote {
		return Checkpoint{}, fmt.Errorf("a checkpoint of %d bytes: at most %d are read", len(text), maxNote)
	}
	n, err := note.Open(text, note.VerifierList(v))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("the checkpoint is not signed by the key %s: %w", v.Name(), err)
	}
	origin, rest, _ := strings.Cut(n.Text, "\n")
	size, rest, _ := strings.Cut(rest, "\n")
	root, _, ended := strings.Cut(rest, "\n")
	cp := Checkpoint{Origin: origin, Note: text}
	if cp.Size, err = strconv.ParseInt(size, 10, 64); err != nil || cp.Size < 0 || size != strconv.FormatInt(cp.Size, 10) || !ended {
		return Checkpoint{}, errors.New("the checkpoint's text is not: origin, size, root, each on a line")
	}
	hash, err := base64.StdEncoding.DecodeString(root)
	if err != nil || copy(cp.Root[:], hash) != len(hash) || len(hash) != tlog.HashSize {
		return Checkpoint{}, errors.New("the checkpoint's root is no SHA-256 in base64")
	}
	if origin != v.Name() {
		return Checkpoint{}, fmt.Errorf("the checkpoint is of the ledger %q, the key of %q", origin, v.Name())
	}
	return cp, nil
}

// sign makes the checkpoint's note.
func (cp *Checkpoint) sign(s note.Signer) error {
	text := fmt.Sprintf("%s\n%d\n%s\n", cp.Origin, cp.Size, base64.StdEncoding.EncodeToString(cp.Root[:]))
	signed, err := note.Sign(&note.Note{Text: text}, s)
	if err != nil {
		return fmt.Errorf("cannot sign the ledger's checkpoint: %w", err)
	}
	cp.Note = signed
	return nil
}
