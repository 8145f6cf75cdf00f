// Package atomicfile writes files that are, at every moment, either the old one or the new one.
package atomicfile

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Write makes the file name hold what write produces. The bytes go to a temporary file in the same directory, are
// flushed to the disk and then renamed over name, so that a crash, a full disk or an error from write leaves
// whatever was there before. The file's mode is 0644 less the umask. Errors of the file system name the file, not the
// temporary one, which nobody will find.
func Write(name string, write func(io.Writer) error) (err error) {
	dir, base := filepath.Split(name)
	if dir == "" {
		dir = "."
	}
	defer func() {
		var path *fs.PathError
		var link *os.LinkError
		if errors.As(err, &link) {
			err = &fs.PathError{Op: "replace", Path: name, Err: link.Err}
		} else if errors.As(err, &path) && strings.HasPrefix(filepath.Base(path.Path), "."+base+".") {
			err = &fs.PathError{Op: path.Op, Path: name, Err: path.Err}
		}
	}()
	f, err := os.CreateTemp(dir, "."+base+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	w := bufio.NewWriterSize(f, 1<<16)
	if err := write(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := f.Chmod(0o644); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return err
	}
	syncDir(dir)
	return nil
}

// WriteBytes is Write for content that is already in memory.
func WriteBytes(name string, data []byte) error {
	return Write(name, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// syncDir makes the rename itself durable where the system allows it (it does not on Windows); a failure leaves a
// whole file either way, so it is not an error.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		d.Sync()
		d.Close()
	}
}
