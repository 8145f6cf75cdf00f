package decoder_test

import (
	"fmt"
	"log"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/latent"
)

// One latent point to one picture.
func Example() {
	m, err := decoder.Open(decoder.DefaultModel)
	if err != nil {
		log.Fatal(err)
	}
	d, err := decoder.New(m)
	if err != nil {
		log.Fatal(err)
	}
	picture := make([]uint8, m.PictureSize())
	d.Decode(picture, m.FixedPoint(nil, make([]float64, m.Latent)...))
	fmt.Println(m.Name, m.Image, len(picture))
	// Output: mnist-2 [28 28 1] 784
}

// A grid of pictures at quantiles of the normal distribution: the manifold.
func Example_grid() {
	m, err := decoder.Open(decoder.DefaultModel)
	if err != nil {
		log.Fatal(err)
	}
	d, err := decoder.New(m)
	if err != nil {
		log.Fatal(err)
	}
	const n = 15
	axis := make([]int16, n)
	latent.Quantiles(axis, m.LatentSteps)
	point := make([]int16, m.Latent)
	pictures := make([][]uint8, 0, n*n)
	for _, y := range axis {
		for _, x := range axis {
			point[0], point[1] = x, y
			picture := make([]uint8, m.PictureSize())
			d.Decode(picture, point)
			pictures = append(pictures, picture)
		}
	}
	fmt.Println(len(pictures), "pictures")
	// Output: 225 pictures
}
