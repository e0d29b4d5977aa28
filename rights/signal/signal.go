// Package signal is the contract of the readers of machine-readable
// reservations and permissions: what a Signal says, and how several combine.
//
// Each protocol has a folder of its own, which turns the bytes that a server
// sent, or that a picture carries, into signals and honours the precedence of
// that protocol; reader asks them all. The table in docs/signals.md lists the
// protocols with the versions of their specifications.
//
// Three rules hold everywhere. What is malformed never permits: it yields a
// signal with a Defect, which stands in the way of any permission beside it.
// What is silent yields no signal. And a value outside of its specification
// may reserve, but not permit.
package signal

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Protocols, as Signal.Protocol names them.
const (
	Robots        = "robots"         // RFC 9309
	AIPref        = "aipref"         // draft-ietf-aipref-attach and -vocab
	CCSignals     = "cc-signals"     // Creative Commons, on top of Content-Usage
	ContentSignal = "content-signal" // contentsignals.org
	TDMRep        = "tdmrep"         // W3C Community Group
	XRobots       = "x-robots-tag"   // header and meta element
	RSL           = "rsl"            // Really Simple Licensing
	AITxt         = "ai.txt"         // Spawning
	PLUS          = "plus"           // IPTC/PLUS Data Mining in XMP
	CAWG          = "cawg"           // training and data mining assertion
	C2PA          = "c2pa"           // the same assertion before C2PA 2.0
)

// Value is what a signal says about the uses that it covers.
type Value uint8

const (
	Unknown      Value = iota // stated, but neither yes nor no
	Allow                     // permitted without further conditions
	NeedsLicence              // permitted to who meets conditions or gets a licence
	Deny                      // reserved
)

var valueNames = [...]string{"unknown", "allow", "needs-licence", "deny"}

func (v Value) String() string {
	if int(v) < len(valueNames) {
		return valueNames[v]
	}
	return fmt.Sprintf("value(%d)", v)
}

// MarshalText writes the value's name.
func (v Value) MarshalText() ([]byte, error) {
	if int(v) >= len(valueNames) {
		return nil, fmt.Errorf("signal: no value has the number %d", v)
	}
	return []byte(v.String()), nil
}

// UnmarshalText reads a name that MarshalText wrote.
func (v *Value) UnmarshalText(b []byte) error {
	for i, name := range valueNames {
		if name == string(b) {
			*v = Value(i)
			return nil
		}
	}
	return fmt.Errorf("signal: %q is no value; use unknown, allow, needs-licence or deny", b)
}

// MaxRaw is the greatest length of Signal.Raw in bytes; what is longer is cut
// and ends with an ellipsis. The whole evidence is for the caller to keep.
const MaxRaw = 1024

// Signal is one statement of one protocol about uses of one resource.
type Signal struct {
	Protocol string `json:"protocol"`
	Version  string `json:"version"` // the specification by which it was read
	Usage    Usage  `json:"usage"`   // the uses that it is about
	Value    Value  `json:"value"`
	Raw      string `json:"raw,omitempty"`    // the statement as found
	Where    string `json:"where"`            // where it was found, as "robots.txt line 3"
	Policy   string `json:"policy,omitempty"` // URL of a policy or licence, as written and unchecked
	Note     string `json:"note,omitempty"`   // why the value is what it is, or on which conditions
	Defect   string `json:"defect,omitempty"` // what could not be read; such a signal never permits

	// MaxAge is how long after it was fetched the statement may be relied on
	// where the protocol says so, else 0.
	MaxAge time.Duration `json:"max_age,omitempty"`
}

// String is a line for people.
func (s Signal) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s %s (%s", s.Protocol, s.Value, s.Usage, s.Where)
	if s.Raw != "" {
		fmt.Fprintf(&b, ": %s", s.Raw)
	}
	b.WriteByte(')')
	for _, more := range []string{s.Defect, s.Note} {
		if more != "" {
			fmt.Fprintf(&b, "; %s", more)
		}
	}
	return b.String()
}

// Cut returns text as it may stand in Raw: valid UTF-8 of at most MaxRaw
// bytes, without leading and trailing space.
func Cut(text string) string {
	text = strings.TrimSpace(text)
	if len(text) > MaxRaw {
		n := MaxRaw - len("…")
		for n > 0 && !utf8.RuneStart(text[n]) {
			n--
		}
		text = text[:n] + "…"
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}

// Statement is a licence or notice that a file or a server carries: evidence
// for a decision about licences, not itself a signal.
type Statement struct {
	Property string `json:"property"`       // as "xmpRights:WebStatement"
	Value    string `json:"value"`          // text or URL, cut as Raw is
	Lang     string `json:"lang,omitempty"` // xml:lang, if stated
	Where    string `json:"where"`
}

// Fetched is the answer to a request for a well-known file.
type Fetched struct {
	Status int    // HTTP status after redirects; 0 if no answer came
	Body   []byte // decoded of any Content-Encoding
}
