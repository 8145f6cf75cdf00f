package duel

import (
	"fmt"
	"image"
	"strings"
	"time"

	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/classify"
	"github.com/vae-edge/vae-edge/trainer/compare"
	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/internal/parallel"
	"github.com/vae-edge/vae-edge/trainer/measure"
	"github.com/vae-edge/vae-edge/trainer/nn"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/picture"
	"github.com/vae-edge/vae-edge/trainer/quantize"
)

// An Epoch is what was measured of one pass over the training images: of the two networks as they
// were trained, means over the pictures of its steps; of the averaged generator, after it.
type Epoch struct {
	Epoch     int     `json:"epoch"`
	Critic    float64 `json:"critic_loss"`
	Generator float64 `json:"generator_loss"`
	// Images and Drawn are the shares of images and of drawn pictures that the critic takes for
	// what they are, Gap is between the means of its numbers for both.
	Images float64 `json:"critic_right_images"`
	Drawn  float64 `json:"critic_right_drawn"`
	Gap    float64 `json:"critic_gap"`
	// Variety is how much drawn pictures differ from each other, as a share of how much test images
	// do.
	Variety float64 `json:"variety"`
	// Classes are the shares of drawn digits that the classifier reads as each class, Distance is
	// their Fréchet distance to test images, see package compare. Of digits only.
	Classes  []float64 `json:"classes,omitempty"`
	Distance float64   `json:"frechet_distance,omitempty"`

	Seconds         float64 `json:"seconds"` // of training
	ImagesPerSecond float64 `json:"images_per_second"`
}

// judged is how many drawn pictures an epoch is measured by, gaugeSeed keeps their points apart
// from others with the same seed.
const judged, gaugeSeed = 4000, 0x6761756765

// A gauge measures the averaged generator.
type gauge struct {
	image      [3]int
	latent     int
	seed       uint64
	threads    int
	runner     *nn.Runner
	classifier *classify.Runner // nil where it does not know the images
	test       *compare.Moments
	floor      float64 // the distance of training images to the test images
	variety    float64 // of test images
	seconds    float64 // that an epoch's took
}

// newGauge makes the gauge of a generator for a data set. threads 0 is one per core.
func newGauge(generator *nn.Model, train, test *dataset.Set, seed uint64, threads int) (*gauge, error) {
	g := &gauge{
		image: train.Shape(), latent: generator.In[2], seed: seed, threads: threads, runner: nn.NewRunner(generator, parallel.New(threads), nil),
		variety: compare.Variety(test.Images, model.Elements(test.Shape())),
	}
	if !train.Embedded || test.N < 2 {
		return g, nil
	}
	classifier, err := measure.Classifier()
	if err != nil {
		return nil, err
	}
	g.classifier = classify.NewRunner(classifier, threads, nil)
	g.test = g.moments(compare.Some(test, judged))
	g.floor = compare.Frechet(g.test, g.moments(compare.Some(train, judged)), threads)
	return g, nil
}

func (g *gauge) moments(pixels []byte) *compare.Moments {
	return compare.FeatureMoments(g.classifier, pixels, g.threads)
}

// drawn are the pixels of so many pictures at points of the prior, always the same ones.
func (g *gauge) drawn(n int) []byte {
	prior := quantize.Prior{Latent: g.latent, Seed: g.seed ^ gaugeSeed}
	z, _, _ := prior.Next(n) // it has no error
	logits := make([]float32, n*model.Elements(g.image))
	g.runner.Outputs(logits, z)
	pixels := make([]byte, len(logits))
	pair.Pixels(pixels, logits)
	return pixels
}

// measure fills in what is measured of the averaged generator.
func (g *gauge) measure(e *Epoch) {
	begin := time.Now()
	pixels := g.drawn(judged)
	if e.Variety = 1; g.variety > 0 { // images that are all the same have none to lose
		e.Variety = compare.Variety(pixels, model.Elements(g.image)) / g.variety
	}
	if g.classifier != nil {
		e.Classes = compare.Histogram(g.classifier, pixels)
		e.Distance = compare.Frechet(g.test, g.moments(pixels), g.threads)
	}
	g.seconds = time.Since(begin).Seconds()
}

// samples draws some of what the averaged generator draws.
func (g *gauge) samples() image.Image {
	const rows, columns = 8, 12
	return picture.Samples(picture.Of(g.drawn(rows*columns), g.image), columns)
}

// A Trouble is a way in which the two networks come to nothing.
type Trouble int

// The troubles.
const (
	CriticWins Trouble = iota + 1
	CriticLost
	Collapse
	Uneven
	TooShort
)

func (t Trouble) String() string {
	switch t {
	case CriticWins:
		return "the critic wins: it tells nearly all pictures apart, and the generator learns little of it"
	case CriticLost:
		return "the critic has lost: it takes images and drawn pictures for the same"
	case Collapse:
		return "mode collapse: the generator draws nearly the same picture at all points"
	case Uneven:
		return "mode collapse: some classes are drawn far too rarely or too often"
	case TooShort:
		return "too few steps to draw more than a few sorts of pictures"
	}
	return fmt.Sprintf("trouble %d", int(t))
}

// Bounds of what is named. An epoch's critic of a good run is right about 60 to 90 % of the
// pictures.
const (
	wins        = 0.97
	lost        = 0.02 // the gap
	leastSpread = 0.6  // of the variety of images
	leastClass  = 0.03
	mostClass   = 0.2
)

// troubles are what is wrong after an epoch.
func troubles(e Epoch) (ts []Trouble) {
	switch {
	case e.Images > wins && e.Drawn > wins:
		ts = append(ts, CriticWins)
	case e.Gap < lost:
		ts = append(ts, CriticLost)
	}
	switch {
	case e.Variety < leastSpread:
		ts = append(ts, Collapse)
	case len(e.Classes) > 0 && (compare.Least(e.Classes) < leastClass || compare.Most(e.Classes) > mostClass):
		ts = append(ts, Uneven)
	}
	return ts
}

// shares writes those of classes.
func shares(classes []float64) string {
	var s []string
	for class, v := range classes {
		if v < leastClass || v > mostClass {
			s = append(s, fmt.Sprintf("class %d %.1f %%", class, 100*v))
		}
	}
	return strings.Join(s, ", ")
}
