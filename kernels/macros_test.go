package kernels

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// envRequireDisasm, when it is 1, makes a missing disassembler an error.
const envRequireDisasm = "VAE_EDGE_REQUIRE_DISASM"

// Instructions that Go's assembler lacks are macros over WORD or BYTE. Every macro is assembled with many operands and must
// mean to LLVM's disassembler what the comment above it says.
func TestMacros(t *testing.T) {
	disassembler := ""
	for _, name := range []string{"llvm-mc", "llvm-mc-19", "llvm-mc-18", "llvm-mc-17", "llvm-mc-16", "llvm-mc-15", "llvm-mc-14"} {
		if path, err := exec.LookPath(name); err == nil {
			disassembler = path
			break
		}
	}
	goTool, err := exec.LookPath("go")
	if disassembler == "" || err != nil {
		if os.Getenv(envRequireDisasm) == "1" {
			t.Fatalf("%s is 1, but there is no llvm-mc or no go: install llvm", envRequireDisasm)
		}
		t.Skip("needs llvm-mc and go")
	}
	for _, arch := range []struct {
		name, triple, attributes string
		registers                int
	}{
		{"amd64", "x86_64", "+avxvnni", 16},
		{"arm64", "aarch64", "+dotprod", 32},
	} {
		t.Run(arch.name, func(t *testing.T) {
			header := "macros_" + arch.name + ".h"
			text, err := os.ReadFile(header)
			if err != nil {
				t.Fatal(err)
			}
			source := bytes.NewBufferString("#include \"" + header + "\"\nTEXT ·f(SB), 4, $0\n")
			var want []string
			macros := regexp.MustCompile(`(?m)^// (.*)\n#define (\w+)\(([^)]*)\)`).FindAllStringSubmatch(string(text), -1)
			if n := strings.Count(string(text), "#define"); n == 0 || n != len(macros) {
				t.Fatalf("%d macros in %s, of which %d have a comment", n, header, len(macros))
			}
			for _, macro := range macros {
				for v := range arch.registers {
					var operands []string
					instruction := macro[1]
					for i, name := range strings.Split(macro[3], ", ") {
						operand := (v*(2*i+1) + 5*i) % arch.registers
						switch {
						case name == "i": // a lane
							operand %= 4
						case strings.Contains(macro[1], "x{"+name+"}"): // x31 is the stack pointer or zero
							operand %= 31
						}
						operands = append(operands, fmt.Sprint(operand))
						instruction = strings.ReplaceAll(instruction, "{"+name+"}", fmt.Sprint(operand))
					}
					fmt.Fprintf(source, "\t%s(%s)\n", macro[2], strings.Join(operands, ", "))
					want = append(want, instruction)
				}
			}

			dir := t.TempDir()
			file := filepath.Join(dir, "f.s")
			if err := os.WriteFile(file, source.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			assemble := exec.Command(goTool, "tool", "asm", "-S", "-p", "f", "-I", ".", "-o", filepath.Join(dir, "f.o"), file)
			assemble.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+arch.name)
			listing, err := assemble.CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %v\n%s", assemble, err, listing)
			}
			code := new(bytes.Buffer)
			for _, line := range regexp.MustCompile(`(?m)^\t0x[0-9a-f]+ ((?:[0-9a-f]{2} )+)`).FindAllStringSubmatch(string(listing), -1) {
				for _, b := range strings.Fields(line[1]) {
					fmt.Fprintf(code, "0x%s ", b)
				}
			}
			disassemble := exec.Command(disassembler, "--disassemble", "--triple="+arch.triple, "--mattr="+arch.attributes)
			disassemble.Stdin = code
			output, err := disassemble.CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %v\n%s", disassemble, err, output)
			}
			var got []string
			for line := range strings.Lines(string(output)) {
				if words := strings.Fields(line); len(words) > 0 && words[0] != ".text" && words[0] != ".section" {
					got = append(got, strings.Join(words, " "))
				}
			}
			if len(got) < len(want) {
				t.Fatalf("%d instructions of %d were disassembled:\n%s", len(got), len(want), output)
			}
			for i, w := range want {
				if got[i] != w {
					t.Errorf("%s is %q, not %q", strings.Split(source.String(), "\n")[i+2], got[i], w)
				}
			}
		})
	}
}
