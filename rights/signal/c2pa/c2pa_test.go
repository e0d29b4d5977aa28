package c2pa

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/limner-ai/limner/rights/signal"
)

func data(kind string, content []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(8+len(content)))
	return append(append(b, kind...), content...)
}

func super(label string, parts ...[]byte) []byte {
	content := data("jumd", append(append(make([]byte, 16), 3), label+"\x00"...))
	for _, p := range parts {
		content = append(content, p...)
	}
	return data("jumb", content)
}

// wide is a box with a 64-bit length.
func wide(kind string, content []byte) []byte {
	b := append([]byte{0, 0, 0, 1}, kind...)
	return append(binary.BigEndian.AppendUint64(b, uint64(16+len(content))), content...)
}

func enc(v any) []byte {
	b, err := cbor.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

type entries map[string]map[string]string

func say(prefix, name, use string) []byte {
	return data("cbor", enc(map[string]entries{"entries": {prefix + name: {"use": use}}}))
}

func store(assertions ...[]byte) []byte {
	return super("c2pa", super("urn:c2pa:1", super("c2pa.assertions", assertions...)))
}

// verdicts gives training that generates, other training, input and mining.
func verdicts(signals []signal.Signal) string {
	var out []byte
	for _, u := range []signal.Usage{signal.TrainGenerative, signal.TrainOther, signal.Input, signal.Mine} {
		v := signal.Combine(signals, u)
		c := map[signal.Value]byte{signal.Allow: 'a', signal.Deny: 'd', signal.Unknown: '-'}[v.Value]
		if v.Value == signal.Unknown && len(v.Reasons) > 0 && v.Reasons[0].Defect != "" {
			c = 'b'
		}
		out = append(out, c)
	}
	return string(out)
}

func TestRead(t *testing.T) {
	cawg := func(parts ...[]byte) []byte { return super("cawg.training-mining", parts...) }
	yes := say("cawg.", "ai_generative_training", "allowed")
	no := say("cawg.", "ai_generative_training", "notAllowed")
	all := data("cbor", enc(map[string]entries{"entries": {
		"cawg.ai_generative_training": {"use": "allowed"}, "cawg.ai_training": {"use": "notAllowed"},
		"cawg.ai_inference": {"use": "constrained", "constraint_info": "ask us"}, "cawg.data_mining": {"use": "allowed"}, "org.example.x": {"use": "odd"},
	}}))
	deep := []byte{}
	for range 40 {
		deep = super("x", deep)
	}
	other := func(label string, parts ...[]byte) []byte { return super(label, super("c2pa.assertions", parts...)) }
	for name, c := range map[string]struct {
		store []byte
		want  string
	}{
		"all entries":       {store(cawg(all)), "adda"},
		"instance":          {store(super("cawg.training-mining__2", no)), "d---"},
		"legacy":            {store(super("c2pa.training-mining", say("c2pa.", "data_mining", "notAllowed"))), "---d"},
		"JSON":              {store(cawg(data("json", []byte(`{"entries":{"cawg.ai_training":{"use":"notAllowed"}}}`)))), "-d--"},
		"two assertions":    {store(cawg(yes), super("c2pa.training-mining", say("c2pa.", "ai_generative_training", "notAllowed"))), "d---"},
		"another label":     {store(super("cawg.training-miningx", no)), "----"},
		"in an ingredient":  {super("c2pa", other("urn:1", cawg(yes)), other("urn:2")), "----"},
		"ingredient denies": {super("c2pa", other("urn:1", cawg(no)), other("urn:2", cawg(yes))), "d---"},
		"active allows":     {super("c2pa", other("urn:1"), other("urn:2", cawg(yes))), "a---"},
		"odd use":           {store(cawg(say("cawg.", "ai_training", "maybe"))), "-b--"},
		"upper case":        {store(cawg(say("cawg.", "ai_training", "Allowed"))), "-b--"},
		"no prefix":         {store(cawg(say("", "ai_training", "allowed"))), "----"},
		"no content":        {store(cawg()), "bbbb"},
		"two contents":      {store(cawg(yes, yes)), "bbbb"},
		"redacted":          {store(cawg(data("cbor", make([]byte, 20)))), "bbbb"},
		"no entries":        {store(cawg(data("cbor", enc(map[string]int{"x": 1})))), "bbbb"},
		"list":              {store(cawg(data("cbor", enc([]string{"entries"})))), "bbbb"},
		"key twice":         {store(cawg(data("cbor", []byte("\xA1gentries\xA2pcawg.ai_training\xA1cusejnotAllowedpcawg.ai_training\xA1cusegallowed")))), "bbbb"},
		"nested":            {store(cawg(data("cbor", []byte(strings.Repeat("\x81", 1000)+"\x00")))), "bbbb"},
		"huge array":        {store(cawg(data("cbor", []byte("\x9B\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF")))), "bbbb"},
		"compressed":        {super("c2pa", super("urn:c2pa:1", data("brob", []byte("x")))), "bbbb"},
		"deep":              {deep, "bbbb"},
		"cut off":           {store(cawg(yes))[:100], "bbbb"},
		"trailing":          {append(store(cawg(yes)), 0, 0), "bbbb"},
		"length 7":          {[]byte("\x00\x00\x00\x07jumb"), "bbbb"},
		"length to end":     {append([]byte("\x00\x00\x00\x00"), store(cawg(no))[4:]...), "d---"},
		"length of 64 bits": {wide("jumb", store(cawg(no))[8:]), "d---"},
		"64 bits too long":  {[]byte("\x00\x00\x00\x01jumb\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"), "bbbb"},
		"no description":    {data("jumb", data("cbor", nil)), "bbbb"},
		"label without end": {data("jumb", data("jumd", append(make([]byte, 16), 3, 'c'))), "bbbb"},
		"many boxes":        {super("c2pa", []byte(strings.Repeat("\x00\x00\x00\x08free", maxBoxes))), "bbbb"},
		"not C2PA":          {super("another"), "----"},
		"empty":             {nil, "bbbb"},
	} {
		got := Read(c.store, "here")
		if v := verdicts(got); v != c.want {
			t.Errorf("%s: %s; want %s: %v", name, v, c.want, got)
		}
	}
	got := Read(store(cawg(all)), "here")
	if got[1].Raw != "cawg.ai_inference: constrained" || !strings.HasSuffix(got[1].Note, "ask us") ||
		got[1].Where != "here manifest urn:c2pa:1 cawg.training-mining" {
		t.Errorf("%+v", got[1])
	}
}

func FuzzRead(f *testing.F) {
	f.Add(store(super("cawg.training-mining", say("cawg.", "ai_training", "allowed"))))
	f.Add(super("c2pa", super("a", super("c2pa.assertions", super("c2pa.training-mining", data("json", []byte(`{"entries":{}}`)))))))
	f.Add([]byte("\x00\x00\x00\x01jumb\x00\x00\x00\x00\x00\x00\x00\x10"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, s := range Read(b, "") {
			if s.Value == signal.Allow && (s.Defect != "" || !strings.HasSuffix(s.Raw, ": allowed")) {
				t.Errorf("%v", s)
			}
		}
	})
}
