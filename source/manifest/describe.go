package manifest

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/limner-ai/limner/source"
)

// FieldOf gives the field that a column or member of that name holds where no
// configuration says otherwise; "" for none.
func FieldOf(column string) string { return byAlias[strings.ToLower(strings.TrimSpace(column))] }

// Describe makes an entry of the values of fields, which need not name a file.
// What cannot be read is left out.
func Describe(values map[string][]string) Entry {
	var b builder
	for _, field := range slices.Sorted(maps.Keys(values)) {
		for i, v := range values[field] {
			if field == "caption" && i > 0 {
				b.Captions = append(b.Captions, b.caption)
			}
			b.set(field, strings.TrimSpace(strings.ToValidUTF8(v, "\uFFFD")))
		}
	}
	return b.described()
}

// DescribeJSON makes an entry of a JSON object, as Describe does.
func DescribeJSON(text []byte) (Entry, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return Entry{}, err
	}
	var b builder
	for _, key := range slices.Sorted(maps.Keys(members)) {
		if field := FieldOf(key); field != "" && field != "media" {
			b.setJSON(field, members[key])
		}
	}
	return b.described(), nil
}

// Fill tells of a picture what the entry says. Lang is the language of captions
// if the entry names none; where and evidence are where the entry was read.
func (e Entry) Fill(it *source.Item, lang, where string, evidence *source.Evidence) {
	it.URL, it.Title = e.URL, e.Title
	if e.Creator != "" {
		it.Creator = e.Creator
	}
	if e.Lang != "" {
		lang = e.Lang
	}
	if lang == "" {
		lang = "und"
	}
	for _, words := range e.Captions {
		it.Captions = append(it.Captions, source.Caption{Lang: lang, Text: words})
	}
	it.Keywords = append(it.Keywords, e.Keywords...)
	if e.Community != "" {
		it.Keywords = append(it.Keywords, e.Community)
	}
	if e.Holder != "" {
		it.Holders = []string{e.Holder}
		it.Statements = append(it.Statements, source.Statement{Scope: source.File, Form: source.Notice,
			Written: e.Holder, Where: where + " holder", Evidence: evidence})
	}
	if e.Licence != "" {
		it.Statements = append(it.Statements, source.Statement{Scope: source.File, Form: source.Expression,
			Written: e.Licence, Where: where + " licence", Evidence: evidence})
	}
}
