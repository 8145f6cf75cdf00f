package pair

import (
	"math"
	"runtime"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// A Draw returns the pixels of points, one picture after another. Points are fixed-point,
// model.LatentSteps to a unit.
type Draw func(points []int16) (pixels []byte)

// DrawFloat draws with the float32 model.
func DrawFloat(r *vae.Runner, m *vae.Model) Draw {
	return func(points []int16) []byte {
		z := make([]float32, len(points))
		for i, p := range points {
			z[i] = float32(p) / model.LatentSteps
		}
		logits := make([]float32, len(points)/m.Latent*m.Pixels())
		r.DecodeLogits(logits, z)
		pixels := make([]byte, len(logits))
		Pixels(pixels, logits)
		return pixels
	}
}

// Pixels sets grey levels to those that logits stand for.
func Pixels(pixels []byte, logits []float32) {
	for i, l := range logits {
		pixels[i] = byte(math.Round(255 / (1 + math.Exp(-float64(l)))))
	}
}

// DrawInt8 draws with the int8 decoder.
func DrawInt8(d *decoder.Decoder) Draw {
	m := d.Model()
	return func(points []int16) []byte {
		pixels := make([]byte, len(points)/m.Latent*m.PictureSize())
		d.DecodeBatch(pixels, points, runtime.GOMAXPROCS(0))
		return pixels
	}
}

// ManifoldSide is the number of rows and of columns of the manifold.
const ManifoldSide = 15

// ManifoldPoints returns the points of the manifold's tiles, and the quantiles of the normal
// distribution that they are made of.
func ManifoldPoints(p latent.Plane) (points []int16, q [ManifoldSide]int16) {
	latent.Quantiles(q[:], model.LatentSteps)
	return Grid(q[:], p), q
}

// Grid returns points of a plane row by row: the first coordinate grows to the right through the
// quantiles, the second upwards, as in section 8.4 of the book.
func Grid(quantiles []int16, plane latent.Plane) []int16 {
	n, dims := len(quantiles), len(plane.Center)
	points := make([]int16, n*n*dims)
	for i := range n {
		for j := range n {
			plane.At(points[(i*n+j)*dims:][:dims], quantiles[j], quantiles[n-1-i])
		}
	}
	return points
}
