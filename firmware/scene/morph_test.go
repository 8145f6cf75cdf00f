package scene_test

import (
	"crypto/sha256"
	"encoding/hex"
	"image"
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/firmware/scene"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
)

// TestMorphGolden: frames of the way through all digits, of the built-in model that it is meant
// for, are the same on every backend and every CPU. The hash changes with the model.
func TestMorphGolden(t *testing.T) {
	const want = "8cc05f3ba5f0361bae93cfe45210e02a2e69c9024c047e3acdd35927f4dcd00d"
	info := scene.Morph(model.DefaultPath)
	m, err := decoder.Open(info.Model)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range kernels.Backends() {
		t.Run(b.String(), func(t *testing.T) {
			t.Parallel()
			d, err := decoder.NewOn(m, b)
			if err != nil {
				t.Fatal(err)
			}
			size := image.Pt(m.Image[1], m.Image[0])
			s, err := info.New(d, 1, size)
			if err != nil {
				t.Fatal(err)
			}
			img := scene.NewImage(m, size, scene.Grey).(*image.Gray)
			sum := sha256.New()
			for n := uint64(0); n < 200; n += 5 {
				s.Render(img, n)
				sum.Write(img.Pix)
			}
			if got := hex.EncodeToString(sum.Sum(nil)); got != want {
				t.Errorf("hash %s, want %s, unless %s was trained anew", got, want, m.Name)
			}
		})
	}
}
