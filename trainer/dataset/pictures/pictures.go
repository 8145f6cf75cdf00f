// Package pictures reads picture files into data sets: it crops each to its middle and scales it to
// the size that all of a set have.
package pictures

import (
	"errors"
	"fmt"

	"github.com/vae-edge/vae-edge/internal/photo"
	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
)

// A File is a picture, PNG or JPEG, and what is known of it.
type File struct {
	Name  string
	Label byte
	Has   []bool // in the order of Options.Attributes
}

// A Reading is how the files of two sets are read, one to learn from and one to test with.
type Reading struct {
	Side        int         // of the pictures of the sets, in pixels
	Train, Test int         // at most so many pictures; 0 is all
	Threads     int         // 0 is one per CPU
	Interrupted func() bool // see Options

	// Note is told what is unusual about the files. Progress is told how many are to be read, and
	// returns what is told how many have been.
	Note     func(string)
	Progress func(total int) func(done int)
}

// Sets reads the files of both sets. crop is that of Options.
func (r Reading) Sets(name string, attributes []string, crop float64, train, test []File) (trainSet, testSet *dataset.Set, err error) {
	first := func(files []File, most int) []File {
		if most > 0 {
			files = files[:min(most, len(files))]
		}
		return files
	}
	train, test = first(train, r.Train), first(test, r.Test)
	progress := r.Progress(len(train) + len(test))
	read := func(files []File, before int) (*dataset.Set, error) {
		s, damaged, err := Read(files, Options{
			Set: name, Attributes: attributes, Side: r.Side, Crop: crop, Threads: r.Threads, Interrupted: r.Interrupted,
			Progress: func(done int) { progress(before + done) },
		})
		if len(damaged) > 0 {
			r.Note(note(damaged))
		}
		return s, err
	}
	if trainSet, err = read(train, 0); err == nil {
		testSet, err = read(test, len(train))
	}
	return trainSet, testSet, err
}

// Options are how files are read.
type Options struct {
	Set        string // the data set's name
	Attributes []string
	Side       int // height and width of the pictures of the set, in pixels
	// Crop is the side of the square in the middle of a picture that is taken, as a share of the
	// picture's width; 0 is the largest square there is.
	Crop     float64
	Threads  int            // 0 is one per CPU
	Progress func(done int) // is told how many files have been read; it may be nil
	// Interrupted ends the reading with ErrInterrupted; it may be nil
	Interrupted func() bool
}

// ErrInterrupted is what Read returns when it is asked to end.
var ErrInterrupted = errors.New("pictures: interrupted")

// A Damaged picture could not be read, and is left out.
type Damaged struct {
	Name string
	Err  error
}

// note says of damaged pictures that they are left out.
func note(damaged []Damaged) string {
	first := damaged[0]
	if len(damaged) == 1 {
		return fmt.Sprintf("1 picture cannot be read and is left out: %s: %v", first.Name, first.Err)
	}
	return fmt.Sprintf("%d pictures cannot be read and are left out, the first is %s: %v", len(damaged), first.Name, first.Err)
}

// mostDamaged is the share of damaged files above which something else is wrong.
const mostDamaged = 0.01

// Read reads the files in their order. It leaves out damaged ones, which it returns, and refuses a
// list of which more than a hundredth are damaged.
func Read(files []File, o Options) (*dataset.Set, []Damaged, error) {
	size := o.Side * o.Side * 3
	s := &dataset.Set{
		Name: o.Set, Height: o.Side, Width: o.Side, Channels: 3,
		Images: make([]byte, len(files)*size),
	}
	failures := make([]error, len(files))
	pool := parallel.New(o.Threads)
	const block = 256 // files after which progress is told
	for first := 0; first < len(files); first += block {
		if o.Interrupted != nil && o.Interrupted() {
			return nil, nil, ErrInterrupted
		}
		n := min(block, len(files)-first)
		pool.Run(n, func(_, task int) {
			i := first + task
			failures[i] = read(s.Images[i*size:][:size], o.Side, files[i].Name, o.Crop)
		})
		if o.Progress != nil {
			o.Progress(first + n)
		}
	}
	for _, name := range o.Attributes {
		s.Attributes = append(s.Attributes, dataset.Attribute{Name: name})
	}
	var damaged []Damaged
	for i, f := range files {
		if failures[i] != nil {
			damaged = append(damaged, Damaged{f.Name, failures[i]})
			continue
		}
		copy(s.Images[s.N*size:], s.Images[i*size:][:size])
		s.N++
		s.Labels = append(s.Labels, f.Label)
		for k := range s.Attributes {
			s.Attributes[k].Has = append(s.Attributes[k].Has, f.Has[k])
		}
	}
	s.Images = s.Images[:s.N*size]
	if n := len(damaged); n > 0 && float64(n) > mostDamaged*float64(len(files)) {
		return nil, nil, fmt.Errorf("%d of %d pictures cannot be read, the first is %s: %w", n, len(files), damaged[0].Name, damaged[0].Err)
	}
	return s, damaged, nil
}

// read reads a file to pixels.
func read(pixels []byte, side int, name string, crop float64) error {
	img, err := photo.ReadFile(name)
	if err != nil {
		return err
	}
	photo.Scale(pixels, side, side, img, photo.Middle(img.Bounds(), crop))
	return nil
}
