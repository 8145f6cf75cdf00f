package vaeedge_test

import (
	"encoding/binary"
	"os"
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/trainer/dataset/mnist"
)

// TestPageCodes: the dots on the page's maps are where the codes lie that the built-in encoders
// give of the test pictures of MNIST. (`go generate ./web/page` makes them anew.)
func TestPageCodes(t *testing.T) {
	const n, size = 300, 5
	_, test, err := mnist.EmbeddedFirst(1, n)
	if err != nil {
		t.Fatal(err)
	}
	for name, few := range map[string]int{"mnist-2": n, "mnist-16": n / 3} {
		data, err := os.ReadFile("web/page/" + name + ".codes.bin")
		if err != nil {
			t.Fatal(err)
		}
		m, err := decoder.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if m, err = encoder.Open(name, m); err != nil {
			t.Fatal(err)
		}
		e, err := encoder.New(m)
		if err != nil {
			t.Fatal(err)
		}
		if len(data) != 5000*size {
			t.Fatalf("%s: %d bytes", name, len(data))
		}
		code, plane := make([]int16, m.Latent), m.Plane()
		for i := range few {
			e.Encode(code, test.Image(i))
			x, y := plane.Coordinates(code)
			got := data[i*size:][:size]
			if got[0] != test.Labels[i] || int16(binary.LittleEndian.Uint16(got[1:])) != x || int16(binary.LittleEndian.Uint16(got[3:])) != y {
				t.Fatalf("%s: picture %d, a %d, is at %d, %d: the file has % x", name, i, test.Labels[i], x, y, got)
			}
		}
	}
}
