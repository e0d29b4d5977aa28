package manifest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/source"
)

const (
	a64 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	b64 = "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
)

// show writes what a manifest reads as, a line an entry or fault.
func show(t *testing.T, text string, form Form, columns map[string]string, l Limits) (string, error) {
	t.Helper()
	var out strings.Builder
	for e, err := range Read(t.Context(), strings.NewReader(text), form, columns, l) {
		var fault *Fault
		switch {
		case errors.As(err, &fault):
			fmt.Fprintf(&out, "%d! %s: %v\n", fault.Line, fault.Why, fault.Err)
		case err != nil:
			return out.String(), err
		default:
			fmt.Fprintf(&out, "%d %s", e.Line, e.Path)
			if e.SHA256 != nil {
				fmt.Fprintf(&out, " #%x", e.SHA256[:2])
			}
			if e.Size != nil {
				fmt.Fprintf(&out, " %dB", *e.Size)
			}
			if e.Width != 0 {
				fmt.Fprintf(&out, " %dx%d", e.Width, e.Height)
			}
			for _, s := range []string{e.Creator, e.Community, e.Post, e.Licence, e.URL} {
				if s != "" {
					fmt.Fprintf(&out, " %s", s)
				}
			}
			if len(e.Captions)+len(e.Keywords) > 0 {
				fmt.Fprintf(&out, " %q %q", e.Captions, e.Keywords)
			}
			out.WriteByte('\n')
		}
	}
	return out.String(), nil
}

