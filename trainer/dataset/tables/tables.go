// Package tables reads data sets that are kept as arrays of NumPy's or as comma-separated values.
//
//	mnist.npz                                x_train, y_train, x_test, y_test, as Keras has them
//	*.npz                                    train_images, train_labels, test_images, test_labels
//	kmnist-train-imgs.npz and three more     one array each
//	train.csv, test.csv                      a picture a line: its label, then its pixels, with
//	                                         commas, semicolons, tabs or spaces between
//
// Pictures are of N x height x width bytes, or with 1 or 3 channels after these. In .csv files they
// are square and grey; a first line of names is left out. Where the test pictures have no labels,
// as in Kaggle's contests, or there is one file alone, every tenth training picture is a test
// picture, which the notes of the sets say.
package tables

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/vae-edge/vae-edge/trainer/dataset"
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
	switch npz, csv := with(".npz"), append(with(".csv"), with(".tsv")...); {
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
