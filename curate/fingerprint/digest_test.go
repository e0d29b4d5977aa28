package fingerprint

import "testing"

func TestDigest(t *testing.T) {
	// FIPS 180-4's example.
	d := Exact([]byte("abc"))
	const want = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	if d.String() != want {
		t.Errorf("%v", d)
	}
	var back Digest
	if err := back.UnmarshalText([]byte(want)); err != nil || back != d {
		t.Errorf("%v, %v", back, err)
	}
	for _, bad := range []string{"", want[7:], want + "00", "sha512:" + want[7:], want[:70] + "g"} {
		if back.UnmarshalText([]byte(bad)) == nil {
			t.Errorf("%q passed", bad)
		}
	}
}
