package xmp

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/limner-ai/limner/rights/signal"
)

// rdf wraps properties in a packet that declares the namespaces.
func rdf(attrs, body string) []byte {
	return fmt.Appendf(nil, `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/" xmlns:cc="http://creativecommons.org/ns#" xmlns:schema="https://schema.org/"
 xmlns:ext="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:tdm="http://www.w3.org/ns/tdmrep/" %s>%s</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>`, attrs, body)
}

func verdicts(signals []signal.Signal) string {
	var out []byte
	for _, u := range []signal.Usage{signal.TrainGenerative, signal.TrainOther, signal.Mine, signal.Search} {
		v := signal.Combine(signals, u)
		c := map[signal.Value]byte{signal.Allow: 'a', signal.Deny: 'd', signal.Unknown: '-'}[v.Value]
		if v.Value == signal.Unknown && len(v.Reasons) > 0 && v.Reasons[0].Defect != "" {
			c = 'b'
		}
		out = append(out, c)
	}
	return string(out)
}

func TestDataMining(t *testing.T) {
	const vocab = "http://ns.useplus.org/ldf/vocab/"
	for text, want := range map[string]string{
		"DMI-UNSPECIFIED":                           "----",
		"DMI-ALLOWED":                               "aaaa",
		"DMI-PROHIBITED":                            "dddd",
		"DMI-PROHIBITED-AIMLTRAINING":               "dd--",
		"DMI-PROHIBITED-GENAIMLTRAINING":            "d---",
		"DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING": "ddd-",
		"DMI-PROHIBITED-SEECONSTRAINT":              "dddd",
		"DMI-PROHIBITED-SEEEMBEDDEDRIGHTSEXPR":      "dddd",
		"DMI-PROHIBITED-SEELINKEDRIGHTSEXPR":        "dddd",
		"DMI-PROHIBITED-SOMETHINGNEW":               "dddd",
		"Prohibited for AI/ML training":             "dddd",
		"DMI-ALLOWED-SOMETIMES":                     "bbbb",
		"":                                          "bbbb",
	} {
		forms := map[string][]byte{
			"attribute": rdf(`plus:DataMining="`+vocab+text+`"`, ""),
			"element":   rdf("", "<plus:DataMining> "+text+"\n</plus:DataMining>"),
			"resource":  rdf("", `<plus:DataMining rdf:resource="`+vocab+strings.ToLower(text)+`"/>`),
			"item":      rdf("", `<plus:DataMining><rdf:Bag><rdf:li>`+text+`</rdf:li></rdf:Bag></plus:DataMining>`),
			"value":     rdf("", `<plus:DataMining><rdf:Description><rdf:value>`+text+`</rdf:value></rdf:Description></plus:DataMining>`),
			"qualified": rdf("", `<plus:DataMining><rdf:Description rdf:value="`+vocab+text+`"/></plus:DataMining>`),
		}
		for form, packet := range forms {
			signals, _ := Read(packet, "here")
			if got := verdicts(signals); got != want {
				t.Errorf("%s as %s: %s; want %s: %v", text, form, got, want, signals)
			}
		}
	}
	both, _ := Read(rdf(`plus:DataMining="DMI-ALLOWED"`, `<plus:DataMining>DMI-PROHIBITED</plus:DataMining>`), "")
	if got := verdicts(both); got != "dddd" {
		t.Error(got)
	}
}

func TestWrongNamespace(t *testing.T) {
	for text, want := range map[string]string{"DMI-ALLOWED": "----", "DMI-PROHIBITED": "dddd"} {
		for name, packet := range map[string]string{
			"undeclared": `<rdf:RDF xmlns:rdf="` + nsRDF + `"><rdf:Description plus:DataMining="` + text + `"/></rdf:RDF>`,
			"old":        `<rdf:RDF xmlns:rdf="` + nsRDF + `"><rdf:Description xmlns:p="http://ns.useplus.org/LDF/1.0/" p:DataMining="` + text + `"/></rdf:RDF>`,
		} {
			signals, _ := Read([]byte(packet), "")
			if got := verdicts(signals); got != want {
				t.Errorf("%s %s: %s; want %s", name, text, got, want)
			}
		}
	}
	signals, _ := Read([]byte(`<rdf:RDF xmlns:rdf="`+nsRDF+`"><rdf:Description xmlns:p="urn:other" p:DataMining="DMI-ALLOWED"/></rdf:RDF>`), "")
	if len(signals) != 0 {
		t.Errorf("%v", signals)
	}
}

