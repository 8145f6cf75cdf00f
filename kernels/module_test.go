package kernels

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

//go:generate wat2wasm --output=kernels_wasm.bin kernels_wasm.wat

// TestModule: the module of backend simd128 is what its text says.
func TestModule(t *testing.T) {
	tool, err := exec.LookPath("wat2wasm")
	if err != nil && os.Getenv("CI") == "" {
		t.Skip("there is no wat2wasm, of Debian's package wabt")
	} else if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "module")
	if text, err := exec.Command(tool, "--output="+out, "kernels_wasm.wat").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	want, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("kernels_wasm.bin")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("kernels_wasm.bin is not what kernels_wasm.wat says: go generate")
	}
}
