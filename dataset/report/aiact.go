package report

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// aiAct follows the sections of the Commission's template for the public summary
// of training content, C(2025) 8311.
func aiAct(f Facts, p Provider, now time.Time) Document {
	d := Document{Title: "Public summary of training content: " + f.Set.Name, Made: now,
		Basis: "Regulation (EU) 2024/1689, article 53(1)(d); template C(2025) 8311"}
	_, last := f.period()
	general := Section{"1. General information", []Item{
		{Name: "Provider", Answer: d.said("name", p.Name)},
		{Name: "Contact", Answer: d.said("contact", p.Contact)},
		{Name: "Authorised representative", Answer: cmp.Or(p.Representative, "none named")},
		{Name: "Models and versions", Answer: d.said("models", strings.Join(p.Models, "; "))},
		{Name: "Models that these continue", Answer: cmp.Or(strings.Join(p.DependsOn, "; "), "none: trained from the beginning on the data below")},
		{Name: "Placed on the Union market", Answer: d.said("placed", p.Placed)},
		{Name: "Modalities", Answer: "images, with short texts that describe them"},
		{Name: "Size", Answer: imageRange(f.Set.Pictures) + fmt.Sprintf(" (%d, of which %d are held out and not trained on)", f.Set.Pictures, f.Set.Splits["test"])},
		{Name: "Types of content", Answer: d.said("content", cmp.Or(p.Content, styles(f)))},
		{Name: "Latest date of acquisition", Answer: day(last)},
		{Name: "Data set", Answer: fmt.Sprintf("%s, Merkle root %s, frozen on %s", f.Set.Name, f.Set.Root, day(f.Frozen.Time))},
	}}
	sources := Section{Title: "2. Data sources"}
	add := func(name string, none string, list []Source, head []string, row func(Source) []string) {
		it := Item{Name: name}
		if len(list) == 0 {
			it.Answer = none
		} else {
			it.Head = head
		}
		for _, s := range list {
			it.Rows = append(it.Rows, row(s))
		}
		sources.Items = append(sources.Items, it)
	}
	add("2.1 Publicly available data sets", "none", f.byType("open"), []string{"Data set", "Where", "Version", "Maker", "Stated licence", "Pictures"}, func(s Source) []string {
		return []string{title(s), s.Location, s.Version, s.Maker, strings.Join(s.Licences, "; "), fmt.Sprint(s.Pictures)}
	})
	add("2.2 Private data sets licensed by rights holders or obtained from third parties", "none", f.byType("vendor"), []string{"Data set", "Agreements", "Pictures"}, func(s Source) []string {
		var as []string
		for _, a := range s.Agreements {
			as = append(as, fmt.Sprintf("%s with %s (%s)", a.ID, strings.Join(a.Parties, ", "), a.State))
		}
		return []string{title(s), strings.Join(as, "; "), fmt.Sprint(s.Pictures)}
	})
	add("2.3 Crawled from online sources", "none: no crawler was used for this data set", f.byType("crawl"), []string{"Site", "Crawler", "From", "To", "Pictures", "Reservations honoured"}, func(s Source) []string {
		return []string{title(s), strings.Join(s.By, "; "), day(s.First), day(s.Last), fmt.Sprint(s.Pictures), reservations(s)}
	})
	add("2.4 User data", "none", f.byType("usage"), []string{"Source", "Ground", "Pictures"}, func(s Source) []string {
		return []string{title(s), strings.Join(s.Basis, "; "), fmt.Sprint(s.Pictures)}
	})
	add("2.5 Synthetic data", "none: pictures made by users' requests are listed as user data", nil, nil, nil)
	add("2.6 Other: the provider's own pictures", "none", f.byType("internal"), []string{"Source", "Ground", "Pictures"}, func(s Source) []string {
		return []string{title(s), strings.Join(s.Basis, "; "), fmt.Sprint(s.Pictures)}
	})
	add("2.7 Sources that the ledger does not describe", "none", f.byType(""), []string{"Source", "Pictures"}, func(s Source) []string {
		return []string{s.ID, fmt.Sprint(s.Pictures)}
	})
	processing := Section{"3. Data processing", []Item{
		{Name: "Reservations of rights (Directive (EU) 2019/790, article 4(3))", Answer: "Opt-in: a picture is used only on a recorded licence, agreement or ownership. " +
			"Any machine-readable reservation keeps it out (robots.txt, AIPREF, TDMRep, Content-Signal, RSL, X-Robots-Tag, ai.txt, IPTC/PLUS, CAWG and C2PA), and a crawler asks before it requests a picture. Rules: " + f.Set.Ruleset + "."},
		{Name: "Left out at the last decision, by reason", Head: []string{"Reason", "Pictures"}, Rows: counts(f.Set.LeftOut, "not stated"), Answer: empty(f.Set.LeftOut, "none")},
		{Name: "Licences of the pictures", Head: []string{"Licence", "Pictures"}, Rows: counts(f.Set.Licences, "not stated")},
		{Name: "Illegal content", Answer: d.said("illegal_content", p.IllegalContent)},
		{Name: "Complaints of rights holders", Answer: d.said("complaints", p.Complaints)},
	}}
	d.Sections = []Section{general, sources, processing}
	return d
}

// imageRange is the range of the template that a number of pictures falls in.
func imageRange(n int) string {
	switch {
	case n < 1e6:
		return "less than 1 million images"
	case n <= 1e9:
		return "1 million to 1 billion images"
	default:
		return "more than 1 billion images"
	}
}

func title(s Source) string { return cmp.Or(s.Name, s.ID) }

func styles(f Facts) string {
	var out []string
	for _, r := range counts(f.Set.Styles, "") {
		out = append(out, r[0]+" ("+r[1]+")")
	}
	if len(out) == 0 {
		return ""
	}
	return "drawings in the styles " + strings.Join(out, ", ")
}

func empty(c map[string]int, words string) string {
	if len(c) == 0 {
		return words
	}
	return ""
}

func reservations(s Source) string {
	var out []string
	for _, r := range counts(s.Reserved, "") {
		out = append(out, r[0]+" "+r[1])
	}
	return cmp.Or(strings.Join(out, ", "), "none met")
}
