package licence

import (
	"net/url"
	"strings"
)

// isAddress reports whether a word is to be read as a web address.
func isAddress(w string) bool {
	w = strings.ToLower(strings.TrimLeft(w, "<\"'["))
	return strings.Contains(w, "://") || strings.HasPrefix(w, "www.") ||
		strings.HasPrefix(w, "creativecommons.org/") || strings.HasPrefix(w, "//")
}

// byAddress recognises the address of a licence.
func byAddress(w string) (Expression, bool) {
	w = strings.Trim(w, "<>\"'[],;")
	w = strings.TrimPrefix(w, "//")
	if !strings.Contains(w, "://") {
		w = "https://" + w
	}
	u, err := url.Parse(w)
	if err != nil || u.User != nil || u.Port() != "" || u.Scheme != "http" && u.Scheme != "https" {
		return Expression{}, false
	}
	host := strings.TrimPrefix(strings.ToLower(u.Host), "www.")
	if host == "creativecommons.org" {
		if l, ok := ccAddress(u); ok {
			return Of(l), true
		}
	}
	path := strings.Trim(strings.ToLower(u.Path), "/")
	for _, ext := range []string{".html", ".txt", ".php", ".en", ".md"} {
		path = strings.TrimSuffix(path, ext)
	}
	if id, ok := book().Addresses[strings.TrimSuffix(host+"/"+path, "/")]; ok {
		e, err := Parse(id)
		return e, err == nil
	}
	// Registries that name their pages by SPDX identifier.
	name, ok := strings.CutPrefix(path, "licenses/")
	if !ok {
		name, ok = strings.CutPrefix(path, "license/")
	}
	if ok && (host == "spdx.org" || host == "opensource.org" || host == "choosealicense.com") {
		l, ok := listed(name, false)
		return Of(l), ok
	}
	return Expression{}, false
}
