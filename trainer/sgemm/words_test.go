package sgemm

import (
	"bytes"
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Instructions that sgemm_arm64.s encodes by itself, each with its syntax in terms of
// the macro's parameters.
var words = map[string]string{
	"FMLALANE":    "fmla v{d}.4s, v{n}.4s, v{m}.s[{lane}]",
	"FADD4S":      "fadd v{d}.4s, v{n}.4s, v{m}.4s",
	"FSUB4S":      "fsub v{d}.4s, v{n}.4s, v{m}.4s",
	"FMUL4S":      "fmul v{d}.4s, v{n}.4s, v{m}.4s",
	"FDIV4S":      "fdiv v{d}.4s, v{n}.4s, v{m}.4s",
	"FSQRT4S":     "fsqrt v{d}.4s, v{n}.4s",
	"FCMGT4S":     "fcmgt v{d}.4s, v{n}.4s, v{m}.4s",
	"FCMLEZERO4S": "fcmle v{d}.4s, v{n}.4s, #0.0",
	"CMGTZERO4S":  "cmgt v{d}.4s, v{n}.4s, #0",
	"SMAX4S":      "smax v{d}.4s, v{n}.4s, v{m}.4s",
	"SCVTF4S":     "scvtf v{d}.4s, v{n}.4s",
}

// TestWords asks a disassembler what the macros over WORD are. It needs llvm-mc
// (Debian's package llvm) and is skipped without it, unless
// VAE_EDGE_REQUIRE_DISASM=1.
func TestWords(t *testing.T) {
	src, err := os.ReadFile("sgemm_arm64.s")
	if err != nil {
		t.Fatal(err)
	}
	macros := regexp.MustCompile(`(?m)^#define (\w+)\(([\w, ]+)\) WORD \$\((.*)\)$`).FindAllSubmatch(src, -1)
	if n := bytes.Count(src, []byte("WORD $")); n != len(macros) || n != len(words) {
		t.Fatalf("%d WORDs, %d macros over it, of which this test knows %d", n, len(macros), len(words))
	}
	llvmMC := disassembler(t)

	var code bytes.Buffer
	var want []string
	for _, m := range macros {
		name, params, expr := string(m[1]), strings.Split(string(m[2]), ", "), string(m[3])
		syntax, ok := words[name]
		if !ok {
			t.Fatalf("macro %s is not known to this test", name)
		}
		// Every parameter takes all its values while the others stay.
		for p := range params {
			for v := range 32 {
				e, s := expr, syntax
				for i, param := range params {
					value := (7*i + 9) % 32
					if i == p {
						value = v
					}
					if param == "lane" {
						value %= 4
					}
					e = regexp.MustCompile(`\b`+param+`\b`).ReplaceAllString(e, strconv.Itoa(value))
					s = strings.ReplaceAll(s, "{"+param+"}", strconv.Itoa(value))
				}
				tv, err := types.Eval(token.NewFileSet(), nil, token.NoPos, e)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				word, ok := constant.Uint64Val(tv.Value)
				if !ok || word > 1<<32-1 {
					t.Fatalf("%s: %s is %v", name, e, tv.Value)
				}
				fmt.Fprintf(&code, "%#x %#x %#x %#x\n", byte(word), byte(word>>8), byte(word>>16), byte(word>>24))
				want = append(want, s)
			}
		}
	}
	cmd := exec.Command(llvmMC, "--disassemble", "--triple=aarch64", "--mattr=+neon")
	cmd.Stdin = &code
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, out)
	}
	var got []string
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); len(f) > 0 && f[0][0] != '.' {
			got = append(got, strings.Join(f, " "))
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%d instructions disassembled, want %d:\n%s", len(got), len(want), out)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("encoded %q, want %q", got[i], want[i])
		}
	}
}

func disassembler(t *testing.T) string {
	for _, name := range []string{"llvm-mc", "llvm-mc-21", "llvm-mc-20", "llvm-mc-19", "llvm-mc-18", "llvm-mc-17", "llvm-mc-16", "llvm-mc-15", "llvm-mc-14"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("VAE_EDGE_REQUIRE_DISASM") == "1" {
		t.Fatal("VAE_EDGE_REQUIRE_DISASM=1, but there is no llvm-mc: install Debian's package llvm")
	}
	t.Skip("no llvm-mc")
	return ""
}
