package signal

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCombine(t *testing.T) {
	s := func(p string, u Usage, v Value) Signal { return Signal{Protocol: p, Usage: u, Value: v} }
	broken := Signal{Protocol: TDMRep, Usage: Mining, Defect: "no JSON"}
	for name, c := range map[string]struct {
		in      []Signal
		want    Usage
		value   Value
		because string
	}{
		"silence":                  {nil, TrainGenerative, Unknown, ""},
		"no use":                   {[]Signal{s(PLUS, Any, Allow)}, 0, Unknown, ""},
		"allowed":                  {[]Signal{s(PLUS, Any, Allow)}, TrainGenerative, Allow, PLUS},
		"deny beats allow":         {[]Signal{s(PLUS, Any, Allow), s(CAWG, TrainGenerative, Deny)}, TrainGenerative, Deny, CAWG},
		"another use denied":       {[]Signal{s(PLUS, Any, Allow), s(CAWG, TrainOther, Deny)}, TrainGenerative, Allow, PLUS},
		"one of two denied":        {[]Signal{s(PLUS, Any, Allow), s(CAWG, TrainOther, Deny)}, Training, Deny, CAWG},
		"crawl denied":             {[]Signal{s(Robots, Crawl, Deny), s(PLUS, Any, Allow)}, Search, Deny, Robots},
		"crawl allowed is no more": {[]Signal{s(Robots, Crawl, Allow)}, TrainGenerative, Unknown, ""},
		"licence beats allow":      {[]Signal{s(PLUS, Any, Allow), s(RSL, AI, NeedsLicence)}, TrainOther, NeedsLicence, RSL},
		"deny beats licence":       {[]Signal{s(RSL, AI, NeedsLicence), s(TDMRep, Mining, Deny)}, TrainOther, Deny, TDMRep},
		"defect bars allow":        {[]Signal{s(PLUS, Any, Allow), broken}, TrainGenerative, Unknown, TDMRep},
		"defect elsewhere":         {[]Signal{s(PLUS, Any, Allow), broken}, Search, Allow, PLUS},
		"unknown bars nothing":     {[]Signal{s(PLUS, Any, Allow), s(AIPref, Any, Unknown)}, Search, Allow, PLUS},
		"unknown permits nothing":  {[]Signal{s(AIPref, Any, Unknown)}, Search, Unknown, AIPref},
		"allowed in pieces":        {[]Signal{s(CAWG, TrainOther, Allow), s(AIPref, TrainGenerative, Allow)}, Training, Allow, CAWG + AIPref},
		"allowed by half":          {[]Signal{s(CAWG, TrainOther, Allow)}, Training, Unknown, ""},
	} {
		got := Combine(c.in, c.want)
		var because string
		for _, r := range got.Reasons {
			because += r.Protocol
		}
		if got.Value != c.value || because != c.because {
			t.Errorf("%s: %v because of %q; want %v because of %q", name, got.Value, because, c.value, c.because)
		}
	}
}

func TestRestrict(t *testing.T) {
	in := []Signal{{Value: Allow}, {Value: Deny, Note: "kept"}, {Defect: "kept"}}
	out := Restrict(in, "said elsewhere")
	if out[0].Value != Unknown || out[0].Note != "said elsewhere" || out[1] != in[1] || out[2] != in[2] || in[0].Value != Allow {
		t.Errorf("%v from %v", out, in)
	}
}

func TestText(t *testing.T) {
	in := Signal{Protocol: CAWG, Usage: TrainGenerative | Mine, Value: NeedsLicence}
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	if want := `"usage":"train-generative+mine","value":"needs-licence"`; !strings.Contains(string(b), want) {
		t.Errorf("%s lacks %s", b, want)
	}
	var out Signal
	if err := json.Unmarshal(b, &out); err != nil || out != in {
		t.Errorf("%v, %v; want %v", out, err, in)
	}
	for u := range Usage(1 << len(usageNames)) {
		text, err := u.MarshalText()
		var back Usage
		if err := back.UnmarshalText(text); err != nil || back != u {
			t.Fatalf("%s: %v, %v", text, back, err)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, bad := range []string{`{"usage":"train"}`, `{"usage":"crawl+"}`, `{"value":"yes"}`} {
		if err := json.Unmarshal([]byte(bad), &out); err == nil {
			t.Errorf("%s was read as %v", bad, out)
		}
	}
	if _, err := Usage(1 << 9).MarshalText(); err == nil {
		t.Error("a use that does not exist was written")
	}
	if _, err := Value(9).MarshalText(); err == nil {
		t.Error("a value that does not exist was written")
	}
}

func TestCut(t *testing.T) {
	for _, in := range []string{"", " a ", strings.Repeat("é", 2000), "x" + strings.Repeat("界", 2000), "a\xFFb"} {
		out := Cut(in)
		if len(out) > MaxRaw+3 || !utf8.ValidString(out) || len(in) > 3000 && !strings.HasSuffix(out, "…") {
			t.Errorf("%.20q became %.20q, %d bytes", in, out, len(out))
		}
	}
	if got := Cut(" a "); got != "a" {
		t.Errorf("%q", got)
	}
}
