// Package sqlite opens SQLite databases by path on every system.
package sqlite

import (
	"database/sql"
	"net/url"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // registers the driver
)

// Open gives a handle on the database at path; what is wrong with it, the first
// query tells. Parameters are those of SQLite's URIs ("mode=ro") and the
// driver's ("_pragma=foreign_keys(1)").
func Open(path string, parameters ...string) (*sql.DB, error) {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/…
	}
	address := url.URL{Scheme: "file", Path: path, RawQuery: strings.Join(parameters, "&")}
	return sql.Open("sqlite", address.String())
}
