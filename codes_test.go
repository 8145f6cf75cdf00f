package vaeedge_test

import (
	"encoding/binary"
	"os"
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/trainer/dataset/mnist"
)

// TestPageCodes: the dots on the page's map are the codes that the built-in encoder gives of the
// test pictures of MNIST. (`go generate ./web/page` makes them anew.)
func TestPageCodes(t *testing.T) {
	data, err := os.ReadFile("web/page/codes.bin")
	if err != nil {
		t.Fatal(err)
	}
	const name, size = "mnist-2", 5
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
	const n = 300
	_, test, err := mnist.EmbeddedFirst(1, n)
	if err != nil {
		t.Fatal(err)
	}
	if len(data) != 5000*size {
		t.Fatalf("%d bytes", len(data))
	}
	code := make([]int16, m.Latent)
	for i := range n {
		e.Encode(code, test.Image(i))
		got := data[i*size:][:size]
		if got[0] != test.Labels[i] || int16(binary.LittleEndian.Uint16(got[1:])) != code[0] || int16(binary.LittleEndian.Uint16(got[3:])) != code[1] {
			t.Fatalf("picture %d, a %d, is at %v: codes.bin has % x", i, test.Labels[i], code, got)
		}
	}
}
