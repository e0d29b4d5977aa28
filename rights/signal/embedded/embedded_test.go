package embedded

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"
)

func chunk(kind string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, kind...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

func png(chunks ...[]byte) []byte {
	b := append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", make([]byte, 13))...)
	for _, c := range chunks {
		b = append(b, c...)
	}
	return append(b, chunk("IEND", nil)...)
}

func deflate(s string) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	fmt.Fprint(z, s)
	z.Close()
	return b.Bytes()
}

func segment(marker byte, data ...string) []byte {
	all := strings.Join(data, "")
	b := append([]byte{0xFF, marker}, binary.BigEndian.AppendUint16(nil, uint16(len(all)+2))...)
	return append(b, all...)
}

func jpeg(segments ...[]byte) []byte {
	b := []byte{0xFF, 0xD8}
	for _, s := range segments {
		b = append(b, s...)
	}
	return append(b, segment(0xDA, "scan")...)
}

func extended(id string, total, offset uint32, text string) []byte {
	b := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, total), offset)
	return segment(0xE1, extensionSignature, strings.Repeat(id, 32), string(b), text)
}

func app11(instance uint16, sequence uint32, content string) []byte {
	b := binary.BigEndian.AppendUint16([]byte("JP"), instance)
	b = binary.BigEndian.AppendUint32(b, sequence)
	return segment(0xEB, string(b), content)
}

