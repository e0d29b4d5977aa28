package manifest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/archive"
)

// known lists, for each field, the names that columns and members have for it;
// letters' case does not matter.
var known = map[string][]string{
	"path":      {"path", "file", "filename", "file_name", "filepath"},
	"url":       {"url", "image_url", "media_url"},
	"sha256":    {"sha256", "sha-256", "sha256sum"},
	"size":      {"size", "bytes", "file_size"},
	"width":     {"width"},
	"height":    {"height"},
	"id":        {"id", "post_id", "asset_id"},
	"created":   {"created", "created_utc", "created_at", "date"},
	"community": {"community", "subreddit", "forum", "board"},
	"title":     {"title", "headline"},
	"creator":   {"creator", "author", "artist", "photographer"},
	"holder":    {"holder", "rights_holder", "copyright"},
	"licence":   {"licence", "license"},
	"lang":      {"lang", "language"},
	"caption":   {"caption", "alt", "alt_text", "description"},
	"text":      {"text", "selftext", "body"},
	"keywords":  {"keywords", "tags"},
	"media":     {"media", "pictures", "images"},
}

// Fields lists the names of the fields that a manifest may have.
func Fields() []string { return slices.Sorted(maps.Keys(known)) }

// CheckColumns tells what is wrong with the columns that a configuration names.
func CheckColumns(columns map[string]string) error {
	_, err := newNames(columns)
	return err
}

// names maps the columns of one manifest to fields.
type names struct {
	own   map[string]string // by column, as the configuration says
	taken map[string]bool   // fields that the configuration names a column for
}

func newNames(columns map[string]string) (*names, error) {
	n := &names{map[string]string{}, map[string]bool{}}
	for _, field := range slices.Sorted(maps.Keys(columns)) {
		if _, ok := known[field]; !ok {
			return nil, fmt.Errorf("columns: there is no field %q; the fields are %s", field, strings.Join(Fields(), ", "))
		}
		column := strings.ToLower(strings.TrimSpace(columns[field]))
		if other, ok := n.own[column]; ok {
			return nil, fmt.Errorf("columns: %s and %s are both read from %q", other, field, column)
		}
		n.own[column], n.taken[field] = field, true
	}
	return n, nil
}

// field gives the field that a column holds, "" for none.
func (n *names) field(column string) string {
	column = strings.ToLower(strings.TrimSpace(column))
	if field, ok := n.own[column]; ok {
		return field
	}
	if field := byAlias[column]; !n.taken[field] {
		return field
	}
	return ""
}

var byAlias = func() map[string]string {
	m := map[string]string{}
	for field, columns := range known {
		for _, c := range columns {
			m[c] = field
		}
	}
	return m
}()

// check holds that a table has what identifies files, each column once.
func (n *names) check(fields, header []string) error {
	seen := map[string]string{}
	for i, f := range fields {
		if other, ok := seen[f]; ok && f != "" {
			return fmt.Errorf("columns %q and %q both look like the %s; say under columns which it is", other, header[i], f)
		}
		seen[f] = header[i]
	}
	for column, field := range n.own {
		if _, ok := seen[field]; !ok {
			return fmt.Errorf("there is no column %q for the %s; the header has: %s", column, field, strings.Join(header, ", "))
		}
	}
	if _, ok := seen["path"]; ok {
		return nil
	}
	if _, ok := seen["sha256"]; ok {
		return nil
	}
	return fmt.Errorf("no column gives a path or a sha256; say under columns which one does; the header has: %s", strings.Join(header, ", "))
}

// builder fills an entry.
type builder struct {
	Entry
	path          string
	caption, body string
	text          bool // has what posts have
	err           error
}

func (b *builder) setJSON(field string, raw json.RawMessage) {
	var value any
	if json.Unmarshal(raw, &value) != nil {
		return
	}
	switch v := value.(type) {
	case string:
		b.set(field, strings.TrimSpace(v))
	case float64:
		b.set(field, string(raw))
	case []any:
		for _, item := range v {
			if s, ok := item.(string); ok && field == "keywords" {
				b.Keywords = append(b.Keywords, strings.TrimSpace(s))
			}
		}
	case map[string]any:
		for _, key := range []string{"name", "url", "@id"} { // as schema.org has persons and licences
			if s, ok := v[key].(string); ok {
				b.set(field, strings.TrimSpace(s))
				return
			}
		}
	}
}

func (b *builder) set(field, v string) {
	if v == "" {
		return
	}
	switch field {
	case "path":
		b.path = v
	case "url":
		b.URL = v
	case "sha256":
		var d digest.SHA256
		if err := d.UnmarshalText([]byte("sha256:" + strings.ToLower(strings.TrimPrefix(v, "sha256:")))); err != nil {
			b.fail(fmt.Errorf("%q is no SHA-256; write 64 hexadecimal digits", clip(v)))
			return
		}
		b.SHA256 = &d
	case "size":
		n := b.number(field, v)
		b.Size = &n
	case "width":
		b.Width = b.number(field, v)
	case "height":
		b.Height = b.number(field, v)
	case "id":
		b.Post = v
	case "created":
		b.Created = v
	case "community":
		b.Community = v
	case "title":
		b.Title, b.text = v, true
	case "creator":
		b.Creator = v
	case "holder":
		b.Holder = v
	case "licence":
		b.Licence = v
	case "lang":
		b.Lang = v
	case "caption":
		b.caption = v
	case "text":
		b.body, b.text = v, true
	case "keywords":
		for word := range strings.FieldsFuncSeq(v, func(r rune) bool { return r == ',' || r == ';' || r == '|' }) {
			if word = strings.TrimSpace(word); word != "" {
				b.Keywords = append(b.Keywords, word)
			}
		}
	}
}

func (b *builder) number(field, v string) int64 {
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 0 {
		b.fail(fmt.Errorf("%s: %q is no number of 0 or more", field, clip(v)))
	}
	return n
}

func (b *builder) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *builder) entry() (Entry, error) {
	e, at := b.Entry, b.Line
	if b.err != nil {
		return Entry{}, &Fault{at, source.Malformed, b.err}
	}
	switch {
	case b.path != "":
		path, err := archive.Clean(b.path)
		if err != nil {
			return Entry{}, &Fault{at, source.Unsafe, fmt.Errorf("the path %q: %w", clip(b.path), err)}
		}
		e.Path = path
	case e.SHA256 == nil:
		return Entry{}, &Fault{at, source.Malformed, errors.New("it names neither a path nor a sha256, so no file can be matched with it")}
	}
	e.Captions = b.described().Captions
	return e, nil
}

// described gives the entry with its captions, the best first.
func (b *builder) described() Entry {
	e := b.Entry
	for _, words := range []string{b.caption, b.Title, b.body} {
		if words != "" && !slices.Contains(e.Captions, words) {
			e.Captions = append(e.Captions, words)
		}
	}
	return e
}

func clip(s string) string {
	if len(s) > 120 {
		return strings.ToValidUTF8(s[:120], "") + "…"
	}
	return s
}
