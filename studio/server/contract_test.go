package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/limner-ai/limner/internal/home"
)

// contract is the description that a server gives of itself.
type contract struct {
	doc      map[string]any
	compiler *jsonschema.Compiler
	met      map[string]bool // operations that were answered with success
}

const docName = "openapi.json"

func readContract(t *testing.T, r *running) *contract {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(r.want(t, 200, "GET", "/api/v1/openapi.json", "")))
	if err != nil {
		t.Fatal(err)
	}
	c := &contract{doc: doc.(map[string]any), compiler: jsonschema.NewCompiler(), met: map[string]bool{}}
	c.compiler.DefaultDraft(jsonschema.Draft2020) // as OpenAPI 3.1 has it
	c.compiler.AssertFormat()
	if err := c.compiler.AddResource(docName, doc); err != nil {
		t.Fatal(err)
	}
	return c
}

// at follows names, and references on the way; it returns the place reached too.
func (c *contract) at(names ...string) (any, []string) {
	var v any = c.doc
	var place []string
	for _, name := range names {
		m, ok := v.(map[string]any)
		if !ok || m[name] == nil {
			return nil, nil
		}
		v, place = m[name], append(place, name)
		if m, ok := v.(map[string]any); ok {
			if ref, ok := m["$ref"].(string); ok {
				v, place = c.at(strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
			}
		}
	}
	return v, place
}

// operation is the path of the description that a request matches.
func (c *contract) operation(path string) string {
	best := ""
	for p := range c.doc["paths"].(map[string]any) {
		pattern := regexp.MustCompile(`\\\{[a-z]+\\\}`).ReplaceAllString(regexp.QuoteMeta(p), "[^/]+")
		if regexp.MustCompile("^"+pattern+"$").MatchString(path) && (best == "" || strings.Contains(best, "{")) {
			best = p
		}
	}
	return best
}

// check asks, and holds the answer against the description.
func (c *contract) check(t *testing.T, r *running, status int, method, path, body string, headers ...string) string {
	t.Helper()
	resp, text := r.send(t, method, "/api/v1"+path, body, headers...)
	name := method + " " + path
	if resp.StatusCode != status {
		t.Errorf("%s: status %d, want %d: %.300s", name, resp.StatusCode, status, text)
		return text
	}
	bare, _, _ := strings.Cut(path, "?")
	template, verb := c.operation(bare), strings.ToLower(method)
	if op, _ := c.at("paths", template, verb); op == nil {
		t.Errorf("%s is not described", name)
		return text
	}
	response, place := c.at("paths", template, verb, "responses", fmt.Sprint(status))
	if response == nil {
		if response, place = c.at("paths", template, verb, "responses", "default"); response == nil || status < 400 {
			t.Errorf("%s: status %d is not described", name, status)
			return text
		}
	}
	if status < 400 {
		c.met[method+" "+template] = true
	}
	kinds, _ := response.(map[string]any)["content"].(map[string]any)
	if kinds == nil {
		if text != "" {
			t.Errorf("%s: a body that is not described: %.100s", name, text)
		}
		return text
	}
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	if kinds["*/*"] != nil {
		return text
	}
	if kinds[kind] == nil {
		t.Errorf("%s: %s is not described", name, kind)
		return text
	}
	if !strings.HasSuffix(kind, "json") {
		return text
	}
	pointer := docName + "#"
	for _, p := range append(place, "content", kind, "schema") {
		pointer += "/" + strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(p)
	}
	schema, err := c.compiler.Compile(pointer)
	if err != nil {
		t.Fatalf("%s: %v", pointer, err)
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if err := schema.Validate(v); err != nil {
		t.Errorf("%s: the answer is not as described: %v\n%.400s", name, err, text)
	}
	return text
}

// Every route of the description answers as it says, and every route of the
// server's is described.
func TestContract(t *testing.T) {
	o := options(t.TempDir())
	o.Models = append(o.Models, o.Places.Runs)
	l, err := o.Places.Home.OpenLedger()
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	r := start(t, o)
	c := readContract(t, r)
	field := func(text, name string) string {
		t.Helper()
		var m map[string]any
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			t.Fatalf("%v: %.100s", err, text)
		}
		return fmt.Sprint(m[name])
	}
	c.check(t, r, 200, "GET", "/openapi.json", "")
	id := field(c.check(t, r, 201, "POST", "/jobs", `{"kind":"paint","priority":5,"spec":{"prompt":"a tree","steps":2,"n":2,"format":"webp"}}`), "id")
	c.check(t, r, 200, "GET", "/jobs/"+id+"/events", "") // ends when the job does
	j := c.check(t, r, 200, "GET", "/jobs/"+id, "")
	c.check(t, r, 200, "DELETE", "/jobs/"+id, "")
	c.check(t, r, 200, "GET", "/jobs?limit=1&kind=paint&state=done&state=running", "")
	made := regexp.MustCompile(`sha256:[0-9a-f]{64}","type":"image/webp"`).FindString(j)
	made, _, _ = strings.Cut(made, `"`)
	picture := c.check(t, r, 200, "GET", "/objects/"+made, "")
	c.check(t, r, 304, "GET", "/objects/"+made, "", "If-None-Match", `"`+made+`"`)
	up := field(c.check(t, r, 201, "POST", "/uploads", picture, "Content-Type", "image/webp"), "digest")
	c.check(t, r, 200, "GET", "/objects/"+up, "")
	c.check(t, r, 201, "POST", "/jobs", `{"kind":"paint","spec":{"prompt":"a red tree","image":"`+up+`","steps":2}}`)
	models := c.check(t, r, 200, "GET", "/models", "")
	name := regexp.MustCompile(`"name":"([^"]+)"`).FindStringSubmatch(models)
	if name == nil {
		t.Fatalf("no model: %s", models)
	}
	c.check(t, r, 200, "GET", "/models/"+name[1], "")
	c.check(t, r, 200, "GET", "/inspectors", "")
	c.check(t, r, 200, "POST", "/inspections", `{"picture":"`+made+`"}`)
	c.check(t, r, 200, "POST", "/inspections", `{"picture":"`+up+`"}`)
	named := c.check(t, r, 200, "POST", "/traces", `{"picture":"`+made+`"}`, "Content-Type", "application/json")
	c.check(t, r, 200, "POST", "/traces", picture, "Content-Type", "image/webp")
	var traced struct {
		Nearest struct {
			Set     struct{ Root string }
			Nearest []struct{ Index int }
		}
	}
	if err := json.Unmarshal([]byte(named), &traced); err != nil || len(traced.Nearest.Nearest) == 0 {
		t.Fatalf("%v: %.300s", err, named)
	}
	c.check(t, r, 200, "GET", fmt.Sprintf("/traces/sets/%s/%d", traced.Nearest.Set.Root, traced.Nearest.Nearest[0].Index), "")
	c.check(t, r, 200, "GET", "/sets", "")
	r.trained(t, "plain", "false")
	file := c.check(t, r, 200, "GET", "/models/plain/file", "")
	c.check(t, r, 201, "POST", "/models?name=again", file, "Content-Type", "application/octet-stream")
	c.check(t, r, 200, "GET", "/rights/decision?digest="+up, "")
	c.check(t, r, 200, "GET", "/rights/claims", "")
	c.check(t, r, 200, "GET", "/rights/claims?digest="+up, "")
	for _, e := range []struct {
		status             int
		method, path, body string
	}{
		{400, "POST", "/jobs", `{`}, {400, "POST", "/jobs", `{"kind":"paint"}`}, {400, "POST", "/jobs", `{"kind":"nothing","spec":{}}`}, {404, "POST", "/jobs", `{"kind":"paint","spec":{"model":"nothing"}}`},
		{404, "GET", "/jobs/nothing", ""}, {404, "DELETE", "/jobs/nothing", ""}, {404, "GET", "/jobs/nothing/events", ""}, {400, "GET", "/jobs?limit=0", ""}, {400, "GET", "/jobs?state=odd", ""},
		{400, "POST", "/uploads", "x"}, {404, "GET", "/objects/nothing", ""}, {404, "GET", "/models/nothing", ""}, {400, "POST", "/models?name=x", "x"}, {409, "POST", "/models?name=emoji", "x"}, {404, "GET", "/models/nothing/file", ""}, {404, "GET", "/sets/nothing", ""},
		{400, "POST", "/inspections", `{`}, {400, "POST", "/inspections", `{"picture":"` + strings.Replace(up, up[7:9], "00", 1) + `"}`}, {400, "POST", "/traces", "no picture"},
		{404, "GET", "/traces/sets/none/0", ""}, {404, "GET", "/traces/sets/none/x", ""},
		{400, "GET", "/rights/decision?digest=x", ""}, {400, "GET", "/rights/decision?digest=" + up + "&purpose=odd", ""}, {400, "GET", "/rights/claims?digest=x", ""},
	} {
		c.check(t, r, e.status, e.method, e.path, e.body)
	}
	for path, item := range c.doc["paths"].(map[string]any) {
		for verb := range item.(map[string]any) {
			op := strings.ToUpper(verb) + " " + path
			if verb != "parameters" && !c.met[op] && !strings.Contains(op, "/sets/{name}") { // there is no set here
				t.Errorf("%s was never answered with success", op)
			}
		}
	}
}

// Without a ledger there is nothing to say of rights, and that is said.
func TestContractWithoutLedger(t *testing.T) {
	o := options(t.TempDir())
	o.Places.Home = home.Home(t.TempDir())
	r := start(t, o)
	c := readContract(t, r)
	none := "sha256:" + string(bytes.Repeat([]byte("0"), 64))
	c.check(t, r, http.StatusNotFound, "GET", "/rights/decision?digest="+none, "")
	c.check(t, r, http.StatusNotFound, "GET", "/rights/claims", "")
}
