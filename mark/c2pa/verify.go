package c2pa

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/veraison/go-cose"
)

// Bounds of a claim signature.
const (
	maxSignature = 1 << 20
	maxChain     = 8
)

// checkSignature verifies who signed a claim, and that it is unchanged
// (C2PA 2.4, sections 15.7 and 15.8.2).
func (v *verifier) checkSignature(m *manifest) {
	r := m.record
	at, b, path := v.find(m.claim.Signature, m)
	url := m.url("c2pa.signature")
	if at != m || b == nil || path == "" || b.use != typeSignature {
		r.fail(signatureMissing, m.claim.Signature, "the signature that the claim names is not in its manifest")
		return
	}
	message, err := readSign1(b.content("cbor"))
	if err != nil {
		r.fail(signatureMismatch, url, err.Error())
		return
	}
	chain, err := x5chain(message.Headers)
	if err != nil {
		r.fail(credentialInvalid, url, err.Error())
		return
	}
	leaf := chain[0]
	print := sha256.Sum256(leaf.Raw)
	r.Signer = Signatory{clean(leaf.Subject.String()), clean(leaf.Issuer.String()), hex.EncodeToString(print[:]), leaf.NotBefore, leaf.NotAfter}
	if err := checkProfile(leaf); err != nil {
		r.fail(credentialInvalid, url, err.Error())
	}
	v.checkTrust(r, url, chain)
	checkClaim(r, url, message, leaf, m.claimBox.content("cbor"))
	for _, stamp := range []string{"sigTst", "sigTst2"} {
		if _, ok := message.Headers.Unprotected[stamp]; ok {
			r.inform(timeStampUntrusted, url, "there is a time-stamp, which is not checked here")
		}
	}
}

// checkTrust follows the chain of certificates to a root that is trusted.
func (v *verifier) checkTrust(r *Record, url string, chain []*x509.Certificate) {
	leaf, at := chain[0], v.trust.At
	if at.Before(leaf.NotBefore) || at.After(leaf.NotAfter) {
		r.fail(signatureOutside, url, fmt.Sprintf("the certificate is valid from %s to %s only", leaf.NotBefore.Format(time.DateOnly), leaf.NotAfter.Format(time.DateOnly)))
		at = leaf.NotAfter // so that who signed is known nevertheless
	} else {
		r.succeed(signatureInside, url)
	}
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	roots := v.trust.Roots
	if roots == nil {
		roots = x509.NewCertPool() // nil would mean those of the system
	}
	_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: at,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	if err != nil {
		r.fail(credentialUntrusted, url, err.Error())
		return
	}
	r.succeed(credentialTrusted, url)
	if len(leaf.OCSPServer) > 0 {
		r.inform(ocspSkipped, url, "whether the certificate was revoked is not asked")
	}
}

// checkClaim verifies the signature itself.
func checkClaim(r *Record, url string, message *cose.Sign1Message, leaf *x509.Certificate, claim []byte) {
	alg, err := message.Headers.Protected.Algorithm()
	if err != nil {
		r.fail(algorithmUnsupported, url, err.Error())
		return
	}
	switch alg {
	case cose.AlgorithmES256, cose.AlgorithmES384, cose.AlgorithmES512,
		cose.AlgorithmPS256, cose.AlgorithmPS384, cose.AlgorithmPS512, cose.AlgorithmEdDSA:
	default:
		r.fail(algorithmUnsupported, url, fmt.Sprintf("the signature algorithm %v is not one of C2PA's", alg))
		return
	}
	if message.Payload != nil && !bytes.Equal(message.Payload, claim) {
		// Otherwise the signature could be over something else than what is read.
		r.fail(signatureMismatch, url, "what was signed is not the claim")
		return
	}
	message.Payload = claim
	verifier, err := cose.NewVerifier(alg, leaf.PublicKey)
	if err == nil {
		err = message.Verify(nil, verifier)
	}
	if err != nil {
		r.fail(signatureMismatch, url, err.Error())
		return
	}
	r.succeed(signatureValidated, url)
}

func readSign1(data []byte) (*cose.Sign1Message, error) {
	switch {
	case len(data) == 0:
		return nil, errors.New("the signature is empty")
	case len(data) > maxSignature:
		return nil, fmt.Errorf("the signature is longer than %d bytes", maxSignature)
	}
	if err := decoding.Wellformed(data); err != nil {
		return nil, err
	}
	m := cose.NewSign1Message()
	if data[0]>>5 == 6 { // tagged
		return m, m.UnmarshalCBOR(data)
	}
	var bare cose.UntaggedSign1Message
	err := bare.UnmarshalCBOR(data)
	*m = cose.Sign1Message(bare)
	return m, err
}

// x5chain reads the certificates in a signature (section 14.5); older writers
// put them beside what is protected, or under a name.
func x5chain(h cose.Headers) ([]*x509.Certificate, error) {
	var raw any
	found := 0
	for _, label := range []any{cose.HeaderLabelX5Chain, "x5chain"} {
		for _, in := range []map[any]any{h.Protected, h.Unprotected} {
			if x, ok := in[label]; ok {
				raw, found = x, found+1
			}
		}
		if found > 0 {
			break
		}
	}
	if found != 1 {
		return nil, fmt.Errorf("the signature names %d chains of certificates; want one", found)
	}
	var list []any
	switch x := raw.(type) {
	case []byte:
		list = []any{x}
	case []any:
		list = x
	case [][]byte:
		for _, b := range x {
			list = append(list, b)
		}
	}
	if len(list) == 0 || len(list) > maxChain {
		return nil, fmt.Errorf("the signature has %d certificates; want from 1 to %d", len(list), maxChain)
	}
	var chain []*x509.Certificate
	for _, x := range list {
		der, ok := x.([]byte)
		if !ok {
			return nil, errors.New("a certificate in the signature is no string of bytes")
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("a certificate in the signature cannot be read: %w", err)
		}
		chain = append(chain, c)
	}
	return chain, nil
}
