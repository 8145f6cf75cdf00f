package scene_test

import (
	"bytes"
	"image"
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/firmware/scene"
)

// TestAt: the scene shows the picture of the point, and refuses what is none.
func TestAt(t *testing.T) {
	m, err := decoder.Open(decoder.DefaultModel)
	if err != nil {
		t.Fatal(err)
	}
	d, err := decoder.New(m)
	if err != nil {
		t.Fatal(err)
	}
	size := image.Pt(m.Image[1], m.Image[0])
	s, err := scene.At("-0.5:1.25").New(d, 1, size)
	if err != nil {
		t.Fatal(err)
	}
	point := m.FixedPoint(nil, -0.5, 1.25)
	way, err := scene.Edit{Code: point, End: point}.Scene().New(d, 1, size)
	if err != nil {
		t.Fatal(err)
	}
	img, want := scene.NewImage(m, size, scene.Grey).(*image.Gray), scene.NewImage(m, size, scene.Grey).(*image.Gray)
	way.Render(want, 0)
	for _, n := range []uint64{0, 1, 1000} {
		if s.Render(img, n); !bytes.Equal(img.Pix, want.Pix) {
			t.Errorf("frame %d is another picture", n)
		}
	}
	for _, bad := range []string{"", "1", "1:2:3", "1:x", "NaN:0"} {
		if _, err := scene.At(bad).New(d, 1, size); err == nil {
			t.Errorf("%q is taken for a point", bad)
		}
	}
}
