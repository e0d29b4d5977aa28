package generate

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"reflect"
	"strings"
	"testing"
)

// told is an Origin with something in every field.
func told() Origin {
	strength := .25
	return Origin{
		Prompt: `a "red" apple, 3d: größer`, Negative: "blur, rain", Class: "Ankle boot", How: "interpolation",
		Seed: 1<<64 - 1, First: 3, Pictures: 2, Steps: 7, Sampler: "heun", Guidance: 2.5, Strength: &strength,
		Truncation: .5, Ends: []string{"8", "picture"}, Shift: "smile, \u200bwide", Amount: -1.5, Width: 64, Height: 48,
		Model: `a, "b"`, Family: "flow", Digest: "sha256:00", Rights: "recorded: data set x, root y, MIT 3", Version: "Limner v1", ID: "00112233aabbccdd", Near: `fluent, 0001.png (MIT, "Microsoft")`,
	}
}

// pngWith is a PNG of one pixel with chunks after its header.
func pngWith(t testing.TB, chunks ...[]byte) []byte {
	t.Helper()
	b, err := EncodePNG(image.NewNRGBA(image.Rect(0, 0, 1, 1)), Origin{Version: "x"})
	if err != nil {
		t.Fatal(err)
	}
	end := b[bytes.Index(b, []byte("IDAT"))-4:]
	out := append([]byte(nil), b[:33]...)
	for _, c := range chunks {
		out = append(out, c...)
	}
	return append(out, end...)
}

func chunk(kind string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, kind...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

func packed(data []byte) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write(data)
	_ = z.Close()
	return b.Bytes()
}

// Every field that is written comes back: by our own text, and by the one that
// other tools read.
func TestOriginComesBack(t *testing.T) {
	want := told()
	for v, i := reflect.ValueOf(want), 0; i < v.NumField(); i++ {
		if v.Field(i).IsZero() {
			t.Fatalf("the test forgets %s", v.Type().Field(i).Name)
		}
	}
	file, err := EncodePNG(image.NewNRGBA(image.Rect(0, 0, 1, 1)), want)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ReadOrigin(file); err != nil || !reflect.DeepEqual(got, want.sane()) {
		t.Errorf("own text: %+v, %v", got, err)
	}
	got, err := ReadOrigin(pngWith(t, textChunk(parametersKey, want.Parameters())))
	if err != nil || !reflect.DeepEqual(got, want.sane()) {
		t.Errorf("parameters:\n%+v, %v, want\n%+v", got, err, want.sane())
	}
	for _, o := range []Origin{
		{Class: "Bag", Seed: 1, Pictures: 1, Version: "Limner v1"},
		{Seed: 0, Pictures: 1, Version: "Limner v1"},
		{Prompt: "Bag", Seed: 4, Pictures: 1, Version: "Limner v1", Negative: "x"},
	} {
		got, err := ReadOrigin(pngWith(t, textChunk(parametersKey, o.Parameters())))
		if err != nil || !reflect.DeepEqual(got, o) {
			t.Errorf("%+v came back as %+v, %v", o, got, err)
		}
	}
}

