package generate

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode"
)

// parseParameters reads the text of parameters: lines of a prompt, lines of a
// negative one, and a line of names and values. It is not one if it has neither
// a seed nor a number of steps.
func parseParameters(text string) (o Origin, ok bool) {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	words, last := "", strings.TrimRight(text, "\n ")
	if i := strings.LastIndexByte(last, '\n'); i >= 0 {
		words, last = last[:i], last[i+1:]
	}
	pairs := parsePairs(last)
	if pairs["Seed"] == "" && pairs["Steps"] == "" {
		return o, false
	}
	const not = "Negative prompt:"
	prompt, negative, found := strings.Cut("\n"+words, "\n"+not)
	o.Prompt = strings.TrimSpace(prompt)
	if found {
		o.Negative = strings.TrimSpace(negative)
	}
	o.take(pairs)
	return o, true
}

// take fills in what names and values say.
func (o *Origin) take(pairs map[string]string) {
	whole := func(name string) int {
		n, _ := strconv.Atoi(pairs[name])
		return n
	}
	number := func(name string) float64 {
		x, _ := strconv.ParseFloat(pairs[name], 64)
		return x
	}
	o.Seed, _ = strconv.ParseUint(pairs["Seed"], 10, 64)
	o.First, o.Steps = whole("Picture"), whole("Steps")
	if o.Pictures = whole("Pictures"); o.Pictures == 0 {
		o.Pictures = 1
	}
	o.Sampler = pairs["Sampler"]
	if s := strings.ToLower(o.Sampler); s == "euler" || s == "heun" {
		o.Sampler = s
	}
	o.Guidance, o.Truncation = number("CFG scale"), number("Truncation")
	if s, err := strconv.ParseFloat(pairs["Denoising strength"], 64); err == nil {
		o.Strength = &s
	}
	if w, h, ok := strings.Cut(pairs["Size"], "x"); ok {
		o.Width, _ = strconv.Atoi(w)
		o.Height, _ = strconv.Atoi(h)
	}
	o.Model, o.Family, o.Digest = pairs["Model"], pairs["Family"], pairs["Model hash"]
	o.Class, o.How = pairs["Class"], pairs["How"]
	o.Rights, o.Version = pairs["Rights"], pairs["Version"]
	o.ID, o.Near = pairs["ID"], pairs["Near"]
	if ends := strings.Split(pairs["Between"], " and "); len(ends) == 2 {
		o.Ends = ends
	}
	if i := strings.LastIndex(pairs["Shift"], " by "); i >= 0 {
		o.Shift = pairs["Shift"][:i]
		o.Amount, _ = strconv.ParseFloat(pairs["Shift"][i+4:], 64)
	}
	if strings.HasPrefix(o.Version, "Limner ") && o.Prompt == o.Class {
		o.Prompt = "" // the class stood in its place
	}
}

// parsePairs reads "Name: value, Name: value"; a value with a comma is quoted.
// The first of a name counts.
func parsePairs(line string) map[string]string {
	pairs := map[string]string{}
	for len(pairs) < 64 {
		name, rest, ok := strings.Cut(line, ":")
		if name = strings.TrimSpace(name); !ok || !isName(name) {
			break
		}
		rest = strings.TrimLeft(rest, " ")
		value, rest := cutValue(rest)
		if _, twice := pairs[name]; !twice {
			pairs[name] = value
		}
		line = strings.TrimPrefix(rest, ",")
	}
	return pairs
}

func isName(s string) bool {
	return s != "" && len(s) <= 64 && strings.IndexFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" _-/", r)
	}) < 0
}

// cutValue takes a value off the front of what begins with one.
func cutValue(s string) (value, rest string) {
	if quoted, err := strconv.QuotedPrefix(s); err == nil && quoted[0] == '"' {
		var v string
		if json.Unmarshal([]byte(quoted), &v) != nil {
			v, err = strconv.Unquote(quoted)
		}
		if err == nil {
			_, rest, _ = strings.Cut(s[len(quoted):], ",")
			return v, rest
		}
	}
	value, rest, _ = strings.Cut(s, ",")
	return strings.TrimSpace(value), rest
}
