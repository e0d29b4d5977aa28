package tensorboard

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Every message and frame, byte for byte as TensorBoard's own writer has them.
func TestBytesMatchTensorBoard(t *testing.T) {
	want, err := os.ReadFile(filepath.Join("testdata", "golden.tfevents"))
	must(t, err)
	const wall = 1000.5
	var got []byte
	for _, e := range [][]byte{
		fileVersion(wall),
		sessionStart(wall, 31),
		summary(wall, 31, scalarValue("loss/kl", 23.25)),
		summary(wall, 40, scalarValue("loss/ü", float32(math.Float32frombits(0x7fc00000)))),
		summary(wall, 300, imageValue("samples", 2, 3, 1, []byte("png"))),
	} {
		got = append(got, record(e)...)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got\n% x\nwant\n% x", got, want)
	}
}

// RFC 3720 section B.4: the CRC-32C of 32 zeros is 8a9136aa.
func TestMask(t *testing.T) {
	c := uint32(0x8a9136aa)
	if got, want := mask(make([]byte, 32)), (c>>15|c<<17)+0xa282ead8; got != want {
		t.Errorf("%#x, want %#x", got, want)
	}
}

// message is a decoded protocol buffer: values by field number, as uint64 for
// numbers and []byte for the rest.
type message map[protowire.Number]any

func decode(t *testing.T, b []byte) message {
	t.Helper()
	m := message{}
	for len(b) > 0 {
		field, kind, n := protowire.ConsumeTag(b)
		must(t, protowire.ParseError(n))
		b = b[n:]
		switch kind {
		case protowire.VarintType:
			m[field], n = protowire.ConsumeVarint(b)
		case protowire.Fixed64Type:
			m[field], n = protowire.ConsumeFixed64(b)
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(b)
			m[field] = uint64(v)
		case protowire.BytesType:
			m[field], n = protowire.ConsumeBytes(b)
		default:
			t.Fatalf("wire type %d", kind)
		}
		must(t, protowire.ParseError(n))
		b = b[n:]
	}
	return m
}

func (m message) sub(t *testing.T, fields ...protowire.Number) message {
	t.Helper()
	for _, f := range fields {
		b, ok := m[f].([]byte)
		if !ok {
			t.Fatalf("no message in field %d of %v", f, m)
		}
		m = decode(t, b)
	}
	return m
}

// events reads a file, checking both checksums of each record.
func events(t *testing.T, path string) []message {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	var list []message
	for len(b) > 0 {
		if len(b) < 16 {
			t.Fatalf("%d bytes are left over", len(b))
		}
		n := int(binary.LittleEndian.Uint64(b))
		data := b[12 : 12+n]
		if binary.LittleEndian.Uint32(b[8:]) != mask(b[:8]) || binary.LittleEndian.Uint32(b[12+n:]) != mask(data) {
			t.Fatal("a checksum is wrong")
		}
		list = append(list, decode(t, data))
		b = b[16+n:]
	}
	return list
}

