package report

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/limner-ai/limner/dataset/frozen"
	"github.com/limner-ai/limner/dataset/proof"
	"github.com/limner-ai/limner/rights/ledger"
)

var taken = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// set writes the two files of a frozen set that a report reads.
func set(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	m := frozen.Manifest{
		Format: frozen.Format, Name: "emoji <b>64</b>", Root: proof.Name{Size: 6}, Pictures: 3, Side: 64, Ruleset: "r1",
		Splits: frozen.Counts{"train": 2, "test": 1}, Sources: frozen.Counts{"noto": 2, "studio": 1},
		Licences: frozen.Counts{"Apache-2.0": 2, "LicenseRef-own": 1}, LeftOut: frozen.Counts{"NO_PROOF": 4},
		Styles: frozen.Counts{"noto": 2},
		Index:  frozen.File{Path: frozen.IndexFile}, Contents: frozen.File{Path: frozen.ContentsFile}, Attribution: frozen.File{Path: frozen.AttributionFile},
	}
	for name, v := range map[string]any{frozen.ManifestFile: m, frozen.FreezeFile: frozen.Freeze{Time: taken}} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func record(t *testing.T) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Create(filepath.Join(t.TempDir(), "ledger"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	b := &ledger.Batch{Actor: "test"}
	doc := b.Keep([]byte("we agree"))
	b.Add(ledger.Source{ID: "noto", Type: "open", Name: "Noto emoji", Location: "npm noto", Version: "1.2", Maker: "Google"})
	b.Add(ledger.Source{ID: "studio", Type: "vendor", Name: "A studio"})
	b.Add(ledger.Agreement{ID: "A-17", State: "signed", Parties: []string{"A studio", "us"}, Sources: []string{"studio"}, Document: doc}, doc)
	b.Add(ledger.Licence{Of: "source:noto", Written: "Apache 2", Expression: "Apache-2.0"})
	b.Add(ledger.Licence{Of: "source:noto", Written: "MIT", Expression: "MIT", Withdrawn: true})
	b.Add(ledger.Extraction{Source: "noto", Basis: "npm package", By: "limner", Copies: 5, Bytes: 100, Began: taken, Ended: taken.Add(time.Hour)})
	b.Add(ledger.Extraction{Source: "noto", Basis: "npm package", Copies: 2, Bytes: 7, Began: taken.AddDate(0, 1, 0), Ended: taken.AddDate(0, 1, 0)})
	if _, err := l.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	return l
}

func answer(t *testing.T, d Document, name string) Item {
	t.Helper()
	for _, s := range d.Sections {
		for _, it := range s.Items {
			if strings.Contains(it.Name, name) {
				return it
			}
		}
	}
	t.Fatalf("%s has no item %q", d.Title, name)
	return Item{}
}

func TestReports(t *testing.T) {
	f, err := Gather(t.Context(), set(t), record(t))
	if err != nil {
		t.Fatal(err)
	}
	if n := f.Sources[0]; n.ID != "noto" || n.Taken.Copies != 7 || n.Taken.Bytes != 107 || !slices.Equal(n.Licences, []string{"Apache-2.0"}) || !slices.Equal(n.Basis, []string{"npm package"}) {
		t.Fatalf("noto is %+v", n)
	}
	p := Provider{Name: "Atelier", Contact: "a@example.org", Models: []string{"m 1.0"}, Placed: "2026-12-01", Purpose: "emoji",
		PersonalData: "none", ConsumerData: "none", IllegalContent: "checked", Complaints: "claims@example.org", Ongoing: "no", FirstUsed: "2026-11-01"}
	for _, k := range Kinds() {
		d := k.Make(f, p, taken)
		if len(d.Missing) > 0 {
			t.Errorf("%s lacks %v", k.Name, d.Missing)
		}
		var b bytes.Buffer
		if err := d.HTML(&b); err != nil {
			t.Fatal(err)
		}
		if page := b.String(); !strings.Contains(page, "emoji &lt;b&gt;64") || strings.Contains(page, "<b>64") || strings.Contains(page, "Not complete") {
			t.Errorf("%s: the page is\n%s", k.Name, page)
		}
	}
	eu := aiAct(f, p, taken)
	if it := answer(t, eu, "2.1"); len(it.Rows) != 1 || !slices.Equal(it.Rows[0], []string{"Noto emoji", "npm noto", "1.2", "Google", "Apache-2.0", "2"}) {
		t.Errorf("2.1 is %+v", it)
	}
	if it := answer(t, eu, "2.2"); len(it.Rows) != 1 || it.Rows[0][1] != "A-17 with A studio, us (signed)" {
		t.Errorf("2.2 is %+v", it)
	}
	if it := answer(t, eu, "Latest date"); it.Answer != "2026-04-01" {
		t.Errorf("the latest date is %q", it.Answer)
	}
	if it := answer(t, eu, "Left out"); len(it.Rows) != 1 || !slices.Equal(it.Rows[0], []string{"NO_PROOF", "4"}) {
		t.Errorf("left out: %+v", it)
	}
	ca := ab2013(f, p, taken)
	if n := len(ca.Sections[0].Items); n != 12 {
		t.Errorf("%d items", n)
	}
	if it := answer(t, ca, "10."); it.Answer != "2026-03-01 to 2026-04-01; still collected: no" {
		t.Errorf("item 10 is %q", it.Answer)
	}
}

// What nobody said is listed, not made up; a ledger that does not know the
// sources leaves them unrecorded.
func TestWhatIsMissing(t *testing.T) {
	f, err := Gather(t.Context(), set(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	d := aiAct(f, Provider{}, taken)
	for _, key := range []string{"name", "contact", "models", "placed", "illegal_content", "complaints"} {
		if !slices.Contains(d.Missing, key) {
			t.Errorf("%s is not missing", key)
		}
	}
	if it := answer(t, d, "2.7"); len(it.Rows) != 2 {
		t.Errorf("2.7 is %+v", it)
	}
	if it := answer(t, d, "Latest date"); it.Answer != "not recorded" {
		t.Errorf("the latest date is %q", it.Answer)
	}
	var b bytes.Buffer
	if err := d.HTML(&b); err != nil || !strings.Contains(b.String(), "Not complete") {
		t.Errorf("the page does not say so: %v", err)
	}
}

func TestRanges(t *testing.T) {
	for n, want := range map[int]string{1: "less than 1 million", 999_999: "less than 1 million", 1_000_000: "1 million to 1 billion", 1_000_000_001: "more than"} {
		if got := imageRange(n); !strings.HasPrefix(got, want) {
			t.Errorf("%d is %s", n, got)
		}
	}
}

func TestProviderFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "provider.yaml")
	for text, want := range map[string]string{
		"name: Atelier\nsme: true\nmodels: [a, b]\n": "",
		"nam: Atelier\n":                   "name",
		"models: {a: 1}\n":                 "line 1",
		strings.Repeat("#", maxProvider+1): "bytes",
	} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		p, err := ReadProvider(path)
		if want == "" && (err != nil || p.Name != "Atelier" || !p.SME || len(p.Models) != 2) {
			t.Errorf("%+v, %v", p, err)
		}
		if want != "" && (err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%.20q gives %v", text, err)
		}
	}
}
