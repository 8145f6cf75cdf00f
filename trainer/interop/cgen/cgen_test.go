package cgen

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/decoder/pretrained"
	"github.com/vae-edge/vae-edge/model"
)

// compile writes a program, compiles it and returns the path of what it became. Without a compiler
// the test is skipped.
func compile(t *testing.T, m *model.Model) string {
	t.Helper()
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip(err)
	}
	p, err := Decoder(m)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, f := range p.Files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.Command(cc, "-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-O2", "-o", "golden", "main.c", "vae_decoder.c")
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", c, err, out)
	}
	return filepath.Join(dir, "golden")
}

// TestGolden: the C of built-in models prints their golden hashes.
func TestGolden(t *testing.T) {
	for _, name := range pretrained.Names() {
		t.Run(name, func(t *testing.T) {
			if name != "mnist-2" && os.Getenv("VAE_EDGE_LONG") == "" {
				t.Skip("long")
			}
			m, err := decoder.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			golden, _ := decoder.Golden(name)
			out, err := exec.Command(compile(t, m)).Output()
			if err != nil || strings.TrimSpace(string(out)) != name+" "+golden {
				t.Errorf("%v, %s; want %s", err, out, golden)
			}
		})
	}
}
