package drawn

import (
	"image"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/picture"
)

// conceptSteps are the columns of a sheet of concepts, in standard deviations.
var conceptSteps = []int{-3, -2, -1, 0, 1, 2, 3}

// Concepts draws what lies along the concepts of a decoder's model through a code.
func Concepts(d *decoder.Decoder, through []float64) image.Image {
	q := d.Model()
	code := q.FixedPoint(nil, through...)
	var names []string
	var points []int16
	for _, c := range q.Concepts {
		names = append(names, c.Name)
		for _, step := range conceptSteps {
			at := len(points)
			points = append(points, code...)
			latent.Along(points[at:], code, c.Direction, step*q.LatentSteps, q.LatentSteps)
		}
	}
	images := picture.Of(pair.DrawInt8(d)(points), q.Image)
	return picture.Concepts(images, names, conceptSteps)
}