func TestStatements(t *testing.T) {
	signals, said := Read(rdf(`xmpRights:Marked="True" xmpRights:WebStatement="https://example.com/terms" plus:DataMining="DMI-PROHIBITED-SEECONSTRAINT"`,
		`<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">© A</rdf:li><rdf:li xml:lang="de">© B</rdf:li></rdf:Alt></dc:rights>
		<cc:license rdf:resource="https://creativecommons.org/licenses/by/4.0/"/>
		<xmpRights:UsageTerms><rdf:Alt><rdf:li>Ask &lt;me&gt;</rdf:li></rdf:Alt></xmpRights:UsageTerms>
		<schema:acquireLicensePage>https://example.com/buy</schema:acquireLicensePage><schema:name>no</schema:name>
		<ext:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia</ext:DigitalSourceType>`), "here")
	var got []string
	for _, s := range said {
		got = append(got, strings.Join([]string{s.Property, s.Value, s.Lang}, " "))
	}
	want := `xmpRights:Marked True 
xmpRights:WebStatement https://example.com/terms 
dc:rights © A x-default
dc:rights © B de
cc:license https://creativecommons.org/licenses/by/4.0/ 
xmpRights:UsageTerms Ask <me> 
schema:acquireLicensePage https://example.com/buy 
Iptc4xmpExt:DigitalSourceType http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia `
	if s := strings.Join(got, "\n"); s != want {
		t.Errorf("%s\nwant\n%s", s, want)
	}
	if len(signals) != 1 || signals[0].Policy != "https://example.com/terms" || signals[0].Where != "here DataMining" {
		t.Errorf("%v", signals)
	}
	// A licence is no permission to train.
	if v := signal.Combine(signals, signal.TrainGenerative); v.Value != signal.Deny {
		t.Errorf("%v", v)
	}
}

// An SVG as Inkscape writes it, with the namespace of Creative Commons of
// before 2008, and one as Illustrator does, with entities.
func TestSVG(t *testing.T) {
	for name, doc := range map[string]string{
		"Inkscape": `<svg xmlns="http://www.w3.org/2000/svg" xmlns:cc="http://web.resource.org/cc/" xmlns:rdf="` + nsRDF + `" xmlns:dc="http://purl.org/dc/elements/1.1/">
			<metadata><rdf:RDF><cc:Work rdf:about=""><dc:rights><cc:Agent><dc:title>public domain</dc:title></cc:Agent></dc:rights>
			<cc:license rdf:resource="http://web.resource.org/cc/PublicDomain"/></cc:Work></rdf:RDF></metadata><text>DataMining</text></svg>`,
		"Illustrator": `<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd" [
			<!ENTITY ns_cc "http://web.resource.org/cc/"> <!ENTITY ns_pd "public domain"> ]>
			<svg xmlns:cc="&ns_cc;" xmlns:rdf="` + nsRDF + `"><metadata><rdf:RDF><cc:Work xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:rights>&ns_pd;</dc:rights>
			<cc:license rdf:resource="&ns_cc;PublicDomain"/></cc:Work></rdf:RDF></metadata></svg>`,
	} {
		signals, said := Read([]byte(doc), "")
		if len(signals) != 0 || len(said) != 2 || said[0].Value != "public domain" || said[1].Value != "http://web.resource.org/cc/PublicDomain" {
			t.Errorf("%s: %v, %v", name, signals, said)
		}
	}
}

