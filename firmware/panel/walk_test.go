package panel_test

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"testing"
	"testing/synctest"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/panel/paneltest"
	"github.com/vae-edge/vae-edge/firmware/scene"
)

// walk returns the walk of a seed at that size.
func walk(t *testing.T, seed uint64, size image.Point) scene.Scene {
	t.Helper()
	m, err := decoder.Open(decoder.DefaultModel)
	if err != nil {
		t.Fatal(err)
	}
	dec, err := decoder.New(m)
	if err != nil {
		t.Fatal(err)
	}
	info, _ := scene.Lookup("walk")
	s, err := info.New(dec, seed, size)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestWalk walks through latent space: what is sent is less than half of what there is to see.
func TestWalk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := find(t, "st7789-240x240")
		m := paneltest.New(p)
		m.MaxTx = 65536
		d := mustOpen(t, m, p, 90)
		s, img := walk(t, 1, d.Bounds().Size()), image.NewGray(d.Bounds())
		const frames = 600
		var before panel.Traffic
		for n := range uint64(frames + 1) {
			s.Render(img, n)
			mustDraw(t, d, d.Bounds(), img, image.Point{})
			switch {
			case n == 0:
				before = d.Sent()
			case n%50 == 0:
				compare(t, m, 90, img, d.ColorModel())
			}
		}
		sent := float64(d.Sent().Bytes-before.Bytes) / frames
		share := sent / float64(2*len(img.Pix))
		t.Logf("%.0f bytes a frame, %.1f %% of a full one", sent, 100*share)
		if share > 0.45 {
			t.Error("want at most 45 %")
		}
	})
}

// TestDigits shows a digit on every panel in every rotation. With -update it draws
// docs/panels.png.
func TestDigits(t *testing.T) {
	sheet := image.NewRGBA(image.Rect(0, 0, 1, 1))
	at := image.Pt(8, 8)
	for _, p := range panel.Panels {
		for _, rotation := range rotations {
			bubble(t, fmt.Sprintf("%s-%d", p.Name, rotation), func(t *testing.T) {
				m := paneltest.New(p)
				m.MaxTx = 4096
				d := mustOpen(t, m, p, rotation)
				img := image.NewGray(d.Bounds())
				// A 3, which shows when it is turned or mirrored
				walk(t, 22, d.Bounds().Size()).Render(img, 0)
				mustDraw(t, d, d.Bounds(), img, image.Point{})
				if !p.Dots() {
					compare(t, m, rotation, img, d.ColorModel())
				}
				if *update && rotation == 0 {
					digit := m.Image()
					card := image.NewRGBA(d.Bounds())
					p.TestCard(card)
					mustDraw(t, d, d.Bounds(), card, image.Point{})
					sheet = enlarged(sheet, at.Add(image.Pt(p.Size.X+8, 2*p.Size.Y+16)))
					draw.Draw(sheet, image.Rectangle{Min: at, Max: at.Add(p.Size)}, m.Image(), image.Point{}, draw.Src)
					below := at.Add(image.Pt(0, p.Size.Y+8))
					draw.Draw(sheet, image.Rectangle{Min: below, Max: below.Add(p.Size)}, digit, image.Point{}, draw.Src)
					at.X += p.Size.X + 8
				}
			})
		}
	}
	if *update {
		writePNG(t, "../../docs/panels.png", sheet)
	}
}

// writePNG writes a picture for a page of docs.
func writePNG(t *testing.T, name string, img image.Image) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
}

// enlarged returns a grey picture of at least that size with img on it.
func enlarged(img *image.RGBA, size image.Point) *image.RGBA {
	big := image.NewRGBA(image.Rect(0, 0, max(size.X, img.Rect.Dx()), max(size.Y, img.Rect.Dy())))
	draw.Draw(big, big.Rect, image.NewUniform(color.Gray{128}), image.Point{}, draw.Src)
	if img.Rect.Dx() > 1 {
		draw.Draw(big, img.Rect, img, image.Point{}, draw.Src)
	}
	return big
}
