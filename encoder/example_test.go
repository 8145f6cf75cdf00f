package encoder_test

import (
	"fmt"
	"log"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/latent"
)

// A picture to its code, and half-way toward a 4.
func Example() {
	m, err := decoder.Open("mnist-16")
	if err != nil {
		log.Fatal(err)
	}
	em, err := encoder.Open("mnist-16", m)
	if err != nil {
		log.Fatal(err)
	}
	e, err := encoder.New(em)
	if err != nil {
		log.Fatal(err)
	}
	picture := make([]uint8, em.PictureSize()) // see package digit
	for y := 4; y < 24; y++ {
		picture[y*28+13], picture[y*28+14] = 255, 255
	}
	code := make([]int16, em.Latent)
	e.Encode(code, picture)

	means := m.ConceptMeans()
	own := latent.Nearest(code, means)
	fmt.Println("it is a", m.Concepts[own].Name)
	latent.Toward(code, code, means, own, 4, latent.Whole/2)
	// Output: it is a 1
}
