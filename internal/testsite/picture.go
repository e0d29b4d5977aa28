package testsite

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"hash/fnv"
	"image"
	"image/color"
	"image/png"
)

// Page is a page that shows /a.png, with something in its head.
func Page(head string, header ...string) Answer {
	return Answer{Header: append([]string{"Content-Type: text/html; charset=utf-8"}, header...),
		Body: `<!DOCTYPE html><html lang="en"><head><title>A page</title>` + head + `</head><body><img src="/a.png" alt="a square"></body></html>`}
}

// Picture is a PNG picture that no other seed has.
func Picture(seed string, header ...string) Answer {
	return Answer{Header: append([]string{"Content-Type: image/png"}, header...), Body: string(square(seed))}
}

func square(seed string) []byte {
	h := fnv.New32a()
	h.Write([]byte(seed))
	n := h.Sum32()
	m := image.NewNRGBA(image.Rect(0, 0, 8, 8))
	for i := range 64 {
		m.Set(i%8, i/8, color.NRGBA{uint8(n), uint8(n >> 8), uint8(n>>16) + uint8(i), 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err) // into memory
	}
	return b.Bytes()
}

// withXMP puts an XMP packet into a PNG, as its specification says: an iTXt
// chunk behind the header.
func withXMP(file []byte, packet string) string {
	const header = 8 + 25 // signature and IHDR
	data := append([]byte("XML:com.adobe.xmp\x00\x00\x00\x00\x00"), packet...)
	return string(file[:header]) + chunk("iTXt", data) + string(file[header:])
}

func chunk(kind string, data []byte) string {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, kind...), data...)
	return string(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:])))
}

// vast is a PNG that claims to be of 60,000 by 60,000 pixels.
func vast() string {
	b := square("vast")
	binary.BigEndian.PutUint32(b[16:], 60_000)
	binary.BigEndian.PutUint32(b[20:], 60_000)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return string(b)
}

// plus is an XMP packet with a Data Mining value of IPTC and PLUS.
func plus(value string) string {
	return `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" ` +
		`xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/" plus:DataMining="http://ns.useplus.org/ldf/vocab/` + value + `"/></rdf:RDF></x:xmpmeta>`
}

func svg(packet string) Answer {
	return Answer{Header: []string{"Content-Type: image/svg+xml"},
		Body: `<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><metadata>` + packet + `</metadata><rect width="8" height="8"/></svg>`}
}
