// Package prose reads paragraphs that speak of rights in their own words: a
// section of a README, a line of terms. What it finds can only restrict. That
// somebody writes that all may use a work freely is for people to weigh; that
// somebody writes that nobody may is enough to stop and ask.
package prose

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind says what a sentence restricts.
type Kind string

const (
	NoTraining    Kind = "no-training"    // training or mining is refused
	NonCommercial Kind = "non-commercial" // commercial use is excluded
	NoDerivatives Kind = "no-derivatives" // changing the work is
	OtherHolder   Kind = "other-holder"   // who writes says that others hold rights in it
	Reserved      Kind = "reserved"       // rights are kept, or permission must be asked
	Trademark     Kind = "trademark"      // it shows marks
	Unclear       Kind = "unclear"        // who writes does not know the licence
)

// Restriction is a sentence that restricts.
type Restriction struct {
	Kind  Kind
	Words string // the sentence, its spaces made single
}

// rule finds one kind of restriction in a sentence of lower-case words.
type rule struct {
	kind Kind
	is   *regexp.Regexp
	but  *regexp.Regexp // and not this; nil excludes nothing
}

const (
	not  = `\b(?:not|never|cannot|can't|no|don't|mustn't|without|prohibited|forbidden|nicht|keine?)\b`
	gap  = `(?:\W+[\w'&/-]+){0,8}?\W+`
	tiny = `(?:\W+[\w'&/-]+){0,4}?\W+`
)

var rules = []rule{
	{NoTraining, regexp.MustCompile(not + gap + `(?:train(?:ing|ed)?\b` + gap + `?(?:ai\b|artificial|machine|models?\b|networks?\b|generat)|(?:ai|machine learning|ml|model|generative)\W+(?:\w+\W+)?training|(?:text and )?data mining|machine[- ]learning\b|generative ai\b|ai\W+(?:use|purposes?|models?|systems?)\b)`), nil},
	{NoTraining, regexp.MustCompile(`\b(?:train(?:ing)?|data mining|machine learning)\b` + gap + `(?:(?:is|are)\W+)?(?:not\W+(?:allowed|permitted|granted)|prohibited|forbidden|reserved|disallowed)\b`), nil},
	{NonCommercial, regexp.MustCompile(`\bnon[- ]?commercial(?:ly)?\b|\bnicht[- ]?kommerziell|\bnon commerciale?s?\b|\bno comercial(?:es)?\b`), nil},
	{NonCommercial, regexp.MustCompile(not + gap + `(?:commercial(?:ly)?|for[- ]profit|(?:re)?s(?:old|ell|elling)|for sale|profit)\b`), regexp.MustCompile(`\bnot (?:only|just|limited to)\b`)},
	{NonCommercial, regexp.MustCompile(`\bcommercial\W+(?:use|usage|purposes?|exploitation)\b` + tiny + `(?:is|are|requires?)\W+(?:not|prohibited|forbidden|permission|a\W+licen[cs]e)`), nil},
	{NonCommercial, regexp.MustCompile(`\b(?:personal|private|educational?|academic|research|evaluation|internal)\b(?:\W+(?:or|and|/)?\W*(?:personal|private|educational?|academic|research))*\W+(?:use|usage|purposes?)\W+only\b|\bonly\W+for\W+(?:\w+\W+)?(?:personal|private|educational|academic|research)\b`), nil},
	{NoDerivatives, regexp.MustCompile(`\bno[- ]deriv(?:ative|ation|s\b)|` + not + tiny + `(?:modif(?:y|ied|ications?)|alter(?:ed|ations?)?|adapt(?:ed|ations?)?|derivative works?)\b`), regexp.MustCompile(`\bwith or without modif`)},
	{OtherHolder, regexp.MustCompile(`\b(?:is|are|remains?|was|were)\W+(?:\w+\W+){0,3}?(?:owned|copyrighted)\W+by\W+(?:\w+)|\b(?:is|are|remains?)\W+(?:\w+\W+){0,3}?(?:the\W+)?(?:sole\W+|exclusive\W+|intellectual\W+)?propert(?:y|ies)\W+of\b|\bowned\W+by\b|\bbelongs?\W+to\b|\b(?:copyright|rights?)\b` + tiny + `(?:belongs?|held|owned|retained)\b`), nil},
	{OtherHolder, regexp.MustCompile(`\b(?:do|does|did|is|are)\W+not\W+(?:\w+\W+){0,2}?(?:belong|own|mine|ours)\b|\bdon't\W+own\b|\brespective\W+(?:owners?|holders?|authors?|creators?)\b`), nil},
	{Reserved, regexp.MustCompile(`\ball\W+rights\W+(?:are\W+)?reserved\b|\balle\W+rechte\W+vorbehalten\b|\btous\W+droits\W+réservés\b|\btodos\W+los\W+derechos\W+reservados\b|\bproprietary\b|\bconfidential\b`), nil},
	{Reserved, regexp.MustCompile(`\b(?:may|must|can|shall|should)\W*(?:not|n't)\W+(?:be\W+)?(?:\w+\W+){0,3}?(?:reproduc|cop(?:y|ied)|distribut|redistribut|us(?:e|ed)\b|publish|shar(?:e|ed)\b|download)|\b(?:without|requires?|ask(?:ing)?\W+for|obtain)\W+(?:\w+\W+){0,4}?(?:permission|consent|authori[sz]ation)\b`), nil},
	{Trademark, regexp.MustCompile(`\btrade[- ]?marks?\b|\bservice\W+marks?\b|[™®]`), nil},
	{Unclear, regexp.MustCompile(`\b(?:no|not?\W+(?:a\W+)?|un)\W*(?:clear|known?|certain|sure)\b` + tiny + `(?:licen[cs]|copyright|rights|source)|\b(?:licen[cs]e|licensing|copyright)(?:\W+(?:status|terms?))?\W+(?:is|are)\W+(?:not\W+(?:clear|known)|unclear|unknown)\b|\bunlicensed\b`), nil},
}

