package open

import (
	"fmt"
	"strings"
	"testing"

	"github.com/limner-ai/limner/source"
)

// minimal describes a zip of pictures.
const minimal = `{
	"@context": {"@vocab": "https://schema.org/", "cr": "http://mlcommons.org/croissant/"},
	"@type": "sc:Dataset", "conformsTo": "http://mlcommons.org/croissant/1.1",
	"name": "Ten", "url": "https://x.test/ten", "license": "https://creativecommons.org/licenses/by/4.0/", "sdLicense": "https://x.test/only-the-description",
	"creator": [{"@type": "Person", "@id": "https://x.test/ann", "name": "Ann"}, {"@type": "Organization", "name": "The Museum"}],
	"datePublished": "2024-05-06T07:08:09Z", "version": "2.0.1",
	"distribution": [
		{"@type": "cr:FileObject", "@id": "zip", "contentUrl": "https://x.test/files/d.zip?download=1", "encodingFormat": "application/zip"},
		{"@type": "cr:FileSet", "@id": "pictures", "containedIn": {"@id": "zip"}, "includes": "*.png", "encodingFormat": "image/png"}
	]
}`

func describe(distribution, records string) []byte {
	return []byte(fmt.Sprintf(`{"@type":"Dataset","conformsTo":["http://mlcommons.org/croissant/1.0"],"name":"x","license":"CC0-1.0","distribution":[%s],"recordSet":[%s]}`, distribution, records))
}

