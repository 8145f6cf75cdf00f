package tables

import (
	"encoding/binary"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/interop/arrays"
)

// arrayNames are what the arrays of a file are called: training pictures and labels, and those to
// test with.
var arrayNames = [][4]string{
	{"x_train", "y_train", "x_test", "y_test"},
	{"train_images", "train_labels", "test_images", "test_labels"},
}

// loadNumPy reads a file of four arrays, or four files of one.
func loadNumPy(files []string) (train, test *dataset.Set, err error) {
	if len(files) == 1 {
		all, err := arrays.ReadNumPy(files[0])
		if err != nil {
			return nil, nil, err
		}
		for _, names := range arrayNames {
			if _, ok := all[names[0]]; ok {
				return fromArrays(files[0], all, names)
			}
		}
		return nil, nil, fmt.Errorf("%s: the arrays are %s: pictures and labels are called %s", files[0], strings.Join(slices.Sorted(maps.Keys(all)), ", "), strings.Join(arrayNames[0][:], ", "))
	}
	all := map[string]arrays.NumPy{}
	for _, file := range files {
		in, err := arrays.ReadNumPy(file)
		if err != nil {
			return nil, nil, err
		}
		role := map[string]int{"train": 0, "test": 2}
		at, ok := role[part(file)]
		if strings.Contains(filepath.Base(file), "label") {
			at++
		}
		name := arrayNames[0][at]
		if _, twice := all[name]; !ok || twice || len(in) != 1 {
			return nil, nil, fmt.Errorf("%s: of several .npz files one has the training pictures, one their labels, and two are to test with, by their names: give each data set a folder of its own", file)
		}
		for _, array := range in {
			all[name] = array
		}
	}
	return fromArrays(filepath.Dir(files[0]), all, arrayNames[0])
}

func fromArrays(file string, all map[string]arrays.NumPy, names [4]string) (train, test *dataset.Set, err error) {
	for i, to := range []**dataset.Set{&train, &test} {
		if *to, err = fromPair(all, names[2*i], names[2*i+1]); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return train, test, nil
}

// fromPair makes a set of an array of pictures and one of labels.
func fromPair(all map[string]arrays.NumPy, images, labels string) (*dataset.Set, error) {
	pixels, ok := all[images]
	classes, also := all[labels]
	if !ok || !also {
		return nil, fmt.Errorf("there is no array %s with one %s", images, labels)
	}
	shape := pixels.Shape
	if len(shape) == 3 {
		shape = append(slices.Clone(shape), 1)
	}
	switch {
	case pixels.Type != "|u1":
		return nil, fmt.Errorf("%s has elements of type %q: pixels are bytes, 0 to 255, as in (255*x).astype('uint8') of numbers from 0 to 1", images, pixels.Type)
	case len(shape) != 4 || shape[3] != 1 && shape[3] != 3 || min(shape[0], shape[1], shape[2]) < 1 || max(shape[1], shape[2]) > maxSide:
		return nil, fmt.Errorf("%s is of shape %v: pictures are number x height x width, of at most %d a side, or with 1 or 3 channels after these, as x.reshape(len(x), 28, 28) or x.transpose(0, 2, 3, 1) makes them", images, pixels.Shape, maxSide)
	}
	s := &dataset.Set{Images: pixels.Data, N: shape[0], Height: shape[1], Width: shape[2], Channels: shape[3]}
	if len(classes.Shape) == 2 && classes.Shape[1] == 1 {
		classes.Shape = classes.Shape[:1]
	}
	if len(classes.Shape) != 1 || classes.Shape[0] != s.N {
		return nil, fmt.Errorf("%s is of shape %v: a label is one number for each of %d pictures, as y.argmax(1) makes it of ones and zeros", labels, classes.Shape, s.N)
	}
	s.Labels = make([]byte, s.N)
	kind := strings.TrimLeft(classes.Type, "<|=")
	size := len(classes.Data) / s.N
	for i := range s.Labels {
		var wide [8]byte // little-endian
		copy(wide[:], classes.Data[i*size:][:size])
		// A negative number of fewer bytes would look like a small one
		if v := binary.LittleEndian.Uint64(wide[:]); !strings.ContainsAny(kind[:1], "iu") || v > 255 || kind[0] == 'i' && size == 1 && v > 127 {
			return nil, fmt.Errorf("%s: label %d of type %q: labels are whole numbers from 0 to 255", labels, i, classes.Type)
		}
		s.Labels[i] = wide[0]
	}
	return s, nil
}
