package neon

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// every is each encoded instruction on registers of every bit.
func every() (lines []string) {
	regs := [][3]int{{0, 1, 2}, {31, 0, 0}, {0, 31, 0}, {0, 0, 31}, {21, 10, 27}}
	for _, r := range regs {
		for _, o := range []Op{FADD, FSUB, FMUL, FDIV, FMAX, FMIN, FCMEQ, FCMGE, FCMGT, FADDP, FMAXP} {
			lines = append(lines, o.Line(r[0], r[1], r[2]))
		}
		for _, o := range []Op{FABS, FNEG, FSQRT, FRINTM, SCVTF, FCMGT0, FCMEQ0, CMLT0, SSHR(1), SSHR(23), SSHR(31)} {
			lines = append(lines, o.Line(r[0], r[1]))
		}
		for lane := range 4 {
			lines = append(lines, FMLALane(lane).Line(r[0], r[0], r[1], r[2]))
		}
		lines = append(lines, LoadAt(r[1]&15, r[2]&15).Line(r[0]))
	}
	return lines
}

// TestEncoding holds one of each instruction to what the GNU assembler makes of
// its spelling.
func TestEncoding(t *testing.T) {
	golden, err := os.ReadFile("testdata/encoding.txt")
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(every(), "\n") + "\n"
	if got != string(golden) {
		t.Errorf("encodings differ from testdata/encoding.txt:\n%s", got)
	}
}

var wordLine = regexp.MustCompile(`WORD \$0x([0-9a-f]{8}) // (.*)`)

// TestDisassembly reads back what the generator made, here and in the committed
// assembly, with binutils where they know arm64.
func TestDisassembly(t *testing.T) {
	objdump, err := exec.LookPath("aarch64-linux-gnu-objdump")
	if err != nil {
		t.Skip("no aarch64-linux-gnu-objdump")
	}
	text := strings.Join(every(), "\n")
	for _, name := range []string{"../../vec/neon_arm64.s", "../../gemm/tile/neon_arm64.s"} {
		s, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text += "\n" + string(s)
	}
	words := map[string]string{}
	var code []byte
	for _, m := range wordLine.FindAllStringSubmatch(text, -1) {
		if _, ok := words[m[1]]; ok {
			continue
		}
		words[m[1]] = m[2]
		x, err := strconv.ParseUint(m[1], 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		code = binary.LittleEndian.AppendUint32(code, uint32(x))
	}
	file := filepath.Join(t.TempDir(), "code")
	if err := os.WriteFile(file, code, 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(objdump, "-D", "-b", "binary", "-m", "aarch64", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for line := range strings.SplitSeq(string(out), "\n") {
		f := strings.Fields(line)
		if len(f) < 3 || !strings.HasSuffix(f[0], ":") || len(f[1]) != 8 {
			continue
		}
		seen++
		if got, want := strings.Join(f[2:], " "), words[f[1]]; got != want {
			t.Errorf("%s is %q, want %q", f[1], got, want)
		}
	}
	if seen != len(words) {
		t.Errorf("%d instructions read back, want %d", seen, len(words))
	}
}
