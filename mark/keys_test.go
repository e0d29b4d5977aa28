package mark

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/limner-ai/limner/mark/c2pa"
	"github.com/limner-ai/limner/mark/carrier"
)

const openIn = "LIMNER_TEST_OPEN_IN"

// TestMain lets the test's program be another process that begins to mark.
func TestMain(m *testing.M) {
	if dir := os.Getenv(openIn); dir != "" {
		k, err := Open(Options{Dir: dir})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(Fingerprint(k.Chain()[0]), k.WatermarkKey())
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestOtherProgramsShareKeys(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	const programs = 4
	out := make([]bytes.Buffer, programs)
	var all []*exec.Cmd
	for i := range programs {
		c := exec.CommandContext(t.Context(), os.Args[0])
		c.Env = append(os.Environ(), openIn+"="+dir)
		c.Stdout = &out[i]
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	for i, c := range all {
		if err := c.Wait(); err != nil || out[i].String() != out[0].String() {
			t.Errorf("%v\n%s%s", err, out[i].String(), out[0].String())
		}
	}
}

// authorityOf writes a root, an intermediate and a leaf of the key's kind, as an
// issuer of certificates would, and gives the files of chain and key.
func authorityOf(t *testing.T, key crypto.Signer, change func(leaf *x509.Certificate)) (chain, secret, root string) {
	t.Helper()
	rootKey, middleKey := mustKey(t), mustKey(t)
	make := func(c, parent *x509.Certificate, public any, by *ecdsa.PrivateKey) *x509.Certificate {
		der, err := x509.CreateCertificate(rand.Reader, c, parent, public, by)
		if err != nil {
			t.Fatal(err)
		}
		if c, err = x509.ParseCertificate(der); err != nil {
			t.Fatal(err)
		}
		return c
	}
	ca := func(name string) *x509.Certificate {
		return &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name, Organization: []string{"Authority"}},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
			IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, SubjectKeyId: []byte(name)}
	}
	top := make(ca("root"), ca("root"), rootKey.Public(), rootKey)
	middle := make(ca("middle"), top, middleKey.Public(), rootKey)
	leaf := ca("leaf")
	leaf.IsCA, leaf.KeyUsage, leaf.ExtKeyUsage = false, x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}
	if change != nil {
		change(leaf)
	}
	leaf = make(leaf, middle, key.Public(), middleKey)
	dir := t.TempDir()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	chain = keep(t, dir, "chain.pem", encodeCertificates(leaf, middle, top))
	secret = keep(t, dir, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	return chain, secret, keep(t, dir, "root.pem", encodeCertificates(top))
}

func mustKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	k, err := newKey()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestGivenKeysOfEveryKind(t *testing.T) {
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsa2048, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	file := files(t)[carrier.PNG]
	for name, key := range map[string]crypto.Signer{"P-256": mustKey(t), "P-384": p384, "Ed25519": ed, "RSA": rsa2048} {
		chain, secret, root := authorityOf(t, key, nil)
		m, err := Open(Options{Dir: t.TempDir(), Certificates: chain, Key: secret})
		if err != nil {
			t.Fatal(name, err)
		}
		sealed := seal(t, m, file, about())
		if r := readBack(t, sealed, m.Trust()); r.Credentials.State != c2pa.Trusted {
			t.Errorf("%s: %+v", name, r.Credentials.Failures())
		}
		// Who trusts the authority's root alone finds the way there.
		dir := t.TempDir()
		if fresh, err := AddTrust(dir, root); err != nil || len(fresh) != 1 {
			t.Fatal(fresh, err)
		}
		trust, err := OpenTrust(dir)
		if err != nil {
			t.Fatal(err)
		}
		if r := readBack(t, sealed, trust); r.Credentials.State != c2pa.Trusted {
			t.Errorf("%s, by the root: %+v", name, r.Credentials.Failures())
		}
	}
}

func TestKeysThatCannotBeUsed(t *testing.T) {
	chain, secret, root := authorityOf(t, mustKey(t), nil)
	_, another, _ := authorityOf(t, mustKey(t), nil)
	old, oldKey, _ := authorityOf(t, mustKey(t), func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	server, serverKey, _ := authorityOf(t, mustKey(t), func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })
	dir := t.TempDir()
	text := keep(t, dir, "text", []byte("hello"))
	broken := keep(t, dir, "broken", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")}))
	locked := keep(t, dir, "locked", pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("x")}))
	bad := keep(t, dir, "bad", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")}))
	for name, c := range map[string]struct{ certificates, key, says string }{
		"no key":         {chain, "", "give both"},
		"no certificate": {"", secret, "give both"},
		"missing":        {filepath.Join(dir, "none"), secret, "no such file"},
		"missing key":    {chain, filepath.Join(dir, "none"), "no such file"},
		"text":           {text, secret, "no certificate"},
		"text as key":    {chain, text, "no private key"},
		"broken":         {broken, secret, "cannot be read"},
		"bad key":        {chain, bad, "cannot be read"},
		"encrypted":      {chain, locked, "encrypted"},
		"another key":    {chain, another, "not that of the first certificate"},
		"a root":         {root, secret, "not that of the first certificate"},
		"expired":        {old, oldKey, "give another"},
		"a server's":     {server, serverKey, "extended key usage"},
	} {
		if runtime.GOOS == "windows" && strings.Contains(c.says, "no such") {
			continue
		}
		_, err := Open(Options{Dir: dir, Certificates: c.certificates, Key: c.key, NoWatermark: true})
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
		if c.certificates != "" && c.key != "" && Import(t.TempDir(), c.certificates, c.key) == nil {
			t.Errorf("%s: is imported", name)
		}
	}
}

func TestFoldersThatCannotBeUsed(t *testing.T) {
	dir := t.TempDir()
	file := keep(t, dir, "file", nil)
	for _, d := range []string{"", filepath.Join(file, "keys")} {
		if _, err := Open(Options{Dir: d}); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v", d, err)
		}
	}
	if _, err := Open(Options{Dir: filepath.Join(file, "keys")}); err == nil || !strings.Contains(err.Error(), "make the folder writable, name another, or turn marks off") {
		t.Error(err)
	}
	if runtime.GOOS != "windows" && os.Getuid() != 0 {
		shut := filepath.Join(dir, "shut")
		if err := os.Mkdir(shut, 0o500); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(Options{Dir: shut}); err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Error(err)
		}
	}
	// A key that was cut by a full disk is told, and not replaced.
	keep(t, dir, watermarkFile, []byte("0123"))
	if _, err := Open(Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "no watermark key") {
		t.Error(err)
	}
}

