package tables

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/vae-edge/vae-edge/internal/regular"
	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/dataset/mnist"
)

const (
	maxLine   = 1 << 23 // bytes: a square of maxSide, four a pixel, and a line of names
	maxPixels = 1<<31 - 1
)

// loadValues reads .csv files: one of training pictures and one of those to test with, or one of
// both.
func loadValues(files []string) (train, test *dataset.Set, err error) {
	trainFile, err := one(files, "train")
	if err != nil {
		return nil, nil, err
	}
	testFile, err := one(files, "test")
	if err != nil {
		return nil, nil, err
	}
	if len(files) == 1 {
		trainFile, testFile = files[0], ""
	}
	if trainFile == "" {
		return nil, nil, fmt.Errorf("%s: %w: of several .csv files one has train in its name, and one test", filepath.Dir(files[0]), ErrNone)
	}
	if train, err = readValues(trainFile); err != nil {
		return nil, nil, err
	}
	if testFile == "" {
		return splitNamed(trainFile, train, "there are no pictures to test with")
	}
	test, err = readValues(testFile)
	if errors.Is(err, errUnlabelled) {
		return splitNamed(trainFile, train, fmt.Sprintf("%s has no labels", testFile))
	}
	return train, test, err
}

func splitNamed(file string, s *dataset.Set, why string) (train, test *dataset.Set, err error) {
	if train, test, err = split(s, why); err != nil {
		err = fmt.Errorf("%s: %w", file, err)
	}
	return train, test, err
}

// errUnlabelled is for a file of as many numbers a line as a square has pixels.
var errUnlabelled = errors.New("its lines have pixels and no labels: a line is a picture's label and then its pixels")

// readValues reads a .csv file. EMNIST's pictures are turned upright.
func readValues(name string) (*dataset.Set, error) {
	f, err := regular.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s, err := parseValues(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if strings.HasPrefix(strings.ToLower(filepath.Base(name)), "emnist") {
		mnist.Transpose(s)
		s.Notes = append(s.Notes, mnist.Turned)
	}
	return s, nil
}

// parseValues reads lines of a label and of the pixels of a square.
func parseValues(r io.Reader) (*dataset.Set, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	s := &dataset.Set{Channels: 1}
	var row []byte
	for number := 1; lines.Scan(); number++ {
		line := bytes.TrimSpace(bytes.TrimPrefix(lines.Bytes(), []byte("\ufeff")))
		if len(line) == 0 {
			continue
		}
		var err error
		row, err = values(row[:0], line)
		names := err != nil && number == 1 // a first line of names
		count := len(row)
		if names {
			count = 1 + bytes.Count(line, []byte(","))
			if first, _, _ := bytes.Cut(line, []byte(",")); square(count) == 0 && !ofLabels.Match(bytes.TrimSpace(first)) {
				return nil, fmt.Errorf("the first column is called %q: labels come first, so put theirs there and call it label", clip(first))
			}
		} else if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		if s.Height == 0 {
			side := square(count - 1)
			switch {
			case square(count) > 0:
				return nil, errUnlabelled
			case side == 0:
				return nil, fmt.Errorf("line %d has %d values: a line is a picture's label, then the pixels of a square, such as 784 for 28 x 28; where labels come last, put them first", number, count)
			}
			s.Height, s.Width = side, side
		}
		if count != 1+s.Height*s.Width {
			return nil, fmt.Errorf("line %d has %d values, those before it %d: is the file cut short?", number, count, 1+s.Height*s.Width)
		}
		if names {
			continue
		}
		if len(s.Images)+len(row) > maxPixels {
			return nil, fmt.Errorf("more than %d pixels", maxPixels)
		}
		s.Labels, s.Images = append(s.Labels, row[0]), append(s.Images, row[1:]...)
		s.N++
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if s.N == 0 {
		return nil, errors.New("there are no pictures in it")
	}
	// The corners of pictures are mostly alike, and labels are not
	if last := func(i int) byte { return s.Image(i)[s.Height*s.Width-1] }; constant(s.N, func(i int) byte { return s.Labels[i] }) && !constant(s.N, last) {
		return nil, errors.New("the first column is the same in all lines and the last is not: labels come first, so put theirs there")
	}
	return s, nil
}

// ofLabels is what the first column is called.
var ofLabels = regexp.MustCompile(`(?i)^"?(y|.*(label|class|target|digit|character).*)$`)

// constant says that n values are the same.
func constant(n int, value func(i int) byte) bool {
	for i := range n {
		if value(i) != value(0) {
			return false
		}
	}
	return true
}

// square is the side of a square of so many pixels, 0 if there is none.
func square(pixels int) int {
	side := int(math.Sqrt(float64(pixels)))
	if pixels < 4 || side > maxSide || side*side != pixels {
		return 0
	}
	return side
}

// values reads a line of numbers from 0 to 255.
func values(row, line []byte) ([]byte, error) {
	for field := range bytes.SplitSeq(line, []byte(",")) {
		whole, fraction, _ := bytes.Cut(bytes.Trim(field, ` "`), []byte("."))
		v := 0
		for _, c := range whole {
			if v = 10*v + int(c-'0'); c < '0' || c > '9' || v > 255 {
				return row, fmt.Errorf("%q is not a whole number from 0 to 255", clip(field))
			}
		}
		if len(whole) == 0 || len(bytes.Trim(fraction, "0")) > 0 {
			return row, fmt.Errorf("%q is not a whole number from 0 to 255", clip(field))
		}
		row = append(row, byte(v))
	}
	return row, nil
}

// clip is what is told of a field.
func clip(field []byte) []byte { return field[:min(len(field), 20)] }
