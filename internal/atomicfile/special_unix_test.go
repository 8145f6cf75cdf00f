//go:build unix

package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestReadOnlyStays: a file that may not be written is not replaced, and another keeps its mode.
func TestReadOnlyStays(t *testing.T) {
	name := filepath.Join(t.TempDir(), "f")
	for _, mode := range []fs.FileMode{0o600, 0o640, 0o755} {
		if err := WriteBytes(name, []byte("old")); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
		if err := WriteBytes(name, []byte("new")); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(name); err != nil || info.Mode() != mode {
			t.Errorf("mode %v is now %v, error %v", mode, info.Mode(), err)
		}
	}
	if os.Getuid() == 0 {
		t.Skip("root may write everything")
	}
	if err := os.Chmod(name, 0o444); err != nil {
		t.Fatal(err)
	}
	var path *fs.PathError
	if err := WriteBytes(name, []byte("newer")); !errors.Is(err, fs.ErrPermission) || !errors.As(err, &path) || path.Path != name {
		t.Errorf("error %v", err)
	}
	if got, err := os.ReadFile(name); err != nil || string(got) != "new" {
		t.Errorf("the file is %q, error %v", got, err)
	}
	if files, _ := os.ReadDir(filepath.Dir(name)); len(files) != 1 {
		t.Errorf("%d files left behind", len(files)-1)
	}
}

// TestSpecialFilesStay: links, pipes and devices are written to, not replaced.
func TestSpecialFilesStay(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	for _, link := range [][2]string{{"d/a", "link"}, {"d/../b", "dangling"}, {"link", "second"}, {"loop", "loop"}} {
		if err := os.Symlink(link[0], in(link[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(in("d"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, file, content string }{
		{"link", "d/a", "one"}, {"second", "d/a", "two"}, {"dangling", "b", "three"},
	} {
		if err := WriteBytes(in(c.name), []byte(c.content)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(in(c.file)); err != nil || string(got) != c.content {
			t.Errorf("%s: %s is %q, error %v", c.name, c.file, got, err)
		}
		if info, err := os.Lstat(in(c.name)); err != nil || info.Mode()&fs.ModeSymlink == 0 {
			t.Errorf("%s is a link no more: %v, error %v", c.name, info.Mode(), err)
		}
	}
	called := false
	if err := Write(in("loop"), func(io.Writer) error { called = true; return nil }); !errors.Is(err, syscall.ELOOP) || called {
		t.Errorf("loop: error %v, called %v", err, called)
	}

	if err := syscall.Mkfifo(in("pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	// Open for both, so that nobody waits.
	pipe, err := os.OpenFile(in("pipe"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()
	if err := WriteBytes(in("pipe"), []byte("four")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(in("pipe")); err != nil || info.Mode()&fs.ModeNamedPipe == 0 {
		t.Fatalf("the pipe is none any more: %v, error %v", info.Mode(), err)
	}
	got := make([]byte, 10)
	if n, err := pipe.Read(got); err != nil || string(got[:n]) != "four" {
		t.Errorf("read %q, error %v", got[:n], err)
	}
	if left, _ := filepath.Glob(in(".*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}
