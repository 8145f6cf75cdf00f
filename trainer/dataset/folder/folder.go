// Package folder reads pictures of one's own: a folder for every class, or one folder with a list
// of attributes.
//
//	DIR/cats/*.jpg, DIR/dogs/*.png            classes
//	DIR/train/cats/…, DIR/test/cats/…         the same, with test pictures of their own
//	DIR/*.jpg, DIR/attributes.csv             attributes
//
// attributes.csv has a line with "file" and the names of the attributes, then a line for each
// picture: its name, and for each attribute 1 where the picture has it, otherwise 0 or -1. Without
// test pictures of their own every tenth picture of a class is one.
package folder

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/vae-edge/vae-edge/internal/regular"
	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/dataset/pictures"
)

const (
	attributesFile = "attributes.csv"
	maxList        = 64 << 20 // bytes
	maxClasses     = 256
	tenth          = 10
)

// Load reads the pictures of a directory, each cropped to the largest square in its middle.
func Load(dir string, o pictures.Reading) (train, test *dataset.Set, err error) {
	l, err := list(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("folder: %s: %w", dir, err)
	}
	if len(l.others) > 0 {
		o.Note(fmt.Sprintf("neither PNG nor JPEG, or not in the folder of a class, and left out: %d, the first is %s", len(l.others), l.others[0]))
	}
	if len(l.train) == 0 || len(l.test) == 0 {
		return nil, nil, fmt.Errorf("folder: %s: there are %d pictures to learn from and %d to test with: both are needed, and of every ten pictures of a class one tests", dir, len(l.train), len(l.test))
	}
	train, test, err = o.Sets(filepath.Base(dir), l.attributes, 0, l.train, l.test)
	if err != nil {
		return nil, nil, fmt.Errorf("folder: %s: %w", dir, err)
	}
	return train, test, nil
}

// listed are the pictures of a directory.
type listed struct {
	attributes  []string
	train, test []pictures.File
	others      []string // what is left out
}

func list(dir string) (*listed, error) {
	_, err := os.Stat(filepath.Join(dir, attributesFile))
	switch {
	case err == nil:
		return listAttributes(dir)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	parts := [2]string{filepath.Join(dir, "train"), filepath.Join(dir, "test")}
	there := 0
	for _, part := range parts {
		if info, err := os.Stat(part); err == nil && info.IsDir() {
			there++
		}
	}
	split := there == 2
	if there == 1 {
		return nil, errors.New("there is one of the folders train and test: both are needed, or neither")
	}
	if !split {
		parts = [2]string{dir, ""}
	}
	l := &listed{}
	names, err := l.classes(parts[0])
	if err != nil {
		return nil, err
	}
	l.attributes = names
	for part, at := range parts {
		if at == "" {
			continue
		}
		if part == 1 {
			its, err := l.classes(at)
			if err != nil {
				return nil, err
			}
			if strings.Join(its, "\n") != strings.Join(names, "\n") {
				return nil, fmt.Errorf("train has the classes %s and test %s: both must have the same", strings.Join(names, ", "), strings.Join(its, ", "))
			}
		}
		for class, name := range names {
			files, err := l.picturesOf(filepath.Join(at, name))
			if err != nil {
				return nil, err
			}
			for i, file := range files {
				f := pictures.File{Name: file, Label: byte(class), Has: make([]bool, len(names))}
				f.Has[class] = true
				l.add(f, part == 1 || !split && i%tenth == tenth-1)
			}
		}
	}
	return l, nil
}

func (l *listed) add(f pictures.File, test bool) {
	if test {
		l.test = append(l.test, f)
	} else {
		l.train = append(l.train, f)
	}
}

// classes are the folders of a folder, in order.
func (l *listed) classes(dir string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		} else if !strings.HasPrefix(e.Name(), ".") {
			l.others = append(l.others, filepath.Join(dir, e.Name()))
		}
	}
	switch {
	case len(names) < 2:
		return nil, fmt.Errorf("%s has no two folders: make two or more, one for each class of pictures, or write %s", dir, attributesFile)
	case len(names) > maxClasses:
		return nil, fmt.Errorf("%s has %d folders: at most %d classes can be told apart", dir, len(names), maxClasses)
	}
	return names, nil
}

func (l *listed) picturesOf(dir string) (files []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		switch strings.ToLower(filepath.Ext(e.Name())) {
		case ".png", ".jpg", ".jpeg":
			if !e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
				files = append(files, filepath.Join(dir, e.Name()))
				continue
			}
		}
		if !strings.HasPrefix(e.Name(), ".") {
			l.others = append(l.others, filepath.Join(dir, e.Name()))
		}
	}
	return files, nil
}

func listAttributes(dir string) (*listed, error) {
	data, err := regular.Read(filepath.Join(dir, attributesFile), maxList)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(data), "\ufeff")))
	r.TrimLeadingSpace = true
	head, err := r.Read()
	if err == io.EOF || err == nil && len(head) < 2 {
		return nil, fmt.Errorf("%s must begin with a line such as file,smiling,glasses", attributesFile)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", attributesFile, err)
	}
	l := &listed{}
	for _, name := range head[1:] {
		l.attributes = append(l.attributes, strings.TrimSpace(name))
	}
	for n := 0; ; n++ {
		record, err := r.Read()
		if err == io.EOF {
			return l, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", attributesFile, err)
		}
		f := pictures.File{Name: filepath.Join(dir, filepath.FromSlash(record[0])), Has: make([]bool, len(l.attributes))}
		if !filepath.IsLocal(filepath.FromSlash(record[0])) {
			return nil, fmt.Errorf("%s: %q is not in this folder", attributesFile, record[0])
		}
		for k, v := range record[1:] {
			switch strings.TrimSpace(v) {
			case "1":
				f.Has[k] = true
			case "0", "-1":
			default:
				line, _ := r.FieldPos(k + 1)
				return nil, fmt.Errorf("%s: line %d: %s is %q, want 1, 0 or -1", attributesFile, line, l.attributes[k], v)
			}
		}
		l.add(f, n%tenth == tenth-1)
	}
}
