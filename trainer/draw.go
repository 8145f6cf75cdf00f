package main

import (
	"fmt"
	"image"
	"math"
	"runtime"
	"slices"
	"strconv"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/mnist"
	"github.com/vae-edge/vae-edge/trainer/picture"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// An artist draws what a model has learnt.
type artist struct {
	// Points are fixed-point, model.LatentSteps to a unit
	decode func(points []int16) (pixels []byte)
	model  *vae.Model
	runner *vae.Runner
	test   *mnist.Set
	// That of the principal axes of the classes' means; nil: the first two dimensions
	plane *latent.Plane
}

// floatDecoder decodes with the float32 model.
func floatDecoder(r *vae.Runner, m *vae.Model) func(points []int16) []byte {
	return func(points []int16) []byte {
		z := make([]float32, len(points))
		for i, p := range points {
			z[i] = float32(p) / model.LatentSteps
		}
		logits := make([]float32, len(points)/m.Latent*m.Pixels())
		r.DecodeLogits(logits, z)
		pixels := make([]byte, len(logits))
		floatPixels(pixels, logits)
		return pixels
	}
}

// floatPixels are the grey levels that logits stand for.
func floatPixels(pixels []byte, logits []float32) {
	for i, l := range logits {
		pixels[i] = byte(math.Round(255 / (1 + math.Exp(-float64(l)))))
	}
}

// int8Decoder decodes with the int8 model.
func int8Decoder(d *decoder.Decoder) func(points []int16) []byte {
	m := d.Model()
	return func(points []int16) []byte {
		pixels := make([]byte, len(points)/m.Latent*m.PictureSize())
		d.DecodeBatch(pixels, points, runtime.GOMAXPROCS(0))
		return pixels
	}
}

func (a *artist) images(pixels []byte) picture.Images {
	return picture.Of(pixels, a.model.Image)
}

// manifoldSide is the number of rows and of columns of the manifold.
const manifoldSide = 15

// manifoldPoints returns the points of the manifold's tiles, and the quantiles of the normal
// distribution that they are made of.
func manifoldPoints(p latent.Plane) (points []int16, q [manifoldSide]int16) {
	latent.Quantiles(q[:], model.LatentSteps)
	return grid(q[:], p), q
}

// manifold draws the images at manifoldPoints.
func (a *artist) manifold() image.Image {
	plane := latent.NewPlane(a.model.Latent)
	if a.plane != nil {
		plane = *a.plane
	}
	points, q := manifoldPoints(plane)
	columns, rows := make([]float64, len(q)), make([]float64, len(q))
	for i := range q {
		columns[i] = float64(q[i]) / model.LatentSteps
		rows[i] = float64(q[len(q)-1-i]) / model.LatentSteps
	}
	note, axes := "", [2]string{"z[0]", "z[1]"}
	switch {
	case a.plane != nil:
		note = fmt.Sprintf("principal axes of the classes' means, of %d dimensions", a.model.Latent)
		axes = [2]string{"first axis", "second axis"}
	case a.model.Latent > 2:
		note = fmt.Sprintf("the first two of %d dimensions, the others at 0", a.model.Latent)
	}
	return picture.Manifold(a.images(a.decode(points)), axes, columns, rows, note)
}

// grid returns points of a plane row by row: the first coordinate grows to the right through the
// quantiles, the second upwards, as in section 8.4 of the book.
func grid(quantiles []int16, plane latent.Plane) []int16 {
	n, dims := len(quantiles), len(plane.Center)
	points := make([]int16, n*n*dims)
	for i := range n {
		for j := range n {
			plane.At(points[(i*n+j)*dims:][:dims], quantiles[j], quantiles[n-1-i])
		}
	}
	return points
}

// samples draws the images of points drawn at random from the normal distribution.
func (a *artist) samples(seed uint64) image.Image {
	const rows, columns = 8, 12
	points := make([]int16, rows*columns*a.model.Latent)
	latent.NewRand(seed).Normal(points, model.LatentSteps)
	return picture.Samples(a.images(a.decode(points)), columns)
}

// reconstructions draws some test images and what the decoder makes of their means: a column for
// each class if there are at most ten.
func (a *artist) reconstructions() image.Image {
	const rows, columns = 4, 10
	var headings []string
	var chosen []int
	classes := a.test.Classes()
	if len(classes) <= columns {
		chosen = make([]int, rows*len(classes))
		for j, class := range classes {
			headings = append(headings, strconv.Itoa(int(class)))
			at := -1
			for i := range rows {
				// The next of the class, or again the last if there are no more.
				if next := slices.Index(a.test.Labels[at+1:], class); next >= 0 {
					at += 1 + next
				}
				chosen[i*len(classes)+j] = at
			}
		}
	} else {
		for i := range min(rows*columns, a.test.N) {
			chosen = append(chosen, i)
		}
	}
	var pixels []byte
	for _, i := range chosen {
		pixels = append(pixels, a.test.Image(i)...)
	}
	var points []int16
	grid := model.Model{LatentSteps: model.LatentSteps}
	for _, x := range a.means(pixels) {
		points = grid.FixedPoint(points, float64(x))
	}
	return picture.Reconstructions(a.images(pixels), a.images(a.decode(points)), min(columns, len(classes)), headings)
}

// means are the posterior means of images.
func (a *artist) means(pixels []byte) []float32 {
	mean, _ := a.runner.Encode(pixels)
	return mean
}

// latent draws where the test images lie in the latent space.
func (a *artist) latent() image.Image {
	const most = 10000 // more points would hide each other
	set := a.test.First(most)
	return picture.Latent(a.means(set.Images), a.model.Latent, set.Labels)
}

// lossPlot draws the course of training: the -ELBO, or the loss itself where that is another.
func lossPlot(c config, epochs []epochFigures) image.Image {
	var train, test []float64
	for _, e := range epochs {
		if c.Loss == string(vae.LossBook) {
			train, test = append(train, e.Train.Objective), append(test, e.Test.Objective)
		} else {
			train, test = append(train, e.Train.NegELBO), append(test, e.Test.NegELBO)
		}
	}
	switch {
	case c.Loss == string(vae.LossBook):
		return picture.Loss("the book's loss", train, test)
	case c.KLWeight == 0:
		return picture.Loss("cross-entropy, nats an image", train, test)
	}
	return picture.Loss("\u2212ELBO, nats an image", train, test)
}
