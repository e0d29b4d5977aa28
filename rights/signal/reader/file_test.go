package reader

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/limner-ai/limner/rights/signal"
)

// The files in testdata were signed with c2pa-rs 0.82.1, with a certificate of
// no authority, and compressed with gzip.
func testFile(t testing.TB, name string) []byte {
	t.Helper()
	packed, err := os.ReadFile(filepath.Join("testdata", name+".gz"))
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	file, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestManifests(t *testing.T) {
	for name, want := range map[string]map[signal.Usage]signal.Value{
		"cawg.png":   {signal.TrainGenerative: signal.Deny, signal.TrainOther: signal.Allow, signal.Input: signal.Deny, signal.Mine: signal.Allow, signal.Search: signal.Unknown},
		"cawg.jpg":   {signal.TrainGenerative: signal.Allow, signal.TrainOther: signal.Unknown},
		"cawg.webp":  {signal.TrainGenerative: signal.Deny},
		"cawg.svg":   {signal.TrainGenerative: signal.Deny},
		"legacy.jpg": {signal.TrainGenerative: signal.Deny, signal.Mine: signal.Deny, signal.Input: signal.Unknown},
		"long.jpg":   {signal.TrainGenerative: signal.Deny}, // three segments
		// The edit permits what the picture that went into it refuses.
		"edited.png": {signal.TrainGenerative: signal.Deny, signal.TrainOther: signal.Unknown},
	} {
		got := File(testFile(t, name))
		for use, value := range want {
			if v := signal.Combine(got.Signals, use); v.Value != value {
				t.Errorf("%s: %v is %v; want %v: %v", name, use, v.Value, value, got.Signals)
			}
		}
		for _, s := range got.Signals {
			if s.Defect != "" {
				t.Errorf("%s: %v", name, s)
			}
		}
	}
}

// Of a file that is cut anywhere nothing may be permitted that the whole one
// does not permit, and before its picture nothing at all.
func TestCutOff(t *testing.T) {
	for _, name := range []string{"cawg.jpg", "cawg.png"} {
		file := testFile(t, name)
		for n := 12; n < len(file); n += 7 {
			got := File(file[:n])
			for _, use := range []signal.Usage{signal.TrainGenerative, signal.TrainOther, signal.Search} {
				v := signal.Combine(got.Signals, use).Value
				if v == signal.Allow && (name == "cawg.png" || use != signal.TrainGenerative) {
					t.Fatalf("%s cut at %d of %d: %v is %v: %v", name, n, len(file), use, v, got.Signals)
				}
			}
		}
	}
}

func FuzzFile(f *testing.F) {
	for _, name := range []string{"cawg.webp", "cawg.svg"} {
		f.Add(testFile(f, name))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, s := range File(file).Signals {
			if s.Value == signal.Allow && s.Defect != "" {
				t.Errorf("%v", s)
			}
		}
	})
}
