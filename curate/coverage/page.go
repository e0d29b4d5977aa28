package coverage

import (
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"

	"github.com/limner-ai/limner/internal/digest"
)

//go:embed page.html
var pageHTML string

const (
	maxRows  = 120 // of a dimension on the page: those with most and least
	maxRare  = 60
	maxThumb = 64 << 10 // bytes; a larger picture would make the page huge
)

// Page writes the report as one HTML file that needs nothing beside itself.
// Open gives the bytes of a prepared picture.
func (r *Report) Page(w io.Writer, open func(digest.SHA256) ([]byte, error)) error {
	t, err := template.New("page").Funcs(template.FuncMap{
		"thumbs": func(sample []digest.SHA256, most int) ([]template.URL, error) {
			var out []template.URL
			for _, d := range sample[:min(len(sample), most)] {
				b, err := open(d)
				if errors.Is(err, fs.ErrNotExist) || len(b) > maxThumb {
					continue
				}
				if err != nil {
					return nil, err
				}
				out = append(out, template.URL("data:image/png;base64,"+base64.StdEncoding.EncodeToString(b)))
			}
			return out, nil
		},
		// Long tables have fewer, or the page would be heavy.
		"room":   func(rows []Row) int { return max(3, min(sampled, 240/max(len(rows), 1))) },
		"number": number,
		"share": func(n, of int) string {
			if of == 0 {
				return ""
			}
			return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(of))
		},
		"width": func(n int, rows []Row) template.CSS {
			most := 1
			for _, r := range rows {
				most = max(most, r.Pictures)
			}
			return template.CSS(fmt.Sprintf("width:%.1f%%", 100*float64(n)/float64(most)))
		},
		"page":  ends,
		"first": func(rare []Rare) []Rare { return rare[:min(len(rare), maxRare)] },
	}).Parse(pageHTML)
	if err != nil {
		return fmt.Errorf("the page's template: %w", err)
	}
	if err := t.Execute(w, r); err != nil {
		return fmt.Errorf("coverage page: %w", err)
	}
	return nil
}

// ends are the rows that a page has room for: the first and the last.
func ends(rows []Row) []Row {
	if len(rows) <= maxRows {
		return rows
	}
	left := len(rows) - maxRows
	out := append([]Row{}, rows[:maxRows/2]...)
	out = append(out, Row{Name: fmt.Sprintf("… %d more …", left)})
	return append(out, rows[len(rows)-maxRows/2:]...)
}

// number writes n with thin spaces between thousands.
func number(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}
