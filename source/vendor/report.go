package vendor

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/manifest"
)

// Report writes what was refused of a delivery, a line for each file or line of
// the manifest, to be sent back to the vendor.
type Report struct {
	csv  *csv.Writer
	json *json.Encoder
	n    int64
}

// finding is a line of the report.
type finding struct {
	Path     string `json:"path"`
	Why      string `json:"why"`
	Rule     Rule   `json:"rule,omitempty"`
	Line     int64  `json:"line,omitempty"` // of the manifest
	Expected string `json:"expected,omitempty"`
	Found    string `json:"found,omitempty"`
	Detail   string `json:"detail"`
}

// NewReport begins a report in w, as CSV with a header or as JSON Lines. It is
// whole after Close, which leaves w open.
func NewReport(w io.Writer, form manifest.Form) (*Report, error) {
	switch form {
	case manifest.CSV:
		r := &Report{csv: csv.NewWriter(w)}
		return r, r.csv.Write([]string{"path", "why", "rule", "line", "expected", "found", "detail"})
	case manifest.JSONL:
		r := &Report{json: json.NewEncoder(w)}
		r.json.SetEscapeHTML(false)
		return r, nil
	}
	return nil, fmt.Errorf("a report is csv or jsonl, not %q", form)
}

// Add writes one refusal. That of other sources can be added too.
func (r *Report) Add(refused *source.Refused) error {
	f := finding{Path: refused.Path, Why: string(refused.Why), Detail: refused.Err.Error()}
	var d *Discrepancy
	if errors.As(refused.Err, &d) {
		f.Rule, f.Line, f.Expected, f.Found = d.Rule, d.Line, d.Expected, d.Found
	}
	r.n++
	if r.json != nil {
		return r.json.Encode(f)
	}
	line := ""
	if f.Line > 0 {
		line = strconv.FormatInt(f.Line, 10)
	}
	return r.csv.Write([]string{cell(f.Path), f.Why, string(f.Rule), line, cell(f.Expected), cell(f.Found), cell(f.Detail)})
}

// cell keeps a spreadsheet from taking a vendor's text for a formula.
func cell(s string) string {
	if s != "" && (s[0] == '=' || s[0] == '+' || s[0] == '-' || s[0] == '@' || s[0] == '\t' || s[0] == '\r') {
		return "'" + s
	}
	return s
}

// Len is the number of refusals added.
func (r *Report) Len() int64 { return r.n }

// Close writes what is still held back.
func (r *Report) Close() error {
	if r.csv == nil {
		return nil
	}
	r.csv.Flush()
	return r.csv.Error()
}