func TestMalformed(t *testing.T) {
	ok := string(rdf(`plus:DataMining="DMI-ALLOWED"`, ""))
	denied := string(rdf(`plus:DataMining="DMI-PROHIBITED"`, ""))
	var bomb strings.Builder
	bomb.WriteString(`<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"> <!ENTITY b "&a;&a;&a;"> <!ENTITY c SYSTEM "file:///etc/passwd">]>`)
	for name, c := range map[string][2]string{
		"empty":           {"", "bbbb"},
		"no RDF":          {"<x/>", "bbbb"},
		"cut off":         {ok[:len(ok)-60], "bbbb"},
		"cut off, denied": {denied[:len(denied)-60], "dddd"},
		"bad XML":         {strings.Replace(ok, "</rdf:Description>", "</x>", 1), "bbbb"},
		"recursive":       {bomb.String() + strings.Replace(ok, "DMI-ALLOWED", "&b;", 1), "bbbb"},
		"external":        {bomb.String() + strings.Replace(ok, "DMI-ALLOWED", "&c;", 1), "bbbb"},
		"many references": {`<!DOCTYPE x [<!ENTITY a "DMI-ALLOWED">]>` + strings.Replace(ok, "DMI-ALLOWED", "&a;", 1) + "<y>" + strings.Repeat("&a;", maxExpanded/maxEntity) + "</y>", "bbbb"},
		"deep":            {strings.Replace(ok, "</rdf:Description>", strings.Repeat("<a>", maxDepth), 1), "bbbb"},
		"long value":      {string(rdf("", "<plus:DataMining>DMI-ALLOWED"+strings.Repeat(" ", maxText)+"</plus:DataMining>")), "bbbb"},
		"many values":     {string(rdf("", strings.Repeat("<plus:DataMining>DMI-ALLOWED</plus:DataMining>", maxValues+1))), "bbbb"},
		"long":            {ok + strings.Repeat(" ", MaxSize), "bbbb"},
		"padded":          {ok + strings.Repeat("\x00", 100), "aaaa"},
		"encoding":        {`<?xml version="1.0" encoding="klingon"?>` + ok, "bbbb"},
		"latin1":          {`<?xml version="1.0" encoding="ISO-8859-1"?><!-- ` + "\xE9" + ` -->` + ok, "aaaa"},
		"outside RDF":     {`<x xmlns:plus="` + nsPLUS + `" plus:DataMining="DMI-ALLOWED"/>`, "bbbb"},
		"tdm":             {string(rdf(`tdm:reservation="1"`, "")), "ddd-"},
		"tdm 0":           {string(rdf(`tdm:reservation="0"`, "")), "----"},
	} {
		signals, _ := Read([]byte(c[0]), "")
		if got := verdicts(signals); got != c[1] {
			t.Errorf("%s: %s; want %s: %.300v", name, got, c[1], signals)
		}
	}
	for _, big := range []bool{false, true} {
		var b []byte
		for _, c := range utf16.Encode([]rune("\uFEFF" + denied)) {
			if big {
				b = append(b, byte(c>>8), byte(c))
			} else {
				b = append(b, byte(c), byte(c>>8))
			}
		}
		signals, _ := Read(b, "")
		if got := verdicts(signals); got != "dddd" {
			t.Errorf("UTF-16: %s: %v", got, signals)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(rdf(`plus:DataMining="DMI-ALLOWED"`, `<dc:rights><rdf:Alt><rdf:li xml:lang="x">a</rdf:li></rdf:Alt></dc:rights>`))
	f.Add(rdf("", `<plus:DataMining rdf:resource="DMI-PROHIBITED"/><cc:license rdf:resource="x"/>`))
	f.Add([]byte("<!DOCTYPE x [<!ENTITY a 'b'>]><rdf:RDF>&a;"))
	f.Fuzz(func(t *testing.T, packet []byte) {
		signals, _ := Read(packet, "")
		for _, s := range signals {
			if s.Value == signal.Allow && (s.Defect != "" || !strings.HasSuffix(strings.ToUpper(s.Raw), "DMI-ALLOWED")) {
				t.Errorf("%v", s)
			}
		}
	})
}
