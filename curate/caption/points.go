package caption

import (
	"path"
	"strconv"
	"strings"
)

// key is the form in which emoji are compared: code points in hexadecimal
// without variation selectors. It is "" for what is none.
func key(codepoints string) string {
	var b strings.Builder
	for f := range strings.FieldsFuncSeq(codepoints, func(r rune) bool { return r == '-' || r == '_' || r == ' ' }) {
		v, err := strconv.ParseUint(f, 16, 32)
		if err != nil || v > 0x10ffff {
			return ""
		}
		if v == 0xfe0e || v == 0xfe0f {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('-')
		}
		b.WriteString(strconv.FormatUint(v, 16))
	}
	return b.String()
}

// keyOf is the key of an emoji itself.
func keyOf(emoji string) string {
	var points []string
	for _, r := range emoji {
		points = append(points, strconv.FormatInt(int64(r), 16))
	}
	return key(strings.Join(points, "-"))
}

var toneNames = []string{"light", "medium-light", "medium", "medium-dark", "dark"}

// toneless is a key without skin tones.
func toneless(k string) string {
	var kept []string
	for p := range strings.SplitSeq(k, "-") {
		if p < "1f3fb" || p > "1f3ff" || len(p) != 5 {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "-")
}

// gender is female or male if the code points name one of both.
func gender(k string) string {
	var female, male bool
	for p := range strings.SplitSeq(k, "-") {
		switch p {
		case "2640", "1f469", "1f467", "1f475", "1f478", "1f930", "1f936", "1f483", "1f46d":
			female = true
		case "2642", "1f468", "1f466", "1f474", "1f934", "1fac3", "1f385", "1f57a", "1f46c":
			male = true
		}
	}
	switch {
	case female && !male:
		return "female"
	case male && !female:
		return "male"
	}
	return ""
}

// find returns what is known about the emoji that a picture draws, or nil.
func (d *Data) find(it Item) *emoji {
	if it.Codepoints != "" {
		k := key(it.Codepoints)
		if e := d.emoji[k]; e != nil {
			return e
		}
		return d.emoji[k+"-e007f"] // some leave out the tag that ends a flag's letters
	}
	if !it.Named {
		return nil
	}
	base := path.Base(it.Path)
	for _, name := range []string{it.Title, strings.TrimSuffix(base, path.Ext(base))} {
		name = plain(name)
		// Some sets write "flag for flag Togo", and "dark" for "dark skin tone".
		for _, n := range []string{name, strings.TrimPrefix(name, "flag for ")} {
			if e := d.names[n]; e != nil && n != "" {
				return e
			}
		}
	}
	return nil
}
