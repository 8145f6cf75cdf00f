// Package drawn draws what a run has learnt: its manifold, samples, test images drawn again, where
// they lie in latent space, and its concepts.
package drawn

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

// FramePoints is how many test images' means are shown while a model is trained.
const FramePoints = 2000

// An Artist draws what a model has learnt.
type Artist struct {
	Decode pair.Draw
	Model  *vae.Model
	Runner *vae.Runner
	Test   *dataset.Set
	Linear *pca.Components // drawn beside the model, if there are any
	// Plane is that of the principal axes of the classes' means; nil: the first two dimensions
	Plane *latent.Plane
}

func (a *Artist) images(pixels []byte) picture.Images {
	return picture.Of(pixels, a.Model.Image)
}

// Manifold draws the images at pair.ManifoldPoints.
func (a *Artist) Manifold() image.Image {
	plane := latent.NewPlane(a.Model.Latent)
	if a.Plane != nil {
		plane = *a.Plane
	}
	points, q := pair.ManifoldPoints(plane)
	columns, rows := make([]float64, len(q)), make([]float64, len(q))
	for i := range q {
		columns[i] = float64(q[i]) / model.LatentSteps
		rows[i] = float64(q[len(q)-1-i]) / model.LatentSteps
	}
	note, axes := "", [2]string{"z[0]", "z[1]"}
	switch {
	case a.Plane != nil:
		note = fmt.Sprintf("principal axes of the classes' means, of %d dimensions", a.Model.Latent)
		axes = [2]string{"first axis", "second axis"}
	case a.Model.Latent > 2:
		note = fmt.Sprintf("the first two of %d dimensions, the others at 0", a.Model.Latent)
	}
	return picture.Manifold(a.images(a.Decode(points)), axes, columns, rows, note)
}

// Samples draws the images of points of a distribution.
func (a *Artist) Samples(prior latent.Prior, seed uint64) image.Image {
	const rows, columns = 8, 12
	points := make([]int16, rows*columns*a.Model.Latent)
	r := latent.NewRand(seed)
	for point := range slices.Chunk(points, a.Model.Latent) {
		prior.Draw(point, r)
	}
	return picture.Samples(a.images(a.Decode(points)), columns)
}

// Reconstructions draws some test images and what the decoder makes of their means: a column for
// each class if there are two to ten.
func (a *Artist) Reconstructions() image.Image {
	const rows, columns = 4, 10
	var headings []string
	var chosen []int
	classes := a.Test.Classes()
	across := columns
	if len(classes) > 1 && len(classes) <= columns {
		across = len(classes)
		chosen = make([]int, rows*len(classes))
		for j, class := range classes {
			headings = append(headings, strconv.Itoa(int(class)))
			at := -1
			for i := range rows {
				// The next of the class, or again the last if there are no more.
				if next := slices.Index(a.Test.Labels[at+1:], class); next >= 0 {
					at += 1 + next
				}
				chosen[i*len(classes)+j] = at
			}
		}
	} else {
		for i := range min(rows*columns, a.Test.N) {
			chosen = append(chosen, i)
		}
	}
	var pixels []byte
	for _, i := range chosen {
		pixels = append(pixels, a.Test.Image(i)...)
	}
	var points []int16
	grid := model.Model{LatentSteps: model.LatentSteps}
	for _, x := range a.means(pixels) {
		points = grid.FixedPoint(points, float64(x))
	}
	group := []picture.Row{{Name: "image", Images: a.images(pixels)}, {Name: "decoded", Images: a.images(a.Decode(points))}}
	if a.Linear != nil {
		group = append(group, picture.Row{Name: "PCA", Images: a.images(a.Linear.Reconstruct(pixels))})
	}
	return picture.Reconstructions(group, across, headings)
}

// means are the posterior means of images.
func (a *Artist) means(pixels []byte) []float32 {
	mean, _ := a.Runner.Encode(pixels)
	return mean
}

// Latent draws where the test images lie in the latent space.
func (a *Artist) Latent() image.Image {
	const most = 10000 // more points would hide each other
	set := a.Test.First(most)
	return picture.Latent(a.means(set.Images), a.Model.Latent, set.Labels)
}

// Frame draws the manifold and where the test images lie in the latent plane.
func (a *Artist) Frame(caption string) *image.Paletted {
	q := make([]int16, picture.FrameSide(a.Model.Image[0], a.Model.Image[1], pair.ManifoldSide))
	latent.Quantiles(q, model.LatentSteps)
	set := a.Test.First(FramePoints)
	return picture.Frame(a.images(a.Decode(pair.Grid(q, latent.NewPlane(a.Model.Latent)))), len(q), float64(q[len(q)-1])/model.LatentSteps,
		a.means(set.Images), a.Model.Latent, set.Labels, caption)
}
