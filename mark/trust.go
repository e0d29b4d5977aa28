package mark

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// trustedName is the file with further roots: earlier ones of one's own, and
// those of others that the user believes.
const trustedName = "trusted.pem"

// OpenTrust is the trust in the roots that a folder of keys holds: one's own,
// and those added by [AddTrust]. It makes nothing; an empty folder trusts
// nobody.
func OpenTrust(dir string) (Trust, error) {
	pool := x509.NewCertPool()
	if dir == "" {
		return Trust{Roots: pool}, nil
	}
	for _, name := range []string{RootName, trustedName} {
		list, err := readCertificates(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return Trust{}, line("read whom to trust", err)
		}
		for _, c := range list {
			pool.AddCert(c)
		}
	}
	return Trust{Roots: pool}, nil
}

// AddTrust adds the certificates in a PEM file to those that are trusted, and
// gives those that are new. Content Credentials of whoever they vouch for count
// as trusted then.
func AddTrust(dir, file string) ([]*x509.Certificate, error) {
	list, err := readCertificates(file)
	if err != nil {
		return nil, line("trust these certificates", err)
	}
	return addTrust(dir, list)
}

func addTrust(dir string, list []*x509.Certificate) (fresh []*x509.Certificate, err error) {
	path := filepath.Join(dir, trustedName)
	err = os.MkdirAll(dir, 0o700)
	if err == nil {
		err = underLock(dir, func() error {
			all, err := readCertificates(path)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			for _, c := range list {
				if !slices.ContainsFunc(all, c.Equal) {
					all, fresh = append(all, c), append(fresh, c)
				}
			}
			if len(fresh) == 0 {
				return nil
			}
			return public(path, encodeCertificates(all...))
		})
	}
	if err != nil {
		return nil, fmt.Errorf("cannot keep whom to trust in %s: %w", dir, cause(err))
	}
	return fresh, nil
}

// readCertificates reads a PEM file with at least one certificate.
func readCertificates(path string) ([]*x509.Certificate, error) {
	text, err := readFile(path)
	if err != nil {
		return nil, err
	}
	var list []*x509.Certificate
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%s holds a certificate that cannot be read: %w", path, err)
		}
		list = append(list, c)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s holds no certificate in PEM form", path)
	}
	return list, nil
}

// Import makes a certificate and its key those that pictures are signed with
// from now on. They are copied into the folder. The root of those before stays
// trusted; their key is kept beside, in a file named after its certificate.
func Import(dir, certificates, key string) error {
	chain, signer, err := readPEM(certificates, key)
	if err == nil {
		_, err = newSigner(chain, signer, certificates)
	}
	if err != nil {
		return err
	}
	secret, err := encodeKey(signer)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, signingName)
	if err := keepOld(dir, path); err != nil {
		return err
	}
	err = underLock(dir, func() error {
		if err := public(filepath.Join(dir, RootName), encodeCertificates(chain[len(chain)-1])); err != nil {
			return err
		}
		return private(path, slices.Concat(secret, encodeCertificates(chain...)))
	})
	if err != nil {
		return fmt.Errorf("cannot keep the key in %s: %w", dir, cause(err))
	}
	return nil
}

// keepOld makes a copy of the key that is to be replaced.
func keepOld(dir, path string) error {
	text, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return line("make the folder for keys", err)
		}
		return nil
	}
	if err != nil {
		return line("keep the key that is replaced", err)
	}
	old, err := readCertificates(path)
	if err != nil {
		return line("keep the key that is replaced", err)
	}
	if _, err := addTrust(dir, old[len(old)-1:]); err != nil {
		return err
	}
	copied := filepath.Join(dir, "signing-"+Fingerprint(old[0])[:16]+".pem")
	if err := private(copied, bytes.Clone(text)); err != nil {
		return line("keep the key that is replaced", err)
	}
	return nil
}

// ImportWatermarkKey makes the key in a file, as another computer's folder
// holds it, that of watermarks from now on. The one before is kept beside.
func ImportWatermarkKey(dir, file string) error {
	text, err := readFile(file)
	if err != nil {
		return line("read the watermark key", err)
	}
	if _, err := parseWatermarkKey(file, text); err != nil {
		return err
	}
	path := filepath.Join(dir, watermarkFile)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return line("make the folder for keys", err)
	}
	return underLock(dir, func() error {
		old, err := readFile(path)
		if err == nil {
			key, err := parseWatermarkKey(path, old)
			if err != nil {
				return err
			}
			if err := private(filepath.Join(dir, "watermark-"+fingerprint(key[:])+".key"), old); err != nil {
				return err
			}
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return private(path, text)
	})
}
