package npm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/archive"
)

// emojiNames gives code points by an emoji's English name, as fold writes it.
type emojiNames map[string]string

// labelled is an emoji of emojibase-data's en/data.json.
type labelled struct {
	Label   string     `json:"label"`
	Hexcode string     `json:"hexcode"`
	Skins   []labelled `json:"skins"`
}

// readNames reads the names from the package emojibase-data.
func readNames(ctx context.Context, from string, env source.Env) (emojiNames, error) {
	if from == "" {
		return nil, nil
	}
	path := from
	if i := strings.LastIndex(from, "@"); i > 0 && packageName.MatchString(from[:i]) {
		if !exactVersion.MatchString(from[i+1:]) {
			return nil, fmt.Errorf("%q is not exact; write one such as emojibase-data@17.0.0", from)
		}
		var err error
		if path, err = fetch(ctx, from[:i], from[i+1:], env); err != nil {
			return nil, err
		}
	} else if !filepath.IsAbs(path) {
		path = filepath.Join(env.Dir, path)
	}
	a, err := archive.Open(path, archive.DefaultLimits())
	if err != nil {
		return nil, err
	}
	for e, err := range a.Entries(ctx) {
		var r *source.Refused
		switch {
		case errors.As(err, &r):
			continue
		case err != nil:
			return nil, err
		case !strings.HasSuffix(e.Path, "/en/data.json"):
			continue
		}
		data, err := e.Bytes()
		if err != nil {
			return nil, err
		}
		var list []labelled
		if err := json.Unmarshal(data, &list); err != nil {
			return nil, fmt.Errorf("%s: %w", e.Path, err)
		}
		names := emojiNames{}
		names.add(list, 0)
		return names, nil
	}
	return nil, fmt.Errorf("%s has no en/data.json; give the package emojibase-data", from)
}

func (n emojiNames) add(list []labelled, depth int) {
	for _, l := range list {
		if p := codepoints(l.Hexcode); p != "" && n[fold(l.Label)] == "" {
			n[fold(l.Label)] = p
		}
		if depth == 0 {
			n.add(l.Skins, depth+1)
		}
	}
}

// fold writes a name without its case, accents and punctuation: "woman: dark
// skin tone" and "woman-dark-skin-tone" are the same.
func fold(name string) string {
	var b strings.Builder
	space := false
	for _, r := range norm.NFD.String(strings.ToLower(name)) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if space && b.Len() > 0 {
				b.WriteByte(' ')
			}
			space = false
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’', r == '.': // parts of a word
		default:
			space = true
		}
	}
	return b.String()
}
