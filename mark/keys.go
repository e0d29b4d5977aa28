package mark

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"

	"github.com/limner-ai/limner/internal/atomicfile"
	"github.com/limner-ai/limner/mark/c2pa"
)

// Files in the folder of keys.
const (
	signingName   = "signing.pem"   // key, certificate and root; private
	RootName      = "root.pem"      // the root's certificate, to be given away
	watermarkFile = "watermark.key" // 32 bytes in hexadecimal; private
	lockName      = ".lock"
)

// maxPEM bounds what is read of a file that somebody names.
const maxPEM = 1 << 20

func (o *Options) signingFile() string {
	if o.Certificates != "" {
		return o.Certificates
	}
	return filepath.Join(o.Dir, signingName)
}

// loadSigning gives the chain and the key to sign with.
func loadSigning(o Options) ([]*x509.Certificate, crypto.Signer, error) {
	if o.Certificates != "" {
		return readPEM(o.Certificates, o.Key)
	}
	path := o.signingFile()
	if err := once(o.Dir, path, func() error { return makeSigning(o.Dir) }); err != nil {
		return nil, nil, err
	}
	return readPEM(path, path)
}

// loadWatermarkKey reads the key of watermarks.
func loadWatermarkKey(dir string) (key [32]byte, err error) {
	path := filepath.Join(dir, watermarkFile)
	err = once(dir, path, func() error {
		rand.Read(key[:]) // never fails
		return private(path, []byte(hex.EncodeToString(key[:])+"\n"))
	})
	if err != nil {
		return key, err
	}
	text, err := readFile(path)
	if err != nil {
		return key, line("read the watermark key", err)
	}
	return parseWatermarkKey(path, text)
}

func parseWatermarkKey(path string, text []byte) (key [32]byte, err error) {
	b, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(b) != len(key) {
		return key, fmt.Errorf("%s is no watermark key: want 64 hexadecimal digits; restore it, or remove it to have a new one made, by which earlier watermarks cannot be read", path)
	}
	return [32]byte(b), nil
}

// once runs make if there is no file at path, in one process at a time.
func once(dir, path string, make func() error) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if dir == "" {
		return errors.New("there is no folder for the keys of marks: name one")
	}
	err := os.MkdirAll(dir, 0o700)
	if err == nil {
		err = locked(dir, path, make)
	}
	if err != nil {
		return fmt.Errorf("cannot make the keys that mark pictures in %s: %w; make the folder writable, name another, or turn marks off", dir, cause(err))
	}
	return nil
}

func locked(dir, path string, make func() error) error {
	return underLock(dir, func() error {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			return err // nil: another process was first
		}
		return make()
	})
}

// underLock lets one process at a time change a folder of keys.
func underLock(dir string, change func() error) error {
	l := flock.New(filepath.Join(dir, lockName), flock.SetPermissions(0o600))
	if err := l.Lock(); err != nil {
		return err
	}
	defer l.Unlock()
	return change()
}

// cause leaves the path out of an error whose line names the folder already.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// makeSigning writes a new key, its certificate and its root.
func makeSigning(dir string) error {
	own, err := newIdentity()
	if err != nil {
		return err
	}
	if err := public(filepath.Join(dir, RootName), encodeCertificates(own.root)); err != nil {
		return err
	}
	secret, err := own.encode()
	if err != nil {
		return err
	}
	// Last, since its presence says that all is made.
	return private(filepath.Join(dir, signingName), secret)
}

func private(path string, b []byte) error { return write(path, 0o600, b) }
func public(path string, b []byte) error  { return write(path, 0o644, b) }

func write(path string, perm fs.FileMode, b []byte) error {
	return atomicfile.Write(path, perm, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxPEM+1))
	if err == nil && len(b) > maxPEM {
		err = fmt.Errorf("%s has more than %d bytes: it is no file of keys", path, maxPEM)
	}
	return b, err
}

// readPEM reads certificates and a key, which may lie in the same file.
func readPEM(certificates, key string) (chain []*x509.Certificate, signer crypto.Signer, err error) {
	if chain, err = readCertificates(certificates); err != nil {
		return nil, nil, line("read the certificate to sign with", err)
	}
	text, err := readFile(key)
	if err != nil {
		return nil, nil, line("read the key to sign with", err)
	}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		switch {
		case block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "":
			return nil, nil, fmt.Errorf("the key in %s is encrypted: give one that is not, in a file that only you can read", key)
		case strings.HasSuffix(block.Type, "PRIVATE KEY"):
			if signer, err = parseKey(block.Bytes); err != nil {
				return nil, nil, fmt.Errorf("the key in %s cannot be read: %w", key, err)
			}
			return chain, signer, nil
		}
	}
	return nil, nil, fmt.Errorf("%s holds no private key in PEM form", key)
}

// parseKey reads PKCS #8, SEC 1 and PKCS #1.
func parseKey(der []byte) (crypto.Signer, error) {
	if k, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		if s, ok := k.(crypto.Signer); ok {
			return s, nil
		}
		return nil, errors.New("it is of a kind that cannot sign")
	}
	if k, err := x509.ParseECPrivateKey(der); err == nil {
		return k, nil
	}
	if k, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return k, nil
	}
	return nil, errors.New("want PKCS #8, SEC 1 or PKCS #1")
}

func encodeKey(k crypto.Signer) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		return nil, fmt.Errorf("the key cannot be kept: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// newSigner is c2pa.NewSigner with an error that names the file.
func newSigner(chain []*x509.Certificate, key crypto.Signer, file string) (*c2pa.Signer, error) {
	s, err := c2pa.NewSigner(chain, key)
	if err != nil {
		return nil, line("sign with "+file, err)
	}
	return s, nil
}

// Fingerprint is the SHA-256 of a certificate in hexadecimal digits.
func Fingerprint(c *x509.Certificate) string {
	h := sha256.Sum256(c.Raw)
	return hex.EncodeToString(h[:])
}

// fingerprint names a secret without giving it away.
func fingerprint(secret []byte) string {
	h := sha256.Sum256(append([]byte("limner watermark key\x00"), secret...))
	return hex.EncodeToString(h[:8])
}

func newKey() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }
