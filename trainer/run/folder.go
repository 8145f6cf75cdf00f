package run

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/vae-edge/vae-edge/trainer/report"
)

// prepareOut makes the directory of a run and fails if a file of the run could not be written to
// it.
func prepareOut(dir string) error {
	cannot := func(err error) error {
		var path *fs.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		return fmt.Errorf("the folder %s cannot be written to (%w): choose another", dir, err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return cannot(err)
	}
	f, err := os.CreateTemp(dir, ".writable.*.tmp")
	if err != nil {
		return cannot(err)
	}
	f.Close()
	if err := os.Remove(f.Name()); err != nil {
		return cannot(err)
	}
	for _, name := range append([]string{CheckpointFile, animationFile}, ResultFiles...) {
		// To write to a pipe would wait for a reader
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil && !info.Mode().IsRegular() {
			return fmt.Errorf("%s has something else than a file where %s is to be written: move it away", dir, name)
		}
	}
	// The other names are nobody else's
	page, err := os.ReadFile(filepath.Join(dir, pageFile))
	if err == nil && !report.Is(page) {
		return fmt.Errorf("%s has an %s that no run has written: move it away, or choose another folder", dir, pageFile)
	}
	return nil
}

// lockFile stays in the directory: if the last run removed it, two others could each lock one of
// that name.
const lockFile = ".lock"

// lock keeps other runs out of the directory until unlock, or the end of the process, and removes
// the temporary files of one that was killed.
func (r *run) lock() (unlock func(), err error) {
	l := flock.New(r.path(lockFile))
	switch got, err := l.TryLock(); {
	case err != nil:
		// Not every file system has locks.
		r.console.Warnf("cannot be kept from other runs: %v", err)
		return func() {}, nil
	case !got:
		return nil, fmt.Errorf("another run writes to %s: wait for its end or choose another folder", r.Out)
	}
	for _, pattern := range []string{".*.tmp", framesFolder + "/.*.tmp"} {
		left, _ := fs.Glob(os.DirFS(r.Out), pattern) // its error would be about the pattern
		for _, name := range left {
			if err := os.Remove(r.path(name)); err != nil {
				r.console.Warnf("left by a run that was killed: %v", err)
			}
		}
	}
	return func() { l.Unlock() }, nil
}
