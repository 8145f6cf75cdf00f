//go:build unix

package mnist

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A pipe would keep the reader waiting for somebody to write.
func TestPipe(t *testing.T) {
	dir := t.TempDir()
	for role, name := range canonical {
		if role == trainImages {
			if err := syscall.Mkfifo(filepath.Join(dir, name), 0o600); err != nil {
				t.Skip(err)
			}
		} else if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := Load(dir); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("error %v does not say that a pipe is not a regular file", err)
	}
}
