package idx

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/dataset/settest"
)

// file builds an IDX file.
func file(data []byte, dims ...uint32) []byte {
	b := []byte{0, 0, typeUbyte, byte(len(dims))}
	for _, d := range dims {
		b = binary.BigEndian.AppendUint32(b, d)
	}
	return append(b, data...)
}

func gz(b []byte) []byte {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	w.Write(b)
	w.Close()
	return z.Bytes()
}

// ramp is n bytes that differ from their neighbours.
func ramp(n, from int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(from + 7*i)
	}
	return b
}

func put(t *testing.T, dir string, files map[string][]byte) string {
	t.Helper()
	for name, b := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// mnist writes five training and three test pictures of 4×3.
func mnist(t *testing.T, dir string) string {
	return put(t, dir, map[string][]byte{
		"train-images-idx3-ubyte":   file(ramp(5*12, 0), 5, 4, 3),
		"train-labels-idx1-ubyte":   file([]byte{0, 1, 2, 3, 9}, 5),
		"t10k-images-idx3-ubyte.gz": gz(file(ramp(3*12, 100), 3, 4, 3)),
		"t10k-labels-idx1-ubyte.gz": gz(file([]byte{4, 5, 6}, 3)),
	})
}

func open(t *testing.T, src picture.Source) *Set {
	t.Helper()
	s, err := Open(src)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSplits(t *testing.T) {
	dir := mnist(t, t.TempDir())
	for _, c := range []struct {
		split  picture.Split
		path   string
		labels []int
		first  byte
		last   string
	}{
		{"", "", []int{0, 1, 2, 3, 9}, 0, "train/00004"},
		{picture.Test, "", []int{4, 5, 6}, 100, "test/00002"},
		{picture.All, "", []int{0, 1, 2, 3, 9, 4, 5, 6}, 0, "test/00002"},
		{picture.Train, "train-images-idx3-ubyte", []int{0, 1, 2, 3, 9}, 0, "train-images-idx3-ubyte/00004"},
		{picture.Test, "train-images-idx3-ubyte", []int{4, 5, 6}, 100, "test/00002"},
		{picture.Test, "t10k-images-idx3-ubyte.gz", []int{4, 5, 6}, 100, "t10k-images-idx3-ubyte.gz/00002"},
		{picture.All, "train-images-idx3-ubyte", []int{0, 1, 2, 3, 9, 4, 5, 6}, 0, "test/00002"},
	} {
		s := open(t, picture.Source{Path: filepath.Join(dir, c.path), Split: c.split})
		var labels []int
		for i := range s.Len() {
			l, err := s.Item(i, nil)
			if err != nil {
				t.Fatal(err)
			}
			labels = append(labels, l.Class)
		}
		p := make([]float32, 12)
		s.Item(0, p)
		if !slices.Equal(labels, c.labels) || p[0] != float32(c.first)/255 || s.Name(s.Len()-1) != c.last {
			t.Errorf("%q of %q: labels %v, first %v, last name %s", c.split, c.path, labels, p[0]*255, s.Name(s.Len()-1))
		}
		if len(s.Classes()) != 10 || s.Classes()[9] != "9" {
			t.Errorf("classes %q", s.Classes())
		}
	}
	settest.Run(t, open(t, picture.Source{Path: dir, Split: picture.All}))
}

func TestFraming(t *testing.T) {
	dir := mnist(t, t.TempDir())
	s := open(t, picture.Source{Path: dir, Size: 7, Channels: 3, Count: 2})
	settest.Run(t, s)
	if s.Len() != 2 {
		t.Errorf("count is %d", s.Len())
	}
	p := make([]float32, 7*7*3)
	if _, err := s.Item(1, p); err != nil {
		t.Fatal(err)
	}
	stored := ramp(60, 0)[12:24]
	for y := range 7 {
		for x := range 7 {
			want := float32(0)
			if y >= 1 && y < 5 && x >= 2 && x < 5 {
				want = float32(stored[(y-1)*3+x-2]) / 255
			}
			for k := range 3 {
				if got := p[(y*7+x)*3+k]; got != want {
					t.Fatalf("(%d, %d, %d) is %v, want %v", y, x, k, got, want)
				}
			}
		}
	}
}

func TestClassNames(t *testing.T) {
	root := t.TempDir()
	fashion := mnist(t, filepath.Join(root, "Fashion-MNIST"))
	plain := mnist(t, filepath.Join(root, "plain"))
	nine := "a, b,c,d,e,f,g,h,i"
	for _, c := range []struct{ path, labels, name9 string }{
		{fashion, "", "Ankle boot"}, {fashion, "digits", "9"}, {plain, "", "9"},
		{plain, "fashion-mnist", "Ankle boot"}, {plain, nine + ",T-shirt/top", "T-shirt/top"},
	} {
		if s := open(t, picture.Source{Path: c.path, Labels: c.labels}); s.Classes()[9] != c.name9 {
			t.Errorf("%+v: classes %q", c, s.Classes())
		}
	}
	for _, labels := range []string{nine, nine + ",a", nine + ",", "x"} {
		if _, err := Open(picture.Source{Path: plain, Labels: labels}); err == nil {
			t.Errorf("labels %q passed", labels)
		}
	}
	many := put(t, filepath.Join(root, "many"), map[string][]byte{
		"train-images-idx3-ubyte": file(ramp(2, 0), 2, 1, 1),
		"train-labels-idx1-ubyte": file([]byte{0, 46}, 2)})
	if s := open(t, picture.Source{Path: many}); len(s.Classes()) != 47 {
		t.Errorf("%d classes", len(s.Classes()))
	}
	bare := put(t, filepath.Join(root, "bare"), map[string][]byte{"train-images-idx3-ubyte": file(ramp(2, 0), 2, 1, 1)})
	settest.Run(t, open(t, picture.Source{Path: bare}))
}

// Each bad input gives one line that says what is wrong.
func TestBadFiles(t *testing.T) {
	images, labels := file(ramp(24, 0), 2, 4, 3), file([]byte{1, 2}, 2)
	zipped := gz(images)
	badSum := slices.Clone(zipped)
	badSum[len(badSum)-5] ^= 1
	for name, c := range map[string]struct {
		images, labels []byte
		want           string
	}{
		"empty":        {nil, labels, "truncated: the file ends within its magic number"},
		"header":       {images[:9], labels, "truncated: the file ends within its header"},
		"body":         {images[:30], labels, "promises 2×4×3, 40 bytes in all, but the file has 30"},
		"long":         {append(slices.Clone(images), 0), labels, "40 bytes in all, but the file has 41"},
		"gz body":      {gz(images[:30]), labels, "the data ends after 14 of 24 bytes"},
		"gz cut":       {zipped[:len(zipped)-9], labels, "truncated: the file ends within its checksum"},
		"gz header":    {zipped[:5], labels, "truncated: the file ends within its gzip header"},
		"gz sum":       {badSum, labels, "invalid checksum"},
		"gz long":      {gz(append(slices.Clone(images), 0)), labels, "more bytes follow"},
		"magic":        {append([]byte("\x89PNG"), images[4:]...), labels, "not an IDX file of bytes: its magic number is 89504e47"},
		"floats":       {append([]byte{0, 0, 0x0d, 3}, images[4:]...), labels, "not an IDX file of bytes"},
		"swapped":      {labels, images, "holds labels, not pictures: its magic number is 00000801"},
		"labels":       {images, images, "holds pictures, not labels: its magic number is 00000803"},
		"rank":         {file(nil, 1, 1, 1, 1), labels, "holds 4 axes, not pictures"},
		"none":         {file(nil, 0, 4, 3), labels, "promises nothing"},
		"no rows":      {file(nil, 2, 0, 3), labels, "promises nothing"},
		"4 GB":         {file(nil, 1<<32-1, 1, 1), labels, "more than 2048 MiB"},
		"4 GB zipped":  {gz(file(nil, 1<<32-1, 28, 28)), labels, "more than 2048 MiB"},
		"overflow":     {gz(file(nil, 1<<32-1, 1<<32-1, 1<<32-1)), labels, "more than 2048 MiB"},
		"2 GB zipped":  {gz(file(nil, 1<<21, 32, 32)), labels, "the data ends after 0 of 2147483648"},
		"few labels":   {images, file([]byte{1}, 1), "has 2 pictures, but"},
		"label zipped": {images, gz(labels[:9]), "the data ends after 1 of 2 bytes"},
	} {
		dir := put(t, t.TempDir(), map[string][]byte{"train-images-idx3-ubyte": c.images, "train-labels-idx1-ubyte": c.labels})
		_, err := Open(picture.Source{Path: dir})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "-ubyte") {
			t.Errorf("%s: error is %v, want %q", name, err, c.want)
		}
	}
}

func TestBadSources(t *testing.T) {
	dir := mnist(t, t.TempDir())
	os.Mkdir(filepath.Join(dir, "empty"), 0o777)
	alone := put(t, t.TempDir(), map[string][]byte{"my-images": file(ramp(1, 0), 1, 1, 1)})
	uneven := put(t, t.TempDir(), map[string][]byte{
		"train-images-idx3-ubyte": file(ramp(1, 0), 1, 1, 1), "t10k-images-idx3-ubyte": file(ramp(2, 0), 1, 1, 2)})
	half := put(t, t.TempDir(), map[string][]byte{
		"train-images-idx3-ubyte": file(ramp(1, 0), 1, 1, 1), "t10k-images-idx3-ubyte": file(ramp(1, 0), 1, 1, 1),
		"t10k-labels-idx1-ubyte": file([]byte{1}, 1)})
	for name, c := range map[string]struct {
		src  picture.Source
		want string
	}{
		"no path":   {picture.Source{}, "no path"},
		"missing":   {picture.Source{Path: filepath.Join(dir, "gone")}, "no such file"},
		"empty":     {picture.Source{Path: filepath.Join(dir, "empty")}, "no train-images-idx3-ubyte"},
		"no test":   {picture.Source{Path: filepath.Join(alone, "my-images"), Split: picture.Test}, "no test split beside"},
		"test only": {picture.Source{Path: filepath.Join(dir, "t10k-images-idx3-ubyte.gz")}, "set split to test"},
		"small":     {picture.Source{Path: dir, Size: 3}, "4×3 do not fit into size 3"},
		"split":     {picture.Source{Path: dir, Split: "dev"}, "dev"},
		"uneven":    {picture.Source{Path: uneven, Split: picture.All}, "pictures of 1×2, but the part before it 1×1"},
		"half":      {picture.Source{Path: half, Split: picture.All}, "only one of the two parts has labels"},
	} {
		if _, err := Open(c.src); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v, want %q", name, err, c.want)
		}
	}
	if s := open(t, picture.Source{Path: filepath.Join(alone, "my-images"), Split: picture.All}); s.Len() != 1 {
		t.Errorf("a lone file has %d pictures", s.Len())
	}
}

