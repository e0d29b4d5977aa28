package embedded

import (
	"reflect"
	"strings"
	"testing"
)

const doc = `<?xml version="1.0" encoding="ISO-8859-1"?>
<svg:svg xmlns:svg="http://www.w3.org/2000/svg" xmlns:x="&ns;"><svg:title>Own title</svg:title>
<svg:metadata><r:RDF xmlns:c="http://web.resource.org/cc/" xmlns:d="http://purl.org/dc/elements/1.1/" xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<c:Work r:about=""><d:title> Two
 pears </d:title><d:description>Green pears</d:description>
<d:subject><r:Bag><r:li>pear</r:li><r:li>fruit</r:li><r:li>pear</r:li><r:li> </r:li></r:Bag></d:subject>
<d:publisher><c:Agent><d:title>Press</d:title></c:Agent></d:publisher>
<d:creator><c:Agent><d:title>J` + "\xe9" + `r&ocirc;me</d:title></c:Agent></d:creator>
<d:rights><c:Agent><d:title>Pear Trust</d:title></c:Agent></d:rights><d:language>fr</d:language></c:Work></r:RDF></svg:metadata>
<svg:g><svg:title>a part</svg:title></svg:g></svg:svg>`

func TestSVG(t *testing.T) {
	want := Words{Title: "Two pears", Creator: "Jér&ocirc;me", Description: "Green pears", Language: "fr",
		Keywords: []string{"pear", "fruit"}, Holders: []string{"Pear Trust"}}
	if got := SVG([]byte(doc)); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
	if got := SVG([]byte(`<svg xmlns="http://www.w3.org/2000/svg"><title>Own</title><g><title>part</title></g></svg>`)); got.Title != "Own" {
		t.Errorf("%+v", got)
	}
	if got := SVG([]byte(strings.Replace(doc, "</d:description>", "", 1))); got.Title != "Two pears" {
		t.Errorf("of a broken document: %+v", got)
	}
	if got := SVG([]byte(strings.Repeat("<a>", 100_000))); !reflect.DeepEqual(got, Words{}) {
		t.Errorf("%+v", got)
	}
}

func FuzzSVG(f *testing.F) {
	f.Add([]byte(doc))
	f.Fuzz(func(t *testing.T, doc []byte) {
		w := SVG(doc)
		if len(w.Title) > maxText || len(w.Keywords) > maxWords {
			t.Fatalf("%+v", w)
		}
	})
}
