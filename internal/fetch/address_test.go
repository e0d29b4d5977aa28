package fetch

import (
	"context"
	"errors"
	"net/netip"
	"testing"
)

func TestPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"93.184.215.14": true, "8.8.8.8": true, "1.1.1.1": true, "172.15.0.1": true, "172.32.0.1": true,
		"100.63.255.255": true, "100.128.0.0": true, "2606:4700::1111": true, "2a00:1450::1": true,
		"::ffff:8.8.8.8": true, "64:ff9b::808:808": true,
		"127.0.0.1": false, "127.255.0.9": false, "0.0.0.0": false, "10.1.2.3": false, "172.16.0.1": false,
		"172.31.255.255": false, "192.168.0.1": false, "169.254.169.254": false, "100.64.0.1": false,
		"100.100.100.200": false, "100.127.255.255": false, "168.63.129.16": false, "192.0.0.192": false,
		"192.0.2.7": false, "198.18.0.1": false, "198.19.255.255": false, "224.0.0.1": false,
		"239.1.1.1": false, "240.0.0.1": false, "255.255.255.255": false,
		"::1": false, "::": false, "fe80::1": false, "2606:4700::1%eth0": false, "fc00::1": false,
		"fd00:ec2::254": false, "ff02::1": false, "2001:db8::1": false, "2001::1": false,
		"2002:7f00:1::": false, "2002:808:808::": false, "3fff::1": false, "fec0::1": false,
		"::ffff:127.0.0.1": false, "::ffff:169.254.169.254": false, "::127.0.0.1": false,
		"64:ff9b::7f00:1": false, "64:ff9b::a9fe:a9fe": false, "64:ff9b:1::808:808": false,
	} {
		if got := Public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
	if Public(netip.Addr{}) {
		t.Error("no address is public")
	}
}

func FuzzPublic(f *testing.F) {
	f.Add(netip.MustParseAddr("64:ff9b::7f00:1").AsSlice())
	f.Add([]byte{127, 0, 0, 1})
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, ok := netip.AddrFromSlice(raw)
		if !ok {
			return
		}
		a = a.Unmap()
		if Public(a) && (a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified() || a.IsInterfaceLocalMulticast()) {
			t.Errorf("%s counts as public", a)
		}
	})
}

// One bad answer among good ones is enough, and every dialling asks anew.
func TestEveryAnswerIsChecked(t *testing.T) {
	answers := [][]netip.Addr{
		{netip.MustParseAddr("8.8.8.8"), netip.MustParseAddr("127.0.0.1")},
		{netip.MustParseAddr("::ffff:10.0.0.1")},
		{},
	}
	asked := 0
	c := New(Options{Lookup: func(context.Context, string) ([]netip.Addr, error) {
		asked++
		return answers[asked-1], nil
	}})
	for i := range answers {
		_, err := c.Get(t.Context(), Request{URL: "http://rebound.example/"})
		if err == nil || i < 2 && !errors.Is(err, ErrUnsafe) {
			t.Errorf("%v", err)
		}
	}
	if asked != len(answers) {
		t.Errorf("asked %d times", asked)
	}
}

func TestUnsafeAddresses(t *testing.T) {
	c := New(Options{Lookup: func(_ context.Context, host string) ([]netip.Addr, error) {
		t.Errorf("resolved %s", host)
		return nil, errors.New("no")
	}})
	for _, address := range []string{
		"", "/a.png", "file:///etc/passwd", "ftp://example.com/", "gopher://example.com/", "http:///a", "http://:80/",
		"https://user:secret@example.com/", "http://user@example.com/", "http://example.com:22/", "http://example.com:70000/",
		"http://127.0.0.1/", "https://[::1]/", "http://[::ffff:127.0.0.1]/", "http://169.254.169.254/latest/meta-data/", "http://[fe80::1%25eth0]/",
		"javascript:alert(1)", "data:image/png;base64,AA", "http://%",
	} {
		if _, err := c.Get(t.Context(), Request{URL: address}); !errors.Is(err, ErrUnsafe) {
			t.Errorf("%s: %v", address, err)
		}
	}
}
