package folder

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/dataset/settest"
)

// solid is a PNG of one colour.
func solid(w, h int, c color.Color) []byte {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, c)
		}
	}
	return encode(m)
}

func encode(m image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func grey(v uint8) color.NRGBA { return color.NRGBA{v, v, v, 255} }

func put(t *testing.T, dir, name string, b []byte) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o666); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, src picture.Source) *Set {
	t.Helper()
	s, err := Open(src)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// list is the set's names with class and caption.
func list(s *Set) []string {
	var all []string
	for i := range s.Len() {
		l, _ := s.Item(i, nil)
		line := s.Name(i)
		if l.Class >= 0 {
			line += " [" + s.Classes()[l.Class] + "]"
		}
		if l.Caption != "" {
			line += " " + l.Caption
		}
		all = append(all, line)
	}
	return all
}

func TestClassesAndCaptions(t *testing.T) {
	dir := t.TempDir()
	pic := solid(8, 8, grey(9))
	put(t, dir, "b/2.png", pic)
	put(t, dir, "b/deep/3.PNG", pic)
	put(t, dir, "T-shirt%2Ftop/1.png", pic)
	put(t, dir, "T-shirt%2Ftop/1.txt", []byte(" a  grey\nsquare\n"))
	put(t, dir, "notes/readme.md", []byte("x"))
	put(t, dir, ".thumbnails/1.png", pic)
	put(t, dir, "b/._2.png", []byte("x"))
	put(t, dir, "100%/4.png", pic)
	s := open(t, picture.Source{Path: dir, Split: picture.All, Size: 4})
	want := []string{"100%/4.png [100%]", "T-shirt%2Ftop/1.png [T-shirt/top] a grey square", "b/2.png [b]", "b/deep/3.PNG [b]"}
	if got := list(s); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if !slices.Equal(s.Classes(), []string{"100%", "T-shirt/top", "b"}) || s.Skipped() != nil {
		t.Errorf("classes %q, skipped %v", s.Classes(), s.Skipped())
	}
	settest.Run(t, s)
	// One picture outside of the sub-folders leaves all without classes.
	put(t, dir, "0.png", pic)
	s = open(t, picture.Source{Path: dir, Split: picture.All, Channels: 1, Count: 2})
	if got := list(s); s.Classes() != nil || !slices.Equal(got, []string{"0.png", "100%/4.png"}) {
		t.Errorf("got %q, classes %q", got, s.Classes())
	}
	settest.Run(t, s)
}

func TestSplits(t *testing.T) {
	dir := t.TempDir()
	pic := solid(2, 2, grey(9))
	for i := range 150 {
		put(t, dir, fmt.Sprintf("a/%d.png", i), pic)
		put(t, dir, fmt.Sprintf("b/%d.png", i), pic)
	}
	part := func(split picture.Split, holdout float64) []string {
		return list(open(t, picture.Source{Path: dir, Split: split, Holdout: holdout, Size: 1}))
	}
	train, test, all := part("", 0), part(picture.Test, 0), part(picture.All, 0)
	both := slices.Sorted(slices.Values(append(slices.Clone(train), test...)))
	if len(all) != 300 || !slices.Equal(both, all) {
		t.Errorf("%d train and %d test of %d", len(train), len(test), len(all))
	}
	if len(test) < 10 || len(test) > 50 {
		t.Errorf("%d of 300 held out", len(test))
	}
	if n := len(part(picture.Test, 0.5)); n < 110 || n > 190 {
		t.Errorf("%d of 300 held out, asked for half", n)
	}
	for _, name := range test {
		if twin := strings.ReplaceAll("b"+name[1:], "[a]", "[b]"); !slices.Contains(test, twin) {
			t.Errorf("%s is in the test split, but %s is not", name, twin)
		}
	}
	// More pictures move none of the old ones.
	for i := range 50 {
		put(t, dir, fmt.Sprintf("a/x%d.png", i), pic)
	}
	later := part(picture.Test, 0)
	for _, name := range test {
		if !slices.Contains(later, name) {
			t.Errorf("%s left the test split", name)
		}
	}

	dir = t.TempDir()
	put(t, dir, "train/cat/1.png", pic)
	put(t, dir, "train/dog/1.png", pic)
	put(t, dir, "test/dog/2.png", pic)
	for split, want := range map[picture.Split][]string{
		picture.Train: {"train/cat/1.png [cat]", "train/dog/1.png [dog]"},
		picture.Test:  {"test/dog/2.png [dog]"},
		picture.All:   {"test/dog/2.png [dog]", "train/cat/1.png [cat]", "train/dog/1.png [dog]"},
	} {
		s := open(t, picture.Source{Path: dir, Split: split, Size: 1})
		if got := list(s); !slices.Equal(got, want) || len(s.Classes()) != 2 {
			t.Errorf("%s: %q, classes %q", split, got, s.Classes())
		}
	}
}

// bomb is a small PNG whose header promises w×h pixels.
func bomb(w, h uint32) []byte {
	b := slices.Clone(solid(1, 1, grey(0)))
	be := func(at int, v uint32) {
		b[at], b[at+1], b[at+2], b[at+3] = byte(v>>24), byte(v>>16), byte(v>>8), byte(v)
	}
	be(16, w)
	be(20, h)
	be(29, crc(b[12:29]))
	return b
}

func TestUnreadableAmongMany(t *testing.T) {
	dir := t.TempDir()
	good := solid(8, 8, grey(200))
	for i := range 100 {
		put(t, dir, fmt.Sprintf("%03d.png", i), good)
	}
	bad := map[string]struct {
		data []byte
		want string
	}{
		"050a.png":  {good[:len(good)-20], "truncated PNG"},
		"050b.png":  {nil, "the file is empty"},
		"050c.jpg":  {[]byte("hello, this is text"), "neither PNG, JPEG nor WebP"},
		"050d.webp": {[]byte("RIFF\x10\x00\x00\x00WEBPVP8L\x01\x00\x00\x00\x2f\x00"), "WebP"},
		"050e.png":  {bomb(60_000, 60_000), "60000×60000 pixels"},
		"050f.png":  {bomb(1<<31-1, 1<<31-1), "damaged PNG"},
		"050g.png":  {append(slices.Clone(good[:40]), make([]byte, 40)...), "damaged PNG"},
		"050h.jpeg": {[]byte{0xff, 0xd8, 0xff, 0xe0, 0, 16, 'J'}, "truncated JPEG"},
	}
	for name, c := range bad {
		put(t, dir, name, c.data)
	}
	put(t, dir, "060.txt", []byte{0xff, 0xfe, 'x'})
	put(t, dir, "061.txt", bytes.Repeat([]byte("long "), maxCaption/5+1))
	for _, memory := range []int{0, 1} { // all kept; 100 of 64×64×3 are more than 1 MiB
		s := open(t, picture.Source{Path: dir, Split: picture.All, MemoryMB: memory})
		if (s.cache == nil) != (memory == 1) {
			t.Fatalf("memory_mb %d: cache of %d", memory, len(s.cache))
		}
		names := map[string]string{}
		for _, k := range picture.Skipped(s) {
			names[k.Path] = k.Err.Error()
		}
		for name, c := range bad {
			if memory == 1 && (name == "050a.png" || name == "050g.png") {
				continue // the header alone does not tell
			}
			if !strings.Contains(names[name], c.want) {
				t.Errorf("%s: %q, want %q", name, names[name], c.want)
			}
		}
		if !strings.Contains(names["060.png"], "not UTF-8") || !strings.Contains(names["061.png"], "longer than") {
			t.Errorf("captions: %q, %q", names["060.png"], names["061.png"])
		}
		if !slices.IsSortedFunc(s.Skipped(), func(a, b picture.Skip) int { return strings.Compare(a.Path, b.Path) }) {
			t.Error("skipped is not sorted")
		}
		p := make([]float32, 64*64*3)
		readable := 0
		for i := range s.Len() {
			switch _, err := s.Item(i, p); {
			case err == nil && p[0] == 200./255:
				readable++
			case !picture.IsSkip(err):
				t.Errorf("%s: %v, first value %v", s.Name(i), err, p[0])
			}
		}
		if readable != 98 {
			t.Errorf("%d readable", readable)
		}
	}
}

func TestLazyIsTheSame(t *testing.T) {
	dir := t.TempDir()
	for i := range 8 {
		put(t, dir, fmt.Sprintf("%d.png", i), solid(3, 5, grey(uint8(10*i))))
	}
	src := picture.Source{Path: dir, Split: picture.All, Size: 256}
	kept := open(t, src)
	src.MemoryMB = 1
	lazy := open(t, src)
	if kept.cache == nil || lazy.cache != nil {
		t.Fatal("not the case that was meant")
	}
	a, errA := picture.Digest(t.Context(), kept)
	b, errB := picture.Digest(t.Context(), lazy)
	if a != b || errA != nil || errB != nil {
		t.Errorf("%v %v, %v %v", a, errA, b, errB)
	}
	settest.Run(t, lazy)
	put(t, dir, "3.png", []byte("gone"))
	if _, err := lazy.Item(3, make([]float32, 256*256*3)); !picture.IsSkip(err) || !strings.Contains(err.Error(), "3.png: neither") {
		t.Errorf("error is %v", err)
	}
}

func TestLinks(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	pic := solid(2, 2, grey(1))
	put(t, dir, "z/1.png", pic)
	put(t, elsewhere, "2.png", pic)
	for name, target := range map[string]string{
		"a":          "z",        // a second way to a folder
		"z/up":       "..",       // a loop
		"c":          elsewhere,  // a folder outside
		"z/self.png": "self.png", // a link to itself
		"z/9.png":    "missing",  // a broken link
		"z/3.png":    filepath.Join(elsewhere, "2.png"),
	} {
		if err := os.Symlink(target, filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			t.Skip(err)
		}
	}
	s := open(t, picture.Source{Path: dir, Split: picture.All, Size: 1})
	if got := list(s); !slices.Equal(got, []string{"c/2.png [c]", "z/1.png [z]", "z/3.png [z]"}) {
		t.Errorf("%q", got)
	}
	var skipped []string
	for _, k := range s.Skipped() {
		skipped = append(skipped, k.Path)
	}
	if !slices.Equal(skipped, []string{"a", "z/9.png", "z/self.png", "z/up"}) {
		t.Errorf("skipped %v", s.Skipped())
	}
	// The root itself may be a link.
	link := filepath.Join(elsewhere, "root")
	os.Symlink(dir, link)
	if s := open(t, picture.Source{Path: link, Split: picture.All, Size: 1}); s.Len() != 3 {
		t.Errorf("through a link: %q", list(s))
	}
	loop := filepath.Join(elsewhere, "loop")
	os.Symlink("loop", loop)
	if _, err := Open(picture.Source{Path: loop}); err == nil {
		t.Error("a link to itself opened")
	}
}

func TestBadSources(t *testing.T) {
	dir := t.TempDir()
	pic := solid(2, 2, grey(1))
	put(t, dir, "one/1.png", pic)
	put(t, dir, "bad/1.png", []byte("x"))
	put(t, dir, "bad/2.jpg", nil)
	put(t, dir, "file", nil)
	if err := os.Mkdir(filepath.Join(dir, "empty"), 0o777); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		src  picture.Source
		want string
	}{
		"no path":    {picture.Source{}, "no path"},
		"missing":    {picture.Source{Path: filepath.Join(dir, "gone")}, "no such file"},
		"a file":     {picture.Source{Path: filepath.Join(dir, "file")}, "not a folder"},
		"empty":      {picture.Source{Path: filepath.Join(dir, "empty")}, "no PNG, JPEG or WebP file in it"},
		"all bad":    {picture.Source{Path: filepath.Join(dir, "bad"), Split: picture.All}, "none of its 2 pictures can be read; one of them is"},
		"no test":    {picture.Source{Path: filepath.Join(dir, "one"), Split: picture.Test, Holdout: 0.0001}, "none of its 1 pictures falls to the test split"},
		"background": {picture.Source{Path: dir, Background: "white"}, "background \"white\" is not a colour"},
		"digits":     {picture.Source{Path: dir, Background: "#12345678"}, "is not a colour"},
		"split":      {picture.Source{Path: dir, Split: "dev"}, "dev"},
	} {
		if _, err := Open(c.src); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error is %v, want %q", name, err, c.want)
		}
	}
}

func TestPermissionDenied(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	dir := t.TempDir()
	put(t, dir, "shut/1.png", solid(2, 2, grey(1)))
	put(t, dir, "1.png", solid(2, 2, grey(1)))
	shut := filepath.Join(dir, "shut")
	os.Chmod(shut, 0)
	t.Cleanup(func() { os.Chmod(shut, 0o700) })
	if _, err := Open(picture.Source{Path: shut}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("error is %v", err)
	}
	if s := open(t, picture.Source{Path: dir, Split: picture.All}); s.Len() != 1 || len(s.Skipped()) != 1 || s.Skipped()[0].Path != "shut" {
		t.Errorf("%d pictures, skipped %v", s.Len(), s.Skipped())
	}
}
