package debian

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/archive"
	"github.com/limner-ai/limner/source/notice"
)

// speaks reports whether a file may speak of the rights in its folder.
func speaks(name string) bool {
	return notice.IsLicence(name) || notice.IsReadme(name) || describes(name) != nil || path.Base(name) == catalogFile
}

// describes gives the reader of files that describe the pictures beside them.
func describes(name string) func(*source.Evidence) []source.Statement {
	switch strings.ToLower(path.Base(name)) {
	case "info.ini", "metadata.desktop", "index.theme", "theme.desktop":
		return keyFile
	case "metadata.json":
		return pluginFile
	}
	return nil
}

// readEntry adds what a file says. That in the package's folder of documents is
// about all of it.
func (c *contents) readEntry(entry *archive.Entry, name, docs string) error {
	data, err := entry.Bytes()
	var r *source.Refused
	if errors.As(err, &r) || err == nil && len(data) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	e, dir := &source.Evidence{Name: name, Data: data}, path.Dir(name)
	switch describe := describes(name); {
	case name == docs+"/copyright": // read before
	case path.Base(name) == catalogFile:
		statements, pieces := catalog(e)
		c.folders.Add(dir, statements...)
		for picture, p := range pieces {
			c.pieces[path.Join(dir, picture)] = p
		}
	case describe != nil:
		c.folders.Add(dir, describe(e)...)
	case dir == docs:
		c.folders.Add(".", notice.Read(e)...)
	default:
		c.folders.Add(dir, notice.Read(e)...)
	}
	return nil
}

// keys are the fields of such files that speak of rights, in lower case.
var keys = map[string]source.Form{
	"license": source.Expression, "licence": source.Expression, "x-kde-plugininfo-license": source.Expression,
	"author": source.Notice, "copyright": source.Notice, "x-kde-plugininfo-author": source.Notice,
}

// keyFile reads lines of "key = value": Stellarium's info.ini, the desktop files
// of freedesktop.org and KDE.
func keyFile(e *source.Evidence) []source.Statement {
	var out []source.Statement
	lines := bufio.NewScanner(bytes.NewReader(e.Data))
	for n := 1; lines.Scan(); n++ {
		key, value, ok := strings.Cut(lines.Text(), "=")
		form := keys[strings.ToLower(strings.TrimSpace(key))]
		value = strings.Trim(strings.TrimSpace(strings.ToValidUTF8(value, "\uFFFD")), `"`)
		if ok && form != "" && value != "" {
			out = append(out, source.Statement{Form: form, Written: value, Where: fmt.Sprintf("%s line %d", e.Name, n), Evidence: e})
		}
	}
	return out
}

// pluginFile reads KDE's metadata.json.
func pluginFile(e *source.Evidence) []source.Statement {
	type said struct {
		License   string
		Copyright string
		Authors   []struct{ Name string }
	}
	var file struct {
		said
		KPlugin said
	}
	if json.Unmarshal(e.Data, &file) != nil {
		return nil
	}
	var out []source.Statement
	for i, s := range []said{file.said, file.KPlugin} {
		where := e.Name
		if i == 1 {
			where += " KPlugin"
		}
		add := func(key string, form source.Form, written string) {
			if strings.TrimSpace(written) != "" {
				out = append(out, source.Statement{Form: form, Written: written, Where: where + " " + key, Evidence: e})
			}
		}
		add("License", source.Expression, s.License)
		add("Copyright", source.Notice, s.Copyright)
		for k, a := range s.Authors {
			add(fmt.Sprintf("Authors %d", k+1), source.Notice, a.Name)
		}
	}
	return out
}
