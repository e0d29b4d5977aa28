package c2pa

import (
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"slices"
)

// documentSigning is id-kp-documentSigning (RFC 9336), which older lists of
// trusted signers asked for.
var documentSigning = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 36}

var signatureAlgorithms = []x509.SignatureAlgorithm{
	x509.ECDSAWithSHA256, x509.ECDSAWithSHA384, x509.ECDSAWithSHA512,
	x509.SHA256WithRSA, x509.SHA384WithRSA, x509.SHA512WithRSA,
	x509.SHA256WithRSAPSS, x509.SHA384WithRSAPSS, x509.SHA512WithRSAPSS,
	x509.PureEd25519,
}

// checkProfile holds a signer's certificate against C2PA 2.4, section 14.5.1.1.
func checkProfile(c *x509.Certificate) error {
	any := slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny)
	other := slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageTimeStamping) || slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning)
	signs := slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageEmailProtection) ||
		slices.ContainsFunc(c.UnknownExtKeyUsage, func(id asn1.ObjectIdentifier) bool {
			return id.Equal(ClaimSigning) || id.Equal(documentSigning)
		})
	_, err := algorithm(c.PublicKey)
	switch {
	case c.Version != 3:
		return errors.New("it is not of version 3")
	case c.IsCA || c.KeyUsage&x509.KeyUsageCertSign != 0:
		return errors.New("it is one that signs certificates")
	case c.KeyUsage&x509.KeyUsageDigitalSignature == 0:
		return errors.New("its key usage does not allow digital signatures")
	case any || other || !signs:
		return errors.New("its extended key usage must allow C2PA claim signing (1.3.6.1.4.1.62558.2.1) or e-mail protection, and neither everything, time-stamping nor OCSP")
	case !slices.Contains(signatureAlgorithms, c.SignatureAlgorithm):
		return errors.New("it is signed by an algorithm that C2PA does not allow")
	case len(c.AuthorityKeyId) == 0 && !slices.Equal(c.RawIssuer, c.RawSubject):
		return errors.New("it does not say which key signed it (authority key identifier)")
	}
	return err
}
