package mark

import (
	"crypto/x509"
	"errors"

	"github.com/limner-ai/limner/mark/c2pa"
)

// Options say which marks are made, and with what. All are, but those that are
// turned off.
type Options struct {
	// Dir is the folder where keys are kept, and made when first needed.
	Dir string
	// Certificates and Key are PEM files to sign with instead of a key of one's
	// own: the signer's certificate first, then those up to the root.
	Certificates, Key string
	Version           string // of Limner

	NoWatermark, NoXMP, NoCredentials bool
}

// Marker marks pictures. It may be used by several goroutines at once.
type Marker struct {
	options Options
	signer  *c2pa.Signer
	trust   Trust
	chain   []*x509.Certificate
	key     [32]byte // of watermarks
}

// Open makes a marker. Keys that are needed and that the folder lacks are made;
// several processes may do so at once. Errors say what to do.
func Open(o Options) (*Marker, error) {
	m := &Marker{options: o}
	if (o.Certificates == "") != (o.Key == "") {
		return nil, errors.New("a certificate to sign with wants its key, and a key its certificate: give both")
	}
	if !o.NoCredentials {
		chain, key, err := loadSigning(o)
		if err != nil {
			return nil, err
		}
		if m.signer, err = newSigner(chain, key, o.signingFile()); err != nil {
			return nil, err
		}
		m.chain = chain
	}
	var err error
	if m.trust, err = OpenTrust(o.Dir); err != nil {
		return nil, err
	}
	if len(m.chain) > 0 {
		m.trust.Roots.AddCert(m.chain[len(m.chain)-1])
	}
	if !o.NoWatermark {
		if m.key, err = loadWatermarkKey(o.Dir); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// Trust is that in what this marker signs itself, and in whom the folder of
// keys says; see [OpenTrust].
func (m *Marker) Trust() Trust { return m.trust }

// Chain are the certificates that pictures are signed with, the signer's own
// first; none with credentials off.
func (m *Marker) Chain() []*x509.Certificate { return m.chain }

// WatermarkKey names the key of watermarks without giving it away; it is empty
// with watermarks off.
func (m *Marker) WatermarkKey() string {
	if m.options.NoWatermark {
		return ""
	}
	return fingerprint(m.key[:])
}
