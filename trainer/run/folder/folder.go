// Package folder makes the folder of a run ready, and keeps other runs out of it.
package folder

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/report"
)

// Records of runs that are done, one for each kind of training.
const (
	Autoencoder = "run.json"
	GAN         = "gan.json"
)

// Checkpoint is the file of a run that is not done.
const Checkpoint = "checkpoint.safetensors"

// records has the records of all kinds, and what they are of.
var records = map[string]string{Autoencoder: "an autoencoder", GAN: "a generative adversarial network"}

// CheckFree reports a directory that has a run, which something else would overwrite.
func CheckFree(dir string) error {
	for _, name := range []string{Autoencoder, GAN, Checkpoint} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return fmt.Errorf("%s has a training run, of which files would be overwritten", dir)
		}
	}
	return nil
}

// CheckResumable reports a directory that has none of the files that a run goes on from.
func CheckResumable(dir string, files ...string) error {
	for _, name := range files {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			return nil
		}
	}
	return fmt.Errorf("nothing to resume: there is no %s", filepath.Join(dir, files[0]))
}

// Prepare makes the directory of a run and fails if one of its files could not be written to it.
// The page is among them, and is nobody else's. Nor is a run replaced of another kind than that of
// the record.
func Prepare(dir, record string, files []string, page string) error {
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
	for name, kind := range records {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil && name != record {
			return fmt.Errorf("%s has a training run of %s, of which files would be overwritten: choose another folder", dir, kind)
		}
	}
	for _, name := range files {
		// To write to a pipe would wait for a reader
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil && !info.Mode().IsRegular() {
			return fmt.Errorf("%s has something else than a file where %s is to be written: move it away", dir, name)
		}
	}
	// The other names are nobody else's
	written, err := os.ReadFile(filepath.Join(dir, page))
	if err == nil && !report.Is(written) {
		return fmt.Errorf("%s has an %s that no run has written: move it away, or choose another folder", dir, page)
	}
	return nil
}

// lockFile stays in the directory: if the last run removed it, two others could each lock one of
// that name.
const lockFile = ".lock"

// Lock keeps other runs out of the directory until unlock, or the end of the process, and removes
// the temporary files that one that was killed has left in it and in a folder of it.
func Lock(dir, below string, c *console.Console) (unlock func(), err error) {
	l := flock.New(filepath.Join(dir, lockFile))
	switch got, err := l.TryLock(); {
	case err != nil:
		// Not every file system has locks.
		c.Warnf("cannot be kept from other runs: %v", err)
		return func() {}, nil
	case !got:
		return nil, fmt.Errorf("another run writes to %s: wait for its end or choose another folder", dir)
	}
	for _, pattern := range []string{".*.tmp", below + "/.*.tmp"} {
		left, _ := fs.Glob(os.DirFS(dir), pattern) // its error would be about the pattern
		for _, name := range left {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				c.Warnf("left by a run that was killed: %v", err)
			}
		}
	}
	return func() { l.Unlock() }, nil
}

// Resumable adds to an error of the file system, a full disk for instance, how to continue once
// that is put right, if there is a checkpoint to continue from.
func Resumable(err error, checkpoint, again string) error {
	if !errors.As(err, new(*fs.PathError)) {
		return err
	}
	if _, e := os.Stat(checkpoint); e != nil {
		return err
	}
	return fmt.Errorf("%w; once that is put right, continue with:\n  %s", err, again)
}
