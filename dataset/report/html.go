package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
)

//go:embed page.html
var page string

var tmpl = template.Must(template.New("report").Parse(page))

// HTML writes the document as one page without scripts or outside parts.
func (d Document) HTML(w io.Writer) error {
	if err := tmpl.Execute(w, d); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}
