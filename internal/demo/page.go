package demo

import (
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"os"

	"github.com/limner-ai/limner/internal/atomicfile"
)

//go:embed page.html
var pageHTML string

// page is what the template shows.
type page struct {
	Version  string
	Count    int
	Size     int
	Caption  string
	Real     image64
	Sections []section
	Seconds  float64
}

// section is one model.
type section struct {
	Name            string
	Steps, Pictures int
	Parameters      int
	Seconds         float64
	Model, Digest   string
	Curves          image64
	Samples         image64
	Interpolation   image64
	Reconstructions image64 // none for a GAN
}

// Rate is pictures trained on in a second.
func (s section) Rate() float64 { return float64(s.Pictures) / s.Seconds }

// image64 is a picture inside the page.
type image64 template.URL

func read(path string) (image64, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	return image64("data:image/png;base64," + base64.StdEncoding.EncodeToString(b)), nil
}

// write makes the page, which needs nothing beside itself.
func (p *page) write(path string) error {
	t, err := template.New("page").Funcs(template.FuncMap{
		"url":   func(i image64) template.URL { return template.URL(i) },
		"round": func(x float64) string { return fmt.Sprintf("%.0f", x) },
		"thousands": func(n int) string {
			s := fmt.Sprint(n)
			for i := len(s) - 3; i > 0; i -= 3 {
				s = s[:i] + "," + s[i:]
			}
			return s
		},
	}).Parse(pageHTML)
	if err != nil {
		return fmt.Errorf("the page's template: %w", err)
	}
	return atomicfile.Write(path, 0o644, func(w io.Writer) error { return t.Execute(w, p) })
}
