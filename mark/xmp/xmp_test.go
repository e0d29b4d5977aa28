package xmp

import (
	"strings"
	"testing"
)

func props() Properties {
	return Properties{SourceType: "http://example.org/type", CreatorTool: "Limner 1", Description: "a <cat> & é \"dog\"",
		Model: "emoji", Digest: "sha256:00", SetRoot: "sha256:11/7", Rights: "recorded", ID: "0123456789abcdef", Watermark: "01234567"}
}

func merged(t *testing.T, packet string, p Properties) string {
	t.Helper()
	var old []byte
	if packet != "" {
		old = []byte(packet)
	}
	out, err := merge(old, p)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestRoundTrip(t *testing.T) {
	for _, p := range []Properties{props(), {}, {Description: "\x00 control \n and line ]]>"}} {
		got, err := parse([]byte(merged(t, "", p)))
		p.Description = strings.TrimSpace(strings.ReplaceAll(p.Description, "\x00", "\uFFFD"))
		if err != nil || got != p {
			t.Errorf("%+v: %+v %v", p, got, err)
		}
	}
}

// foreign is a packet as others write them: attributes, other prefixes,
// several descriptions, padding.
const foreign = `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Somebody">
 <r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <r:Description r:about="uuid:7" xmlns:x2="http://ns.adobe.com/xap/1.0/" xmlns:ph="http://ns.adobe.com/photoshop/1.0/"
     x2:CreatorTool="Old &amp; tool" ph:City="Graz &lt;AT&gt;" x2:Rating="5">
   <ph:Headline>Kept as it is</ph:Headline>
  </r:Description>
  <r:Description r:about="uuid:7" xmlns:ie="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:d="http://purl.org/dc/elements/1.1/">
   <ie:DigitalSourceType>http://example.org/old</ie:DigitalSourceType>
   <d:creator><r:Seq><r:li>Ann Artist</r:li></r:Seq></d:creator>
  </r:Description>
 </r:RDF>
</x:xmpmeta>
                                
<?xpacket end="w"?>` + "\x00\x00"

func TestAForeignPacketIsMerged(t *testing.T) {
	p := props()
	out := merged(t, foreign, p)
	got, err := parse([]byte(out))
	if err != nil || got != p {
		t.Errorf("%+v %v", got, err)
	}
	for _, kept := range []string{"<ph:Headline>Kept as it is</ph:Headline>", `ph:City="Graz &lt;AT&gt;"`, `x2:Rating="5"`, "Ann Artist", `x:xmptk="Somebody"`, `rdf:about="uuid:7"`} {
		if !strings.Contains(out, kept) {
			t.Errorf("lost: %s", kept)
		}
	}
	for _, gone := range []string{"Old &amp; tool", "http://example.org/old"} {
		if strings.Contains(out, gone) {
			t.Errorf("still there: %s", gone)
		}
	}
	// Once more changes what was put in, and adds nothing.
	p.Model = "another"
	again := merged(t, out, p)
	got, err = parse([]byte(again))
	p.Description = props().Description
	if err != nil || got != p || strings.Count(again, "limner:Model>") != 2 {
		t.Errorf("%+v %v\n%s", got, err, again)
	}
}

// A description that somebody gave stays, and so does what is not to be written.
func TestWhatIsKept(t *testing.T) {
	out := merged(t, merged(t, "", Properties{Description: "theirs", CreatorTool: "their tool"}), Properties{Description: "ours", Model: "m"})
	got, err := parse([]byte(out))
	if err != nil || got.Description != "theirs" || got.CreatorTool != "their tool" || got.Model != "m" {
		t.Errorf("%+v %v", got, err)
	}
}

// Of a description in several languages, the default counts.
func TestLanguages(t *testing.T) {
	packet := strings.Replace(merged(t, "", Properties{Description: "default"}), "</rdf:li>", `</rdf:li><rdf:li xml:lang="de">deutsch</rdf:li>`, 1)
	if got, err := parse([]byte(packet)); err != nil || got.Description != "default" {
		t.Errorf("%+v %v", got, err)
	}
}

func TestPacketsThatCannotBeRead(t *testing.T) {
	for name, packet := range map[string]string{
		"empty":   "",
		"no XML":  "hello",
		"no RDF":  `<x:xmpmeta xmlns:x="adobe:ns:meta/"></x:xmpmeta>`,
		"closed":  `<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>`,
		"cut":     foreign[:len(foreign)/2],
		"crossed": `<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:Description></r:RDF></r:Description>`,
		"entity":  `<!DOCTYPE x [<!ENTITY a "b">]><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">&a;</r:RDF>`,
		"deep":    strings.Repeat("<a>", 100),
	} {
		if out, err := merge([]byte(packet), props()); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

func FuzzMerge(f *testing.F) {
	whole, err := merge(nil, props())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(whole))
	f.Add(foreign)
	f.Fuzz(func(t *testing.T, packet string) {
		p := props()
		if _, err := parse([]byte(packet)); err != nil {
			return
		}
		out, err := merge([]byte(packet), p)
		if err != nil {
			t.Fatalf("read, and not merged: %v", err)
		}
		got, err := parse(out)
		if err != nil {
			t.Fatalf("merged, and not read: %v\n%s", err, out)
		}
		// A description that was there, even an empty one, stays.
		if p.Description = got.Description; got != p {
			t.Errorf("%+v\n%s", got, out)
		}
	})
}
