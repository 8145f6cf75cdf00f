// Package regular opens files that must be regular ones. A pipe would keep the reader waiting for
// somebody to write, and it cannot be read twice; a device may never end.
package regular

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Open opens the regular file of that name for reading. Its errors are those of the file system and
// that of [Check].
func Open(name string) (*os.File, error) {
	// Checked before it is opened: opening alone makes some devices act
	if info, err := os.Stat(name); err == nil {
		if err := Check(name, info); err != nil {
			return nil, err
		}
	}
	// nonBlocking: a pipe that has just taken the file's place must not keep us waiting
	f, err := os.OpenFile(name, os.O_RDONLY|nonBlocking, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		err = Check(name, info)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// Read returns what is in the regular file of that name, of at most so many bytes.
func Read(name string, most int) ([]byte, error) {
	f, err := Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > int64(most) {
		return nil, fmt.Errorf("%s: %d bytes are too many, the most is %d", name, info.Size(), most)
	}
	// Room for all of it at once, and for what was added since
	data := bytes.NewBuffer(make([]byte, 0, info.Size()+bytes.MinRead))
	_, err = data.ReadFrom(io.LimitReader(f, int64(most)))
	return data.Bytes(), err
}

// Check returns an error, which says what to do, if what goes by that name is something else than a
// regular file.
func Check(name string, info fs.FileInfo) error {
	switch mode := info.Mode(); {
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		return fmt.Errorf("%s is a directory, not a regular file: name a file in it", name)
	case mode&fs.ModeNamedPipe != 0:
		return fmt.Errorf("%s is a pipe, not a regular file: write what comes out of it to a file and name that", name)
	case mode&fs.ModeDevice != 0:
		return fmt.Errorf("%s is a device, not a regular file: write what is to be read of it to a file and name that", name)
	}
	return fmt.Errorf("%s is not a regular file: name one", name)
}
