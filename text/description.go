package text

import "strings"

// Caption is a text that describes a picture.
type Caption struct {
	Text     string `json:"text"`
	Language string `json:"lang"` // BCP 47
}

// Description is what is known about a picture.
type Description struct {
	Captions []Caption // those of a language one after the other, the best first
	Keywords []string  // in the language of the first caption
	Style    string    // in the words that prompts use: "3d", "flat"
}

// StyleOf finds the words for the style where captions name it: what stands
// after the last comma in all of them, in two languages at least, without a
// last word "emoji". So "red apple, 3d emoji" and "roter Apfel, 3d emoji" are of
// the style "3d". It is "" where they agree on nothing.
func StyleOf(captions []Caption) string {
	style, languages := "", map[string]bool{}
	for i, c := range captions {
		_, last := lastClause(c.Text)
		if i > 0 && last != style {
			return ""
		}
		style = last
		languages[c.Language] = true
	}
	if len(languages) < 2 {
		return ""
	}
	return strings.TrimSuffix(style, " emoji")
}

// lastClause splits a caption at its last comma; there may be none.
func lastClause(s string) (rest, last string) {
	i := strings.LastIndexByte(s, ',')
	if i < 0 {
		return s, ""
	}
	return strings.TrimSpace(s[:i]), strings.TrimSpace(s[i+1:])
}

// subject is a caption without the style that it may end in.
func (d Description) subject(c Caption) string {
	rest, last := lastClause(c.Text)
	if d.Style != "" && rest != "" && strings.EqualFold(strings.TrimSuffix(last, " emoji"), d.Style) {
		return rest
	}
	return strings.TrimSpace(c.Text)
}

// Plain is the prompt for a picture where nothing is drawn: its first caption
// and its style, "red apple, 3d".
func Plain(d Description) string {
	subject := ""
	if len(d.Captions) > 0 {
		subject = d.subject(d.Captions[0])
	} else if len(d.Keywords) > 0 {
		subject = d.Keywords[0]
	}
	return join(", ", subject, d.Style)
}

// join joins what is not empty.
func join(between string, parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, between)
}
