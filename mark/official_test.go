package mark

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/mark/c2pa"
	"github.com/limner-ai/limner/mark/carrier"
)

// npmFolder is where .ci/run puts packages of npm.
const npmFolder = "../dist/npm/node_modules"

// node runs a script with a package of npm, and gives its lines.
func node(t *testing.T, pkg, script string, args ...string) []string {
	t.Helper()
	program, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no node: " + pkg + " was not asked")
	}
	packages, err := filepath.Abs(npmFolder)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(packages, pkg, "package.json")); err != nil {
		t.Skip("there is no dist/npm/node_modules/" + pkg + ", which .ci/run installs: it was not asked")
	}
	c := exec.CommandContext(t.Context(), program, append([]string{"testdata/" + script}, args...)...)
	c.Env = append(os.Environ(), "LIMNER_NPM="+packages)
	var errors bytes.Buffer
	c.Stderr = &errors
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, errors.String())
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// official is what the official library says of a file.
type official struct {
	State    string `json:"validation_state"`
	Active   string `json:"active_manifest"`
	Failures []struct {
		Code string `json:"code"`
	} `json:"validation_status"`
	Manifests map[string]struct {
		Ingredients []struct {
			Title    string `json:"title"`
			Relation string `json:"relationship"`
			Manifest string `json:"active_manifest"`
		} `json:"ingredients"`
		Assertions []struct {
			Label string `json:"label"`
		} `json:"assertions"`
	} `json:"manifests"`
}

// pixelsOf is what the part of a file begins with that holds its pixels.
var pixelsOf = map[carrier.Format][]byte{carrier.PNG: []byte("IDAT"), carrier.JPEG: {0xFF, 0xDA}, carrier.WebP: []byte("VP8L")}

