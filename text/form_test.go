package text

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestForm(t *testing.T) {
	k := learnt(t, 400)
	raw, err := json.Marshal(map[string]*Tokeniser{"tokeniser": k})
	if err != nil {
		t.Fatal(err)
	}
	if most := 16 + len(form) + 6*(k.Vocabulary()-Least); len(raw) > most {
		t.Errorf("%d bytes, want at most %d", len(raw), most)
	}
	var back map[string]*Tokeniser
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(back["tokeniser"].pieces, k.pieces) || !slices.Equal(back["tokeniser"].Encode("red apple"), k.Encode("red apple")) {
		t.Error("other pieces came back")
	}
}

func TestFormErrors(t *testing.T) {
	good, err := learnt(t, 400).MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	long := Bytes()
	long.merge([2]int{firstByte, firstByte})
	for range 5 { // up to 64 bytes
		long.merge([2]int{len(long.pieces) - 1, len(long.pieces) - 1})
	}
	long.merge([2]int{len(long.pieces) - 1, firstByte})
	tooLong, _ := long.MarshalText()
	for name, text := range map[string]string{
		"empty": "", "other form": "bpe2:", "no base64": form + "!!!!", "half a pair": form + "AAME",
		"special piece": form + "AAEABA", "piece of the future": form + "AAMBAw", "twice": form + "AAMABAADAAQ",
		"newline": form + "AAMA\nBA", "padding": form + "AAMABA==", "stray bits": form + "AAMABB",
		"huge":  form + strings.Repeat("AAMABA", 1<<17),
		"cut":   string(good[:len(good)-1]),
		"longs": string(tooLong),
	} {
		k := learnt(t, 300)
		if err := k.UnmarshalText([]byte(text)); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want one line", name, err)
		}
		if k.Vocabulary() != 300 {
			t.Errorf("%s: an error left %d pieces", name, k.Vocabulary())
		}
	}
	if err := new(Tokeniser).UnmarshalText([]byte(form + "AAMABA")); err != nil {
		t.Error(err)
	}
}

func FuzzForm(f *testing.F) {
	good, _ := learnt(f, 300).MarshalText()
	f.Add(good, "red")
	f.Add([]byte(form), "")
	f.Add([]byte(form+"AAMABAADAAQ"), "\x00\x01")
	f.Fuzz(func(t *testing.T, text []byte, s string) {
		var k Tokeniser
		if k.UnmarshalText(text) != nil {
			return
		}
		again, err := k.MarshalText()
		if err != nil || !bytes.Equal(again, text) {
			t.Errorf("%q was written as %q: %v", text, again, err)
		}
		if got := k.Decode(k.Encode(s)); got != Normal(s) {
			t.Errorf("%q came back as %q", s, got)
		}
	})
}
