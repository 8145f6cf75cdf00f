// Package report makes the page of a training run: an HTML file that needs nothing else, neither a
// network nor another file, and tells in plain words what was trained, how it went and how good it
// is.
//
// [Write] writes the page. [Run.Verdict] is what it says first, for a terminal. The same run always
// gives the same bytes.
package report

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"time"
)

// A Run is what the page tells of. Its texts are plain: the page escapes them. What is left at its
// zero value is left out, where nothing else is said.
type Run struct {
	Model                   string // its name; needed
	Data                    string // the name of the data set, or its folder; needed
	Folder                  string // of the run
	Image                   [3]int // height, width and channels, 1 or 3; needed
	TrainImages, TestImages int
	Latent                  int // dimensions of the latent space; needed
	// Mixture is of how many normal distributions the mixture is that Samples are drawn of; 0: they
	// are drawn of the prior.
	Mixture int

	// Wake is what can be done about a model that has learnt nothing of single images; may be
	// empty.
	Wake string
	// Book says that the loss of the book was trained with, which is another unit than nats.
	Book bool
	// KLWeight is the factor of the loss's KL term. 0 is a classical autoencoder: its latent space
	// is not a distribution, and the page has no figure of KL.
	KLWeight float64
	// Noisy says that the figures of training include quantization noise, unlike those of the test.
	Noisy bool

	Trained   time.Time // when it was done, in the time zone that the page is to show
	Processor string
	Threads   int
	Version   string // of the program

	Epochs   []Epoch // at least one, in their order, from the first
	Final    Final
	BuiltIn  *BuiltIn // nil where the settings are not those of a built-in model
	Settings []Setting
	Files    []File
	Commands Commands

	// Manifold, Samples, Reconstructions and LatentSpace are pictures, PNG or GIF, that are part of
	// the page. LatentSpace shows the codes of the test images, coloured by their Classes.
	Manifold, Samples, Reconstructions, LatentSpace Picture
	Classes                                         int // how many classes the images are of
	// Animation shows the latent space as training orders it. A large one stays a file, which the
	// page links to.
	Animation Picture
}

// An Epoch is what was measured of one pass over the training images.
type Epoch struct {
	// Train are means over the epoch, in which the model changed, Test is what it made of the test
	// images afterwards.
	Train, Test     Figures
	Seconds         float64 // of training
	ImagesPerSecond float64
}

// Figures are means over images: of a classical autoencoder Reconstruction, with the book's loss
// Objective, Reconstruction and KL, otherwise all but Objective.
type Figures struct {
	NegELBO        float64 // nats an image; Reconstruction + KL
	Reconstruction float64 // nats an image
	KL             float64 // nats an image
	Objective      float64 // what is minimised
}

// Final are the figures of the models that the run has written, means over the test images.
type Final struct {
	FloatNegELBO, Int8NegELBO float64 // nats an image
	Int8Cost                  float64 // the difference
	// Of the int8 decoder's pixels against the float32 one's, in dB; 100 if they are equal; needed
	Int8PSNR           float64
	Reconstruction, KL float64 // of the float32 model, nats an image
	BookLoss           float64 // of the float32 model
	Images             int     // how many test images

	FloatBytes   int // of the float32 encoder and decoder
	Int8Bytes    int // of the int8 decoder
	EncoderBytes int // of the int8 encoder

	Active *int // of how many latent dimensions images differ; nil where that is not known

	Likeness *Likeness // nil where the loss has no use for it

	Digits  *Digits  // nil where no classifier knows the images
	Encoder *Encoder // nil where there is none, or no score of it
}

// Likeness is how like the test images are what is drawn of their codes.
type Likeness struct {
	Float, Int8 Similarity
	Linear      *Similarity // of principal components of as many dimensions; nil if there are none
}

// Similarity is how like pictures are to others.
type Similarity struct {
	PSNR float64 // in dB; 100 if they are equal
	SSIM float64 // structural similarity, 1 if they are equal
}

// Digits is what a classifier of digits reads in what the decoders draw. Shares are 0 to 1.
type Digits struct {
	Same  float64 // share of the reconstructions that both decoders draw as the same digit
	Right float64 // share of the int8 decoder's that are read as the digit of the image
	Tiles []int   // how many tiles of the manifold are read as a 0, as a 1 and so on
}

// Encoder is how far the int8 encoder is from the float32 one.
type Encoder struct {
	// Root mean square of its codes' error, in standard deviations of the posterior
	Deviations float64
	Units      float64 // the same in units of the latent space
	// Share of its codes that are drawn as the same digit; nil without a classifier
	Same *float64
}