func TestRead(t *testing.T) {
	for name, c := range map[string]struct {
		form    Form
		text    string
		columns map[string]string
		want    string
	}{
		"plain": {CSV, "path,sha256,size,width,height,caption,author\na/b.png," + a64 + ",12,3,4,a red apple,Ann\n", nil,
			"2 a/b.png #aaaa 12B 3x4 Ann [\"a red apple\"] []\n"},
		"byte order mark and CRLF": {CSV, "\ufeffFILE,Text\r\na.png,\"two\r\nlines\"\r\nb.png,\r\n", nil,
			"2 a.png [\"two\\nlines\"] []\n4 b.png\n"},
		"semicolons": {CSV, "file;tags\na.png;red, round|fruit\n", nil, "2 a.png [] [\"red\" \"round\" \"fruit\"]\n"},
		"tabs":       {CSV, "file\tlicense\n./x//a.png\tCC0-1.0\n", nil, "2 x/a.png CC0-1.0\n"},
		"named columns": {CSV, "Dateiname,Prüfsumme,file\na.png,sha256:" + b64 + ",other.png\n",
			map[string]string{"path": "Dateiname", "sha256": "prüfsumme"}, "2 a.png #bbbb\n"},
		"bad lines": {CSV, "path,size\n../up.png,1\na.png\nb.png,-1\nc\xff.png,1\n/etc/passwd,2\nd\".png,1\n,5\nok.png,7\n", nil,
			`2! unsafe: the path "../up.png": its name leads out of its folder
3! malformed: it has 1 columns, the header has 2
4! malformed: size: "-1" is no number of 0 or more
5! malformed: not UTF-8 text; save it as UTF-8
6! unsafe: the path "/etc/passwd": its name is absolute
7! malformed: bare " in non-quoted-field
8! malformed: it names neither a path nor a sha256, so no file can be matched with it
9 ok.png 7B
`},
		"claims of size": {CSV, "path,size\nbig.png,10737418240\nhuge.png,99999999999999999999\n", nil,
			"2 big.png 10737418240B\n3! malformed: size: \"99999999999999999999\" is no number of 0 or more\n"},
		"objects": {JSONL, `{"file_name":"a.png","text":"an apple","size":5}` + "\n\n" + `{"path":"b.png","keywords":["x"],"creator":{"name":"Bo"}}`, nil,
			"1 a.png 5B [\"an apple\"] []\n3 b.png Bo [] [\"x\"]\n"},
		"posts": {JSONL, `{"id":"t3_1","author":"ann","subreddit":"pics","title":"Look","selftext":"my cat","media":[{"path":"1.png","alt":"a cat"},"2.png",{"url":"https://x.test/3.png","sha256":"` + a64 + `","width":5,"height":6}]}
{"id":"t3_2","author":"bo","text":"words only"}
{"id":"t3_3","media":[]}
{"id":"t3_4","media":null,"title":"none"}
{"id":"t3_5","media":[{"url":"https://x.test/4.png"},7,{"path":"5.png"}]}
`, nil, `1 1.png ann pics t3_1 ["a cat" "Look" "my cat"] []
1 2.png ann pics t3_1 ["Look" "my cat"] []
1  #aaaa 5x6 ann pics t3_1 https://x.test/3.png ["Look" "my cat"] []
5! malformed: media[0]: it names neither a path nor a sha256, so no file can be matched with it
5! malformed: media[1]: neither an object nor a path
5 5.png t3_5
`},
		"bad objects": {JSONL, "[1]\nnull\n{\"path\":\"a\\u0000b\"}\n{\"path\":\"\xff\"}\n{\"path\":\"a.png\",\"media\":3}\n{\"path\":\"x\"\n{\"path\":\"ok.png\"}", nil,
			`1! malformed: no JSON object: json: cannot unmarshal array into Go value of type map[string]json.RawMessage
2! malformed: it names neither a path nor a sha256, so no file can be matched with it
3! unsafe: the path "a\x00b": its name has a NUL
4! malformed: not UTF-8 text; save it as UTF-8
5! malformed: media is no list
6! malformed: no JSON object: unexpected end of JSON input
7 ok.png
`},
	} {
		got, err := show(t, c.text, c.form, c.columns, DefaultLimits())
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestNoManifest(t *testing.T) {
	for name, c := range map[string]struct {
		form    Form
		text    string
		columns map[string]string
		want    string
	}{
		"empty":          {CSV, "", nil, "the manifest is empty"},
		"no path":        {CSV, "name,caption\nx,y\n", nil, "no column gives a path or a sha256"},
		"two paths":      {CSV, "file,filename\nx,y\n", nil, `columns "file" and "filename" both look like the path`},
		"absent column":  {CSV, "file\nx\n", map[string]string{"creator": "Urheber"}, `no column "urheber" for the creator`},
		"unknown field":  {CSV, "file\n", map[string]string{"colour": "x"}, `no field "colour"`},
		"one column two": {CSV, "file\n", map[string]string{"path": "x", "url": "X"}, "both read from"},
		"UTF-16":         {CSV, "\xff\xfef\x00", nil, "UTF-16"},
		"no text":        {CSV, "\x89PNG\r\n", nil, "not UTF-8"},
		"form":           {"xml", "", nil, `"xml"`},
		"open quotation": {CSV, "file\n\"" + strings.Repeat("x\n", 1<<19), nil, "is a quotation mark missing?"},
	} {
		l := DefaultLimits()
		l.Line = 1 << 16
		_, err := show(t, c.text, c.form, c.columns, l)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestLimits(t *testing.T) {
	l := Limits{Line: 100_000, Media: 2}
	long := `{"path":"` + strings.Repeat("x", 200_000) + `"}`
	fits := `{"path":"b.png","text":"` + strings.Repeat("x", 90_000) + `"}`
	got, err := show(t, long+"\n"+`{"media":["1","2","3"]}`+"\n"+fits+"\n", JSONL, nil, l)
	if err != nil {
		t.Fatal(err)
	}
	want := "1! too large: it has more than 100000 bytes\n2! too large: it lists 3 files; at most 2 are read\n3 b.png"
	if !strings.HasPrefix(got, want) {
		t.Errorf("%.200s\nwant\n%s", got, want)
	}
	if _, err := show(t, strings.Repeat("[", 50_000)+"\n", JSONL, nil, l); err != nil {
		t.Errorf("deep nesting: %v", err)
	}
	endless := io.LimitReader(zeros{}, 1<<30)
	for _, err := range Read(t.Context(), endless, JSONL, nil, l) {
		if err == nil || !strings.Contains(err.Error(), "this is no manifest") {
			t.Errorf("a line without end: %v", err)
		}
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestIndex(t *testing.T) {
	dir := t.TempDir()
	text := "path,sha256,caption\ne\u0301.png,,one\n,\x61" + a64[1:] + ",two\n../x,,\nb.png," + b64 + ",three\ne\u0301.png,,again\n"
	reads := 0
	open := func(dir string) *Index {
		t.Helper()
		x, err := NewIndex(t.Context(), dir, "k", func(yield func(Entry, error) bool) {
			reads++
			Read(t.Context(), strings.NewReader(text), CSV, nil, DefaultLimits())(yield)
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { x.Close() })
		return x
	}
	x := open(dir)
	if x.Len() != 5 {
		t.Fatalf("%d rows", x.Len())
	}
	if found, err := x.Path(t.Context(), "\u00e9.png"); err != nil || len(found) != 2 || found[0].Line != 2 || found[1].Row != 4 {
		t.Errorf("by path: %+v, %v", found, err)
	}
	a, b := digest.SHA256(bytes.Repeat([]byte{0xaa}, 32)), digest.SHA256(bytes.Repeat([]byte{0xbb}, 32))
	if found, err := x.Content(t.Context(), a); err != nil || len(found) != 1 || !reflect.DeepEqual(found[0].Captions, []string{"two"}) {
		t.Errorf("by content: %+v, %v", found, err)
	}
	if found, err := x.Content(t.Context(), b); err != nil || len(found) != 0 {
		t.Errorf("an entry with a path was found by content: %+v, %v", found, err)
	}
	var rows []string
	for e, err := range x.All(t.Context()) {
		var fault *Fault
		if errors.As(err, &fault) {
			rows = append(rows, fmt.Sprint(fault.Line, fault.Why == source.Unsafe))
		} else if err != nil {
			t.Fatal(err)
		} else {
			rows = append(rows, fmt.Sprint(e.Line, e.Row))
		}
	}
	if want := []string{"2 0", "3 1", "4 true", "5 3", "6 4"}; !reflect.DeepEqual(rows, want) {
		t.Errorf("all: %q, want %q", rows, want)
	}
	open(dir)
	if reads != 1 {
		t.Errorf("the manifest was read %d times", reads)
	}
	passing := open("")
	if err := passing.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(passing.remove); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the passing index is still there: %v", err)
	}
}

func TestUnfinishedIndex(t *testing.T) {
	dir := t.TempDir()
	cut := errors.New("cut off")
	_, err := NewIndex(t.Context(), dir, "k", func(yield func(Entry, error) bool) {
		_ = yield(Entry{Path: "a"}, nil) && yield(Entry{}, cut)
	})
	if !errors.Is(err, cut) {
		t.Fatalf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := NewIndex(ctx, dir, "k", func(func(Entry, error) bool) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 0 {
		t.Errorf("left behind: %q", left)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("path,sha256\na.png,"+a64+"\n", true)
	f.Add(`{"id":"1","media":[{"path":"a.png"},"b.png"]}`, false)
	f.Add("\ufefffile;size\r\n\"a\";1\r\n", true)
	f.Add("path\n\"", true)
	f.Fuzz(func(t *testing.T, text string, table bool) {
		form := JSONL
		if table {
			form = CSV
		}
		l := Limits{Line: 1 << 12, Media: 10}
		var first, second []string
		for _, out := range []*[]string{&first, &second} {
			last := int64(0)
			for e, err := range Read(t.Context(), strings.NewReader(text), form, nil, l) {
				about, _ := json.Marshal(e)
				*out = append(*out, fmt.Sprint(e.Line, e.Path, string(about), err))
				if err != nil {
					continue
				}
				if e.Line < last {
					t.Errorf("line %d after %d", e.Line, last)
				}
				last = e.Line
				if strings.HasPrefix(e.Path, "/") || e.Path == ".." || strings.HasPrefix(e.Path, "../") || strings.Contains(e.Path, "/../") {
					t.Errorf("the path %q leads out", e.Path)
				}
				if e.Path == "" && e.SHA256 == nil {
					t.Error("an entry that nothing can be matched with")
				}
			}
		}
		if !reflect.DeepEqual(first, second) {
			t.Errorf("read twice: %q and %q", first, second)
		}
	})
}
