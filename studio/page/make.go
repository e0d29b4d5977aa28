package page

import "net/http"

func (p *Page) make(r *http.Request) (any, error) { return nil, nil }

func (p *Page) submit(w http.ResponseWriter, r *http.Request) {}
