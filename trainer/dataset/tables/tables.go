// Package tables reads data sets that are kept as arrays of NumPy's or as comma-separated values.
//
//	mnist.npz                                x_train, y_train, x_test, y_test, as Keras has them
//	*.npz                                    train_images, train_labels, test_images, test_labels
//	kmnist-train-imgs.npz and three more     one array each
//	train.csv, test.csv                      a picture a line: its label, then its pixels
//
// Pictures are of N x height x width bytes, or with 1 or 3 channels after these. In .csv files they
// are square and grey; a first line of names is left out. Where the test pictures have no labels,
// as in Kaggle's contests, or there is one file alone, every tenth training picture is a test
// picture, which the notes of the sets say.
package tables

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/trainer/dataset"
)

// ErrNone is wrapped by the error for a folder or file that has no such data set.
var ErrNone = errors.New("no data set of .npz or .csv")

const (
	maxSide = 1024
	tenth   = 10
)

// Load reads the data set in a file or in a folder.
func Load(name string) (train, test *dataset.Set, err error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, nil, err
	}
	names := []string{name}
	if info.IsDir() {
		entries, err := os.ReadDir(name)
		if err != nil {
			return nil, nil, err
		}
		names = nil
		for _, e := range entries {
			if !e.IsDir() && e.Name()[0] != '.' {
				names = append(names, filepath.Join(name, e.Name()))
			}
		}
	}
	with := func(extension string) (some []string) {
		for _, n := range names {
			if strings.EqualFold(filepath.Ext(n), extension) {
				some = append(some, n)
			}
		}
		return some
	}
	switch npz, csv := with(".npz"), with(".csv"); {
	case len(npz) > 0:
		train, test, err = loadNumPy(npz)
	case len(csv) > 0:
		train, test, err = loadValues(csv)
	default:
		return nil, nil, fmt.Errorf("%s: %w", name, ErrNone)
	}
	if err != nil {
		return nil, nil, err
	}
	if train.Shape() != test.Shape() {
		return nil, nil, fmt.Errorf("%s: the training pictures are %v (height, width, channels) and those to test with %v: both must be of one data set", name, train.Shape(), test.Shape())
	}
	base := filepath.Base(name)
	if abs, err := filepath.Abs(name); err == nil {
		base = filepath.Base(abs)
	}
	if !info.IsDir() {
		base = strings.TrimSuffix(base, filepath.Ext(base))
	}
	train.Name, test.Name = base, base
	return train, test, nil
}

// part is which part of a data set the name of a file says that it is: "train", "test" or neither.
func part(name string) string {
	words := strings.FieldsFunc(strings.ToLower(filepath.Base(name)), func(r rune) bool { return r < 'a' || r > 'z' })
	for _, p := range []string{"train", "test"} {
		if slices.Contains(words, p) {
			return p
		}
	}
	return ""
}

// one returns the only file of that part, "" if there is none.
func one(names []string, of string) (found string, err error) {
	for _, n := range names {
		if part(n) != of {
			continue
		}
		if found != "" {
			return "", fmt.Errorf("both %s and %s are there: give each data set a folder of its own", found, n)
		}
		found = n
	}
	return found, nil
}

// split takes every tenth picture of a set for a test set, and notes why.
func split(s *dataset.Set, why string) (train, test *dataset.Set, err error) {
	if s.N < tenth {
		return nil, nil, fmt.Errorf("there are %d pictures, of which every tenth would be one to test with: %d are needed", s.N, tenth)
	}
	size := s.Height * s.Width * s.Channels
	train, test = &dataset.Set{}, &dataset.Set{}
	*train, *test = *s, *s
	train.N, train.Labels, test.N, test.Labels = 0, nil, 0, nil
	test.Images = nil
	kept := s.Images[:0] // pictures move toward the front
	for i := range s.N {
		if i%tenth == tenth-1 {
			test.Images = append(test.Images, s.Image(i)...)
			test.Labels = append(test.Labels, s.Labels[i])
			test.N++
			continue
		}
		kept = append(kept, s.Image(i)...)
		train.Labels = append(train.Labels, s.Labels[i])
		train.N++
	}
	train.Images = kept[:train.N*size]
	train.Notes = append(slices.Clone(s.Notes), fmt.Sprintf("%s: every tenth picture to learn from, %d, is one to test with", why, test.N))
	return train, test, nil
}