// keep writes a file into a folder and gives its path.
func keep(t *testing.T, dir, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// specimens are pictures sealed, edited and altered.
func specimens(t *testing.T, m *Marker) (names []string, paths map[string]string) {
	t.Helper()
	dir, f := t.TempDir(), files(t)
	first := seal(t, m, f[carrier.PNG], about())
	edit := about()
	edit.Edited, edit.Ingredients = true, []Ingredient{{Title: "first.png", File: first}, {Title: "mask.png", File: f[carrier.PNG]}}
	second := seal(t, m, f[carrier.JPEG], edit)
	altered := bytes.Clone(first)
	altered[len(altered)-20] ^= 1 // in the pixels' data
	forged := bytes.Clone(first)
	forged[bytes.Index(forged, []byte("emoji"))] ^= 1 // in the first assertion
	content := map[string][]byte{
		"first.png": first, "first.jpg": seal(t, m, f[carrier.JPEG], about()), "second.jpg": second,
		"third.png": seal(t, m, seal(t, m, f[carrier.PNG], edit), about()), "first.webp": seal(t, m, f[carrier.WebP], about()), "second.webp": seal(t, m, f[carrier.WebP], edit), "altered.png": altered, "forged.png": forged,
	}
	paths = map[string]string{}
	for name, b := range content {
		names = append(names, name)
		paths[name] = keep(t, dir, name, b)
	}
	slices.Sort(names)
	return names, paths
}

func TestTheOfficialLibraryTrustsWhatIsSealed(t *testing.T) {
	m := open(t)
	names, paths := specimens(t, m)
	args := []string{filepath.Join(m.options.Dir, RootName)}
	for _, name := range names {
		args = append(args, paths[name])
	}
	lines := node(t, "@contentauth/c2pa-node", "c2pa-node.mjs", args...)
	if len(lines) != len(names) {
		t.Fatal(lines)
	}
	for i, name := range names {
		var o official
		if err := json.Unmarshal([]byte(lines[i]), &o); err != nil {
			t.Fatal(err)
		}
		failed := func(code string) bool {
			return slices.ContainsFunc(o.Failures, func(s struct {
				Code string `json:"code"`
			}) bool {
				return s.Code == code
			})
		}
		switch name {
		case "altered.png":
			if o.State != "Invalid" || !failed("assertion.dataHash.mismatch") {
				t.Errorf("%s: %+v", name, o)
			}
			continue
		case "forged.png":
			if o.State != "Invalid" || !failed("assertion.hashedURI.mismatch") {
				t.Errorf("%s: %+v", name, o)
			}
			continue
		}
		if o.State != "Trusted" || len(o.Failures) > 0 {
			t.Errorf("%s: %s %+v", name, o.State, o.Failures)
		}
		depth := 1
		for at := o.Active; ; depth++ {
			in := o.Manifests[at].Ingredients
			if len(in) == 0 || in[0].Relation != "parentOf" || in[0].Manifest == "" {
				break
			}
			at = in[0].Manifest
		}
		if want := map[string]int{"second.jpg": 2, "second.webp": 2, "third.png": 3}[name]; max(want, 1) != depth {
			t.Errorf("%s: a chain of %d manifests", name, depth)
		}
	}
	// With the public trust list alone, nobody knows who signed.
	var o official
	lines = node(t, "@contentauth/c2pa-node", "c2pa-node.mjs", "", paths["first.png"])
	if err := json.Unmarshal([]byte(lines[0]), &o); err != nil || o.State != "Valid" {
		t.Errorf("without the root: %s %v", o.State, err)
	}
}

func TestASecondImplementationAgrees(t *testing.T) {
	names, paths := specimens(t, open(t))
	var args []string
	names = slices.DeleteFunc(names, func(name string) bool { return filepath.Ext(name) == ".webp" }) // which it does not read
	for _, name := range names {
		args = append(args, paths[name])
	}
	for i, line := range node(t, "@trustnxt/c2pa-ts", "c2pa-ts.mjs", args...) {
		var r struct {
			Valid    bool     `json:"valid"`
			Statuses []string `json:"statuses"`
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		if spoilt := names[i] == "altered.png" || names[i] == "forged.png"; r.Valid == spoilt {
			t.Errorf("%s: %+v", names[i], r)
		}
	}
}

// The other way round: what the official library signs is read here, with ours
// as the parent, and what was altered is named.
func TestWhatTheOfficialLibrarySignsIsRead(t *testing.T) {
	m, dir := open(t), t.TempDir()
	for name, format := range map[string]carrier.Format{"a.png": carrier.PNG, "a.jpg": carrier.JPEG, "a.webp": carrier.WebP} {
		from := keep(t, dir, name, seal(t, m, files(t)[format], about()))
		to := filepath.Join(dir, "edited-"+name)
		node(t, "@contentauth/c2pa-node", "c2pa-node-sign.mjs", filepath.Join(m.options.Dir, signingName), from, to, "edit")
		b, err := os.ReadFile(to)
		if err != nil {
			t.Fatal(err)
		}
		r := readBack(t, b, m.Trust()).Credentials
		if r.State != c2pa.Trusted || len(r.Manifests) != 2 || r.Manifests[1].State != c2pa.Trusted {
			t.Errorf("%s: %s with %d manifests: %+v", name, r.State, len(r.Manifests), r.Failures())
			continue
		}
		if a := r.Active(); a.Title != "edit" || a.Generator != "official" || a.Ingredients[0].Relation != c2pa.ParentOf {
			t.Errorf("%s: %+v", name, a)
		}
		b[bytes.Index(b, pixelsOf[format])+30] ^= 1
		if r := readBack(t, b, m.Trust()).Credentials; r.State != c2pa.Invalid || r.Failures()[0].Code != "assertion.dataHash.mismatch" {
			t.Errorf("%s altered: %s %+v", name, r.State, r.Failures())
		}
		// And back again: sealed once more, all three are carried.
		b[bytes.Index(b, pixelsOf[format])+30] ^= 1
		if r := readBack(t, seal(t, m, b, about()), m.Trust()).Credentials; r.State != c2pa.Trusted || len(r.Manifests) != 3 {
			t.Errorf("%s sealed again: %s with %d manifests: %+v", name, r.State, len(r.Manifests), r.Failures())
		}
	}
}

// Claims of version 1 are read too, and carried into ours.
func TestOldClaimsOfTheOfficialLibraryAreRead(t *testing.T) {
	m, dir := open(t), t.TempDir()
	from, to := keep(t, dir, "plain.jpg", files(t)[carrier.JPEG]), filepath.Join(dir, "old.jpg")
	node(t, "@contentauth/c2pa-node", "c2pa-node-sign.mjs", filepath.Join(m.options.Dir, signingName), from, to, "old")
	b, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	r := readBack(t, b, m.Trust()).Credentials
	if a := r.Active(); r.State != c2pa.Trusted || a.Generator != "official/1" || a.Title != "old" || a.Actions[0].Name != c2pa.Created {
		t.Errorf("%s %+v %+v", r.State, r.Failures(), a)
	}
	if r := readBack(t, seal(t, m, b, about()), m.Trust()).Credentials; r.State != c2pa.Trusted || len(r.Manifests) != 2 {
		t.Errorf("sealed again: %s with %d manifests: %+v", r.State, len(r.Manifests), r.Failures())
	}
}

func TestExifToolReadsXMP(t *testing.T) {
	program, err := exec.LookPath("exiftool")
	if err != nil {
		t.Skip("there is no exiftool (Debian's libimage-exiftool-perl): it was not asked")
	}
	m, a, dir := open(t), about(), t.TempDir()
	for format, file := range files(t) {
		path := keep(t, dir, strings.ReplaceAll(string(format), "/", "."), seal(t, m, file, a))
		out, err := exec.CommandContext(t.Context(), program, "-json", "-G1", "-struct", path).Output()
		if err != nil {
			t.Fatal(err)
		}
		var all []map[string]any
		if err := json.Unmarshal(out, &all); err != nil {
			t.Fatal(err)
		}
		for tag, want := range map[string]string{
			"XMP-iptcExt:DigitalSourceType": c2pa.Generated,
			"XMP-xmp:CreatorTool":           "Limner test",
			"XMP-dc:Description":            a.Prompt,
			"XMP-limner:ModelDigest":        a.Model.Digest,
			"XMP-limner:PictureID":          a.ID.String(),
		} {
			if got := all[0][tag]; got != want {
				t.Errorf("%s: %s is %v, want %s", format, tag, got, want)
			}
		}
		if w, ok := all[0]["ExifTool:Warning"]; ok {
			t.Errorf("%s: %v", format, w)
		}
	}
}