// A BuiltIn is the built-in model with the settings of the run.
type BuiltIn struct {
	Name string
	Same bool // the weights are the same, byte for byte
}

// A Setting is one of those of the run.
type Setting struct{ Name, Value, Meaning string }

// A File is one that the run has written.
type File struct {
	Name  string // relative to the page, with slashes
	Bytes int64
	What  string // what it is for
}

// A Picture is the content of a file that the run has written.
type Picture struct {
	File string // relative to the page, with slashes
	Data []byte
}

// Commands are command lines as a shell takes them, of several lines where it takes several.
type Commands struct {
	Show     string // shows the model in the terminal
	Board    string // takes the model to a board and shows it there
	Edit     string // turns a photographed digit into another
	Measure  string // measures the model anew
	MoreDims string // trains with more latent dimensions
	Full     string // trains for as long as is usual, where the run was a short one
}

// maxFigure is more than any figure of a run is, and small enough to compute with.
const maxFigure = 1e12

// check reports what no page can be made of.
func (r *Run) check() error {
	switch i := r.Image; {
	case r.Model == "":
		return errors.New("report: a run of a model without a name")
	case r.Data == "":
		return errors.New("report: a run without the name of its data set")
	case min(i[0], i[1]) < 1 || i[2] != 1 && i[2] != 3:
		return fmt.Errorf("report: images of %d x %d x %d", i[0], i[1], i[2])
	case r.Latent < 1:
		return fmt.Errorf("report: a latent space of %d dimensions", r.Latent)
	case len(r.Epochs) == 0:
		return errors.New("report: a run without an epoch")
	}
	var err error
	number := func(what string, v, least, most float64) {
		if !(v >= least && v <= most) { // nor is NaN
			err = cmp.Or(err, fmt.Errorf("report: %s is %v", what, v))
		}
	}
	for i, e := range r.Epochs {
		for _, f := range []Figures{e.Train, e.Test} {
			for _, v := range []float64{f.NegELBO, f.Reconstruction, f.KL, f.Objective} {
				number(fmt.Sprintf("a figure of epoch %d", i+1), v, -maxFigure, maxFigure)
			}
		}
		number(fmt.Sprintf("the time of epoch %d", i+1), e.Seconds, 0, maxFigure)
		number(fmt.Sprintf("the rate of epoch %d", i+1), e.ImagesPerSecond, 0, maxFigure)
	}
	f := r.Final
	if f.Active != nil && (*f.Active < 0 || *f.Active > r.Latent) {
		err = cmp.Or(err, fmt.Errorf("report: %d of %d dimensions are used", *f.Active, r.Latent))
	}
	for _, v := range []float64{f.FloatNegELBO, f.Int8NegELBO, f.Int8Cost, f.Reconstruction, f.KL, f.BookLoss} {
		number("a final figure", v, -maxFigure, maxFigure)
	}
	number("the KL weight", r.KLWeight, 0, maxFigure)
	number("the PSNR", f.Int8PSNR, math.SmallestNonzeroFloat64, 100)
	if l := f.Likeness; l != nil {
		for _, s := range []*Similarity{&l.Float, &l.Int8, l.Linear} {
			if s != nil {
				number("a PSNR", s.PSNR, -maxFigure, 100)
				number("a structural similarity", s.SSIM, -1, 1)
			}
		}
	}
	if d := f.Digits; d != nil {
		number("a share of digits", d.Same, 0, 1)
		number("a share of digits", d.Right, 0, 1)
	}
	if e := f.Encoder; e != nil {
		number("an error of the encoder", e.Deviations, 0, maxFigure)
		number("an error of the encoder", e.Units, 0, maxFigure)
		if e.Same != nil {
			number("a share of digits", *e.Same, 0, 1)
		}
	}
	return err
}

func (r *Run) classical() bool { return r.KLWeight == 0 }

// seconds of training.
func (r *Run) seconds() (s float64) {
	for _, e := range r.Epochs {
		s += e.Seconds
	}
	return s
}

// imagesPerSecond is the mean rate of training; 0 if that took no time.
func (r *Run) imagesPerSecond() float64 {
	images := 0.0
	for _, e := range r.Epochs {
		images += e.ImagesPerSecond * e.Seconds
	}
	if s := r.seconds(); s > 0 {
		return images / s
	}
	return 0
}
