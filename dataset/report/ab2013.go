package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ab2013 answers the twelve items of California Civil Code section 3111(a), as
// added by AB 2013 (2024).
func ab2013(f Facts, p Provider, now time.Time) Document {
	d := Document{Title: "Training data documentation: " + f.Set.Name, Made: now, Basis: "California Civil Code section 3111(a) (AB 2013)"}
	first, last := f.period()
	var sources [][]string
	licensed := map[string]bool{}
	for _, s := range f.Sources {
		sources = append(sources, []string{title(s), cmp.Or(s.Type, "not recorded"), cmp.Or(s.Maker, "not recorded"), s.Location, fmt.Sprint(s.Pictures)})
		if len(s.Agreements) > 0 {
			licensed[title(s)] = true
		}
	}
	bought := "No data set was purchased; the licences are those of the table."
	if len(licensed) > 0 {
		var names []string
		for n := range licensed {
			names = append(names, n)
		}
		bought = "Licensed under agreements: " + strings.Join(slices.Sorted(slices.Values(names)), ", ") + "."
	}
	synthetic := "No."
	if len(f.byType("usage")) > 0 {
		synthetic = "Yes: pictures generated for users who consented to their use."
	}
	d.Sections = []Section{{"Items", []Item{
		{Name: "1. Sources or owners", Head: []string{"Source", "Kind", "Maker", "Where", "Pictures"}, Rows: sources},
		{Name: "2. How the data sets further the intended purpose", Answer: d.said("purpose", p.Purpose)},
		{Name: "3. Number of data points", Answer: fmt.Sprintf("%d pictures with captions, in all", f.Set.Pictures)},
		{Name: "4. Types of data points", Answer: fmt.Sprintf("pictures of %d × %d pixels with transparency, captions, keywords and styles", f.Set.Side, f.Set.Side)},
		{Name: "5. Copyright, trade mark, patent, or public domain", Head: []string{"Licence", "Pictures"}, Rows: counts(f.Set.Licences, "not stated")},
		{Name: "6. Purchased or licensed", Answer: bought},
		{Name: "7. Personal information (section 1798.140(v))", Answer: d.said("personal_data", p.PersonalData)},
		{Name: "8. Aggregate consumer information (section 1798.140(b))", Answer: d.said("consumer_data", p.ConsumerData)},
		{Name: "9. Cleaning, processing, modification", Answer: fmt.Sprintf("Decoded within limits, resampled to %d × %d pixels, measured for quality, copies and near copies clustered, captions joined, whole concepts held out for testing; decided on by rules %s. Recipe %s.", f.Set.Side, f.Set.Side, f.Set.Ruleset, f.Set.Recipe)},
		{Name: "10. Time of collection", Answer: day(first) + " to " + day(last) + "; still collected: " + d.said("ongoing", p.Ongoing)},
		{Name: "11. First used in development", Answer: d.said("first_used", p.FirstUsed)},
		{Name: "12. Synthetic data", Answer: synthetic},
	}}}
	return d
}
