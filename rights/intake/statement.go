package intake

import (
	"math"
	"strings"

	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/rights/licence"
	"github.com/limner-ai/limner/rights/signal"
	"github.com/limner-ai/limner/rights/signal/reader"
	"github.com/limner-ai/limner/source"
)

// maxWritten is the most of a statement, in bytes, that an event carries; of a
// licence's text maxTitle is enough. The evidence has all of it.
const (
	maxWritten = 64 << 10
	maxTitle   = 200
)

// statement reads what a source says about rights in a thing.
func statement(id, path, of string, s source.Statement) stated {
	l := ledger.Licence{Of: of, Source: id, Path: path, Form: string(s.Form), Written: cut(s.Written, maxWritten), Where: s.Where, Flag: s.Flag}
	switch s.Form {
	case source.Expression:
		l.Expression = licence.Normalise(s.Written, licence.Free).Expression.String()
	case source.DebianName:
		name, _, _ := strings.Cut(s.Written, "\n") // the text follows
		l.Expression = licence.Normalise(name, licence.Debian).Expression.String()
	case source.Text:
		l.Written = cut(strings.TrimSpace(s.Written), maxTitle)
		if text, err := licence.Recognise([]byte(s.Written)); err == nil {
			l.Expression = text.Expression.String()
			l.Coverage = int64(math.Floor(100 * text.Coverage))
		}
		if s.Evidence == nil {
			s.Evidence = &source.Evidence{Name: s.Where, Data: []byte(s.Written)}
		}
	}
	return stated{l, s.Evidence}
}

// split reads an item's statements and reservations into those about the file
// and those about its group.
func split(id, of string, it *source.Item) (own, group []stated) {
	for _, s := range it.Statements {
		if s.Scope == source.Group && it.Group != "" {
			group = append(group, statement(id, "", ledger.Ref(ledger.KindWork, workID(id, it.Group)), s))
			continue
		}
		own = append(own, statement(id, it.Path, of, s))
	}
	for _, r := range it.Reservations {
		own = append(own, stated{reservation(id, it.Path, of, r), r.Evidence})
	}
	return own, group
}

func reservation(id, path, of string, r source.Reservation) ledger.Reservation {
	value := r.Value
	if value != "allow" && value != "deny" && value != "needs-licence" {
		value = "unknown"
	}
	defect := ""
	if value == "unknown" {
		defect = "it was found and could not be read"
	}
	return ledger.Reservation{Of: of, Source: id, Path: path, Protocol: r.Protocol, Version: r.Version, Value: value, Defect: defect,
		Raw: signal.Cut(r.Raw), Where: r.Where, Observed: r.Observed.Round(0).UTC(), Expires: r.Expires.Round(0).UTC()}
}

// carried reads what the picture itself carries, and the packets beside it.
func carried(id, of string, it *source.Item) []stated {
	out := found(id, of, it.Path, "the file: ", reader.File(it.Data), nil)
	for _, packet := range it.Sidecars {
		out = append(out, found(id, of, it.Path, "the sidecar "+packet.Name+": ", reader.Sidecar(packet.Data), packet)...)
	}
	return out
}

// found turns findings into facts. Signals that are not about training
// generators are passed over.
func found(id, of, path, place string, in reader.Findings, evidence *source.Evidence) []stated {
	var out []stated
	for _, s := range in.Signals {
		if s.Usage&signal.TrainGenerative == 0 && (s.Usage&signal.Crawl == 0 || s.Value != signal.Deny) {
			continue
		}
		out = append(out, stated{ledger.Reservation{Of: of, Source: id, Path: path, Protocol: s.Protocol, Version: s.Version,
			Value: s.Value.String(), Raw: signal.Cut(s.Raw), Where: place + s.Where, Defect: s.Defect}, evidence})
	}
	for _, s := range in.Statements {
		if form := formOf(s); form != "" {
			out = append(out, statement(id, path, of, source.Statement{Form: form, Written: s.Value, Where: place + s.Property, Evidence: evidence}))
		}
	}
	return out
}

// formOf says how a property that a file carries is written; "" if it says
// nothing of rights.
func formOf(s signal.Statement) source.Form {
	switch s.Property {
	case "cc:license", "dcterms:license", "xhv:license", "schema:license", "xmpRights:WebStatement",
		"plus:LicensorURL", "schema:acquireLicensePage", "Iptc4xmpExt:LinkedEncRightsExpr", "Iptc4xmpExt:EmbdEncRightsExpr":
		return source.Expression // an address that names no known licence stays unknown
	case "xmpRights:UsageTerms", "dc:rights", "dcterms:rights", "plus:OtherConstraints", "schema:usageInfo", "schema:copyrightNotice":
		if r := licence.Normalise(s.Value, licence.Free); !r.Expression.IsZero() && len(r.Unknown) == 0 {
			return source.Expression
		}
		return source.Prose
	case "xmpRights:Owner", "cc:attributionName":
		return source.Notice
	}
	return ""
}

// workID names the group of a source.
func workID(id, group string) string {
	name := id + "/" + group
	if len(name) > maxWorkID || strings.ContainsFunc(name, func(c rune) bool { return c < ' ' || c == '\uFFFD' }) {
		return id + "/" + ledger.DigestOf([]byte(group)).String()
	}
	return name
}

const maxWorkID = 1024

func cut(s string, most int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
