//go:build unix

package player

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/internal/atomicfile"
	"github.com/vae-edge/vae-edge/model"
)

// TestReloadStrange: whatever takes the place of the model's file is read without waiting for
// anybody, and refused in one line; the next good model is shown. So it is if a service finds such
// a thing at its start.
func TestReloadStrange(t *testing.T) {
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	strange := []struct {
		name string
		put  func(name string) error
		log  string
	}{
		{"directory", func(name string) error { return os.Mkdir(name, 0o755) }, " is a directory, not a regular file: "},
		{"pipe", func(name string) error { return syscall.Mkfifo(name, 0o644) }, " is a pipe, not a regular file: "},
		{"device", func(name string) error { return os.Symlink("/dev/zero", name) }, " is a device, not a regular file: "},
		{"dangling link", func(name string) error { return os.Symlink("nowhere", name) }, "no such file"},
		{"link to itself", func(name string) error { return os.Symlink(filepath.Base(name), name) }, "too many levels of symbolic links"},
		{"empty", func(name string) error { return os.WriteFile(name, nil, 0o644) }, "not a weights file"},
	}
	args := []string{"--panel", "st7735-80x160", "--fps", "5", "--frames", "401"}
	links := func(t *testing.T, m *model.Model) func(name string) error {
		other := filepath.Join(t.TempDir(), "other")
		if err := atomicfile.WriteBytes(other, marshal(t, m)); err != nil {
			t.Fatal(err)
		}
		return func(name string) error { return os.Symlink(other, name) }
	}
	t.Run("one after the other", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newField(t, marshal(t, model.Synthetic()), args...)
			var log []string
			for i, s := range strange {
				time.AfterFunc(time.Duration(10*i+1)*time.Second, func() {
					must(os.RemoveAll(f.file.name))
					must(s.put(f.file.name))
				})
				log = append(log, s.log)
			}
			good := links(t, negative())
			time.AfterFunc(61*time.Second, func() {
				must(os.Remove(f.file.name))
				must(good(f.file.name))
			})
			must(f.run(t.Context()))
			f.checkShown("strange", negative(), 400)
			f.checkLog("strange", append(log, "model negative from ")...)
			if s := f.r.meter.read(); s.Frames != 401 || s.Dropped != 0 || s.Failures != 0 {
				t.Errorf("%d frames shown, %d dropped, %d failed", s.Frames, s.Dropped, s.Failures)
			}
		})
	})
	mnist, err := decoder.Open(decoder.DefaultModel)
	if err != nil {
		t.Fatal(err)
	}
	inverted := *mnist
	inverted.Name, inverted.Table = "inverted", negative().Table
	for _, s := range strange {
		t.Run(s.name+" at the start", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				name := filepath.Join(t.TempDir(), "model.safetensors")
				if err := s.put(name); err != nil {
					t.Fatal(err)
				}
				f := newFieldOf(t, name, append(args[:len(args)-1:len(args)-1], "61")...)
				good := links(t, &inverted)
				time.AfterFunc(5*time.Second, func() {
					must(os.Remove(name))
					must(good(name))
				})
				must(f.run(t.Context()))
				f.checkShown(s.name, &inverted, 60)
				f.checkLog(s.name, s.log, "model inverted from ")
			})
		})
	}
}
