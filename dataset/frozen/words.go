package frozen

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/limner-ai/limner/curate"
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/dataset/shard"
)

// Describe implements picture.Describer. The first call reads the records of
// all pictures.
func (s *Set) Describe(i int) (picture.Description, error) {
	if err := picture.CheckItem(s, i, nil); err != nil {
		return picture.Description{}, err
	}
	s.readWords.Do(func() { s.words, s.wordsErr = s.describe() })
	if s.wordsErr != nil {
		return picture.Description{}, s.wordsErr
	}
	return s.words[s.rows[i].key], nil
}

// describe reads the record beside each picture, by its key.
func (s *Set) describe() (map[string]picture.Description, error) {
	wanted := make(map[string]bool, len(s.rows))
	shards := map[int32]bool{}
	for _, r := range s.rows {
		wanted[r.key], shards[r.shard] = true, true
	}
	all := make(map[string]picture.Description, len(s.rows))
	for k, f := range s.manifest.Shards {
		if !shards[int32(k)] {
			continue
		}
		for sample, err := range shard.Read(io.NewSectionReader(s.shards[k], 0, f.Bytes), shard.DefaultLimits()) {
			if err != nil {
				return nil, fmt.Errorf("frozen: %w", err)
			}
			if !wanted[sample.Key] {
				continue
			}
			for _, file := range sample.Files {
				if file.Ext != "json" {
					continue
				}
				var e curate.Entry
				if err := json.Unmarshal(file.Data, &e); err != nil {
					return nil, fmt.Errorf("frozen: %s: the record of %s cannot be read: restore the set: %w", f.Path, sample.Key, err)
				}
				all[sample.Key] = wordsOf(e)
			}
		}
	}
	return all, nil
}

// wordsOf parts the words for the style, which end every caption of an entry
// with a style, from the captions.
func wordsOf(e curate.Entry) picture.Description {
	d := picture.Description{Keywords: e.Keywords, Concept: string(e.Concept), Licence: e.Licence, Holders: e.Holders}
	if len(d.Holders) == 0 && e.Creator != "" {
		d.Holders = []string{e.Creator}
	}
	for i, c := range e.Captions {
		text := c.Text
		if at := strings.LastIndex(text, ", "); e.Style != "" && at > 0 {
			if style := text[at+2:]; i == 0 || style == d.Style {
				text, d.Style = text[:at], style
			}
		}
		d.Captions = append(d.Captions, picture.Caption{Text: text, Language: c.Lang})
	}
	if text := characters(e.Emoji.Codepoints); text != "" && len(d.Captions) > 0 {
		d.Captions = append(d.Captions, picture.Caption{Text: text, Language: "zxx"}) // no language: ISO 639-3
	}
	return d
}

// characters turns code points such as 1f468-200d-1f33e into the text that
// they are, "" if they are none.
func characters(codepoints string) string {
	var b strings.Builder
	for _, hex := range strings.Split(codepoints, "-") {
		r, err := strconv.ParseUint(hex, 16, 21)
		if err != nil || !utf8.ValidRune(rune(r)) {
			return ""
		}
		b.WriteRune(rune(r))
	}
	return b.String()
}
