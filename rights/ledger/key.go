package ledger

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/limner-ai/limner/internal/atomicfile"
)

// newKey makes an Ed25519 key with a name that no other ledger has, and writes
// its private half to path, for its owner alone.
func newKey(path string) (signer note.Signer, public string, err error) {
	if _, err := os.Lstat(path); err == nil {
		return nil, "", fmt.Errorf("%s exists; a new ledger makes a key of its own, so move the old one away", path)
	}
	var id [8]byte
	rand.Read(id[:]) // never fails (crypto/rand)
	private, public, err := note.GenerateKey(rand.Reader, "limner-ledger/"+hex.EncodeToString(id[:]))
	if err != nil {
		return nil, "", fmt.Errorf("cannot make the ledger's key: %w", err)
	}
	err = atomicfile.Write(path, 0o600, func(w io.Writer) error {
		_, err := io.WriteString(w, private+"\n")
		return err
	})
	if err != nil {
		return nil, "", err
	}
	signer, err = note.NewSigner(private)
	return signer, public, err
}

// readKey reads the private key and holds that it belongs to the public one and
// is not open to others.
func readKey(path, public string) (note.Signer, error) {
	st, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("the ledger's key %s is missing: without it nothing can be appended; bring it back, or open the ledger for reading: %w", path, err)
	case err != nil:
		return nil, err
	case runtime.GOOS != "windows" && st.Mode().Perm()&0o077 != 0:
		return nil, fmt.Errorf("the ledger's key %s is open to others (mode %04o); run: chmod 600 %s", path, st.Mode().Perm(), path)
	case st.Size() > 1<<12:
		return nil, fmt.Errorf("the ledger's key %s is no key: it has %d bytes", path, st.Size())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	signer, err := note.NewSigner(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("the ledger's key %s cannot be read", path) // its text belongs in no message
	}
	probe := Checkpoint{Origin: signer.Name()}
	if err := probe.sign(signer); err != nil {
		return nil, err
	}
	if _, err := ParseCheckpoint(probe.Note, public); err != nil {
		return nil, fmt.Errorf("%s is not the key of this ledger: %w", path, err)
	}
	return signer, nil
}
