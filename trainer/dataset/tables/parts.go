package tables

import (
	"errors"
	"fmt"
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
