package scene

import (
	"image"
	"testing"

	"github.com/vae-edge/vae-edge/firmware/palette"
)

// TestPaletteFrames: with a palette, a frame's Pix are the grey levels.
func TestPaletteFrames(t *testing.T) {
	m := classed(greyModel())
	size := image.Pt(100, 60)
	for _, info := range infos() {
		for _, p := range palette.All()[1:] {
			s, err := info.New(newDecoder(t, m), 1, size)
			if err != nil {
				t.Fatal(err)
			}
			grey, img := NewImage(m, size, Grey), NewImage(m, size, p).(*image.Paletted)
			s.Render(grey, 250)
			s.Render(img, 250)
			if string(pixels(grey)) != string(img.Pix) {
				t.Errorf("scene %s, palette %s: levels differ from those of the grey frame", info.Name, p.Name)
			}
			if len(img.Palette) != 256 || img.At(3, 3) != p.Colors()[img.Pix[3*img.Stride+3]] {
				t.Errorf("palette %s: wrong colours", p.Name)
			}
		}
	}
}