// maxSentence is the most of a sentence that is quoted, in bytes.
const maxSentence = 300

// Read finds the sentences of a text that restrict, in its order, each once for
// each kind. What it does not understand it passes over.
func Read(text string) []Restriction {
	var out []Restriction
	for _, s := range sentences(text) {
		low := strings.ToLower(s)
		for _, r := range rules {
			found := Restriction{r.kind, quote(s)}
			if r.is.MatchString(low) && (r.but == nil || !r.but.MatchString(low)) && !slices.Contains(out, found) {
				out = append(out, found)
			}
		}
	}
	return out
}

func quote(s string) string {
	if len(s) <= maxSentence {
		return s
	}
	return strings.ToValidUTF8(s[:maxSentence], "") + "…"
}

// plain replaces what typesetting makes of spaces, dashes and quotes, and the
// marks of Markdown.
var plain = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u2010", "-", "\u2011", "-", "\u2012", "-", "\u2013", "-",
	"\u2019", "'", "\u2018", "'", "\u00ad", "", "\u200b", "", "*", "", "`", "", "_", " ", "\r", "")

// sentences cuts a text where a sentence, a list's item or a paragraph ends.
func sentences(text string) []string {
	text = plain.Replace(strings.ToValidUTF8(text, "\uFFFD"))
	var out []string
	begin := 0
	end := func(i int) {
		if s := strings.Join(strings.Fields(text[begin:i]), " "); s != "" {
			out = append(out, s)
		}
		begin = i
	}
	for i := 0; i < len(text); {
		c, size := utf8.DecodeRuneInString(text[i:])
		i += size
		rest := text[i:]
		switch c {
		case '.', '!', '?', ';':
			if trimmed := strings.TrimLeft(rest, " \t\n"); len(trimmed) < len(rest) && !startsLower(trimmed) {
				end(i)
			}
		case '\n':
			line := strings.TrimLeft(rest, " \t")
			if line == "" || strings.ContainsRune("\n#>-+|=", rune(line[0])) {
				end(i)
			}
		case '。':
			end(i)
		}
	}
	end(len(text))
	return out
}

func startsLower(s string) bool {
	c, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLower(c)
}
