package page

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"unicode/utf16"
)

const doc = `<!DOCTYPE html><HTML><head>
<META NAME=" Robots " content="noai, noimageai" content="all">
<meta charset=utf-8><meta name=tdm-reservation content='1'/>
<link REL="License" type="Application/RSL+xml; v=1" href=" https://example.com/l.xml ">
<!-- <meta name="robots" content="hidden"> -->
<script type="application/rsl+xml"><rsl a="<b>"/></script>
<script>document.write('<meta name="written">')</script>
<title><meta name="title"></title></head>
<body><meta name="late" content="&quot;x&quot;"></body></html>`

func TestRead(t *testing.T) {
	utf16le := []byte{0xFF, 0xFE}
	for _, c := range utf16.Encode([]rune(doc)) {
		utf16le = append(utf16le, byte(c), byte(c>>8))
	}
	for name, body := range map[string][]byte{"UTF-8": []byte(doc), "UTF-16": utf16le} {
		p := Read(body, "text/html")
		want := []Meta{{"robots", "noai, noimageai", "page meta element"}, {"tdm-reservation", "1", "page meta element"}, {"late", `"x"`, "page meta element"}}
		if !reflect.DeepEqual(p.Metas, want) {
			t.Errorf("%s: %+v", name, p.Metas)
		}
		if want := []Link{{"license", "application/rsl+xml", "https://example.com/l.xml", "page link element"}}; !reflect.DeepEqual(p.Links, want) {
			t.Errorf("%s: %+v", name, p.Links)
		}
		if len(p.Scripts) != 1 || string(p.Scripts[0].Text) != `<rsl a="<b>"/>` || p.Defect != "" {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestLimits(t *testing.T) {
	for name, body := range map[string]string{
		"size":     strings.Repeat("<p>"+strings.Repeat("x ", 500), MaxSize/1000),
		"elements": strings.Repeat("<meta name=a>", MaxElements+1),
		"token":    "<meta name=" + strings.Repeat("a", maxToken+1) + ">",
	} {
		if p := Read([]byte(body), ""); p.Defect == "" {
			t.Errorf("%s: no defect", name)
		}
	}
	if p := Read([]byte("<meta name=a content=b"), ""); len(p.Metas) > 1 {
		t.Errorf("%+v", p)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(doc), "text/html; charset=latin1")
	f.Add([]byte("\xFE\xFF\x00<"), "text/html; charset=utf-16")
	f.Fuzz(func(t *testing.T, body []byte, kind string) {
		p := Read(body, kind)
		if len(p.Metas) > 0 && bytes.Count(bytes.ToLower(body), []byte("<")) == 0 && !strings.Contains(kind, "charset") &&
			!bytes.Contains(body, []byte{0}) && !bytes.Contains(bytes.ToLower(body), []byte("charset")) {
			t.Errorf("%+v", p)
		}
	})
}
