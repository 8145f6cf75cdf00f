package run

import (
	"fmt"
	"image"
	"slices"
	"strconv"

	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/pca"
	"github.com/vae-edge/vae-edge/trainer/picture"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// framePoints is how many test images' means are shown while a model is trained.
const framePoints = 2000

// An artist draws what a model has learnt.
type artist struct {
	decode pair.Draw
	model  *vae.Model
	runner *vae.Runner
	test   *dataset.Set
	linear *pca.Components // drawn beside the model, if there are any
	// plane is that of the principal axes of the classes' means; nil: the first two dimensions
	plane *latent.Plane
}

func (a *artist) images(pixels []byte) picture.Images {
	return picture.Of(pixels, a.model.Image)
}

// manifold draws the images at pair.ManifoldPoints.
func (a *artist) manifold() image.Image {
	plane := latent.NewPlane(a.model.Latent)
	if a.plane != nil {
		plane = *a.plane
	}
	points, q := pair.ManifoldPoints(plane)
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

// samples draws the images of points of a distribution.
func (a *artist) samples(prior latent.Prior, seed uint64) image.Image {
	const rows, columns = 8, 12
	points := make([]int16, rows*columns*a.model.Latent)
	r := latent.NewRand(seed)
	for point := range slices.Chunk(points, a.model.Latent) {
		prior.Draw(point, r)
	}
	return picture.Samples(a.images(a.decode(points)), columns)
}

// reconstructions draws some test images and what the decoder makes of their means: a column for
// each class if there are two to ten.
func (a *artist) reconstructions() image.Image {
	const rows, columns = 4, 10
	var headings []string
	var chosen []int
	classes := a.test.Classes()
	across := columns
	if len(classes) > 1 && len(classes) <= columns {
		across = len(classes)
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
	group := []picture.Row{{Name: "image", Images: a.images(pixels)}, {Name: "decoded", Images: a.images(a.decode(points))}}
	if a.linear != nil {
		group = append(group, picture.Row{Name: "PCA", Images: a.images(a.linear.Reconstruct(pixels))})
	}
	return picture.Reconstructions(group, across, headings)
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
func lossPlot(c Config, epochs []epochFigures) image.Image {
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

// artist draws the model as it is, with the float decoder and, as at the end of the run, a
// standardized latent space.
func (r *run) artist() (artist, error) {
	m, err := vae.Empty(r.model.Config)
	if err != nil {
		return artist{}, err
	}
	for i, p := range r.model.Params() {
		copy(m.Params()[i].Data, p.Data)
	}
	runner := vae.NewRunner(m, r.Threads, nil)
	m.Standardize(runner, r.train.First(framePoints).Images) // enough for a look
	return artist{decode: pair.DrawFloat(runner, m), model: m, runner: runner, test: r.test}, nil
}

// drawProgress redraws what shows how far the model has come, with the float decoder.
func (r *run) drawProgress() error {
	a, err := r.artist()
	if err != nil {
		return err
	}
	if err := r.draw(manifoldFile, a.manifold()); err != nil {
		return err
	}
	return r.draw(reconstructionsFile, a.reconstructions())
}

func (r *run) draw(name string, p image.Image) error { return picture.WriteFile(r.path(name), p) }
