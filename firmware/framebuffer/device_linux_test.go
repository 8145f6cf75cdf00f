package framebuffer

import (
	"errors"
	"image"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// A short device has less memory than it says.
type short struct {
	*fake
	maps []byte
}

func (d *short) memory(uintptr, int) ([]byte, error) { return d.maps, nil }

// TestShortMemory: memory that is mapped and not there is an error, not the end of the program.
func TestShortMemory(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "memory"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	page := unix.Getpagesize()
	if err := f.Truncate(int64(2 * page)); err != nil {
		t.Fatal(err)
	}
	d := newFake(kinds[0], page/4, 8, 0)
	maps, err := unix.Mmap(int(f.Fd()), 0, 8*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Munmap(maps)
	s, err := open(&short{d, maps}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		err := s.Show(image.NewGray(image.Rect(0, 0, page/4, 8)))
		if !errors.As(err, new(SetupError)) {
			t.Fatal(err)
		}
		t.Log(err)
	}
	if err := s.Close(); err == nil || !d.closed {
		t.Error(err, d.closed)
	}
}

// TestNoScreen: what is no framebuffer says so, and how there may be one.
func TestNoScreen(t *testing.T) {
	if _, err := Open("/dev/fb99", Options{}); !errors.As(err, new(SetupError)) {
		t.Error(err)
	} else {
		t.Log(err)
	}
	if _, err := Open("/dev/null", Options{}); !errors.Is(err, unix.ENOTTY) {
		t.Error(err)
	}
	null, err := os.Open("/dev/null")
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	// Emulated, the request itself is not known
	if _, err := (&Console{tty: null}).mode(); !errors.Is(err, unix.ENOTTY) && !errors.Is(err, unix.ENOSYS) {
		t.Error(err)
	}
}
