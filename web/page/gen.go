//go:build ignore

// This program writes codes.bin: where the first 5,000 pictures of MNIST's test set lie on the
// latent plane of mnist-2. Of each it has the label, a byte, and two coordinates in latent steps,
// little-endian int16.
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
	m, err := decoder.Open("mnist-2")
	if err != nil {
		log.Fatal(err)
	}
	if m, err = encoder.Open("mnist-2", m); err != nil {
		log.Fatal(err)
	}
	e, err := encoder.New(m)
	if err != nil {
		log.Fatal(err)
	}
	test := testSet()
	var out []byte
	code := make([]int16, m.Latent)
	for i := range 5000 {
		picture, label := test(i)
		e.Encode(code, picture)
		out = append(out, label)
		for _, x := range code {
			out = binary.LittleEndian.AppendUint16(out, uint16(x))
		}
	}
	if err := os.WriteFile("codes.bin", out, 0o666); err != nil {
		log.Fatal(err)
	}
}

// testSet returns what gives picture and label number i.
func testSet() func(i int) ([]byte, byte) {
	_, test, err := mnist.EmbeddedFirst(1, 5000)
	if err != nil {
		log.Fatal(err)
	}
	return func(i int) ([]byte, byte) { return test.Image(i), byte(test.Labels[i]) }
}
