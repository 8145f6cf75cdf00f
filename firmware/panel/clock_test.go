package panel_test

import (
	"image"
	"image/color"
	"image/draw"
	"testing"
	"time"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/firmware/panel/paneltest"
	"github.com/vae-edge/vae-edge/firmware/scene"
)

// TestClock shows the time on a square panel, a wide one, and a monochrome one. With -update it
// draws docs/clock.png: the wide one in the second before it changes.
func TestClock(t *testing.T) {
	model, err := decoder.Open("mnist-16")
	if err != nil {
		t.Fatal(err)
	}
	dec, err := decoder.New(model)
	if err != nil {
		t.Fatal(err)
	}
	sheet := image.NewRGBA(image.Rect(0, 0, 2*8+240+8+320, 2*8+240))
	draw.Draw(sheet, sheet.Rect, image.NewUniform(color.Gray{128}), image.Point{}, draw.Src)
	for _, c := range []struct {
		panel    string
		rotation int
		at       image.Point
		now      time.Time
	}{
		{"st7789-240x240", 0, image.Pt(8, 8), time.Date(2026, 1, 1, 20, 38, 0, 0, time.UTC)},
		{"st7789-170x320", 90, image.Pt(8+240+8, 8), time.Date(2026, 1, 1, 14, 59, 59, 350e6, time.UTC)},
		{"ssd1306-128x64", 0, image.Pt(8+240+8, 8+170+6), time.Date(2026, 1, 1, 20, 38, 0, 0, time.UTC)},
	} {
		bubble(t, c.panel, func(t *testing.T) {
			p := find(t, c.panel)
			m := paneltest.New(p)
			d := mustOpen(t, m, p, c.rotation)
			s, err := scene.Clock(scene.ClockOptions{Now: func() time.Time { return c.now }, Zone: time.UTC}).New(dec, 1, d.Bounds().Size())
			if err != nil {
				t.Fatal(err)
			}
			img := image.NewGray(d.Bounds())
			s.Render(img, 0)
			mustDraw(t, d, d.Bounds(), img, image.Point{})
			glass := m.Image()
			lit := 0
			for y := range d.Bounds().Dy() {
				for x := range d.Bounds().Dx() {
					at := image.Pt(x, y)
					if c.rotation == 90 { // as it is seen
						at = image.Pt(glass.Bounds().Dx()-1-y, x)
					}
					v := glass.At(at.X, at.Y)
					sheet.Set(c.at.X+x, c.at.Y+y, v)
					if r, _, _, _ := v.RGBA(); r > 0x8000 {
						lit++
					}
				}
			}
			if all := d.Bounds().Dx() * d.Bounds().Dy(); lit < all/30 || lit > all/3 {
				t.Errorf("%d pixels of %d are lit", lit, all)
			}
		})
	}
	if *update {
		writePNG(t, "../../docs/clock.png", sheet)
	}
}