func TestWriter(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "on demand")
	w, err := Create(dir)
	must(t, err)
	if !regexp.MustCompile(`^events\.out\.tfevents\.\d{10}\.limner\.0$`).MatchString(filepath.Base(w.f.Name())) {
		t.Errorf("file name %s", w.f.Name())
	}
	if n := len(events(t, w.f.Name())); n != 1 {
		t.Errorf("%d events before the first Flush; TensorBoard wants the version at once", n)
	}
	rgb := image.NewNRGBA(image.Rect(0, 0, 5, 4))
	for i := range rgb.Pix {
		rgb.Pix[i] = 255
	}
	clear := image.NewNRGBA(image.Rect(0, 0, 1, 1))
	must(t, w.Scalar(0, "loss/kl", 0.5))
	must(t, w.Scalar(1<<40, "loss/kl", math.Inf(1)))
	must(t, w.Image(7, "samples", image.NewGray(image.Rect(2, 1, 5, 3))))
	must(t, w.Image(8, "samples", rgb))
	must(t, w.Image(9, "samples", clear))
	must(t, w.Flush())
	list := events(t, w.f.Name())
	if len(list) != 6 {
		t.Fatalf("%d events", len(list))
	}
	if v := list[0][eventFileVersion]; string(v.([]byte)) != "brain.Event:2" {
		t.Errorf("first event %v", list[0])
	}
	wall := math.Float64frombits(list[1][eventWallTime].(uint64))
	if d := time.Since(time.UnixMicro(int64(wall * 1e6))); d < 0 || d > time.Minute {
		t.Errorf("wall time %v ago", d)
	}
	value := list[1].sub(t, eventSummary, summaryValue)
	if list[1][eventStep] != nil || string(value[valueTag].([]byte)) != "loss/kl" || value[valueSimple] != uint64(math.Float32bits(0.5)) {
		t.Errorf("scalar %v", value)
	}
	if list[2][eventStep] != uint64(1<<40) {
		t.Errorf("step %v", list[2][eventStep])
	}
	for i, want := range []struct {
		w, h, channels uint64
		model          color.Model
	}{{3, 2, 1, color.GrayModel}, {5, 4, 3, color.RGBAModel}, {1, 1, 4, color.NRGBAModel}} {
		img := list[3+i].sub(t, eventSummary, summaryValue, valueImage)
		if img[imageWidth] != want.w || img[imageHeight] != want.h || img[imageColorspace] != want.channels {
			t.Errorf("image %d: %v×%v, %v channels", i, img[imageWidth], img[imageHeight], img[imageColorspace])
		}
		cfg, err := png.DecodeConfig(bytes.NewReader(img[imageEncoded].([]byte)))
		must(t, err)
		if uint64(cfg.Width) != want.w || uint64(cfg.Height) != want.h || cfg.ColorModel != want.model {
			t.Errorf("image %d holds %+v", i, cfg)
		}
	}
	if err := w.Image(1, "nothing", image.NewGray(image.Rectangle{})); err == nil {
		t.Error("an empty picture was accepted")
	}
	must(t, w.Close())
	if len(events(t, w.f.Name())) != 6 {
		t.Error("Close wrote something more")
	}
}

func TestResumeAddsAFile(t *testing.T) {
	dir := t.TempDir()
	now := func() time.Time { return time.Unix(1700000000, 0) }
	a, err := create(dir, now)
	must(t, err)
	must(t, a.Close())
	b, err := create(dir, now) // within the same second
	must(t, err)
	must(t, b.Close())
	if a.f.Name() >= b.f.Name() {
		t.Errorf("%s is not before %s", a.f.Name(), b.f.Name())
	}
	c, err := Resume(dir, 30)
	must(t, err)
	must(t, c.Close())
	files, err := os.ReadDir(dir)
	must(t, err)
	if len(files) != 3 {
		t.Fatalf("%v", files)
	}
	list := events(t, c.f.Name())
	if len(list) != 2 || list[1][eventStep] != uint64(31) || list[1].sub(t, eventSessionLog)[sessionLogStatus] != uint64(1) {
		t.Errorf("%v", list)
	}
}

func TestErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o644))
	for _, start := range []func() (*Writer, error){
		func() (*Writer, error) { return Create(file) },
		func() (*Writer, error) { return Resume(filepath.Join(file, "under"), 1) },
	} {
		if _, err := start(); err == nil || !strings.HasPrefix(err.Error(), "tensorboard: ") {
			t.Errorf("%v", err)
		}
	}
	w, err := Create(t.TempDir())
	must(t, err)
	must(t, w.f.Close())
	must(t, w.Scalar(1, "a", 1)) // still in memory
	if err := w.Flush(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("%v", err)
	}
	if err := w.Scalar(2, "a", 1); !errors.Is(err, os.ErrClosed) {
		t.Errorf("%v", err)
	}
	if err := w.Close(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("%v", err)
	}
}
