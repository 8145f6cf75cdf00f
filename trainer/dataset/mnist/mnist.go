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
	"regexp"
	"slices"
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
	if train, test, err = load(embedded, trainN, testN); err != nil {
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
// width x channel. In files whose prefix is "emnist" rows and columns are exchanged, because EMNIST
// is published with its letters lying on their sides.
func Load(dir string) (train, test *dataset.Set, err error) {
	if train, test, err = load(os.DirFS(dir), 0, 0); err != nil {
		return nil, nil, fmt.Errorf("mnist: %s: %w", dir, err)
	}
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	train.Name, test.Name = filepath.Base(dir), filepath.Base(dir)
	return train, test, nil
}

// The roles of a data set's files, in the order of files.names.
const (
	trainImages = iota
	trainLabels
	testImages
	testLabels
	roles
)

// canonical has MNIST's own file names, by role.
var canonical = [roles]string{"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"}

var namePattern = regexp.MustCompile(`^(?:(.+)[-_])?(train|t10k|test)-(images|labels)[-.]idx([134])-ubyte(\.gz)?$`)

// find returns the names of the data set's files by role, and the prefix that they share.
func find(dir fs.FS) (names [roles]string, prefix string, err error) {
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		return names, "", fmt.Errorf("cannot list the data directory: %w", bare(err))
	}
	prefixes := map[string]bool{}
	var twice error
	for _, e := range entries {
		m := namePattern.FindStringSubmatch(e.Name())
		if m == nil || (m[3] == "labels") != (m[4] == "1") {
			continue
		}
		prefix = m[1]
		prefixes[prefix] = true
		role := trainImages
		if m[2] != "train" {
			role = testImages
		}
		if m[3] == "labels" {
			role++
		}
		switch old := names[role]; {
		case old == "":
			names[role] = e.Name()
		case e.Name() != old+".gz": // entries are sorted, so the plain one of the two came first
			twice = fmt.Errorf("both %s and %s are there: keep one of them", old, e.Name())
		}
	}
	if len(prefixes) > 1 {
		all := make([]string, 0, len(prefixes))
		for p := range prefixes {
			all = append(all, fmt.Sprintf("%q", p))
		}
		slices.Sort(all)
		return names, "", fmt.Errorf("files of several data sets (named with %s): give each a directory of its own", strings.Join(all, ", "))
	}
	if twice != nil {
		return names, "", twice
	}
	var missing []string
	for role, name := range names {
		if name == "" {
			missing = append(missing, canonical[role])
		}
	}
	if missing != nil {
		return names, "", fmt.Errorf("no %s (or the same with .gz): a data set is %s", strings.Join(missing, ", no "), strings.Join(canonical[:], ", "))
	}
	return names, prefix, nil
}

func load(dir fs.FS, trainN, testN int) (train, test *dataset.Set, err error) {
	names, prefix, err := find(dir)
	if err != nil {
		return nil, nil, err
	}
	transposed := strings.HasPrefix(strings.ToLower(prefix), "emnist")
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
	case len(dims) == 1:
		return nil, fmt.Errorf("%s holds labels: images have 3 or 4 dimensions", images)
	case len(count) != 1:
		return nil, fmt.Errorf("%s holds images: labels have one dimension", labels)
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
		transpose(s)
	}
	return s, nil
}

// transpose exchanges rows and columns of every image.
func transpose(s *dataset.Set) {
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
	data, dims, err = readIDX(f, info.Size(), filepath.Ext(name) == ".gz", most)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = errTruncated
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, bare(err))
	}
	return data, dims, nil
}

// bare takes the path away from an error of the file system, which the caller names in its own way.
func bare(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
