//go:build (amd64 || arm64 || arm.6) && !purego

package kernels

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/internal/gate"
)

// envRequireDisasm, when it is 1, makes a missing disassembler an error.
const envRequireDisasm = "VAE_EDGE_REQUIRE_DISASM"

// A macroSet is the macros of an architecture's header.
type macroSet struct {
	arch         string
	header, text string // file name and contents
	evex         bool
	registers    int
	words        bool     // pointers and ints take four bytes
	llvm         []string // llvm-mc and its arguments
	macros       []macro
}

// A macro over WORD or BYTE. Its instruction is what the comment above it says, with {n} for the
// parameter n.
type macro struct {
	name, instruction string
	parameters        []string
}

// maxRun is the largest number of registers in a row that a macro names: {d}, {d+1} and so on.
const maxRun = 4

// linkRegister is the register that the disassembler for 32-bit Arm has a name for.
var linkRegister = regexp.MustCompile(`\br14\b`)

// limit is how many values the operand i can have: registers, of which there are so many at most,
// or lanes.
func (m *macro) limit(i, registers int) int {
	name := "{" + m.parameters[i] + "}"
	switch {
	case m.parameters[i] == "i":
		return 4
	case m.parameters[i] == "j":
		return 2
	case strings.Contains(m.instruction, "x"+name): // x31 is the stack pointer or zero
		return 31
	case strings.Contains(m.instruction, "r"+name): // r13 is the stack pointer
		return 13
	case strings.Contains(m.instruction, "q"+name), strings.Contains(m.instruction, "v"+name+".h["):
		return 16
	case strings.Contains(m.instruction, "{"+m.parameters[i]+"+"):
		return registers - maxRun + 1
	}
	return registers
}

// expansion is the instruction with those operands.
func (m *macro) expansion(operands []int) string {
	text := m.instruction
	for i, name := range m.parameters {
		text = strings.ReplaceAll(text, "{"+name+"}", fmt.Sprint(operands[i]))
		for next := 1; next < maxRun; next++ { // registers in a row
			text = strings.ReplaceAll(text, fmt.Sprintf("{%s+%d}", name, next), fmt.Sprint(operands[i]+next))
		}
	}
	return linkRegister.ReplaceAllString(text, "lr")
}

// eachMacroSet runs a test for every architecture, on whichever it runs.
func eachMacroSet(t *testing.T, test func(t *testing.T, s *macroSet)) {
	if !gate.All() {
		t.Skip("at the gate, for it assembles everything")
	}
	disassembler := ""
	for _, name := range []string{"llvm-mc", "llvm-mc-19", "llvm-mc-18", "llvm-mc-17", "llvm-mc-16", "llvm-mc-15", "llvm-mc-14"} {
		if path, err := exec.LookPath(name); err == nil {
			disassembler = path
			break
		}
	}
	_, err := exec.LookPath("go")
	if disassembler == "" || err != nil {
		if os.Getenv(envRequireDisasm) == "1" {
			t.Fatalf("%s is 1, but there is no llvm-mc or no go: install llvm", envRequireDisasm)
		}
		t.Skip("needs llvm-mc and go")
	}
	for _, s := range []*macroSet{
		{arch: "amd64", registers: 16, llvm: []string{disassembler, "--disassemble", "--triple=x86_64", "--mattr=+avxvnni"}},
		{arch: "amd64", evex: true, registers: 16, llvm: []string{disassembler, "--disassemble", "--triple=x86_64", "--mattr=+avx512vl,+avx512vnni"}},
		{arch: "arm64", registers: 32, llvm: []string{disassembler, "--disassemble", "--triple=aarch64", "--mattr=+dotprod"}},
		{arch: "arm", words: true, registers: 32, llvm: []string{disassembler, "--disassemble", "--triple=armv7", "--mattr=+neon"}},
	} {
		name := s.arch
		if s.evex {
			name = "evex_" + name
		}
		t.Run(name, func(t *testing.T) {
			s.header = "macros_" + name + ".h"
			text, err := os.ReadFile(s.header)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range regexp.MustCompile(`(?m)^// (.*)\n#define (\w+)\(([^)]*)\)`).FindAllStringSubmatch(string(text), -1) {
				s.macros = append(s.macros, macro{m[2], m[1], strings.Split(m[3], ", ")})
			}
			if n := strings.Count(string(text), "#define"); n == 0 || n != len(s.macros) {
				t.Fatalf("%d macros in %s, of which %d have a comment", n, s.header, len(s.macros))
			}
			s.text = string(text)
			test(t, s)
		})
	}
}

