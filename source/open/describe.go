package open

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/manifest"
	"github.com/limner-ai/limner/source/open/croissant"
)

// openCroissant prepares the files that a Croissant description is about.
func (s *set) openCroissant() error {
	text, err := readFile(s.beside(s.Path), 64<<20)
	if err != nil {
		return fmt.Errorf("path: %w", err)
	}
	d, err := croissant.Parse(text)
	if err != nil {
		return fmt.Errorf("path: %s: %w", s.Path, err)
	}
	e := &source.Evidence{Name: filepath.Base(s.Path), Data: text}
	for _, l := range d.Licences {
		s.statements = append(s.statements, source.Statement{Scope: source.Whole, Form: source.Expression,
			Written: l, Where: e.Name + " license", Evidence: e})
	}
	for _, u := range d.Usage {
		s.statements = append(s.statements, source.Statement{Scope: source.Whole, Form: source.Prose,
			Written: u, Where: e.Name + " usageInfo", Evidence: e})
	}
	fill(&s.Name, d.Name)
	fill(&s.URL, d.URL)
	fill(&s.Version, d.Version)
	fill(&s.Maker, strings.Join(d.Creators, ", "))
	fill(&s.Creator, strings.Join(d.Creators, ", "))
	if len(d.Published) >= 10 {
		fill(&s.Completed, d.Published[:10])
	}
	data := filepath.Dir(s.beside(s.Path))
	if s.Data != "" {
		data = s.beside(s.Data)
	}
	plans, err := plansOf(d)
	if err != nil {
		return err
	}
	r := &resources{set: s, dir: data, live: d.Live, byID: map[string]croissant.Resource{}}
	for _, f := range d.Files {
		r.byID[f.ID] = f
	}
	s.walk = r.walkPlans(plans)
	return nil
}

// fill sets what the configuration leaves open.
func fill(to *string, value string) {
	if *to == "" {
		*to = value
	}
}

// plan is one way in which a description gives pictures.
type plan struct {
	from    string            // identifier of the files
	columns map[string]string // of a table that holds the pictures; nil if the files are pictures
	named   []naming          // what files' names tell

	// A table that has words for the files: by which of its columns they are
	// found, and what the other columns hold.
	words       string
	wordColumns map[string]string
	key         croissant.Source // how a file's key is made of its name
}

// naming is a field that is read out of a file's name.
type naming struct {
	field  string
	source croissant.Source
}

// plansOf finds the pictures that the record sets describe; all files, if none
// do.
func plansOf(d *croissant.Dataset) ([]plan, error) {
	fields := map[string]croissant.Field{}
	for _, r := range d.RecordSets {
		for _, f := range r.Fields {
			fields[f.ID] = f
		}
	}
	var plans []plan
	for _, r := range d.RecordSets {
		for _, f := range r.Fields {
			if !slices.Contains(f.Types, "ImageObject") || slices.Contains(f.Types, "SegmentationMask") || f.Source.From == "" {
				continue
			}
			p, err := planOf(f, r, fields)
			if err != nil {
				return nil, fmt.Errorf("recordSet %s: field %s: %w", r.ID, f.ID, err)
			}
			if p.columns != nil && !slices.ContainsFunc(d.Files, func(r croissant.Resource) bool { return r.ID == p.from && isParquet(r) }) {
				return nil, fmt.Errorf("recordSet %s: field %s: %s is no Parquet file; only its columns can hold pictures", r.ID, f.ID, p.from)
			}
			plans = append(plans, p)
		}
	}
	if len(plans) > 0 {
		return plans, nil
	}
	for _, f := range d.Files {
		contained := slices.ContainsFunc(d.Files, func(o croissant.Resource) bool { return slices.Contains(o.ContainedIn, f.ID) })
		if !contained {
			plans = append(plans, plan{from: f.ID})
		}
	}
	if len(plans) == 0 {
		return nil, errors.New("distribution: it describes no files")
	}
	return plans, nil
}

func isParquet(r croissant.Resource) bool {
	return slices.ContainsFunc(slices.Concat(r.Format, r.Includes, []string{r.URL}), func(s string) bool {
		return strings.HasSuffix(s, "parquet")
	})
}

func planOf(image croissant.Field, table croissant.RecordSet, fields map[string]croissant.Field) (plan, error) {
	p := plan{from: image.Source.From}
	if image.Source.Column != "" {
		p.columns = map[string]string{"image": image.Source.Column}
	}
	for _, f := range table.Fields {
		if f.ID == image.ID {
			continue
		}
		if f.Source.Unreadable != "" {
			return p, fmt.Errorf("%s cannot be read", f.Source.Unreadable)
		}
		field := manifest.FieldOf(f.Name)
		switch {
		case f.Source.From == p.from && p.columns != nil:
			if f.Source.Column != "" && words(field) {
				p.columns[field] = f.Source.Column
			}
		case f.Source.From == p.from && f.References != "":
			p.join(f.Source, fields[f.References], fields)
		case f.Source.From == p.from && words(field):
			p.named = append(p.named, naming{field, f.Source})
		}
		// The other way round: the table refers to the files.
		if ref, ok := fields[f.References]; ok && ref.Source.From == p.from && f.Source.From != p.from && p.columns == nil {
			p.join(ref.Source, f, fields)
		}
	}
	return p, nil
}

// join takes words for the files from the table that the column belongs to.
func (p *plan) join(key croissant.Source, column croissant.Field, fields map[string]croissant.Field) {
	if column.Source.Column == "" && column.Source.JSONPath == "" {
		return
	}
	p.words, p.key = column.Source.From, key
	p.wordColumns = map[string]string{"path": columnOf(column)}
	for _, f := range fields {
		if field := manifest.FieldOf(f.Name); f.Source.From == p.words && f.ID != column.ID && words(field) && columnOf(f) != "" {
			p.wordColumns[field] = columnOf(f)
		}
	}
}

// columnOf is the name of a column, or the member that a simple JSON path
// ("$.caption") names.
func columnOf(f croissant.Field) string {
	if f.Source.Column != "" {
		return f.Source.Column
	}
	return strings.TrimPrefix(strings.TrimPrefix(f.Source.JSONPath, "$"), ".")
}

// words reports whether a field says something of a picture, rather than which
// picture it is.
func words(field string) bool {
	return field != "" && !slices.Contains([]string{"path", "sha256", "size", "media", "width", "height"}, field)
}

// value makes a text of a file's name as the description says; false if it says
// nothing of this one.
func value(s croissant.Source, full, base string) (string, bool) {
	v := ""
	switch s.Property {
	case "filename":
		v = base
	case "fullpath":
		v = full
	default:
		return "", false
	}
	for _, re := range s.Regex {
		m := re.FindStringSubmatch(v)
		if m == nil {
			return "", false
		}
		if v = m[0]; len(m) > 1 {
			v = m[1]
		}
	}
	return v, true
}
