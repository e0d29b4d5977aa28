package text

import "strings"

// Caption is a text that describes a picture.
type Caption struct {
	Text     string
	Language string // BCP 47, "" if unknown
}

// Description is what is known about a picture.
type Description struct {
	Captions []Caption // the first is in the main language
	Keywords []string  // in the main language
	Style    string    // words for how it is drawn, no part of the captions: "3d emoji"
}

// Plain is the prompt for a picture where nothing is drawn: its first caption
// and its style, "red apple, 3d".
func Plain(d Description) string {
	subject := ""
	if len(d.Captions) > 0 {
		subject = d.Captions[0].Text
	} else if len(d.Keywords) > 0 {
		subject = d.Keywords[0]
	}
	return join(subject, brief(d.Style))
}

// brief is a style as people name it: what is asked for is an emoji anyway.
func brief(style string) string { return strings.TrimSuffix(style, " emoji") }

// join joins by commas what is not empty.
func join(parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, ", ")
}
