package generate

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/limner-ai/limner/model/trained"
)

// Keywords of the texts that say how a picture was made: the one under which
// image tools look, and the one with all of it as JSON, an Origin.
const (
	parametersKey = "parameters"
	originKey     = "limner"
)

// Origin says how pictures were made, in each PNG as JSON.
type Origin struct {
	Prompt     string   `json:"prompt,omitempty"`
	Negative   string   `json:"negative,omitempty"`
	Class      string   `json:"class,omitempty"`
	How        string   `json:"how,omitempty"` // variation, inpainting, …
	Seed       uint64   `json:"seed"`
	First      int      `json:"first"` // number of the first picture
	Pictures   int      `json:"pictures"`
	Steps      int      `json:"steps,omitempty"`
	Sampler    string   `json:"sampler,omitempty"`
	Guidance   float64  `json:"guidance,omitempty"`
	Strength   *float64 `json:"strength,omitempty"`
	Truncation float64  `json:"truncation,omitempty"`
	Ends       []string `json:"ends,omitempty"` // of an interpolation: a prompt, a seed, or "picture"
	Shift      string   `json:"shift,omitempty"`
	Amount     float64  `json:"amount,omitempty"`
	Width      int      `json:"width"`
	Height     int      `json:"height"`
	Model      string   `json:"model"`
	Family     string   `json:"family"`
	Digest     string   `json:"digest"`
	Rights     string   `json:"rights"`
	Version    string   `json:"version"`
	// ID tells the picture from all others, in hexadecimal; see Identify. Near
	// says that it lies near to a picture that the model was trained on.
	ID   string `json:"id,omitempty"`
	Near string `json:"near,omitempty"`
}

// Identify gives pictures an ID that follows from what they were made from: the
// same request of the same model has the same. ground is anything else that the
// pixels follow from, as the digest of a picture that was given.
func (o *Origin) Identify(ground ...[]byte) {
	from := *o
	from.ID, from.Near, from.Rights, from.Version = "", "", "", "" // of which the pixels know nothing
	all, err := json.Marshal(from)
	if err != nil {
		all = nil // an Origin has only words and finite numbers
	}
	h := sha256.New()
	h.Write(all)
	for _, g := range ground {
		sum := sha256.Sum256(g)
		h.Write(sum[:])
	}
	o.ID = hex.EncodeToString(h.Sum(nil)[:8])
}

// shared is the prompt of pictures that all have the same.
func shared(items []Item) string {
	for _, item := range items {
		if item.Prompt != items[0].Prompt {
			return ""
		}
	}
	return items[0].Prompt
}

// Origin is that of some of the pictures of a request.
func (g *Generator) Origin(q Request, items []Item) Origin {
	first, last := items[0], items[len(items)-1]
	o := Origin{
		Prompt: printable(cmp.Or(q.Prompt, shared(items))), Negative: printable(q.Negative), Class: first.ClassName, How: last.How,
		Seed: first.Seed, First: first.Index, Pictures: len(items),
		Steps: q.Steps, Sampler: q.Sampler, Guidance: cmp.Or(first.Guidance, q.Guidance),
		Width: g.Manifest.Pictures.Width, Height: g.Manifest.Pictures.Height,
		Model: g.Manifest.Name, Family: g.Manifest.Family, Digest: g.Digest,
		Rights: g.Rights(), Version: "Limner " + trained.CodeVersion(),
	}
	if last.ClassName != first.ClassName {
		o.Class = "all classes"
	}
	if g.painter.Takes().Truncation {
		o.Truncation = first.Truncation
	}
	if q.Image != nil && q.Style == nil && q.Shift == nil {
		o.Strength = &q.Strength
	}
	if q.Shift != nil {
		o.Shift, o.Amount = q.Shift.Name, q.Shift.Amount*last.Share
	}
	for _, e := range []*End{q.From, q.To} {
		switch {
		case e == nil:
		case e.Image != nil:
			o.Ends = append(o.Ends, "picture")
		case e.Prompt != "":
			o.Ends = append(o.Ends, printable(e.Prompt))
		default:
			o.Ends = append(o.Ends, strconv.FormatUint(e.Seed, 10))
		}
	}
	return o
}

// texts are those that go into a PNG.
func (o Origin) texts() []entry {
	all, err := json.Marshal(o)
	if err != nil {
		all = []byte("{}") // an Origin has only words and finite numbers
	}
	return []entry{{parametersKey, o.Parameters()}, {originKey, string(all)}}
}

// Parameters are what was asked for, then what was not wanted, then one line of
// names and values, as AUTOMATIC1111's web interface writes them and many tools
// read them.
func (o Origin) Parameters() string {
	lines := []string{o.Prompt}
	if o.Prompt == "" {
		lines[0] = o.Class
	}
	if o.Negative != "" {
		lines = append(lines, "Negative prompt: "+o.Negative)
	}
	var pairs []string
	add := func(name, value string, ok bool) {
		if strings.ContainsAny(value, ",\n\"") {
			value = strconv.Quote(value)
		}
		if ok {
			pairs = append(pairs, name+": "+value)
		}
	}
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	add("Steps", strconv.Itoa(o.Steps), o.Steps > 0)
	add("Sampler", o.Sampler, o.Sampler != "")
	add("CFG scale", number(o.Guidance), o.Guidance > 0)
	add("Seed", strconv.FormatUint(o.Seed, 10), true)
	add("Picture", strconv.Itoa(o.First), true)
	add("Size", fmt.Sprintf("%dx%d", o.Width, o.Height), true)
	add("Model hash", o.Digest, true)
	add("Model", o.Model, true)
	add("Family", o.Family, true)
	add("Class", o.Class, o.Class != "")
	if o.Strength != nil {
		add("Denoising strength", number(*o.Strength), true)
	}
	add("Truncation", number(o.Truncation), o.Truncation > 0)
	add("Between", strings.Join(o.Ends, " and "), o.Ends != nil)
	add("Shift", fmt.Sprintf("%s by %s", o.Shift, number(o.Amount)), o.Shift != "")
	add("Pictures", strconv.Itoa(o.Pictures), o.Pictures > 1)
	add("How", o.How, o.How != "")
	add("Rights", o.Rights, true)
	add("ID", o.ID, o.ID != "")
	add("Near", o.Near, o.Near != "")
	add("Version", o.Version, true)
	return strings.Join(append(lines, strings.Join(pairs, ", ")), "\n")
}

// printable is a prompt on one line, without what moves a terminal's cursor or
// is not UTF-8.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}