func TestDescribedAbout(t *testing.T) {
	dir := lay(t, file{"c.json", []byte(minimal)}, file{"d.zip", zipOf(t, file{"a.png", picture(t, 1)})})
	a, err := begin(t, dir, "format: croissant\npath: c.json\n").About(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if a.Name != "Ten" || a.Location != "https://x.test/ten" || a.Version != "2.0.1" || a.Maker != "Ann, The Museum" || a.Completed != "2024-05-06" {
		t.Errorf("%+v", a)
	}
	if len(a.Statements) != 1 || a.Statements[0].Written != "https://creativecommons.org/licenses/by/4.0/" || string(a.Statements[0].Evidence.Data) != minimal || a.Statements[0].Form != source.Expression {
		t.Errorf("statements %+v: the description's own licence is not the pictures'", a.Statements)
	}
}

func TestDescribed(t *testing.T) {
	pictures := zipOf(t, file{"in/train/cat_1.png", picture(t, 1)}, file{"in/test/dog_2.png", picture(t, 2)}, file{"in/mask.png", picture(t, 3)}, file{"in/readme.txt", []byte("x")})
	rows := make([]groupRow, 2)
	rows[0].Image.Bytes, rows[0].Captions = picture(t, 4), []string{"four"}
	rows[1].Image.Bytes = picture(t, 5)
	dir := lay(t, file{"d.zip", pictures}, file{"rows/train-0.parquet", parquetOf(t, rows)}, file{"rows/other.parquet", []byte("x")},
		file{"words.csv", []byte("image,words\ncat_1.png,a cat\ncat_1.png,one cat\n")}, file{"one/alone.png", picture(t, 6)}, file{"one/other.png", picture(t, 7)},
		file{"outer.zip", zipOf(t, file{"parts/1.zip", pictures}, file{"parts/2.zip", []byte("broken")})})
	const zipped = `{"@type":"cr:FileObject","@id":"zip","contentUrl":"d.zip"},
		{"@type":"cr:FileSet","@id":"set","containedIn":{"@id":"zip"},"includes":["in/*/*.png","in/m*.png"],"excludes":"in/mask.png"}`
	for name, c := range map[string]struct {
		distribution, records string
		items, refused        []string
	}{
		"names": {zipped, `{"@type":"cr:RecordSet","@id":"r","field":[
			{"@id":"r/image","dataType":"sc:ImageObject","source":{"fileSet":{"@id":"set"},"extract":{"fileProperty":"content"}}},
			{"@id":"r/caption","dataType":"sc:Text","source":{"fileSet":{"@id":"set"},"extract":{"fileProperty":"filename"},"transform":{"regex":"^([a-z]+)_"}}},
			{"@id":"r/tags","dataType":"sc:Text","source":{"fileSet":{"@id":"set"},"extract":{"fileProperty":"fullpath"},"transform":{"regex":"in/(train|test)/"}}}]}`,
			[]string{`d.zip/in/train/cat_1.png en:"cat" +train`, `d.zip/in/test/dog_2.png en:"dog" +test`}, nil},
		"joined": {zipped + `,{"@type":"cr:FileObject","@id":"csv","contentUrl":"words.csv","encodingFormat":"text/csv"}`,
			`{"@type":"cr:RecordSet","@id":"w","field":[
			{"@id":"w/file","dataType":"sc:Text","source":{"fileObject":{"@id":"csv"},"extract":{"column":"image"}}},
			{"@id":"w/caption","dataType":"sc:Text","source":{"fileObject":{"@id":"csv"},"extract":{"column":"words"}}}]},
			{"@type":"cr:RecordSet","@id":"r","field":[
			{"@id":"r/image","dataType":"sc:ImageObject","source":{"fileSet":{"@id":"set"},"extract":{"fileProperty":"content"}}},
			{"@id":"r/name","dataType":"sc:Text","source":{"fileSet":{"@id":"set"},"extract":{"fileProperty":"filename"}},"references":{"@id":"w/file"}}]}`,
			[]string{`d.zip/in/train/cat_1.png en:"a cat" en:"one cat"`, `d.zip/in/test/dog_2.png`}, nil},
		"table": {`{"@type":"cr:FileObject","@id":"repo","name":"repo","contentUrl":"https://x.test/x","encodingFormat":"git+https","sha256":"https://x.test/none"},
			{"@type":"cr:FileSet","@id":"p","containedIn":{"@id":"repo"},"encodingFormat":"application/x-parquet","includes":"rows/train-*.parquet"}`,
			`{"@type":"cr:RecordSet","@id":"r","field":[
			{"@id":"r/i","name":"r/i","dataType":"sc:ImageObject","source":{"fileSet":{"@id":"p"},"extract":{"column":"image"},"transform":{"jsonPath":"bytes"}}},
			{"@id":"r/t","name":"text","dataType":"sc:Text","source":{"fileSet":{"@id":"p"},"extract":{"column":"caption"}}}]}`,
			[]string{`rows/train-0.parquet/0.png en:"four"`, `rows/train-0.parquet/1.png`}, nil},
		"one file":      {`{"@type":"cr:FileObject","@id":"a","contentUrl":"one/alone.png","sha256":"` + sum(picture(t, 6)) + `"}`, "", []string{"one/alone.png"}, nil},
		"of an archive": {`{"@type":"cr:FileObject","@id":"zip","contentUrl":"d.zip"},{"@type":"cr:FileObject","@id":"a","contentUrl":"in/mask.png","containedIn":{"@id":"zip"}}`, "", []string{"d.zip/in/mask.png"}, nil},
		"no containers": {`{"@type":"cr:FileSet","@id":"s","includes":"one/*.png"}`, "", []string{"one/alone.png", "one/other.png"}, nil},
		"archives within": {`{"@type":"cr:FileObject","@id":"o","contentUrl":"outer.zip"},{"@type":"cr:FileSet","@id":"z","containedIn":{"@id":"o"},"includes":"parts/*.zip"},
			{"@type":"cr:FileSet","@id":"s","containedIn":{"@id":"z"},"includes":"in/mask.png"}`, "", []string{"outer.zip/parts/1.zip/in/mask.png"}, []string{"outer.zip/parts/2.zip: malformed"}},
		"other digest":            {`{"@type":"cr:FileObject","@id":"a","contentUrl":"one/alone.png","sha256":"` + sum(nil) + `"}`, "", nil, []string{"one/alone.png: discrepancy: the description says sha256"}},
		"other size":              {`{"@type":"cr:FileObject","@id":"a","contentUrl":"one/alone.png","contentSize":"10737418240 B"}`, "", nil, []string{"one/alone.png: discrepancy: the description says 10737418240 bytes"}},
		"rounded size":            {`{"@type":"cr:FileObject","@id":"a","contentUrl":"one/alone.png","contentSize":"10 GB"}`, "", []string{"one/alone.png"}, nil},
		"leads out":               {`{"@type":"cr:FileObject","@id":"a","contentUrl":"../../etc/passwd"}`, "", nil, []string{"a: unsafe"}},
		"leads out of an archive": {`{"@type":"cr:FileObject","@id":"zip","contentUrl":"d.zip"},{"@type":"cr:FileObject","@id":"a","contentUrl":"../x","containedIn":{"@id":"zip"}}`, "", nil, []string{"a: unsafe"}},
		"not there":               {`{"@type":"cr:FileObject","@id":"a","contentUrl":"https://x.test/big.zip"}`, "", nil, []string{"a: unreachable"}},
		"in itself":               {`{"@type":"cr:FileSet","@id":"a","containedIn":{"@id":"b"}},{"@type":"cr:FileSet","@id":"b","containedIn":{"@id":"a"}},{"@type":"cr:FileSet","@id":"c","containedIn":{"@id":"a"}}`, "", nil, []string{"a: malformed: it lies in itself"}},
	} {
		c2 := lay(t, file{"x.json", describe(c.distribution, c.records)})
		items, refused := take(t, begin(t, c2, "format: croissant\npath: x.json\nlanguage: en\ndata: "+dir+"\n"))
		same(t, name, items, c.items)
		if len(refused) != len(c.refused) {
			t.Errorf("%s: refused %q, want %q", name, refused, c.refused)
			continue
		}
		for i := range refused {
			if !strings.HasPrefix(refused[i], c.refused[i]) {
				t.Errorf("%s: refused %q, want %q", name, refused, c.refused)
			}
		}
	}
}

func TestUndescribed(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"no JSON":     {"{", "no JSON"},
		"no set":      {`{"@type":"Person"}`, "no schema.org Dataset"},
		"other":       {`{"@type":"Dataset","name":"x","conformsTo":"http://mlcommons.org/croissant/2.0"}`, "conformsTo"},
		"nothing":     {`{"@type":"Dataset","name":"x","license":"CC0-1.0","conformsTo":"http://mlcommons.org/croissant/1.0"}`, "describes no files"},
		"a table":     {string(describe(`{"@type":"cr:FileObject","@id":"c","contentUrl":"c.csv"}`, `{"@id":"r","field":{"@id":"r/i","dataType":"sc:ImageObject","source":{"fileObject":{"@id":"c"},"extract":{"column":"i"}}}}`)), "no Parquet file"},
		"bad pattern": {string(describe(`{"@type":"cr:FileSet","@id":"c"}`, `{"@id":"r","field":[{"@id":"r/i","dataType":"sc:ImageObject","source":{"fileSet":{"@id":"c"}}},{"@id":"r/t","source":{"fileSet":{"@id":"c"},"transform":{"regex":"("}}}]}`)), "regex"},
	} {
		dir := lay(t, file{"x.json", []byte(c.text)})
		_, err := Kind.Open(t.Context(), []byte("format: croissant\npath: x.json\n"), source.Env{Dir: dir})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
