// Package mnist reads data sets of labelled pictures in the IDX format, and holds the MNIST digits
// themselves.
//
// [Embedded] returns the 60,000 training and 10,000 test images of Y. LeCun, C. Cortes and C. J. C.
// Burges, "The MNIST database of handwritten digits". They are part of the package, byte for byte
// as published but compressed; LICENSE beside this file has their terms. [Load] reads the same and
// others of the kind (Fashion-MNIST, KMNIST, EMNIST, or one of your own) from a directory.
//
// A reader trusts nothing: what it returns was complete and consistent, and a file that claims to
// be larger than it is costs no memory.
package mnist

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/vae-edge/vae-edge/internal/regular"
	"github.com/vae-edge/vae-edge/trainer/dataset"
)

//go:embed *-ubyte.gz
var embedded embed.FS

// Embedded returns the MNIST digits.
func Embedded() (train, test *dataset.Set, err error) { return EmbeddedFirst(0, 0) }

// EmbeddedFirst returns the first so many of each, or with 0 all, which takes longer: the rest is
// not unpacked.
func EmbeddedFirst(trainN, testN int) (train, test *dataset.Set, err error) {
	if train, test, err = load(embedded, "", trainN, testN); err != nil {
		return nil, nil, fmt.Errorf("mnist: embedded files: %w", err)
	}
	for _, s := range []*dataset.Set{train, test} {
		s.Name, s.Embedded = "mnist", true
	}
	return train, test, nil
}

// Load reads a data set from a directory that holds four IDX files, each plain or compressed
// (name.gz; the plain one is read if there are both):
//
//	train-images-idx3-ubyte  train-labels-idx1-ubyte
//	t10k-images-idx3-ubyte   t10k-labels-idx1-ubyte
//
// "test" may stand for "t10k", "." for "-" before "idx", and a prefix before all, as in
// emnist-letters-test-images-idx3-ubyte. Images of three channels are of type idx4, N x height x
// width x channel. Labels may be QMNIST's, 32-bit whole numbers of which the first of each row is
// the class. Archives leave such files in folders of their own names, and in folders one or two
// below: they are found there.
//
// Where a directory has the files of several data sets, dir may go on with the prefix of one, as in
// raw/emnist-letters. In files whose prefix is "emnist" rows and columns are exchanged, because
// EMNIST is published with its letters lying on their sides; the sets' notes say so.
//
// The error wraps [ErrNoFiles] where no file of a data set was found.
func Load(dir string) (train, test *dataset.Set, err error) {
	at, prefix := dir, ""
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		at, prefix = filepath.Split(filepath.Clean(dir))
		at = filepath.Clean(at)
		if !hasPrefix(os.DirFS(at), prefix) {
			at, prefix = dir, ""
		}
	}
	if train, test, err = load(os.DirFS(at), prefix, 0, 0); err != nil {
		return nil, nil, fmt.Errorf("mnist: %s: %w", dir, err)
	}
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	train.Name, test.Name = filepath.Base(dir), filepath.Base(dir)
	if len(train.Notes) == 0 && strings.Contains(strings.ToLower(dir), sideways) {
		train.Notes = append(train.Notes, "the files are not named "+sideways+"-..., so that pictures are taken as they lie: EMNIST's own lie on their sides, and are turned upright where the names begin with that")
	}
	return train, test, nil
}

// sideways is what the files of a data set begin with whose pictures lie on their sides.
const sideways = "emnist"

// Turned is the note of a set of EMNIST's.
const Turned = "EMNIST is published with its pictures on their sides: rows and columns are exchanged, so that they stand upright"

// load reads the files that are named with a prefix; "": those that there are.
func load(dir fs.FS, prefix string, trainN, testN int) (train, test *dataset.Set, err error) {
	found, err := find(dir, prefix)
	if err != nil {
		return nil, nil, err
	}
	names := found.names
	transposed := strings.HasPrefix(strings.ToLower(found.prefix), sideways)
	if train, err = loadSet(dir, names[trainImages], names[trainLabels], transposed, trainN); err != nil {
		return nil, nil, err
	}
	if test, err = loadSet(dir, names[testImages], names[testLabels], transposed, testN); err != nil {
		return nil, nil, err
	}
	if train.Shape() != test.Shape() {
		return nil, nil, fmt.Errorf("%s has images of %dx%dx%d and %s of %dx%dx%d: both must be of one data set",
			names[trainImages], train.Height, train.Width, train.Channels, names[testImages], test.Height, test.Width, test.Channels)
	}
	if transposed {
		train.Notes = append(train.Notes, Turned)
	}
	return train, test, nil
}

func loadSet(dir fs.FS, images, labels string, transposed bool, most int) (*dataset.Set, error) {
	pixels, dims, err := loadFile(dir, images, most)
	if err != nil {
		return nil, err
	}
	classes, count, err := loadFile(dir, labels, most)
	if err != nil {
		return nil, err
	}
	switch {
	case len(dims) < 3:
		return nil, fmt.Errorf("%s holds labels: images have 3 or 4 dimensions", images)
	case len(count) > 2:
		return nil, fmt.Errorf("%s holds images: labels have one dimension, or two of whole numbers", labels)
	case dims[0] == 0:
		return nil, fmt.Errorf("%s holds no images", images)
	case dims[0] != count[0]:
		return nil, fmt.Errorf("%s has %d images and %s %d labels: both must be of one data set", images, dims[0], labels, count[0])
	}
	s := &dataset.Set{Images: pixels, Labels: classes, N: len(classes), Height: dims[1], Width: dims[2], Channels: 1}
	if len(dims) == 4 {
		s.Channels = dims[3]
	}
	if s.Channels != 1 && s.Channels != 3 {
		return nil, fmt.Errorf("%s has images of %d channels: 1 (grey) or 3 (colour) can be read", images, s.Channels)
	}
	if transposed {
		Transpose(s)
	}
	return s, nil
}

// Transpose exchanges rows and columns of every image.
func Transpose(s *dataset.Set) {
	h, w, c := s.Height, s.Width, s.Channels
	turned := make([]byte, h*w*c)
	for i := range s.N {
		image := s.Image(i)
		for y := range h {
			for x := range w {
				copy(turned[(x*h+y)*c:][:c], image[(y*w+x)*c:])
			}
		}
		copy(image, turned)
	}
	s.Height, s.Width = w, h
}

// loadFile reads a file: bytes, or the first of each row of numbers.
func loadFile(dir fs.FS, name string, most int) (data []byte, dims []int, err error) {
	info, err := fs.Stat(dir, name) // before it is opened, as in regular.Open
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, bare(err))
	}
	if err := regular.Check(name, info); err != nil {
		return nil, nil, err
	}
	f, err := dir.Open(name)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, bare(err))
	}
	defer f.Close()
	data, dims, element, err := readIDX(f, info.Size(), filepath.Ext(name) == ".gz", most)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = errTruncated
	}
	if err == nil && element > 1 {
		data, err = firstColumn(data, dims)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, bare(err))
	}
	return data, dims, nil
}