// What was signed before an import stays trusted, and the key is not lost.
func TestImport(t *testing.T) {
	m, file := open(t), files(t)[carrier.PNG]
	dir := m.options.Dir
	before := seal(t, m, file, about())
	chain, secret, _ := authorityOf(t, mustKey(t), nil)
	for range 2 { // a second time changes nothing
		if err := Import(dir, chain, secret); err != nil {
			t.Fatal(err)
		}
	}
	n, err := Open(Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	after := seal(t, n, file, about())
	trust, err := OpenTrust(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string][]byte{"before": before, "after": after} {
		if r := readBack(t, f, trust); r.Credentials.State != c2pa.Trusted {
			t.Errorf("%s: %+v", name, r.Credentials.Failures())
		}
	}
	if r := readBack(t, after, trust); r.Credentials.Active().Signer.Issuer != "CN=middle,O=Authority" {
		t.Errorf("%+v", r.Credentials.Active().Signer)
	}
	kept := filepath.Join(dir, "signing-"+Fingerprint(m.chain[0])[:16]+".pem")
	if chain, _, err := readPEM(kept, kept); err != nil || !chain[0].Equal(m.chain[0]) {
		t.Error(err)
	}
	// Watermark keys too.
	other := open(t)
	if err := ImportWatermarkKey(dir, filepath.Join(other.options.Dir, watermarkFile)); err != nil {
		t.Fatal(err)
	}
	if again, err := Open(Options{Dir: dir}); err != nil || again.WatermarkKey() != other.WatermarkKey() || again.WatermarkKey() == m.WatermarkKey() {
		t.Error(err)
	}
	names, err := filepath.Glob(filepath.Join(dir, "watermark-*.key"))
	if err != nil || !slices.Equal(names, []string{filepath.Join(dir, "watermark-"+m.WatermarkKey()+".key")}) {
		t.Error(names, err)
	}
	if err := ImportWatermarkKey(dir, chain); err == nil {
		t.Error("a certificate is a watermark key")
	}
}
