//go:build unix

package regular

import (
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// TestOpen: what would keep the reader waiting, or never end, is not opened.
func TestOpen(t *testing.T) {
	t.Chdir(t.TempDir()) // a socket's path must be short
	for _, err := range []error{
		os.WriteFile("file", []byte("what it holds"), 0o600), os.Symlink("file", "link"), os.Mkdir("dir", 0o700),
		syscall.Mkfifo("pipe", 0o600), os.Symlink("pipe", "link to a pipe"), os.Symlink("nowhere", "dangling"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	socket, err := net.Listen("unix", "socket")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	for name, want := range map[string]string{
		"file": "", "link": "", filepath.Join("dir", "..", "file"): "",
		"dir":            "dir is a directory, not a regular file: name a file in it",
		"pipe":           "pipe is a pipe, not a regular file: write what comes out of it to a file and name that",
		"link to a pipe": "link to a pipe is a pipe, ",
		os.DevNull:       " is a device, ",
		"socket":         "socket is not a regular file: name one",
		"dangling":       "no such file",
		"nowhere":        "no such file",
	} {
		f, err := Open(name)
		if want != "" {
			if err == nil || !strings.Contains(err.Error(), want) || errors.Is(err, fs.ErrNotExist) != (want == "no such file") {
				t.Errorf("%s: error %v, want %q", name, err, want)
			}
			continue
		}
		if err != nil {
			t.Error(err)
			continue
		}
		if data, err := io.ReadAll(f); err != nil || string(data) != "what it holds" {
			t.Errorf("%s: read %q, %v", name, data, err)
		}
		f.Close()
	}
}

// What is no file, or too large a one, is refused without reading it.
func TestReadRefuses(t *testing.T) {
	const most = 1 << 30
	dir := t.TempDir()
	large := filepath.Join(dir, "large")
	if err := os.WriteFile(large, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(large, most+1); err != nil {
		t.Skip(err) // no room, and no holes
	}
	for name, want := range map[string]string{dir: "not a regular file", os.DevNull: "not a regular file", large: "too many"} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Read(name, most)
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v, want %q", name, err, want)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
			t.Errorf("%s: took %d bytes", name, n)
		}
	}
}
