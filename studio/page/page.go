// Package page is the studio as people see it: server-rendered HTML, native
// modules, one style sheet, nothing from the internet.
//
// A page is a line in views and up to three files of its name: view/NAME.html,
// which defines the template "main"; asset/NAME.js, a module; asset/NAME.css.
// All have asset/studio.css, whose head lists what it offers, and can import
// from asset/api.js (the API), asset/dom.js (elements, messages), asset/job.js
// (a job that is followed), asset/picture.js (pictures on a chessboard). Nothing
// inline: the policy that the gate sends refuses scripts and styles in HTML, style
// attributes too. What must be computed is set from a module, as
// element.style.width.
package page

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
)

//go:embed view
var viewFiles embed.FS

// view is one page.
type view struct {
	Path  string // where it is
	Name  string // of its files
	Title string // as the navigation calls it
	Aside bool   // it is not in the navigation
	// data gives its template what it shows beside the frame; nil: nothing. A
	// page without JavaScript lives by this.
	data func(p *Page, r *http.Request) (any, error)
}

// views are the pages in the order of the navigation. One whose template is not
// there is left out.
var views = []view{
	{Path: "/", Name: "make", Title: "Make", data: (*Page).make},
	{Path: "/gallery", Name: "gallery", Title: "Gallery"},
	{Path: "/explore", Name: "explore", Title: "Explore"},
	{Path: "/train", Name: "train", Title: "Train"},
	{Path: "/data", Name: "data", Title: "Data"},
	{Path: "/trace", Name: "trace", Title: "Trace"},
	{Path: "/station", Name: "station", Title: "Station"},
	{Path: "/report", Name: "report", Title: "What goes wrong", Aside: true},
}

// Page serves the studio's pages and their assets.
type Page struct {
	o         Options
	views     []view
	templates map[string]*template.Template // by the name of the view
	assets    assets
}

// frame is what the layout shows.
type frame struct {
	Title   string
	Views   []view
	Here    view
	Style   []string // addresses of style sheets beside the first
	Script  string   // of the page's module, or ""
	Refresh int      // seconds after which a browser without JavaScript asks again; 0: it does not
	Data    any
}

// refresher is page data that changes by itself.
type refresher interface{ refresh() int }

// New reads the pages that are built in.
func New(o Options) (*Page, error) {
	p := &Page{o: o, templates: map[string]*template.Template{}}
	var err error
	if p.assets, err = readAssets(); err != nil {
		return nil, err
	}
	base := template.New("layout").Funcs(template.FuncMap{"asset": p.assets.address})
	if base, err = base.ParseFS(viewFiles, "view/layout.html"); err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	for _, v := range append(views, view{Name: "missing"}) {
		file := "view/" + v.Name + ".html"
		if _, err := fs.Stat(viewFiles, file); err != nil {
			continue
		}
		t, err := template.Must(base.Clone()).ParseFS(viewFiles, file)
		if err != nil {
			return nil, fmt.Errorf("page: %w", err)
		}
		p.templates[v.Name] = t
		if v.Path != "" {
			p.views = append(p.views, v)
		}
	}
	return p, nil
}

// Routes mounts the pages at their addresses, and the assets below /asset/.
// What no route of the mux knows gets a page that says so.
func (p *Page) Routes(mux *http.ServeMux) {
	for _, v := range p.views {
		path := v.Path
		if path == "/" {
			path = "/{$}"
		}
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) { p.show(w, r, http.StatusOK, v) })
	}
	mux.Handle("GET /asset/", p.assets)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		p.show(w, r, http.StatusNotFound, view{Name: "missing", Title: "Not found"})
	})
	mux.HandleFunc("POST /make", p.submit)
}

// show writes a page.
func (p *Page) show(w http.ResponseWriter, r *http.Request, status int, v view) {
	f := frame{Title: v.Title, Views: p.views, Here: v}
	if v.data != nil {
		data, err := v.data(p, r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		if c, ok := data.(refresher); ok {
			f.Refresh = c.refresh()
		}
		f.Data = data
	}
	if a := p.assets.address(v.Name + ".css"); a != "" {
		f.Style = append(f.Style, a)
	}
	f.Script = p.assets.address(v.Name + ".js")
	var b bytes.Buffer
	if err := p.templates[v.Name].ExecuteTemplate(&b, "layout", f); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // an error here is a reader who has gone
}