// As the web interface writes them, in each kind of chunk.
func TestParametersOfOthers(t *testing.T) {
	const text = "a cat\non a mat\nNegative prompt: blurry,\nugly\n" +
		`Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 965400086, Size: 512x768, Model hash: 45dee52b, Model: "v1, best", Denoising strength: 0.75, Lora hashes: "x: \"y\"", Version: v1.7.0`
	strength := .75
	want := Origin{
		Prompt: "a cat on a mat", Negative: "blurry, ugly", Steps: 20, Sampler: "Euler a", Guidance: 7, Seed: 965400086,
		Width: 512, Height: 768, Digest: "45dee52b", Model: "v1, best", Strength: &strength, Pictures: 1, Version: "v1.7.0",
	}
	for name, c := range map[string][]byte{
		"tEXt":        chunk("tEXt", []byte("parameters\x00"+text)),
		"zTXt":        chunk("zTXt", append([]byte("parameters\x00\x00"), packed([]byte(text))...)),
		"iTXt":        chunk("iTXt", []byte("parameters\x00\x00\x00\x00\x00"+text)),
		"iTXt packed": chunk("iTXt", append([]byte("parameters\x00\x01\x00en\x00x\x00"), packed([]byte(text))...)),
	} {
		if got, err := ReadOrigin(pngWith(t, c)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	latin := chunk("tEXt", []byte("parameters\x00caf\xe9\nSeed: 1"))
	if got, err := ReadOrigin(pngWith(t, latin)); err != nil || got.Prompt != "café" {
		t.Errorf("%+v, %v", got, err)
	}
	// Our own text goes before the other.
	both := pngWith(t, chunk("tEXt", []byte("parameters\x00"+text)), textChunk(originKey, `{"seed":5,"version":"Limner v1"}`))
	if got, err := ReadOrigin(both); err != nil || got.Seed != 5 || got.Prompt != "" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestTextsOfStrangers(t *testing.T) {
	good := chunk("tEXt", []byte("parameters\x00x\nSeed: 1"))
	damaged := bytes.Clone(good)
	damaged[12] ^= 1
	long := strings.Repeat("x", maxText)
	bomb := packed(bytes.Repeat([]byte{'x'}, 8<<20))
	cut := pngWith(t, good)
	for name, file := range map[string][]byte{
		"nothing":         nil,
		"no picture":      []byte("parameters\x00x\nSeed: 1"),
		"signature alone": []byte(signature),
		"wrong sum":       pngWith(t, damaged),
		"cut off":         cut[:40],
		"huge length":     append([]byte(signature), "\xff\xff\xff\xfftEXtparameters\x00"...),
		"too long":        pngWith(t, chunk("tEXt", []byte("parameters\x00"+long+"\nSeed: 1"))),
		"bomb":            pngWith(t, chunk("zTXt", append([]byte("parameters\x00\x00"), bomb...))),
		"bomb, iTXt":      pngWith(t, chunk("iTXt", append([]byte("limner\x00\x01\x00\x00\x00"), bomb...))),
		"no zlib":         pngWith(t, chunk("zTXt", []byte("parameters\x00\x00abc"))),
		"other method":    pngWith(t, chunk("zTXt", []byte("parameters\x00\x01abc"))),
		"no end":          pngWith(t, chunk("iTXt", []byte("parameters\x00\x00\x00en"))),
		"no keyword":      pngWith(t, chunk("tEXt", []byte("parameters"))),
		"not UTF-8":       pngWith(t, chunk("iTXt", []byte("parameters\x00\x00\x00\x00\x00\xff\nSeed: 1"))),
		"words alone":     pngWith(t, chunk("tEXt", []byte("parameters\x00a cat"))),
		"other JSON":      pngWith(t, textChunk(originKey, `[1,2]`)),
		"after the end":   append(pngWith(t), good...),
		"too many texts":  pngWith(t, append(bytes.Repeat(chunk("tEXt", []byte("a\x00b")), maxTexts), good...)),
	} {
		if o, err := ReadOrigin(file); !errors.Is(err, ErrNoOrigin) {
			t.Errorf("%s: %+v, %v", name, o, err)
		}
	}
	odd := pngWith(t, textChunk(originKey, `{"prompt":"a\nb\u001b[2J","steps":-3,"guidance":-1,"strength":7,"ends":["a","b","c"],"width":9e15,"version":"x"}`))
	if o, err := ReadOrigin(odd); err == nil {
		t.Errorf("a number that fits nowhere was read: %+v", o)
	}
	odd = pngWith(t, textChunk(originKey, `{"prompt":"a\nb\u001b[2J","steps":-3,"guidance":-1,"strength":7,"ends":["a","b","c"],"version":"x"}`))
	if o, err := ReadOrigin(odd); err != nil || o.Prompt != "a b[2J" || o.Steps != 0 || o.Guidance != 0 || o.Strength != nil || o.Ends != nil {
		t.Errorf("%+v, %v", o, err)
	}
}

func FuzzReadOrigin(f *testing.F) {
	f.Add(pngWith(f, textChunk(parametersKey, told().Parameters())), "")
	f.Add([]byte(signature), "a\nNegative prompt: b\nSteps: 3, Seed: 1, Model: \"x\\")
	f.Fuzz(func(t *testing.T, file []byte, text string) {
		for _, b := range [][]byte{file, pngWith(t, textChunk(parametersKey, text)), pngWith(t, textChunk(originKey, text))} {
			o, err := ReadOrigin(b)
			if err != nil {
				continue
			}
			// What was read can be written and read again.
			again, err := EncodePNG(image.NewNRGBA(image.Rect(0, 0, 1, 1)), o)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := ReadOrigin(again); o.Version != "" && (err != nil || !reflect.DeepEqual(got, o)) {
				t.Fatalf("%+v came back as %+v, %v", o, got, err)
			}
		}
	})
}