func webp(chunks ...string) []byte {
	body := "WEBP" + strings.Join(chunks, "")
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func riff(kind, data string) string {
	s := kind + string(binary.LittleEndian.AppendUint32(nil, uint32(len(data)))) + data
	if len(data)%2 == 1 {
		s += "\x00"
	}
	return s
}

func gz(s string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	fmt.Fprint(z, s)
	z.Close()
	return b.Bytes()
}

const packet = `<x:xmpmeta xmlns:x="adobe:ns:meta/"/>`

func itxt(packed, method byte, text []byte) []byte {
	return append([]byte("XML:com.adobe.xmp\x00"+string([]byte{packed, method})+"en\x00title\x00"), text...)
}

func TestRead(t *testing.T) {
	box := "\x00\x00\x01\x00jumb"
	badSum := chunk("iTXt", itxt(0, 0, []byte(packet)))
	badSum[len(badSum)-1] ^= 1
	svg := `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><metadata><rdf:RDF/></metadata></svg>`
	manifest := `<svg><metadata><c2pa:manifest xmlns:c2pa="http://c2pa.org/manifest">` + base64.StdEncoding.EncodeToString([]byte("store")) + "\n</c2pa:manifest></metadata></svg>"
	for name, c := range map[string]struct {
		file    []byte
		format  string
		xmp     string // packets, joined by |
		c2pa    string
		defects int
	}{
		"PNG plain":          {png(), "PNG", "", "", 0},
		"PNG XMP":            {png(chunk("iTXt", itxt(0, 0, []byte(packet)))), "PNG", packet, "", 0},
		"PNG packed":         {png(chunk("iTXt", itxt(1, 0, deflate(packet)))), "PNG", packet, "", 0},
		"PNG other text":     {png(chunk("iTXt", []byte("Comment\x00\x00\x00\x00\x00hi"))), "PNG", "", "", 0},
		"PNG caBX":           {png(chunk("caBX", []byte("store"))), "PNG", "", "store", 0},
		"PNG after IDAT":     {png(chunk("IDAT", []byte("x")), chunk("iTXt", itxt(0, 0, []byte(packet)))), "PNG", packet, "", 0},
		"PNG bad sum":        {png(badSum), "PNG", packet, "", 1},
		"PNG bad method":     {png(chunk("iTXt", itxt(1, 9, deflate(packet)))), "PNG", "", "", 1},
		"PNG bad stream":     {png(chunk("iTXt", itxt(1, 0, []byte(packet)))), "PNG", "", "", 1},
		"PNG short text":     {png(chunk("iTXt", []byte("XML:com.adobe.xmp\x00\x00\x00en"))), "PNG", "", "", 1},
		"PNG bomb":           {png(chunk("iTXt", itxt(1, 0, deflate(strings.Repeat(" ", MaxPart+1))))), "PNG", "", "", 1},
		"PNG cut off":        {png(chunk("iTXt", itxt(0, 0, []byte(packet))))[:60], "PNG", "", "", 2},
		"PNG no end":         {png()[:33], "PNG", "", "", 2},
		"PNG huge chunk":     {append([]byte("\x89PNG\r\n\x1a\n"), "\xFF\xFF\xFF\xFFiTXtXML:com.adobe.xmp"...), "PNG", "", "", 2},
		"JPEG plain":         {jpeg(segment(0xE0, "JFIF")), "JPEG", "", "", 0},
		"JPEG XMP":           {jpeg(segment(0xE1, "Exif\x00\x00"), segment(0xE1, xmpSignature, packet)), "JPEG", packet, "", 0},
		"JPEG extended":      {jpeg(segment(0xE1, xmpSignature, "main"), extended("A", 6, 3, "def"), extended("A", 6, 0, "abc")), "JPEG", "main|abcdef", "", 0},
		"JPEG gap":           {jpeg(extended("A", 6, 0, "abc")), "JPEG", "", "", 1},
		"JPEG overlap":       {jpeg(extended("A", 6, 0, "abcd"), extended("A", 6, 3, "def")), "JPEG", "", "", 1},
		"JPEG two lengths":   {jpeg(extended("A", 3, 0, "abc"), extended("A", 9, 3, "def")), "JPEG", "abc", "", 1},
		"JPEG two texts":     {jpeg(extended("A", 3, 0, "abc"), extended("A", 3, 0, "abd")), "JPEG", "abc", "", 1},
		"JPEG long":          {jpeg(extended("A", 1<<31, 0, "abc")), "JPEG", "", "", 1},
		"JPEG short":         {jpeg(segment(0xE1, extensionSignature, "x")), "JPEG", "", "", 1},
		"JPEG box":           {jpeg(app11(1, 1, box+"one"), app11(1, 2, box+"two"), app11(2, 1, box+"x")), "JPEG", "", box + "onetwo|" + box + "x", 0},
		"JPEG long box":      {jpeg(app11(1, 1, "\x00\x00\x00\x01jumb\x00\x00\x00\x00\x00\x00\x00\x20one"), app11(1, 2, "\x00\x00\x00\x01jumb\x00\x00\x00\x00\x00\x00\x00\x20two")), "JPEG", "", "\x00\x00\x00\x01jumb\x00\x00\x00\x00\x00\x00\x00\x20onetwo", 0},
		"JPEG missing piece": {jpeg(app11(1, 1, box+"one"), app11(1, 3, box+"two")), "JPEG", "", "", 1},
		"JPEG APP11 other":   {jpeg(segment(0xEB, "HDR_RI ver=11 and so on")), "JPEG", "", "", 0},
		"JPEG cut off":       {jpeg(segment(0xE1, xmpSignature, packet))[:40], "JPEG", "", "", 2},
		"JPEG no marker":     {jpeg(segment(0xE0, ""), []byte("xx")), "JPEG", "", "", 2},
		"JPEG fill":          {jpeg([]byte{0xFF, 0xFF}, segment(0xE1, xmpSignature, packet)), "JPEG", packet, "", 0},
		"WebP":               {webp(riff("VP8X", "0123456789"), riff("VP8 ", "odd"), riff("XMP ", packet), riff("C2PA", "store")), "WebP", packet, "store", 0},
		"WebP NUL":           {webp(riff("XMP\x00", packet)), "WebP", packet, "", 0},
		"WebP cut off":       {webp(riff("VP8 ", "even"), riff("XMP ", packet))[:40], "WebP", "", "", 4},
		"WebP trailing":      {append(webp(riff("VP8 ", "even")), riff("XMP ", packet)...), "WebP", "", "", 0},
		"SVG":                {[]byte(svg), "SVG", svg, "", 0},
		"SVG without":        {[]byte("<svg/>"), "SVG", "", "", 0},
		"SVGZ":               {gz(svg), "SVG", svg, "", 0},
		"SVGZ bomb":          {gz("<svg>" + strings.Repeat(" ", MaxPart)), "SVG", "", "", 2},
		"SVGZ cut off":       {gz(svg)[:40], "SVG", "", "", 2},
		"gzip of text":       {gz("RDF"), "", "", "", 0},
		"SVG manifest":       {[]byte(manifest), "SVG", "", "store", 0},
		"SVG bad manifest":   {[]byte(strings.Replace(manifest, "c3R", "%%%", 1)), "SVG", "", "", 1},
		"SVG lost manifest":  {[]byte(manifest[:90]), "SVG", "", "", 1},
		"GIF":                {[]byte("GIF89a"), "", "", "", 0},
		"empty":              {nil, "", "", "", 0},
	} {
		got := Read(c.file)
		var xmp, c2pa []string
		for _, p := range got.Parts {
			if p.Kind == XMP {
				xmp = append(xmp, string(p.Data))
			} else {
				c2pa = append(c2pa, string(p.Data))
			}
			if !strings.HasPrefix(p.Where, c.format+" ") {
				t.Errorf("%s: where is %q", name, p.Where)
			}
		}
		if got.Format != c.format || strings.Join(xmp, "|") != c.xmp || strings.Join(c2pa, "|") != c.c2pa || len(got.Defects) != c.defects {
			t.Errorf("%s: %.300q", name, got)
		}
	}
}

func TestLimits(t *testing.T) {
	var many [][]byte
	for range MaxParts + 1 {
		many = append(many, chunk("caBX", nil))
	}
	if got := Read(png(many...)); len(got.Parts) != MaxParts || len(got.Defects) != 1 {
		t.Errorf("%d parts, %v", len(got.Parts), got.Defects)
	}
	file := png(bytes.Repeat(chunk("tEXt", nil), maxBlocks+1))
	if got := Read(file); len(got.Defects) != 2 {
		t.Errorf("%v", got.Defects)
	}
	if got := Read([]byte("<svg>RDF" + strings.Repeat(" ", MaxPart))); len(got.Defects) != 2 {
		t.Errorf("%v", got.Defects)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(png(chunk("iTXt", itxt(1, 0, deflate(packet))), chunk("caBX", []byte("x"))))
	f.Add(jpeg(segment(0xE1, xmpSignature, packet), extended("A", 3, 0, "abc"), app11(1, 1, "\x00\x00\x00\x00jumbx")))
	f.Add(webp(riff("XMP ", packet), riff("C2PA", "x")))
	f.Add([]byte(`<svg><c2pa:manifest xmlns:c2pa="http://c2pa.org/manifest">AA==</c2pa:manifest>RDF</svg>`))
	f.Add(gz("<svg>RDF"))
	f.Fuzz(func(t *testing.T, file []byte) {
		got := Read(file)
		if got.Format == "" && len(got.Parts)+len(got.Defects) > 0 {
			t.Errorf("%.300q", got)
		}
		for _, p := range got.Parts {
			if len(p.Data) > MaxStore || p.Where == "" {
				t.Errorf("%.300q", got)
			}
		}
	})
}
