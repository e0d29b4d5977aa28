package frozen

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

type object = map[string]any

// croissant describes the set for tools (Croissant 1.1, MLCommons): its files
// with their digests, and its pictures as records of the index.
func (f *freezer) croissant(m Manifest, day time.Time) error {
	files := []any{
		object{
			"@type": "cr:FileObject", "@id": "index", "name": "index", "description": "A row for each picture.",
			"contentUrl": m.Index.Path, "contentSize": fmt.Sprintf("%d B", m.Index.Bytes),
			"encodingFormat": "application/vnd.apache.parquet", "sha256": bare(m.Index),
		},
		object{
			"@type": "cr:FileObject", "@id": "attribution", "name": "attribution", "description": "Who must be named.",
			"contentUrl": m.Attribution.Path, "contentSize": fmt.Sprintf("%d B", m.Attribution.Bytes),
			"encodingFormat": "text/markdown", "sha256": bare(m.Attribution),
		},
	}
	containers := []any{}
	for _, s := range m.Shards {
		id := path.Base(s.Path)
		files = append(files, object{
			"@type": "cr:FileObject", "@id": id, "name": id, "description": "Pictures with captions and records, as WebDataset lays them out.",
			"contentUrl": s.Path, "contentSize": fmt.Sprintf("%d B", s.Bytes), "encodingFormat": "application/x-tar", "sha256": bare(s),
		})
		containers = append(containers, object{"@id": id})
	}
	files = append(files, object{
		"@type": "cr:FileSet", "@id": "pictures", "name": "pictures", "containedIn": containers,
		"encodingFormat": "image/png", "includes": "*.png",
	})
	var fields []any
	for _, c := range []struct{ name, what string }{
		{"key", "Key of the sample in its shard."}, {"shard", "Path of the shard."}, {"split", "train or test; no concept is in both."},
		{"picture", "SHA-256 of the prepared PNG."}, {"content", "SHA-256 of the file as it came from its source."},
		{"source", "Identifier of the source."}, {"path", "Path within the source."}, {"licence", "SPDX expression by which the picture was let in."},
		{"holders", "Those to be named."}, {"title", "Title."}, {"creator", "Creator."}, {"concept", "What it shows, coarsely."},
		{"style", "How it is drawn."}, {"caption", "Words for what it shows."}, {"lang", "Language of the caption (BCP 47)."}, {"keywords", "Keywords."},
	} {
		fields = append(fields, object{
			"@type": "cr:Field", "@id": "pictures-table/" + c.name, "name": c.name, "description": c.what, "dataType": "sc:Text",
			"source": object{"fileObject": object{"@id": "index"}, "extract": object{"column": c.name}},
		})
	}
	doc := object{
		"@context": croissantContext, "@type": "sc:Dataset", "conformsTo": "http://mlcommons.org/croissant/1.1",
		"name": m.Name, "version": "1.0.0", "datePublished": day.Format(time.DateOnly),
		"description": fmt.Sprintf("%d pictures of side %d with captions (%d to train on, %d held out by concept), each let in by a recorded decision. Merkle root %s over %d digests.",
			m.Pictures, m.Side, m.Splits[splitTrain], m.Splits[splitTest], m.Root.Root, m.Root.Size),
		"url":           cmp.Or(f.in.URL, "urn:sha256:"+strings.TrimPrefix(m.Root.Root.String(), "sha256:")),
		"identifier":    m.Root.Root.String(),
		"creator":       object{"@type": "sc:Organization", "name": cmp.Or(f.in.Publisher, "the operator of this Limner")},
		"citeAs":        fmt.Sprintf("%s: data set %s, %s, %s", cmp.Or(f.in.Publisher, "Limner"), m.Name, day.Format(time.DateOnly), m.Root),
		"license":       licenceAddresses(m.Licences),
		"keywords":      slices.Sorted(maps.Keys(m.Styles)),
		"isLiveDataset": false,
		"distribution":  files,
		"recordSet":     []any{object{"@type": "cr:RecordSet", "@id": "pictures-table", "name": "pictures-table", "key": object{"@id": "pictures-table/key"}, "field": fields}},
	}
	text, err := encode(doc)
	if err != nil {
		return err
	}
	return put(filepath.Join(f.dir, CroissantFile), text)
}

func bare(f File) string { return strings.TrimPrefix(f.SHA256.String(), "sha256:") }

// licenceAddresses gives each licence its page in the SPDX list, or the
// expression as it stands.
func licenceAddresses(c Counts) []string {
	var out []string
	for _, id := range slices.Sorted(maps.Keys(c)) {
		if id != "" && !strings.ContainsAny(id, " ()") && !strings.HasPrefix(id, "LicenseRef-") {
			id = "https://spdx.org/licenses/" + id + ".html"
		}
		out = append(out, cmp.Or(id, "unstated"))
	}
	return out
}

// croissantContext is the JSON-LD context of Croissant 1.1, as the
// specification lists its terms.
var croissantContext = object{
	"@language": "en", "@vocab": "https://schema.org/", "sc": "https://schema.org/", "cr": "http://mlcommons.org/croissant/",
	"rai": "http://mlcommons.org/croissant/RAI/", "dct": "http://purl.org/dc/terms/", "prov": "http://www.w3.org/ns/prov#",
	"citeAs": "cr:citeAs", "column": "cr:column", "conformsTo": "dct:conformsTo",
	"data": object{"@id": "cr:data", "@type": "@json"}, "dataType": object{"@id": "cr:dataType", "@type": "@vocab"},
	"examples": object{"@id": "cr:examples", "@type": "@json"},
	"extract":  "cr:extract", "field": "cr:field", "fileProperty": "cr:fileProperty", "fileObject": "cr:fileObject", "fileSet": "cr:fileSet",
	"format": "cr:format", "includes": "cr:includes", "isLiveDataset": "cr:isLiveDataset", "jsonPath": "cr:jsonPath", "key": "cr:key",
	"md5": "cr:md5", "parentField": "cr:parentField", "path": "cr:path", "recordSet": "cr:recordSet", "references": "cr:references",
	"regex": "cr:regex", "repeated": "cr:repeated", "replace": "cr:replace", "samplingRate": "cr:samplingRate", "separator": "cr:separator",
	"source": "cr:source", "subField": "cr:subField", "transform": "cr:transform", "equivalentProperty": "cr:equivalentProperty",
	"value": "cr:value", "isArray": "cr:isArray", "arrayShape": "cr:arrayShape", "containedIn": "cr:containedIn",
}
