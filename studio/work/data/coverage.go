package data

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"

	"github.com/limner-ai/limner/curate"
	"github.com/limner-ai/limner/curate/coverage"
	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/home"
	"github.com/limner-ai/limner/studio/work/answer"
)

func (d *Desk) curated(w http.ResponseWriter, _ *http.Request) {
	names, err := d.places.CuratedNames()
	if err != nil {
		answer.Fail(w, err)
		return
	}
	out := []map[string]any{}
	for _, name := range names {
		dir, err := d.places.FindCurated(name)
		if err != nil {
			continue
		}
		if sum, err := curate.ReadSummary(dir); err == nil {
			out = append(out, map[string]any{"name": name, "pictures": sum.Pictures, "copies": sum.Copies, "train": sum.Train, "test": sum.Test, "rejected": sum.Rejected})
		}
	}
	answer.JSON(w, map[string]any{"curated": out})
}

// report reads what a set covers, or answers.
func (d *Desk) report(w http.ResponseWriter, r *http.Request) (coverage.Report, bool) {
	var report coverage.Report
	dir, err := d.places.FindCurated(r.PathValue("set"))
	if err != nil {
		answer.Error(w, http.StatusNotFound, err)
		return report, false
	}
	text, err := os.ReadFile(filepath.Join(dir, home.CoverageFile))
	if err == nil {
		err = json.Unmarshal(text, &report)
	}
	if err != nil {
		answer.Fail(w, err)
		return report, false
	}
	return report, true
}

func (d *Desk) coverage(w http.ResponseWriter, r *http.Request) {
	if report, ok := d.report(w, r); ok {
		answer.JSON(w, report)
	}
}

const maxExample = 1 << 20 // bytes of a prepared picture

// example gives a prepared picture that a report shows. No other object of the
// store can be had here.
func (d *Desk) example(w http.ResponseWriter, r *http.Request) {
	content, ok := contentOf(w, r, "picture")
	if !ok {
		return
	}
	report, ok := d.report(w, r)
	if !ok {
		return
	}
	if !shows(report, digest.SHA256(content)) {
		answer.Missing(w, "picture in the report")
		return
	}
	data, err := d.places.Home.Objects().Get(digest.SHA256(content))
	if err != nil || len(data) > maxExample || !bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")) {
		answer.Missing(w, "picture: its bytes are not kept")
		return
	}
	answer.Picture(w, data, true)
}

func shows(report coverage.Report, d digest.SHA256) bool {
	lists := [][]coverage.Row{report.Most, report.Least, report.Concepts.Rows}
	for _, x := range report.Dimensions {
		lists = append(lists, x.Rows)
	}
	for _, rows := range lists {
		for _, row := range rows {
			for _, s := range row.Sample {
				if s == d {
					return true
				}
			}
		}
	}
	for _, row := range report.Rare {
		for _, s := range row.Sample {
			if s == d {
				return true
			}
		}
	}
	return false
}
