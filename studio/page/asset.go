package page

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

//go:embed asset
var assetFiles embed.FS

// assets are files that never change at one address: it has the digest of all
// of them in it, so that modules which import each other are of one version.
type assets struct {
	version string
	files   map[string][]byte
}

// types are those of assets, by extension; the system's own table is not asked,
// since it differs from machine to machine.
var types = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

func readAssets() (assets, error) {
	a := assets{files: map[string][]byte{}}
	entries, err := fs.ReadDir(assetFiles, "asset")
	if err != nil {
		return a, fmt.Errorf("page: %w", err)
	}
	sum := sha256.New()
	for _, e := range entries {
		data, err := assetFiles.ReadFile("asset/" + e.Name())
		if err != nil {
			return a, fmt.Errorf("page: %w", err)
		}
		a.files[e.Name()] = data
		fmt.Fprintf(sum, "%s %d\n", e.Name(), len(data))
		sum.Write(data)
	}
	a.version = hex.EncodeToString(sum.Sum(nil))[:12]
	return a, nil
}

// address is where an asset is; "" if there is none of that name.
func (a assets) address(name string) string {
	if _, ok := a.files[name]; !ok {
		return ""
	}
	return "/asset/" + a.version + "/" + name
}

// ServeHTTP gives out an asset.
func (a assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	version, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/asset/"), "/")
	data, ok := a.files[name]
	if !ok || version != a.version {
		http.Error(w, "there is no such asset in this version; load the page again", http.StatusNotFound)
		return
	}
	h := w.Header()
	h.Set("Content-Type", types[path.Ext(name)])
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(data) // an error here is a reader who has gone
}
