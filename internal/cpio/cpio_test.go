package cpio

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestArchive has cpio, where it is installed, unpack what is packed.
func TestArchive(t *testing.T) {
	a := Archive([]Node{{Name: "dir", Mode: 0o040755}, {Name: "dir/file", Mode: 0o100644, Data: []byte("five\n")}, {Name: "odd", Mode: 0o100644, Data: []byte("x")}})
	if len(a)%4 != 0 || !bytes.HasSuffix(a, []byte("TRAILER!!!\x00\x00\x00\x00")) || bytes.Count(a, []byte("070701")) != 4 {
		t.Errorf("%q", a)
	}
	program, err := exec.LookPath("cpio")
	if err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	c := exec.Command(program, "-idm", "--quiet")
	c.Dir, c.Stdin = dir, bytes.NewReader(a)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for name, want := range map[string]string{"dir/file": "five\n", "odd": "x"} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
			t.Errorf("%s holds %q, error %v", name, got, err)
		}
	}
}
