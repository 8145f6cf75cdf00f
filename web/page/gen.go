//go:build ignore

// This program writes NAME.codes.bin for the built-in models of digits: where the first 5,000
// pictures of MNIST's test set are seen from in front of the plane that the page's map is of. Of
// each it has the label, a byte, and two coordinates in latent steps, little-endian int16.
package main

import (
	"encoding/binary"
	"log"
	"os"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/trainer/dataset/mnist"
)

func main() {
	log.SetFlags(0)
	_, test, err := mnist.EmbeddedFirst(1, 5000)
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range []string{"mnist-2", "mnist-16"} {
		m, err := decoder.Open(name)
		if err != nil {
			log.Fatal(err)
		}
		if m, err = encoder.Open(name, m); err != nil {
			log.Fatal(err)
		}
		e, err := encoder.New(m)
		if err != nil {
			log.Fatal(err)
		}
		var out []byte
		code, plane := make([]int16, m.Latent), m.Plane()
		for i, label := range test.Labels {
			e.Encode(code, test.Image(i))
			x, y := plane.Coordinates(code)
			out = append(out, label)
			out = binary.LittleEndian.AppendUint16(out, uint16(x))
			out = binary.LittleEndian.AppendUint16(out, uint16(y))
		}
		if err := os.WriteFile(name+".codes.bin", out, 0o666); err != nil {
			log.Fatal(err)
		}
	}
}
