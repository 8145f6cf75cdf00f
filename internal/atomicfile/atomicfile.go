// Package atomicfile writes files that are, at every moment, either the old one or the new one.
package atomicfile

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Write makes the file name hold what write produces. The bytes go to a temporary file in the same
// directory, are flushed to the disk and then renamed over name, so that a crash, a full disk or an
// error from write leaves whatever was there before. A new file's mode is 0644, another keeps its
// own. Errors of the file system name the file, not the temporary one, which nobody will find.
//
// Only a file that may be written is replaced: a symbolic link stays and what it points to is
// replaced, and the bytes go straight into a device or a pipe. That name can be written is found
// out before write is called.
func Write(name string, write func(io.Writer) error) (err error) {
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return through(name, write)
	} else if err == nil {
		// Renaming asks only whether the directory may be written
		old, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		old.Close()
		mode = info.Mode().Perm()
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for { // links that go round were errors above
		to, err := os.Readlink(name)
		if err != nil {
			break
		}
		if !filepath.IsAbs(to) {
			dir, _ := filepath.Split(name)
			to = dir + to
		}
		name = to
	}
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
	if err := f.Chmod(mode); err != nil {
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

// through writes to what is there.
func through(name string, write func(io.Writer) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<16)
	if err = write(w); err == nil {
		err = w.Flush()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	return err
}

// WriteJSON makes the file name hold a value as JSON, indented.
func WriteJSON(name string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return WriteBytes(name, append(data, '\n'))
}

// WriteBytes is Write for content that is already in memory.
func WriteBytes(name string, data []byte) error {
	return Write(name, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// syncDir makes the rename itself durable where the system allows it (it does not on Windows); a
// failure leaves a whole file either way, so it is not an error.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		d.Sync()
		d.Close()
	}
}
