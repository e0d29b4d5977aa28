// Package xmp reads what an XMP packet says about rights: the Data Mining
// property of IPTC and PLUS as a signal, and licences and notices as
// statements. It reads the RDF inside of a packet, a sidecar file or an SVG
// document.
package xmp

import (
	"strings"

	"github.com/limner-ai/limner/rights/signal"
)

// Version names what is implemented.
const Version = "IPTC Photo Metadata Standard 2023.1, PLUS vocabulary of Data Mining (2023)"

// MaxSize is the greatest length of a packet in bytes.
const MaxSize = 8 << 20

// Namespaces. Creative Commons had another one until 2008, which files of
// Inkscape still have.
const (
	nsRDF    = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	nsPLUS   = "http://ns.useplus.org/ldf/xmp/1.0/"
	nsRights = "http://ns.adobe.com/xap/1.0/rights/"
	nsCC     = "http://creativecommons.org/ns#"
	nsOldCC  = "http://web.resource.org/cc/"
	nsDC     = "http://purl.org/dc/elements/1.1/"
	nsTerms  = "http://purl.org/dc/terms/"
	nsXHTML  = "http://www.w3.org/1999/xhtml/vocab#"
	nsIPTC   = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
	nsTDM    = "http://www.w3.org/ns/tdmrep/"
)

type property struct{ space, local string }

// statements are the properties that are reported, under these names.
var statements = map[property]string{
	{nsRights, "WebStatement"}:      "xmpRights:WebStatement",
	{nsRights, "UsageTerms"}:        "xmpRights:UsageTerms",
	{nsRights, "Marked"}:            "xmpRights:Marked",
	{nsRights, "Owner"}:             "xmpRights:Owner",
	{nsRights, "Certificate"}:       "xmpRights:Certificate",
	{nsCC, "license"}:               "cc:license",
	{nsCC, "attributionName"}:       "cc:attributionName",
	{nsCC, "attributionURL"}:        "cc:attributionURL",
	{nsOldCC, "license"}:            "cc:license",
	{nsDC, "rights"}:                "dc:rights",
	{nsTerms, "license"}:            "dcterms:license",
	{nsTerms, "rights"}:             "dcterms:rights",
	{nsXHTML, "license"}:            "xhv:license",
	{nsPLUS, "LicensorURL"}:         "plus:LicensorURL",
	{nsPLUS, "OtherConstraints"}:    "plus:OtherConstraints",
	{nsIPTC, "LinkedEncRightsExpr"}: "Iptc4xmpExt:LinkedEncRightsExpr",
	{nsIPTC, "EmbdEncRightsExpr"}:   "Iptc4xmpExt:EmbdEncRightsExpr",
	{nsIPTC, "DigitalSourceType"}:   "Iptc4xmpExt:DigitalSourceType",
}

var schemaOrg = map[string]bool{
	"license": true, "acquireLicensePage": true, "copyrightNotice": true, "usageInfo": true,
}

// statementName returns the name under which a property is reported, or "".
func statementName(p property) string {
	if name := statements[p]; name != "" {
		return name
	}
	switch strings.TrimSuffix(strings.TrimPrefix(p.space, "https"), "/") {
	case "://schema.org", "http://schema.org":
		if schemaOrg[p.local] {
			return "schema:" + p.local
		}
	}
	return ""
}

// Read reads a packet that was found at where. A packet that cannot be read to
// its end is a defect beside what was read before.
func Read(packet []byte, where string) ([]signal.Signal, []signal.Statement) {
	values, err := scan(packet)
	var signals []signal.Signal
	var said []signal.Statement
	policy := ""
	for _, v := range values {
		if name := statementName(v.property); name != "" {
			text := signal.Cut(v.text)
			if text == "" {
				continue
			}
			said = append(said, signal.Statement{Property: name, Value: text, Lang: v.lang, Where: where})
			if policy == "" && (v.local == "LinkedEncRightsExpr" || v.local == "WebStatement") {
				policy = text
			}
		}
	}
	for _, v := range values {
		var s signal.Signal
		switch {
		case v.local == "DataMining" && (v.space == nsPLUS || isPLUS(v.space)):
			s = dataMining(v.text)
			if v.space != nsPLUS && s.Value == signal.Allow {
				s.Value, s.Note = signal.Unknown, "the property is not in the namespace of PLUS"
			}
			if strings.Contains(s.Raw, "SEE") {
				s.Policy = policy
			}
		case v.local == "reservation" && v.space == nsTDM && strings.TrimSpace(v.text) == "1":
			s = signal.Signal{Protocol: signal.TDMRep, Version: "as in PDF files", Usage: signal.Mining,
				Value: signal.Deny, Raw: "tdm:reservation 1"}
		default:
			continue
		}
		s.Where = where + " " + v.local
		signals = append(signals, s)
	}
	if err != nil {
		signals = append(signals, Unreadable(where, err.Error()))
	}
	return signals, said
}

// Unreadable is the signal of a packet that cannot be read, or not to its end.
func Unreadable(where, reason string) signal.Signal {
	return signal.Signal{Protocol: signal.PLUS, Version: Version, Usage: signal.Any,
		Where: where, Defect: signal.Cut(reason)}
}

// isPLUS recognises spellings of the namespace that are met in files, and the
// prefix where it was not declared.
func isPLUS(space string) bool {
	return space == "plus" || strings.Contains(strings.ToLower(space), "useplus.org")
}

// dataMining reads a value of the vocabulary, as URI or as its last part.
func dataMining(text string) signal.Signal {
	s := signal.Signal{Protocol: signal.PLUS, Version: Version, Usage: signal.Any, Raw: signal.Cut(text)}
	key := strings.ToUpper(strings.TrimSpace(text))
	key = key[strings.LastIndexAny(key, "/#:")+1:]
	switch key {
	case "DMI-UNSPECIFIED":
		s.Note = "no prohibition is defined"
	case "DMI-ALLOWED":
		s.Value = signal.Allow
	case "DMI-PROHIBITED-AIMLTRAINING":
		s.Value, s.Usage = signal.Deny, signal.Training
	case "DMI-PROHIBITED-GENAIMLTRAINING":
		s.Value, s.Usage = signal.Deny, signal.TrainGenerative
	case "DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING":
		s.Value, s.Usage = signal.Deny, signal.Mining
	case "DMI-PROHIBITED-SEECONSTRAINT", "DMI-PROHIBITED-SEEEMBEDDEDRIGHTSEXPR", "DMI-PROHIBITED-SEELINKEDRIGHTSEXPR":
		s.Value, s.Note = signal.Deny, "the file names exceptions elsewhere"
	default:
		if strings.Contains(strings.ToUpper(text), "PROHIBIT") {
			s.Value = signal.Deny
			break
		}
		s.Defect = "the value is not in the vocabulary"
	}
	return s
}
