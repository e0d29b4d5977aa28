package rights

import (
	"fmt"
	"slices"
	"time"

	"github.com/limner-ai/limner/rights/licence"
	"github.com/limner-ai/limner/source"
)

// database is the meter of step 8: whoever made a collection may forbid taking
// a substantial part of it, all takings added up (Directive 96/9/EC, article 7;
// UK SI 1997/3032, regulation 16), whatever the licences of its single works.
func (j *judge) database() {
	for _, d := range j.f.Databases {
		over, why := d.over(j.p.Database)
		if !over || j.permitted(d) || d.lapsed(j.p.Database, j.q.At) {
			continue
		}
		j.say(j.p.Database.Outcome, DatabaseTaken, nil, "%s, and its maker has not permitted it", why)
	}
}

// over reports whether more was taken than the policy's limit.
func (d Database) over(rules DatabaseRules) (bool, string) {
	share := func(taken, all int64, what string) (bool, string) {
		if all <= 0 || float64(taken) <= rules.Share*float64(all) {
			return false, ""
		}
		return true, fmt.Sprintf("of the collection %s %d of %d %s were taken, %.0f percent, above the limit of %.0f",
			d.About.ID, taken, all, what, 100*float64(taken)/float64(all), 100*rules.Share)
	}
	if over, why := share(d.Taken.Copies, d.About.Works, "works"); over {
		return over, why
	}
	if over, why := share(d.Taken.Bytes, d.About.Bytes, "bytes"); over {
		return over, why
	}
	if d.About.Works == 0 && d.About.Bytes == 0 && d.Taken.Copies > rules.Copies {
		return true, fmt.Sprintf("of the collection %s, whose size is not known, %d works were taken, above the limit of %d", d.About.ID, d.Taken.Copies, rules.Copies)
	}
	return false, ""
}

// permitted reports whether the maker lifted the limit: by an agreement, or by
// a licence for the whole that lets anybody take and train. One's own
// collections need no permission.
func (j *judge) permitted(d Database) bool {
	if slices.Contains(j.p.Database.Exempt, d.About.Type) {
		return true
	}
	if slices.ContainsFunc(d.Sources, func(id string) bool { return j.covered[id] }) {
		return true
	}
	return slices.ContainsFunc(j.stated(), func(s Statement) bool {
		if s.Scope != source.Whole || !slices.Contains(d.Sources, s.Source) {
			return false
		}
		e, err := licence.Parse(s.Expression)
		if err != nil {
			return false
		}
		offers, err := licence.Default().Offers(e)
		return err == nil && len(offers) > 0 && offers[0].Train == licence.Yes
	})
}

// lapsed reports whether the right has run out: it lasts from the year after
// the last substantial investment (Directive 96/9/EC, article 10).
func (d Database) lapsed(rules DatabaseRules, at time.Time) bool {
	last := max(d.About.Completed, d.About.Renewed) // days sort as text
	day, err := time.Parse(time.DateOnly, last)
	return err == nil && at.UTC().Year() > day.Year()+rules.Years
}