// assemble returns the machine code of a source file that includes the others.
func (s *macroSet) assemble(t *testing.T, main string, files map[string]string) (code []string) {
	t.Helper()
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	textflag := filepath.Join(strings.TrimSpace(string(goroot)), "pkg", "include")
	cmd := exec.Command("go", "tool", "asm", "-S", "-p", "f", "-I", textflag, "-o", "f.o", main)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+s.arch)
	listing, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, listing)
	}
	for _, line := range regexp.MustCompile(`(?m)^\t0x[0-9a-f]+ ((?:[0-9a-f]{2} )+)`).FindAllStringSubmatch(string(listing), -1) {
		code = append(code, strings.Fields(line[1])...)
	}
	return code
}

// disassemble returns the instructions of machine code.
func (s *macroSet) disassemble(t *testing.T, code []string) (instructions []string) {
	t.Helper()
	cmd := exec.Command(s.llvm[0], s.llvm[1:]...)
	cmd.Stdin = strings.NewReader("0x" + strings.Join(code, " 0x"))
	output, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, output)
	}
	for line := range strings.Lines(string(output)) {
		if words := strings.Fields(line); len(words) > 0 && words[0] != ".text" && words[0] != ".section" {
			instructions = append(instructions, strings.Join(words, " "))
		}
	}
	return instructions
}

// Instructions that Go's assembler lacks are macros over WORD or BYTE. Every macro is assembled
// with many operands and must mean to LLVM's disassembler what the comment above it says.
func TestMacros(t *testing.T) {
	eachMacroSet(t, func(t *testing.T, s *macroSet) {
		source := bytes.NewBufferString("#include \"" + s.header + "\"\nTEXT ·f(SB), 4, $0\n")
		var want []string
		for _, m := range s.macros {
			for v := range s.registers {
				var operands []int
				for i := range m.parameters {
					operands = append(operands, (v*(2*i+1)+5*i)%s.registers%m.limit(i, s.registers))
				}
				fmt.Fprintf(source, "\t%s(%s)\n", m.name, strings.Trim(strings.Join(strings.Fields(fmt.Sprint(operands)), ", "), "[]"))
				want = append(want, m.expansion(operands))
			}
		}
		got := s.disassemble(t, s.assemble(t, "f.s", map[string]string{"f.s": source.String(), s.header: s.text}))
		if len(got) < len(want) {
			t.Fatalf("%d instructions of %d were disassembled:\n%s", len(got), len(want), strings.Join(got, "\n"))
		}
		for i, w := range want {
			if got[i] != w {
				t.Errorf("%s is %q, not %q", strings.Split(source.String(), "\n")[i+2], got[i], w)
			}
		}
	})
}

