package main

import (
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/firmware/scene"
)

func generated(t *testing.T, kind string) string {
	t.Helper()
	var b strings.Builder
	if err := generators(nil)[kind](&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestGenerated: every text has every flag, and no placeholder is left open.
func TestGenerated(t *testing.T) {
	for kind := range generators(nil) {
		text := generated(t, kind)
		for _, o := range table().Flags {
			name := "--" + o.Name
			switch kind {
			case "man":
				name = `\-\-` + strings.ReplaceAll(o.Name, "-", `\-`)
			case "fish":
				name = "-l " + o.Name + " "
			case "config":
				if name = o.Name; o.Commands[0] != "" || slices.Contains(table().NotInFile, name) {
					continue
				}
			}
			if !strings.Contains(text, name) {
				t.Errorf("%s: no %s", kind, name)
			}
		}
		for i, line := range strings.Split(text, "\n") {
			if strings.HasSuffix(line, " ") || strings.Contains(line, "%!") {
				t.Errorf("%s:%d: %q", kind, i+1, line)
			}
		}
	}
}

// TestManRequests: no line of help is taken for a request of the formatter, and each that begins
// with a dot is one that exists.
func TestManRequests(t *testing.T) {
	for i, line := range strings.Split(generated(t, "man"), "\n") {
		request, _, _ := strings.Cut(line, " ")
		if strings.HasPrefix(line, ".") && !slices.Contains([]string{".TH", ".SH", ".SS", ".TP", ".B", ".BR", ".RI", ".I", ".br", ".nf", ".fi", ".nh", ".ad"}, request) || strings.HasPrefix(line, "'") {
			t.Errorf("line %d: %q", i+1, line)
		}
	}
}

// TestChoices: what an option offers, it takes.
func TestChoices(t *testing.T) {
	offered := 0
	for _, o := range table().Flags {
		for _, v := range o.Choices() {
			offered++
			if strings.HasSuffix(v, ":") {
				v += "file"
			}
			if err := o.Apply(&config{}, v); err != nil {
				t.Errorf("--%s offers %q: %v", o.Name, v, err)
			}
		}
	}
	if offered < 40 {
		t.Errorf("only %d values offered", offered)
	}
}

// TestBash completes command lines in a real shell.
func TestBash(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip(err)
	}
	script := generated(t, "bash")
	if out, err := exec.Command(bash, "-c", "((BASH_VERSINFO[0] >= 4)) && echo yes").Output(); err != nil || string(out) != "yes\n" {
		t.Skip("an old bash")
	}
	var scenes []string
	for _, s := range scene.All() {
		scenes = append(scenes, s.Name)
	}
	scenes = append(scenes, scene.EditName, "list")
	dir := t.TempDir()
	if err := exec.Command(bash, "-c", "cd "+dir+" && touch model.safetensors picture.png").Run(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		words string // those of bash, which parts = and :
		want  string
	}{
		{"vae-edge ver", "verify"},
		{"vae-edge --scene |", strings.Join(scenes, " ")},
		{"vae-edge --scene wa", "walk"},
		{"vae-edge --scene = wa", "walk"},
		{"vae-edge --scene = |", strings.Join(scenes, " ")},
		{"vae-edge --frames |", ""},
		{"vae-edge --board = pir", "pirate-audio"},
		{"vae-edge --stats", "--stats --stats=overlay"},
		{"vae-edge --model mo", "model.safetensors"},
		{"vae-edge --model mnist-1", "mnist-16"},
		{"vae-edge --display p", "png:"},
		{"vae-edge --display png : pi", "picture.png"},
		{"vae-edge probe --no", "--no-card"},
		{"vae-edge probe --scene", ""},
		{"vae-edge probe --display |", "spi0 i2c1 none"},
		{"vae-edge --seed 1 ver", ""}, // too late for a command
		{"vae-edge bench --js", "--json"},
		{"vae-edge --generate f", "fish"},
	} {
		words := strings.Fields(strings.ReplaceAll(c.words, "|", "''"))
		run := fmt.Sprintf("%s\ncompopt() { :; }\nCOMP_WORDS=(%s); COMP_CWORD=%d; _vae_edge; echo \"${COMPREPLY[*]}\"", script, strings.Join(words, " "), len(words)-1)
		cmd := exec.Command(bash, "--norc", "-c", run)
		cmd.Dir = filepath.Clean(dir)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", c.words, err, out)
		}
		got := strings.Fields(string(out))
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %q, want %q", c.words, got, c.want)
		}
	}
}

// TestTextKinds: the flag takes what there is to generate, and nothing else.
func TestTextKinds(t *testing.T) {
	if all := slices.Sorted(maps.Keys(generators(nil))); !slices.Equal(all, textKinds) {
		t.Errorf("the flag takes %q, there is %q", textKinds, all)
	}
}
