package c2pa

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/veraison/go-cose"
)

// ClaimSigning is the extended key usage of a certificate that may sign
// claims: c2pa-kp-claimSigning (C2PA 2.4, section 14.4.1).
var ClaimSigning = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 62558, 2, 1}

// Signer signs manifests.
type Signer struct {
	chain [][]byte // DER, the signer's own first, without the root
	alg   cose.Algorithm
	key   cose.Signer
}

// NewSigner checks a key and its certificates: the signer's own first, then
// those up to the root, which may be left out. A certificate that verifiers
// would refuse is an error that says why (C2PA 2.4, section 14.5.1).
func NewSigner(chain []*x509.Certificate, key crypto.Signer) (*Signer, error) {
	if len(chain) == 0 {
		return nil, errors.New("there is no certificate to sign with")
	}
	own, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !own.Equal(chain[0].PublicKey) {
		return nil, errors.New("the key is not that of the first certificate; the signer's own must come first")
	}
	if err := checkProfile(chain[0]); err != nil {
		return nil, fmt.Errorf("the certificate cannot sign Content Credentials: %w", err)
	}
	now := time.Now()
	if now.Before(chain[0].NotBefore) || now.After(chain[0].NotAfter) {
		return nil, fmt.Errorf("the certificate is valid from %s to %s only; give another", chain[0].NotBefore.Format(time.DateOnly), chain[0].NotAfter.Format(time.DateOnly))
	}
	alg, err := algorithm(key.Public())
	if err != nil {
		return nil, err
	}
	s := &Signer{alg: alg}
	if s.key, err = cose.NewSigner(alg, key); err != nil {
		return nil, fmt.Errorf("the key cannot sign Content Credentials: %w", err)
	}
	for i, c := range chain {
		if i > 0 && slices.Equal(c.RawSubject, c.RawIssuer) {
			break // verifiers have the root already
		}
		s.chain = append(s.chain, c.Raw)
	}
	return s, nil
}

// algorithm is the one that goes with a key (C2PA 2.4, section 13.2).
func algorithm(key crypto.PublicKey) (cose.Algorithm, error) {
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		switch k.Curve.Params().BitSize {
		case 256:
			return cose.AlgorithmES256, nil
		case 384:
			return cose.AlgorithmES384, nil
		case 521:
			return cose.AlgorithmES512, nil
		}
	case ed25519.PublicKey:
		return cose.AlgorithmEdDSA, nil
	case *rsa.PublicKey:
		if k.N.BitLen() >= 2048 {
			return cose.AlgorithmPS256, nil
		}
	}
	return 0, errors.New("the key is of no kind that signs Content Credentials: want P-256, P-384, P-521, Ed25519, or RSA of 2048 bits or more")
}

// sign gives the COSE_Sign1 structure of a claim, which is not repeated in it
// (C2PA 2.4, section 13.2).
func (s *Signer) sign(claim []byte) ([]byte, error) {
	var chain any = s.chain[0]
	if len(s.chain) > 1 {
		chain = s.chain
	}
	m := cose.NewSign1Message()
	m.Headers.Protected.SetAlgorithm(s.alg)
	m.Headers.Protected[cose.HeaderLabelX5Chain] = chain
	m.Payload = claim
	if err := m.Sign(rand.Reader, nil, s.key); err != nil {
		return nil, fmt.Errorf("cannot sign the claim: %w", err)
	}
	m.Payload = nil
	return m.MarshalCBOR()
}