// The kernels' own uses of the macros, with the operands that all expansions leave. The kernels are
// assembled twice: as they are, and with macros that put their number and operands in the place of
// the instruction.
func TestMacroUses(t *testing.T) {
	eachMacroSet(t, func(t *testing.T, s *macroSet) {
		if s.evex {
			t.Skip("has the operands of the other encoding")
		}
		// On 64-bit Arm no instruction has zeros in its top six bits, on 32-bit Arm none of the
		// macros has; on x86 the macros begin with another byte than 6. A register past the last is
		// a division by zero.
		unit, size, tag := 4, 4, "WORD $(%d<<20 | (%s)<<15 | (%s)<<10 | (%s)<<5 | (%s))"
		if s.arch == "amd64" {
			unit, size, tag = 1, 5, "BYTE $6; BYTE $%d; BYTE $(%s); BYTE $(%s); BYTE $(%s)"
		}
		tags := new(bytes.Buffer)
		for i, m := range s.macros {
			arguments := []any{i}
			for len(arguments) < strings.Count(tag, "%") {
				name := "0"
				if n := len(arguments) - 1; n < len(m.parameters) {
					name = fmt.Sprintf("(%[1]s)/(1 - (%[1]s)/%[2]d)", m.parameters[n], s.registers)
				}
				arguments = append(arguments, name)
			}
			fmt.Fprintf(tags, "#define %s(%s) "+tag+"\n", append([]any{m.name, strings.Join(m.parameters, ", ")}, arguments...)...)
		}
		offsets := new(bytes.Buffer) // what the go command writes for every package with assembly
		for _, args := range []any{convArgs{}, denseArgs{}} {
			of := reflect.TypeOf(args)
			at := uintptr(0)
			for f := range of.NumField() {
				size := uintptr(4)
				if k := of.Field(f).Type.Kind(); !s.words && (k == reflect.Pointer || k == reflect.Int) {
					size = 8
				}
				at = (at + size - 1) &^ (size - 1)
				fmt.Fprintf(offsets, "#define %s_%s %d\n", of.Name(), of.Field(f).Name, at)
				at += size
			}
		}
		fmt.Fprintf(offsets, "#define const_storeRaw %d\n", storeRaw)
		kernels := "kernels_" + s.arch + ".s"
		source, err := os.ReadFile(kernels)
		if err != nil {
			t.Fatal(err)
		}
		assemble := func(macros string) []string {
			return s.assemble(t, kernels, map[string]string{kernels: string(source), s.header: macros, "go_asm.h": offsets.String()})
		}
		code, tagged := assemble(s.text), assemble(tags.String())
		if len(code) != len(tagged) {
			t.Fatalf("%d bytes of code, %d with tags", len(code), len(tagged))
		}

		uses := map[string]string{} // from what is meant to the instruction's bytes
		used := map[int]bool{}
		for at := 0; at < len(code); {
			if slices.Equal(code[at:][:unit], tagged[at:][:unit]) {
				at += unit
				continue
			}
			raw, err := hex.DecodeString(strings.Join(tagged[at:][:size], ""))
			if err != nil {
				t.Fatal(err)
			}
			var n int
			var operands []int
			if s.arch == "amd64" {
				n = int(raw[1])
				for _, b := range raw[2:] {
					operands = append(operands, int(b))
				}
			} else {
				word := binary.LittleEndian.Uint32(raw)
				n = int(word >> 20)
				for shift := 15; shift >= 0; shift -= 5 {
					operands = append(operands, int(word>>shift&31))
				}
			}
			if n >= len(s.macros) {
				t.Fatalf("byte %#x of the code is no tag: % x", at, raw)
			}
			used[n] = true
			bytes := strings.Join(code[at:][:size], " ")
			meant := s.macros[n].expansion(operands)
			if other, ok := uses[meant]; ok && other != bytes {
				t.Errorf("%q is both %s and %s", meant, other, bytes)
			}
			uses[meant] = bytes
			at += size
		}
		for i, m := range s.macros {
			if !used[i] {
				t.Errorf("%s is used nowhere", m.name)
			}
		}
		var all []string
		want := slices.Sorted(maps.Keys(uses))
		for _, meant := range want {
			all = append(all, strings.Fields(uses[meant])...)
		}
		got := s.disassemble(t, all)
		if len(got) != len(want) {
			t.Fatalf("%d instructions of %d were disassembled:\n%s", len(got), len(want), strings.Join(got, "\n"))
		}
		for i, w := range want {
			if got[i] != w {
				t.Errorf("a use of a macro that means %q is %q", w, got[i])
			}
		}
		t.Logf("%d different uses of %d macros", len(want), len(s.macros))
	})
}
