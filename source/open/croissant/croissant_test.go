package croissant

import (
	"reflect"
	"strings"
	"testing"
)

// described is written with the vocabularies' addresses and as a graph, as
// other tools write JSON-LD.
const described = `{"@context":{},"@graph":[{"@type":"Person"},{
	"@id":"urn:x", "@type":["https://schema.org/Dataset"],
	"http://purl.org/dc/terms/conformsTo":[{"@id":"https://mlcommons.org/croissant/1.1"},{"@id":"https://x.test/other"}],
	"https://schema.org/name":{"@value":"Set","@language":"en"}, "sc:description":"words", "https://schema.org/url":{"@id":"https://x.test"},
	"http://schema.org/license":[{"@type":"CreativeWork","url":"https://x.test/licence","name":"Ours"},"CC-BY-4.0"],
	"creator":{"@type":"Person","url":"https://x.test/ann","name":"Ann"}, "publisher":"Bo", "version":1.5, "cr:isLiveDataset":true, "usageInfo":"only on Sundays",
	"distribution":[
		{"@type":"cr:FileObject","name":"old.zip","contentUrl":"old.zip","contentSize":"12 B","cr:sha256":"` + "ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB" + `","encodingFormat":["application/zip"]},
		{"@type":"http://mlcommons.org/croissant/FileSet","@id":"set","containedIn":[{"@id":"old.zip"}],"cr:includes":["*.png","*.jpg"],"excludes":"x*"}],
	"recordSet":{"@type":"cr:RecordSet","@id":"r","name":"R","field":[
		{"@id":"r/image","name":"r/image","dataType":["sc:ImageObject"],"source":{"cr:fileSet":{"@id":"set"},"extract":{"fileProperty":"content"}}},
		{"@id":"r/label","dataType":"cr:Label","references":{"field":{"@id":"l/name"}},"source":{"fileObject":{"@id":"t"},"extract":{"column":"c"},"transform":[{"regex":"^(a)"},{"regex":"(b)$"},{"separator":","}]}},
		{"@id":"r/path","source":{"fileObject":{"@id":"j"},"extract":{"jsonPath":"$.p"},"transform":{"regex":"("}}}]}
}]}`

func TestParse(t *testing.T) {
	d, err := Parse([]byte("\ufeff" + described))
	if err != nil {
		t.Fatal(err)
	}
	fields := d.RecordSets[0].Fields
	var expressions []string
	for _, re := range fields[1].Source.Regex {
		expressions = append(expressions, re.String())
	}
	if want := []string{"^(a)", "(b)$"}; !reflect.DeepEqual(expressions, want) {
		t.Errorf("expressions %q", expressions)
	}
	fields[1].Source.Regex = nil
	want := &Dataset{
		ConformsTo: []string{"https://mlcommons.org/croissant/1.1", "https://x.test/other"}, Name: "Set", URL: "https://x.test",
		Version: "1.5", Live: true, Creators: []string{"Ann"}, Licences: []string{"https://x.test/licence", "CC-BY-4.0"}, Usage: []string{"only on Sundays"},
		Files: []Resource{
			{ID: "old.zip", Name: "old.zip", URL: "old.zip", Size: 12, SHA256: strings.Repeat("ab", 32), Format: []string{"application/zip"}},
			{ID: "set", Set: true, Size: -1, ContainedIn: []string{"old.zip"}, Includes: []string{"*.png", "*.jpg"}, Excludes: []string{"x*"}},
		},
		RecordSets: []RecordSet{{ID: "r", Fields: []Field{
			{ID: "r/image", Name: "image", Types: []string{"ImageObject"}, Source: Source{From: "set", Property: "content"}},
			{ID: "r/label", Name: "label", Types: []string{"Label"}, References: "l/name", Source: Source{From: "t", Column: "c"}},
			{ID: "r/path", Name: "path", Source: Source{From: "j", JSONPath: "$.p", Unreadable: "regex ("}},
		}}},
	}
	if !reflect.DeepEqual(d, want) {
		t.Errorf("got  %+v\nwant %+v", d, want)
	}
}

func TestRefused(t *testing.T) {
	with := func(distribution string) string {
		return `{"@type":"Dataset","name":"x","conformsTo":"http://mlcommons.org/croissant/1.0","distribution":[` + distribution + `]}`
	}
	for name, c := range map[string]struct{ text, want string }{
		"nested":        {strings.Repeat("[", 5_000_000), "nested too deeply"},
		"nested within": {`{"@type":"Dataset","x":` + strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 101), "nested too deeply"},
		"encoding":      {"{\"@type\":\"\xff\"}", "UTF-8"},
		"cut":           {described[:200], "no JSON"},
		"no name":       {`{"@type":"Dataset","conformsTo":"http://mlcommons.org/croissant/1.0"}`, "name"},
		"version":       {`{"@type":"Dataset","name":"x","conformsTo":"http://mlcommons.org/croissant/1.10"}`, "conformsTo"},
		"twice":         {with(`{"@type":"FileObject","@id":"a"},{"@type":"FileSet","@id":"a"}`), "twice"},
		"nowhere":       {with(`{"@type":"FileSet","@id":"a","containedIn":{"@id":"b"}}`), `contained in "b"`},
		"digest":        {with(`{"@type":"FileObject","@id":"a","sha256":"abc"}`), "sha256"},
		"size":          {with(`{"@type":"FileObject","@id":"a","contentSize":"-5"}`), "contentSize"},
		"no identifier": {with(`{"@type":"FileObject"}`), "neither @id nor name"},
		"no type":       {with(`{"@id":"a"}`), "neither a FileObject"},
		"data source":   {with(`{"@type":"FileSet","@id":"a","containedIn":{"@type":"cr:DataSource"}}`), "DataSource"},
	} {
		if _, err := Parse([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestNestingInTexts(t *testing.T) {
	text := `{"@type":"Dataset","name":"` + strings.Repeat(`[{\"`, 200) + `","conformsTo":"http://mlcommons.org/croissant/1.0"}`
	if _, err := Parse([]byte(text)); err != nil {
		t.Errorf("brackets in a text are no nesting: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(described))
	f.Add([]byte(`{"@type":"Dataset","name":"x","conformsTo":"http://mlcommons.org/croissant/1.0","distribution":{"@type":"cr:FileObject","@id":"a"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := Parse(text)
		if err != nil {
			return
		}
		ids := map[string]bool{}
		for _, r := range d.Files {
			if r.ID == "" || ids[r.ID] {
				t.Errorf("the identifier %q is empty or stands twice", r.ID)
			}
			ids[r.ID] = true
		}
		for _, r := range d.Files {
			for _, in := range r.ContainedIn {
				if !ids[in] {
					t.Errorf("%q is contained in %q, which is not there", r.ID, in)
				}
			}
		}
	})
}
