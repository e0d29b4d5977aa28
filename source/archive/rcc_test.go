package archive

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"maps"
	"testing"
	"unicode/utf16"

	"github.com/limner-ai/limner/source"
)

// node is a file or a folder of a resource file.
type node struct {
	name     string
	flags    uint16
	data     []byte // as stored, after its length
	children []node
}

// rccOf writes a resource file: header, data, names and tree, breadth first.
func rccOf(version uint32, root ...node) []byte {
	var data, names, tree bytes.Buffer
	be := binary.BigEndian
	queue := []node{{flags: rccFolder, children: root}}
	next := uint32(1)
	for len(queue) > 0 {
		n := queue[0]
		queue = queue[1:]
		tree.Write(be.AppendUint32(nil, uint32(names.Len())))
		tree.Write(be.AppendUint16(nil, n.flags))
		if n.flags&rccFolder != 0 {
			tree.Write(be.AppendUint32(be.AppendUint32(nil, uint32(len(n.children))), next))
			next += uint32(len(n.children))
			queue = append(queue, n.children...)
		} else {
			tree.Write(be.AppendUint32([]byte{0, 0, 0, 1}, uint32(data.Len()))) // any country, language C
			data.Write(be.AppendUint32(nil, uint32(len(n.data))))
			data.Write(n.data)
		}
		if version > 1 {
			tree.Write(make([]byte, 8))
		}
		units := utf16.Encode([]rune(n.name))
		names.Write(append(be.AppendUint16(nil, uint16(len(units))), 0, 0, 0, 0))
		for _, u := range units {
			names.Write(be.AppendUint16(nil, u))
		}
	}
	out := be.AppendUint32([]byte("qres"), version)
	header := 20
	if version > 2 {
		header = 24
	}
	out = be.AppendUint32(out, uint32(header+data.Len()+names.Len()))
	out = be.AppendUint32(out, uint32(header))
	out = be.AppendUint32(out, uint32(header+data.Len()))
	out = append(out, make([]byte, header-20)...)
	return append(append(append(out, data.Bytes()...), names.Bytes()...), tree.Bytes()...)
}

func deflated(data string) []byte {
	var b bytes.Buffer
	b.Write(binary.BigEndian.AppendUint32(nil, uint32(len(data))))
	w := zlib.NewWriter(&b)
	w.Write([]byte(data))
	w.Close()
	return b.Bytes()
}

func TestRCC(t *testing.T) {
	for version := uint32(1); version <= 3; version++ {
		l := held(t, rccOf(version,
			node{name: "plain.txt", data: []byte("one")},
			node{name: "größer", flags: rccFolder, children: []node{
				{name: "zlib.txt", flags: rccZlib, data: deflated("two")},
				{name: "zstd.txt", flags: rccZstd, data: zstandard(t, []byte("three"))},
				{name: "empty", flags: rccFolder},
			}},
			node{name: "bad.txt", flags: rccZlib, data: []byte("\x00\x00\x00\x09no zlib stream")},
			node{name: "short.txt", flags: rccZlib, data: []byte("ab")},
			node{name: "../up", data: []byte("x")},
			node{name: "a/b", data: []byte("x")},
			node{name: "plain.txt", data: []byte("again")},
		), DefaultLimits())
		if want := map[string]string{"plain.txt": "one", "größer/zlib.txt": "two", "größer/zstd.txt": "three"}; !maps.Equal(l.files, want) || l.err != nil {
			t.Errorf("version %d: %v, %v", version, l.files, l.err)
		}
		if want := map[string]source.Why{"bad.txt": source.Unreachable, "short.txt": source.Malformed, "../up": source.Unsafe,
			"a/b": source.Unsafe, "plain.txt": source.Unsafe}; !maps.Equal(l.refused, want) {
			t.Errorf("version %d: refused %v", version, l.refused)
		}
	}
}

func TestRCCDamage(t *testing.T) {
	whole := rccOf(3, node{name: "dir", flags: rccFolder, children: []node{{name: "a", data: []byte("one")}}})
	for n := 4; n < len(whole); n += 7 {
		if l := held(t, whole[:n], DefaultLimits()); l.err == nil {
			t.Errorf("cut off at %d of %d bytes, it gives no error", n, len(whole))
		}
	}
	if l := held(t, rccOf(4), DefaultLimits()); l.err == nil {
		t.Error("version 4 is read")
	}
	loop := bytes.Clone(whole)
	loop[len(loop)-2*22+13] = 1 // the folder's first child is itself
	if l := held(t, loop, DefaultLimits()); l.err == nil {
		t.Error("a folder in itself gives no error")
	}
	bomb := rccOf(3, node{name: "bomb", flags: rccZlib, data: deflated(string(make([]byte, 1<<20)))}, node{name: "after", data: []byte(random(9000))})
	l := held(t, bomb, Limits{Entries: 10, File: 1 << 30, Total: 1 << 30, Ratio: 110, Slack: 10_000})
	if l.refused["bomb"] != source.TooLarge || l.err != nil || len(l.files) != 1 {
		t.Errorf("bomb: refused %v, error %v", l.refused, l.err)
	}
	if l := held(t, rccOf(3, node{name: "a"}, node{name: "b"}, node{name: "c"}), Limits{Entries: 2, File: 1, Total: 1, Ratio: 1}); !errors.Is(l.err, ErrLimit) {
		t.Errorf("entries: %v", l.err)
	}
}