// A header that promises 2 GB must not cost 2 GB.
func TestPromiseCostsNothing(t *testing.T) {
	head := file(nil, 1<<21, 32, 32)
	if n := testing.AllocsPerRun(5, func() { read(bytes.NewReader(head), -1, 3) }); n > 50 { // others may allocate meanwhile
		t.Errorf("%v allocations", n)
	}
	r := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			read(bytes.NewReader(head), -1, 3)
		}
	})
	if r.AllocedBytesPerOp() > 2<<20 {
		t.Errorf("%d bytes allocated for an empty file", r.AllocedBytesPerOp())
	}
}

func FuzzRead(f *testing.F) {
	for _, b := range [][]byte{nil, file(ramp(24, 0), 2, 4, 3), file([]byte{1, 2}, 2), file(nil, 1<<32-1, 1, 1), file(ramp(3, 0), 3)[:6]} {
		f.Add(b, true)
		f.Add(b, false)
	}
	f.Fuzz(func(t *testing.T, b []byte, known bool) {
		size := int64(-1)
		if known {
			size = int64(len(b))
		}
		for _, rank := range []int{1, 3} {
			a, err := read(bytes.NewReader(b), size, rank)
			if err != nil {
				if strings.Contains(err.Error(), "\n") {
					t.Errorf("error of several lines: %v", err)
				}
				continue
			}
			dims := make([]uint32, rank)
			for i, d := range a.dims {
				dims[i] = uint32(d)
			}
			if !bytes.Equal(file(a.data, dims...), b) {
				t.Errorf("%x was read as %v", b, a)
			}
		}
	})
}

// The real sets, for those who have them.
func TestRealSets(t *testing.T) {
	for env, last := range map[string]string{"LIMNER_FASHION_MNIST": "Ankle boot", "LIMNER_MNIST": "9"} {
		t.Run(env, func(t *testing.T) {
			dir := os.Getenv(env)
			if dir == "" {
				t.Skipf("set %s to the folder of its four files to run this", env)
			}
			for split, n := range map[picture.Split]int{picture.Train: 60_000, picture.Test: 10_000} {
				s := open(t, picture.Source{Path: dir, Split: split})
				count := make([]int, 10)
				for i := range s.Len() {
					l, _ := s.Item(i, nil)
					count[l.Class]++
				}
				if s.Len() != n || s.Classes()[9] != last || slices.Min(count) < n/12 {
					t.Errorf("%s: %d pictures, classes %q, counts %v", split, s.Len(), s.Classes(), count)
				}
				root, err := picture.Digest(t.Context(), s)
				t.Log(split, root, err)
			}
		})
	}
}
