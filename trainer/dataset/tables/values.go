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
	"strconv"
	"strings"

	"github.com/vae-edge/vae-edge/internal/foreign"
	"github.com/vae-edge/vae-edge/internal/regular"
	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/dataset/mnist"
)

const (
	maxLine   = 1 << 23 // bytes: a square of maxSide, four a pixel, and a line of names
	maxPixels = 1<<31 - 1
	look      = 512 // bytes in which something else is recognized
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
	begun := bufio.NewReader(r)
	head, _ := begun.Peek(look)
	if err := foreign.InPlace(head); err != nil {
		return nil, err
	}
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		return nil, errors.New("it is in UTF-16: save it as UTF-8")
	}
	lines := bufio.NewScanner(begun)
	lines.Buffer(nil, maxLine)
	s := &dataset.Set{Channels: 1}
	var row []byte
	separator, named := "", false
	for number := 1; lines.Scan(); number++ {
		line := bytes.TrimSpace(bytes.TrimPrefix(lines.Bytes(), []byte("\ufeff")))
		if len(line) == 0 {
			continue
		}
		if separator == "" {
			if bytes.IndexByte(line, '\r') >= 0 {
				return nil, errLines
			}
			separator = separates(line)
		}
		var err error
		row, err = values(row[:0], line, separator)
		count := 1 + bytes.Count(line, []byte(separator))
		// A first line of names
		names := number == 1 && (err != nil && !digit(line[0]) || counts(line, separator))
		switch first, _, _ := strings.Cut(string(line), separator); {
		case !names && err != nil:
			return nil, fmt.Errorf("line %d: %w", number, err)
		case !names || square(count) > 0:
		case ofLabels.MatchString(strings.TrimSpace(first)):
			named = true
		case strings.Trim(first, `" `) == "" || strings.Contains(first, "Unnamed"):
			return nil, errors.New("the first column has no name, as one that numbers the lines: leave that out, as to_csv(index=False) does")
		case !digit(first[0]):
			return nil, fmt.Errorf("the first column is called %q: labels come first, so put theirs there and call it label", clip([]byte(first)))
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
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, errLines
	case err != nil:
		return nil, err
	case s.N == 0:
		return nil, errors.New("there are no pictures in it")
	}
	first, kinds := usual(s.N, func(i int) byte { return s.Labels[i] })
	last, others := usual(s.N, func(i int) byte { return s.Image(i)[s.Height*s.Width-1] })
	// The corners of pictures are mostly alike, and labels are not
	if most := s.N * 9 / 10; !named && last <= most && (first > most || kinds > 4*others) {
		return nil, errors.New("the last column looks like labels and the first does not: labels come first, so put theirs there, or call the first label in a first line of names")
	}
	return s, nil
}

// ofLabels is what the first column is called.
var ofLabels = regexp.MustCompile(`(?i)^"?(y|.*(label|class|target|digit|character).*)$`)

// errLines is for a file that is one long line.
var errLines = fmt.Errorf("lines end with no newline, or are of more than %d bytes: save it with a line for each picture", maxLine)

// separates returns what separates the values of a line.
func separates(line []byte) (separator string) {
	separator = ","
	for _, other := range []string{";", "\t", " "} {
		if bytes.Count(line, []byte(other)) > bytes.Count(line, []byte(separator)) {
			separator = other
		}
	}
	return separator
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

// counts says that a line is the numbers from 0 on, as columns without names are called.
func counts(line []byte, separator string) bool {
	n := 0
	for field := range bytes.SplitSeq(line, []byte(separator)) {
		if string(bytes.Trim(field, `" `)) != strconv.Itoa(n) {
			return false
		}
		n++
	}
	return true
}

// usual returns how many of n values are the most frequent one, and how many kinds there are.
func usual(n int, value func(i int) byte) (most, kinds int) {
	var of [256]int
	for i := range n {
		v := value(i)
		if of[v]++; of[v] == 1 {
			kinds++
		}
		most = max(most, of[v])
	}
	return most, kinds
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
func values(row, line []byte, separator string) ([]byte, error) {
	for field := range bytes.SplitSeq(line, []byte(separator)) {
		whole, fraction, _ := bytes.Cut(bytes.Trim(field, ` "`), []byte("."))
		v, ok := 0, len(whole) > 0
		for _, c := range whole {
			v = min(10*v+int(c-'0'), 256)
			ok = ok && digit(c)
		}
		switch parts := len(bytes.Trim(fraction, "0")) > 0; {
		case parts && v == 0:
			return row, fmt.Errorf("%q is not a whole number from 0 to 255, as in (255*x).astype('uint8') of numbers from 0 to 1", clip(field))
		case parts || !ok || v > 255:
			return row, fmt.Errorf("%q is not a whole number from 0 to 255", clip(field))
		}
		row = append(row, byte(v))
	}
	return row, nil
}

// clip is what is told of a field.
func clip(field []byte) []byte { return field[:min(len(field), 20)] }
